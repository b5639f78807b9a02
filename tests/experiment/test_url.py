"""The experiment's way through a URL and through JSON, and hostile queries."""

from __future__ import annotations

import json
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, urlencode

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.data.features import FEATURES
from playground.data.own_points import pack_points
from playground.data.points import DATASETS
from playground.experiment.choices import ACTIVATIONS, DEVICES, INITIALISERS, LOSSES, NORMS, OPTIMIZERS, SCHEDULES
from playground.experiment.layer import Layer
from playground.experiment.limits import LIMITS
from playground.experiment.points import PointsExperiment
from playground.experiment.rules import RANGES
from playground.experiment.tables import TablesExperiment
from playground.experiment.url import MAX_PROBLEMS, Opened, from_json, parse_query, to_json, to_query

FIELDS = list(PointsExperiment.model_fields)


def number(name: str) -> st.SearchStrategy[float]:
    bounds = RANGES[name]
    if bounds.whole:
        return st.integers(int(bounds.low), int(bounds.high))
    return st.floats(bounds.low, bounds.high)


packed = st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6), st.integers(0, 4)), max_size=8).map(
    lambda rows: pack_points(np.array([row[:2] for row in rows]).reshape(-1, 2), [row[2] for row in rows])
)
page_layers = st.lists(
    st.builds(
        Layer,
        st.integers(1, LIMITS.points_width),
        st.sampled_from(list(ACTIVATIONS)),
        st.sampled_from(list(NORMS)),
        st.floats(0, 0.9),
    ),
    max_size=LIMITS.points_layers,
)
fields = st.fixed_dictionaries(
    {},
    optional={
        **{name: number(name) for name in RANGES if name in FIELDS},
        "dataset": st.sampled_from(list(DATASETS)),
        "points": packed,
        "inputs": st.lists(st.sampled_from(list(FEATURES)), unique=True).map(tuple),
        "layers": page_layers.map(tuple),
        "initialiser": st.sampled_from(list(INITIALISERS)),
        "optimizer": st.sampled_from(list(OPTIMIZERS)),
        "schedule": st.sampled_from(list(SCHEDULES)),
        "device": st.sampled_from(list(DEVICES)),
    },
)


@st.composite
def experiments(draw: st.DrawFn) -> PointsExperiment:
    values = draw(fields)
    task = PointsExperiment(**values).task
    return PointsExperiment(
        **values, loss=draw(st.sampled_from([name for name, loss in LOSSES.items() if task in loss.tasks]))
    )


hostile_values: st.SearchStrategy[Any] = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            *(
                "",
                "inf",
                "-inf",
                "nan",
                "1e999",
                "9" * 5000,
                "-" + "9" * 400,
                "0x1",
                "\x00",
                "null",
                "None",
                "[]",
                "1,5",
            ),
            *(
                "4-tanh_" * 20,
                "4-tanh",
                "none",
                "x1_x1",
                "AAAA.AAAA",
                "own",
                "\ud800",
                "💥",
                "<script>",
                "../../etc",
                "%00",
                "0\x1f",
            ),
        ]
    ),
    st.floats().map(str),
    st.integers().map(str),
    st.lists(st.text(max_size=5), max_size=4),
    st.none()
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dictionaries(st.text(max_size=2), st.none(), max_size=2),
)
hostile_queries = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=12), hostile_values, max_size=25)


@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(hostile_queries)
def test_a_hostile_url_opens_an_experiment_and_says_what_was_wrong(query: dict[str, Any]) -> None:
    opened = parse_query(query)
    assert parse_query(to_query(opened.experiment)) == Opened(opened.experiment)
    assert len(opened.problems) <= MAX_PROBLEMS
    for sentence in opened.problems:
        assert sentence.endswith((".", "?"))
        assert len(sentence) < 250
        assert not set(sentence) & set("<>[]`$*|\n\x00")


@given(experiments())
def test_an_experiment_comes_back_from_its_url(experiment: PointsExperiment) -> None:
    query = to_query(experiment)
    assert parse_query(query) == Opened(experiment)
    as_browsers_send_it = parse_qs(urlencode(query), keep_blank_values=True, strict_parsing=True)
    assert parse_query(as_browsers_send_it) == Opened(experiment)


@given(experiments())
def test_an_experiment_comes_back_from_its_json(experiment: PointsExperiment) -> None:
    assert from_json(to_json(experiment)) == experiment
    assert from_json(to_json(experiment).encode()) == experiment


