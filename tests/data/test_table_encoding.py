from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from playground.data.column_encoding import Missing, Scaling
from playground.data.table import RawTable, category_column, numeric_column
from playground.data.table_encoding import TableDataset, default_inputs, encode_table
from playground.data.tables import TABLES, load_table


def frame_of(table: RawTable, columns: tuple[str, ...]) -> pd.DataFrame:
    """The table in pandas, categories as text."""
    values = {
        column.name: column.values
        if column.kind == "numeric"
        else [column.categories[code] if code >= 0 else None for code in column.values]
        for column in map(table.column, columns)
    }
    return pd.DataFrame(values)


def encoded(name: str, **options: Any) -> TableDataset:
    options = {"columns": TABLES[name].inputs, "train_share": 0.8, "seed": 1, **options}
    return encode_table(load_table(name), **options)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("scaling", ["standard", "minmax", "none"])
def test_encoding_agrees_with_pandas_and_scikit_learn(name: str, scaling: Scaling) -> None:
    data = encoded(name, scaling=scaling)
    columns = TABLES[name].inputs
    frame = frame_of(load_table(name), columns)
    train, test = frame.iloc[data.raw_train], frame.iloc[data.raw_test]
    parts_train, parts_test = [], []
    for column in columns:
        if pd.api.types.is_numeric_dtype(frame[column]):
            scaler = {"standard": StandardScaler(), "minmax": MinMaxScaler(), "none": None}[scaling]
            values = train[[column]].to_numpy(), test[[column]].to_numpy()
            parts_train.append(scaler.fit_transform(values[0]) if scaler else values[0])
            parts_test.append(scaler.transform(values[1]) if scaler else values[1])
        else:
            dummies = pd.get_dummies(train[column])
            parts_train.append(dummies.to_numpy())
            parts_test.append(
                pd.get_dummies(test[column]).reindex(columns=dummies.columns, fill_value=False).to_numpy()
            )
    tolerance = {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_allclose(data.X_train, np.concatenate(parts_train, axis=1).astype(np.float32), **tolerance)
    np.testing.assert_allclose(data.X_test, np.concatenate(parts_test, axis=1).astype(np.float32), **tolerance)
    assert data.X_train.dtype == np.float32
    assert len(data.feature_names) == data.X_train.shape[1]


@pytest.mark.parametrize("name", TABLES)
def test_targets_lead_back_to_the_table(name: str) -> None:
    data, target = encoded(name), load_table(name).column(TABLES[name].target)
    assert not set(data.raw_train) & set(data.raw_test)
    if data.task == "regression":
        assert data.y_train.dtype == np.float32
        assert abs(float(data.y_train.mean())) < 1e-5
        assert abs(float(data.y_train.std()) - 1) < 1e-5
        np.testing.assert_allclose(data.target_value(data.y_test), target.values[data.raw_test], rtol=1e-5, atol=1e-4)
        assert data.answer(np.zeros(1)).startswith(f"{target.name}: ")
    else:
        names = [data.class_names[label] for label in data.y_test]
        assert names == [target.text(row) for row in data.raw_test]
        assert data.y_train.dtype == np.int64
    again = encoded(name)
    np.testing.assert_array_equal(data.X_train, again.X_train)
    assert not np.array_equal(data.raw_train, encoded(name, seed=2).raw_train)


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("missing", ["drop", "mean", "most frequent"])
def test_a_row_is_encoded_as_it_was_for_training(name: str, missing: Missing) -> None:
    data = encoded(name, missing=missing)
    for place in range(0, len(data.raw_test), 7):
        own = data.encode_row(data.table.row(int(data.raw_test[place])))
        np.testing.assert_allclose(own, data.X_test[place], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("missing", ["mean", "most frequent"])
def test_missing_values_are_filled_from_the_training_rows(missing: Missing) -> None:
    data = encoded("penguins-species", missing=missing, scaling="none")
    frame = frame_of(load_table("penguins-species"), TABLES["penguins-species"].inputs)
    train = frame.iloc[data.raw_train]
    assert data.dropped == 0
    bill = data.encodings[1]
    fill = train["bill_length_mm"].mean() if missing == "mean" else train["bill_length_mm"].mode()[0]
    assert bill.fill == pytest.approx(fill)
    assert bill.missing == 2
    rows = np.concatenate([data.raw_train, data.raw_test])
    X = np.concatenate([data.X_train, data.X_test])
    gaps = frame["bill_length_mm"].isna().to_numpy()[rows]
    assert gaps.sum() == 2
    np.testing.assert_allclose(X[gaps, bill.start], fill, rtol=1e-6)
    sex = data.encodings[-1]
    assert sex.fill == train["sex"].mode()[0]
    assert np.all(X[:, sex.start : sex.stop].sum(axis=1) == 1)
    assert "2 missing values were replaced" in bill.sentence


def test_rows_with_gaps_are_dropped_and_counted() -> None:
    data = encoded("penguins-species")
    assert data.dropped == 11
    assert len(data.X_train) + len(data.X_test) == 333
    assert data.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert data.feature_names[:4] == ("island = Biscoe", "island = Dream", "island = Torgersen", "bill_length_mm")
    assert data.answer(np.array([0, 0, 5])) == "Class Gentoo, 99 %"
    assert encoded("penguins-mass").answer(np.array([0.0])).endswith(" g")


def test_nothing_is_measured_on_the_test_rows() -> None:
    """Whatever stands in the test rows, the training part and the encodings stay the same."""
    table = load_table("penguins-mass")
    data = encoded("penguins-mass")
    columns = []
    for column in table.columns:
        values = column.values.copy()
        values[data.raw_test] = 1e6 if column.kind == "numeric" else 0
        columns.append(type(column)(column.name, column.kind, values, column.categories, column.unit))
    changed = encode_table(
        RawTable("own", "Changed", tuple(columns), table.target), columns=TABLES["penguins-mass"].inputs,
        train_share=0.8, seed=1,
    )  # fmt: skip
    np.testing.assert_array_equal(data.X_train, changed.X_train)
    np.testing.assert_array_equal(data.y_train, changed.y_train)
    assert data.encodings == changed.encodings


def test_a_category_that_training_never_saw_is_all_zeros() -> None:
    names = ["a"] * 30 + ["rare"]
    table = RawTable(
        "own",
        "Rare",
        (category_column("x", names), numeric_column("z", range(31)), numeric_column("y", range(31))),
        "y",
    )
    seeds = (seed for seed in range(50) if 30 in encode(table, seed).raw_test)
    data = encode(table, next(seeds))
    assert data.encodings[0].categories == ("a",)
    assert data.X_test[list(data.raw_test).index(30), 0] == 0
    with pytest.raises(ValueError, match="'x' is 'rare', but the network has only seen 'a'"):
        data.encode_row({"x": "rare", "z": 1})


def encode(table: RawTable, seed: int = 1, **options: Any) -> TableDataset:
    return encode_table(table, columns=default_inputs(table), train_share=0.8, seed=seed, **options)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"bill_length_mm": ""}, "'bill_length_mm' is empty, but every column is needed"),
        ({"bill_length_mm": None}, "'bill_length_mm' is empty"),
        ({"bill_length_mm": "long"}, "'bill_length_mm' is 'long', which is no number. Give a number, such as 4"),
        ({"bill_length_mm": "1e999"}, "which is no number"),
        ({"bill_length_mm": float("inf")}, "which is no number"),
        ({"bill_length_mm": float("nan")}, "is empty"),
        ({"bill_length_mm": "1e300"}, "which is no number"),
        ({"island": "Mars"}, "'island' is 'Mars', but the network has only seen 'Biscoe', 'Dream', 'Torgersen'"),
        ({"island": "<b>"}, r"'island' is '\?b\?'"),
    ],
)
def test_a_wrong_value_in_an_own_row_is_one_sentence(change: dict[str, object], sentence: str) -> None:
    data = encoded("penguins-species")
    row: dict[str, object] = {**data.table.row(0), **change}
    with pytest.raises(ValueError, match=sentence):
        data.encode_row(row)


