from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playground.data.table import Column, RawTable, category_column, numeric_column, write_number
from playground.data.tables import TABLES, load_table


@pytest.mark.parametrize("name", TABLES)
def test_every_table_holds_what_it_announces(name: str) -> None:
    chosen, table = TABLES[name], load_table(name)
    assert table.task == chosen.task
    assert set(chosen.inputs) <= set(table.names)
    assert chosen.target not in chosen.inputs
    assert {len(column.values) for column in table.columns} == {table.rows}
    for column in table.columns:
        if column.kind == "category":
            assert column.values.dtype == np.int32
            assert set(np.unique(column.values)) <= {-1, *range(len(column.categories))}
        else:
            assert column.values.dtype == np.float64
            assert not np.isinf(column.values).any()
    with pytest.raises(ValueError, match="read-only"):
        table.columns[0].values[0] = 0
    assert set(table.row(0)) == set(table.names)
    assert chosen.source
    assert chosen.licence


def test_they_are_what_their_packages_say() -> None:
    import plotly.data
    from palmerpenguins import load_penguins
    from sklearn import datasets

    for name, frame in (
        ("penguins-species", load_penguins()),
        ("gapminder", plotly.data.gapminder()),
        ("tips", plotly.data.tips()),
    ):
        table = load_table(name)
        assert table.rows == len(frame)
        for column in table.columns:
            theirs = frame[column.name]
            assert int(column.missing.sum()) == int(theirs.isna().sum())
            if column.kind == "numeric":
                np.testing.assert_allclose(column.values, theirs.astype(float))
            else:
                ours = [column.text(row) for row in range(table.rows)]
                assert ours == theirs.fillna("").tolist()
    for name, load in (
        ("iris", datasets.load_iris),
        ("wine", datasets.load_wine),
        ("breast-cancer", datasets.load_breast_cancer),
    ):
        table, bunch = load_table(name), load()
        np.testing.assert_allclose(np.stack([column.values for column in table.columns[:-1]], axis=1), bunch.data)
        np.testing.assert_array_equal(table.columns[-1].values, bunch.target)
        assert len(table.columns[-1].categories) == len(bunch.target_names)
    diabetes, theirs = load_table("diabetes"), datasets.load_diabetes(scaled=False)
    for place, column in enumerate(diabetes.columns[:-1]):
        expected = theirs.data[:, place]
        np.testing.assert_allclose(column.values if column.kind == "numeric" else column.values + 1, expected)
    np.testing.assert_allclose(diabetes.columns[-1].values, theirs.target)


def test_neither_pandas_nor_plotly_is_imported_to_load_them() -> None:
    code = (
        "import sys; from playground.data.tables import TABLES, load_table;"
        "import playground.data.table_encoding, playground.data.table_reading;"
        "[load_table(name) for name in TABLES];"
        "heavy = {'torch', 'pandas', 'plotly', 'sklearn', 'openpyxl', 'streamlit'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_a_column_can_be_taken_as_categories_and_back() -> None:
    column = numeric_column("doors", [4, 2, float("nan"), 2, 2.5])
    table = RawTable("own", "Cars", (column, category_column("colour", ["red", None, "blue", "red", "red"])), "doors")
    assert table.task == "regression"
    as_classes = table.with_kind("doors", "category")
    assert as_classes.task == "multiclass"
    assert as_classes.column("doors").categories == ("2", "2.5", "4")
    assert as_classes.column("doors").values.tolist() == [2, 0, -1, 0, 1]
    back = as_classes.with_kind("doors", "numeric").column("doors")
    np.testing.assert_array_equal(back.values, column.values)
    with pytest.raises(ValueError, match=r"'colour' has the value 'blue', which is no number"):
        table.with_kind("colour", "numeric")
    assert table.row(1) == {"doors": "2", "colour": ""}


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no column 'height'"):
        load_table("iris").column("height")


@pytest.mark.parametrize(
    ("number", "text"), [(3.0, "3"), (-0.5, "-0.5"), (1e-7, "1e-07"), (123456789.0, "123456789"), (1e20, "1e+20")]
)
def test_numbers_are_written_as_they_can_be_read_back(number: float, text: str) -> None:
    assert write_number(number) == text
    assert float(text) == number


def test_missing_values_are_shown_as_nothing() -> None:
    column = Column("x", "numeric", np.array([1.0, np.nan]))
    assert (column.text(0), column.text(1)) == ("1", "")
    assert column.missing.tolist() == [False, True]