@settings(deadline=None)
@given(experiments(), st.data())
def test_all_right_values_survive_wrong_ones(experiment: PointsExperiment, data: st.DataObject) -> None:
    may_break = [name for name in FIELDS if name not in ("dataset", "points", "loss")]  # the others hang on these
    wrong = data.draw(st.sets(st.sampled_from(may_break), min_size=1, max_size=5))
    query = {**to_query(experiment), **dict.fromkeys(wrong, "!")}
    opened = parse_query(query)
    assert len(opened.problems) == len(wrong)
    for name in FIELDS:
        expected = getattr(PointsExperiment() if name in wrong else experiment, name)
        assert getattr(opened.experiment, name) == expected


def test_the_default_url() -> None:
    query = to_query(PointsExperiment())
    assert list(query) == [name for name in FIELDS if name != "points"]
    assert (query["learning_rate"], query["l1"], query["inputs"], query["layers"]) == (
        *("0.03", "0", "x1_x2"),
        "4-tanh_2-tanh",
    )
    assert to_query(PointsExperiment(learning_rate=1e-5, clip_norm=10, inputs=(), layers=())) == {
        **query,
        "learning_rate": "1e-5",
        "clip_norm": "10",
        "inputs": "none",
        "layers": "none",
    }


def test_an_empty_url_is_the_default_experiment() -> None:
    assert parse_query({}) == Opened(PointsExperiment())


def test_values_that_do_not_fit_together_lose_as_little_as_possible() -> None:
    opened = parse_query({"dataset": "plane", "loss": "bce", "seed": "3"})
    assert opened.experiment == PointsExperiment(dataset="plane", seed=3)
    assert opened.problems == ("loss is bce, which does not fit the regression dataset plane. Try mse.",)
    big = "_".join(["512-relu"] * 8)
    opened = parse_query({"layers": big, "seed": "3"}, "tables")
    assert opened.experiment == TablesExperiment(seed=3)
    assert len(opened.problems) == 1


def test_a_page_takes_only_what_it_can_draw() -> None:
    deep = "_".join(["2-tanh"] * 10)
    assert "at most 8. Take 2 away." in parse_query({"layers": deep}).problems[0]
    assert "at most 32. Try 32." in parse_query({"layers": "33-relu"}).problems[0]
    assert parse_query({"layers": deep}, "tables").problems == ()


def test_repeated_parameters_count_once_if_they_agree() -> None:
    assert parse_query({"seed": ["3", "3"]}) == Opened(PointsExperiment(seed=3))
    opened = parse_query({"seed": ["3", "4"]})
    assert opened == Opened(
        PointsExperiment(), ("seed stands 2 times in the link with different values. Write it once.",)
    )


def test_parameters_of_others_are_left_alone() -> None:
    assert parse_query({"embed": "true", "embed_options": ["dark_theme"]}).problems == ()
    assert parse_query({"run": "abc"}, ignore=("run",)).problems == ()
    assert parse_query({"run": "abc"}).problems == ("'run' is no setting of this page, so it was left out.",)


def test_many_problems_are_summed_up() -> None:
    opened = parse_query({f"name{i}": "1" for i in range(1000)} | {"seed": "4"})
    assert opened.experiment.seed == 4
    assert len(opened.problems) == MAX_PROBLEMS
    assert opened.problems[-1] == "993 more parts of it were left out too."


@pytest.mark.parametrize(
    "query",
    [
        {"layers": "1-relu_" * 1_000_000},
        {"inputs": "x1_" * 1_000_000},
        {"points": "A" * 10_000_000},
        {"points": "." * 399_999},
        {"seed": "9" * 10_000_000},
        {"layers": "9" * 1_000_000 + "-tanh"},
        {"layers": "4-" + "a" * 1_000_000},
        {"dataset": "c" * 1_000_000},
        {"x" * 1_000_000: "1"},
        {str(i): "1" for i in range(20_000)},
        {"seed": ["1"] * 1_000_000},
    ],
)
def test_large_rubbish_is_refused_fast(query: dict[str, Any]) -> None:
    start = perf_counter()
    opened = parse_query(query)
    assert perf_counter() - start < 1
    assert all(len(sentence) < 250 for sentence in opened.problems)


# ---- JSON


def test_json_is_for_people() -> None:
    values = json.loads(to_json(PointsExperiment()))
    assert (values["layers"], values["inputs"], values["noise"]) == ("4-tanh_2-tanh", ["x1", "x2"], 0.1)
    assert from_json('{"seed": 3}') == PointsExperiment(seed=3)


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{", "\x00", "[" * 100_000, '{"seed": ' + "9" * 5000 + "}", b"\xff\xfe", " " * 2_000_000],
)
def test_other_files_are_refused_with_one_sentence(text: str | bytes) -> None:
    with pytest.raises(ValueError, match=r"^This is not the JSON of an experiment\."):
        from_json(text)


def test_wrong_values_in_a_file_are_named() -> None:
    with pytest.raises(ValueError, match=r"^seed is -1, .* Try 7\. noise is nan, .*\.$"):
        from_json('{"seed": -1, "noise": NaN}')