def test_an_own_row_may_have_decimal_commas_numbers_and_gaps_that_are_filled() -> None:
    data = encoded("penguins-species", missing="mean")
    row = data.table.row(0)
    same = data.encode_row({**row, "bill_length_mm": 39.1})
    np.testing.assert_array_equal(same, data.encode_row({**row, "bill_length_mm": "39,1"}))
    np.testing.assert_array_equal(same, data.encode_row({**row, "bill_length_mm": " 39.1 "}))
    gap = data.encode_row({key: value for key, value in row.items() if key != "bill_length_mm"})
    assert gap[data.encodings[1].start] == pytest.approx(0, abs=1e-6)


TINY = RawTable(
    "own",
    "Tiny",
    (
        numeric_column("x", range(30)),
        numeric_column("same", [1.0] * 30),
        numeric_column("gaps", [float("nan")] * 30),
        category_column("name", [f"n{i}" for i in range(30)]),
        category_column("one", ["a"] * 30),
        category_column("y", ["a", "b"] * 15),
        category_column("many", [f"n{i % 70}" for i in range(30)]),
    ),
    "y",
)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"columns": ()}, "No column is chosen"),
        ({"columns": ("x", "y")}, "'y' is the target"),
        ({"columns": ("z",)}, "no column 'z'"),
        ({"columns": ("gaps",)}, "'gaps' has no value in any row"),
        ({"columns": ("x",), "target": "one"}, "'one' is 'a' in every complete row"),
        ({"columns": ("x",), "target": "same"}, "'same' is 1 in every row"),
        ({"columns": ("x",), "target": "name"}, "'name' has 30 classes, but at most 20"),
        ({"columns": ("x",), "target": "gaps"}, "Only 0 rows are complete"),
        ({"columns": ("x",), "scaling": "log"}, "scaling is 'log', but it must be one of standard, minmax, none"),
        ({"columns": ("x",), "missing": "guess"}, "missing is 'guess', but it must be one of drop"),
    ],
)
def test_a_wrong_choice_is_one_sentence(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        encode_table(TINY, **{"train_share": 0.8, "seed": 1, **options})
    assert str(caught.value).endswith(".")


def test_default_inputs_leave_out_what_cannot_help() -> None:
    assert default_inputs(TINY) == ("x", "name", "many")
    assert default_inputs(load_table("gapminder")) == ("continent", "year", "pop", "gdpPercap")


def test_a_constant_column_becomes_zeros() -> None:
    data = encode_table(TINY, columns=("same", "x"), train_share=0.8, seed=1)
    assert np.all(data.X_train[:, 0] == 0)
    assert encode_table(TINY, columns=("same",), scaling="minmax", train_share=0.8, seed=1).X_train.max() == 0


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
def test_a_column_that_differs_by_rounding_alone_is_constant(scaling: Scaling) -> None:
    letters = category_column("y", ["a", "b", "b", "a"] * 10)
    columns = numeric_column("x", [0.1 + 0.2, 0.3] * 20), numeric_column("z", range(40)), letters
    table = RawTable("own", "Rounding", columns, "y")
    data = encode_table(table, columns=("x", "z"), scaling=scaling, train_share=0.8, seed=1)
    assert np.abs(data.X_train[:, 0]).max() < 1e-10
    with pytest.raises(ValueError, match=r"'x' is 0\.3 in every row"):
        encode_table(table, columns=("z",), target="x", train_share=0.8, seed=1)


@example([None] * 9 + [2.5e-89, 1.0], ["a"] * 30 + ["b"] * 9 + ["a"], "standard", "mean", 0)
@given(
    numbers=st.lists(st.one_of(st.none(), st.floats(-1e12, 1e12)), min_size=8, max_size=40),
    letters=st.lists(st.sampled_from(["a", "b", "c", None]), min_size=40, max_size=40),
    scaling=st.sampled_from(["standard", "minmax", "none"]),
    missing=st.sampled_from(["drop", "mean", "most frequent"]),
    seed=st.integers(0, 100),
)
def test_any_table_gives_finite_inputs_or_one_sentence(
    numbers: list[float | None], letters: list[str | None], scaling: Scaling, missing: Missing, seed: int
) -> None:
    n = len(numbers)
    table = RawTable(
        "own",
        "Any",
        (
            numeric_column("x", (float("nan") if x is None else x for x in numbers)),
            category_column("c", letters[:n]),
            category_column("y", letters[-n:]),
        ),
        "y",
    )
    try:
        data = encode_table(table, columns=("x", "c"), scaling=scaling, missing=missing, train_share=0.7, seed=seed)
    except ValueError as error:
        assert str(error).endswith(".")  # noqa: PT017
        return
    for X in (data.X_train, data.X_test):
        assert np.isfinite(X).all()
        assert X.shape[1] == len(data.feature_names)
    assert set(data.y_train) <= set(range(len(data.class_names)))
    assert all(encoding.sentence.endswith(".") for encoding in data.encodings)
