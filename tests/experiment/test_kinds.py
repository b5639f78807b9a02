"""Experiments of all kinds of data: defaults, what follows from the fields, URLs, and one sentence for wrong values."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from playground.data.images import IMAGES
from playground.data.own_store import put
from playground.data.sequences import SEQUENCES
from playground.data.sound import SOUNDS
from playground.data.table_file import table_to_bytes
from playground.data.table_reading import read_table
from playground.data.tables import TABLES
from playground.data.text import TEXTS
from playground.data.tokens import TOKENISERS
from playground.experiment.choices import (
    ACTIVATIONS,
    ENCODERS,
    INITIALISERS,
    LOSSES,
    MISSING,
    NORMS,
    OPTIMIZERS,
    POOLINGS,
    REPRESENTATIONS,
    SCALINGS,
    SCHEDULES,
)
from playground.experiment.experiment import LIVE_FIELDS, Experiment, explain
from playground.experiment.images import NETWORKS, PAINTINGS, TRANSFERS, ImagesExperiment
from playground.experiment.kinds import KINDS
from playground.experiment.layer import Convolution, Layer, Pooling, format_layers
from playground.experiment.limits import _LEAST, LIMITS
from playground.experiment.points import PointsExperiment
from playground.experiment.rules import RANGES
from playground.experiment.sound import SoundExperiment
from playground.experiment.tables import TablesExperiment, join_columns, split_columns
from playground.experiment.text import TextExperiment
from playground.experiment.url import Opened, from_json, parse_query, to_json, to_query
from playground.worker.datasets import Datasets

DATASETS: dict[str, tuple[str, ...]] = {
    "images": (*IMAGES, *PAINTINGS, *TRANSFERS),
    "text": tuple(TEXTS),
    "sound": (*SOUNDS, *SEQUENCES),
    "tables": (*TABLES, "own"),
}
ALL = [(kind, dataset) for kind, datasets in DATASETS.items() for dataset in datasets]
READY = [
    (kind, dataset)
    for kind, dataset in ALL
    if dataset != "own" and not (dataset in IMAGES and IMAGES[dataset].download)
]


@pytest.fixture(autouse=True, scope="module")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAYGROUND_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def sentences(kind: type[Experiment], **fields: Any) -> tuple[str, ...]:
    with pytest.raises(ValidationError) as caught:
        kind.model_validate(fields)
    return explain(caught.value)


def test_the_kinds_by_their_names() -> None:
    assert {name: kind.kind for name, kind in KINDS.items()} == {name: name for name in KINDS}
    assert list(KINDS) == ["points", "images", "text", "sound", "tables"]


@pytest.mark.parametrize("kind", KINDS.values())
def test_every_field_has_a_rule_and_takes_its_default(kind: type[Experiment]) -> None:
    experiment = kind.model_validate({})
    assert set(kind.rules) == set(kind.model_fields)
    assert set(kind.model_fields) >= LIVE_FIELDS
    for name, value in experiment:
        assert kind.rules[name](value) == value
    assert experiment.obstacle is None


@pytest.mark.parametrize(("kind", "dataset"), READY)
def test_what_is_told_without_the_data_is_true_of_it(kind: str, dataset: str) -> None:
    experiment = KINDS[kind].model_validate({"dataset": dataset})
    assert experiment.obstacle is None
    data = Datasets().load(experiment)
    assert data.X_train.shape == (experiment.train_count, *experiment.input_shape)
    assert (data.task, data.class_names) == (experiment.task, experiment.class_names)
    assert (experiment.loss == LOSSES[experiment.loss].default_for and False) or experiment.task in LOSSES[
        experiment.loss
    ].tasks
    if experiment.task == "regression":
        assert experiment.output_units == math.prod(data.y_train.shape[1:])
    else:
        assert 0 <= data.y_train.min() <= data.y_train.max() < len(experiment.class_names)
        assert experiment.output_units in (1, len(experiment.class_names))


@pytest.mark.parametrize(("kind", "dataset"), READY)
def test_a_change_of_the_dataset_brings_what_suits_it(kind: str, dataset: str) -> None:
    start = KINDS[kind].model_validate({})
    assert start.changed(dataset=dataset) == KINDS[kind].model_validate({"dataset": dataset})
    kept = start.changed(learning_rate=0.123, seed=5).changed(dataset=dataset)
    assert (kept.learning_rate, kept.seed) == (0.123, 5)  # chosen by somebody, so it stays
    assert start.changed(dataset=dataset).changed(dataset=start.dataset) == start


# ---- URL and JSON


def some(names: Any) -> st.SearchStrategy[str]:
    return st.sampled_from(list(names))


def number(name: str) -> st.SearchStrategy[float]:
    bounds = RANGES[name]
    if bounds.whole:
        return st.integers(int(bounds.low), int(bounds.high))
    return st.floats(bounds.low, bounds.high)


ending = {"activation": some(ACTIVATIONS), "norm": some(NORMS), "dropout": st.sampled_from([0.0, 0.25])}
dense = st.builds(Layer, st.integers(1, 40), **ending)
convolution = st.builds(
    Convolution,
    st.integers(1, 12),
    st.integers(1, 9),
    **ending,
    stride=st.integers(1, 3),
    padding=st.none() | st.integers(0, 1),
)
pooling = st.builds(Pooling, some(POOLINGS), st.integers(2, 4))
stacks = st.tuples(st.lists(convolution | pooling, max_size=3), st.lists(dense, max_size=3)).map(
    lambda parts: (*parts[0], *parts[1])
)
COMMON = {
    **{name: number(name) for name in RANGES if name in Experiment.model_fields and name != "batch_size"},
    "batch_size": st.integers(1, 64),
    "initialiser": some(INITIALISERS),
    "optimizer": some(OPTIMIZERS),
    "schedule": some(SCHEDULES),
}
KEYS = st.text("0123456789abcdef", min_size=32, max_size=32) | st.just("")
names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=12).filter(
    str.isprintable
)
OWN_FIELDS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "images": {"layers": stacks, "samples": number("samples"), "fourier": number("fourier")},
    "text": {
        "layers": st.lists(dense, max_size=3).map(tuple),
        "lines": KEYS,
        "samples": number("samples"),
        "tokens": some(TOKENISERS),
        "length": st.integers(4, 40),
        "vocabulary": st.integers(10, 4_000),
        "embedding": st.integers(1, 40),
        "encoder": some(ENCODERS),
        "units": st.integers(1, 40),
    },
    "sound": {
        "layers": stacks,
        "representation": some(REPRESENTATIONS),
        **{name: number(name) for name in ("samples", "noise", "window", "hop", "mels")},
    },
    "tables": {
        "layers": st.lists(dense, max_size=3).map(tuple),
        "table": KEYS,
        "target": st.just("") | names,
        "columns": st.lists(names, max_size=4, unique=True).map(tuple),
        "scaling": some(SCALINGS),
        "missing": some(MISSING),
    },
}


@st.composite
def experiments(draw: st.DrawFn, kind: str) -> Experiment:
    fields = st.fixed_dictionaries({"dataset": some(DATASETS[kind])}, optional={**COMMON, **OWN_FIELDS[kind]})
    try:
        return KINDS[kind].model_validate(draw(fields))
    except ValidationError:
        assume(False)
        raise


any_kind = some(DATASETS).flatmap(experiments)
slow = settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)


@slow
@given(any_kind)
def test_an_experiment_comes_back_from_its_url_and_its_json(experiment: Experiment) -> None:
    query = to_query(experiment)
    assert all(query.values())
    assert parse_query(query, experiment.kind) == Opened(experiment)
    assert from_json(to_json(experiment)) == experiment


hostile_values: st.SearchStrategy[Any] = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["", "nan", "1e999", "9" * 5000, "c8-3-relu_max2", "c8-0-relu", "max0_max1", "c1-99-relu", "own"]),
    st.sampled_from(["../../etc/passwd", "\x00", "\ud800", "<script>", "a,b,%2C", "c512-3-relu_" * 9 + "4-relu"]),
    st.sampled_from([*DATASETS["images"], *DATASETS["text"], *DATASETS["sound"], *DATASETS["tables"]]),
    st.lists(st.text(max_size=5), max_size=4),
    st.none() | st.integers() | st.floats(),
)


@settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(some(DATASETS), st.data())
def test_a_hostile_url_opens_an_experiment_and_says_what_was_wrong(kind: str, data: st.DataObject) -> None:
    fields = some(KINDS[kind].model_fields) | st.text(max_size=8)
    opened = parse_query(data.draw(st.dictionaries(fields, hostile_values, max_size=12)), kind)
    assert type(opened.experiment) is KINDS[kind]
    assert parse_query(to_query(opened.experiment), kind) == Opened(opened.experiment)
    for sentence in opened.problems:
        assert sentence.endswith((".", "?"))
        assert len(sentence) < 250


@given(st.lists(names, unique=True))
def test_names_of_columns_come_back(columns: list[str]) -> None:
    assert split_columns(join_columns(columns)) == tuple(columns)


# ---- What does not fit


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (ImagesExperiment, {"dataset": "digit"}, "Did you mean digits?"),
        (ImagesExperiment, {"fourier": 8}, "fourier is 8, but only a place in a photo"),
        (ImagesExperiment, {"layers": "c4-9p0-relu"}, "Layer 1 is c4-9p0-relu, but only 8 × 8 is left before it."),
        (ImagesExperiment, {"layers": "max2_max2_max2_avg2"}, "Layer 4 is avg2, but only 1 × 1 is left before it."),
        (ImagesExperiment, {"layers": "8-relu_c4-3-relu"}, "Layer 2 is c4-3-relu, but the 8 numbers that it gets"),
        (ImagesExperiment, {"dataset": "paint-coffee", "layers": "max2"}, "Layer 1 is max2, but the 128 numbers"),
        (ImagesExperiment, {"layers": "c4-0-relu"}, "Layer 1: The kernel of a convolution is 0"),
        (ImagesExperiment, {"layers": "c4-3p9-relu"}, "Layer 1: The padding of a convolution is 9"),
        (ImagesExperiment, {"layers": "c4-3s0-relu"}, "Layer 1: The stride of a convolution is 0"),
        (ImagesExperiment, {"layers": "min2"}, "Layer 1: The pooling of a layer is 'min'"),
        (ImagesExperiment, {"layers": "max1"}, "Layer 1: The size of a pooling is 1"),
        (ImagesExperiment, {"layers": "c4-3"}, "Layer 1 is 'c4-3'"),
        (
            ImagesExperiment,
            {"dataset": "mnist", "layers": "512-relu_512-relu_512-relu_512-relu"},
            "Take some neurons away.",
        ),
        (ImagesExperiment, {"dataset": "mnist", "batch_size": 4096, "layers": "c64-3-relu"}, "numbers in the layers"),
        (ImagesExperiment, {"dataset": "mnist", "layers": "c48-9-relu_c48-9-relu"}, "multiplications a step"),
        (PointsExperiment, {"layers": "4-tanh_c4-3-relu"}, "Layer 2 is c4-3-relu, which slides over neighbours"),
        (TextExperiment, {"layers": "max2"}, "Layer 1 is max2, which slides over neighbours"),
        (TablesExperiment, {"layers": "c4-3-relu"}, "Layer 1 is c4-3-relu, which slides over neighbours"),
        (TextExperiment, {"dataset": "names-generator", "tokens": "word"}, "tokens is word, but names-generator"),
        (TextExperiment, {"dataset": "names-generator", "layers": "4-relu-batch"}, "layers has batch norm"),
        (TextExperiment, {"vocabulary": 20_000, "embedding": 128}, "vocabulary is 20,000, which makes up to"),
        (TextExperiment, {"lines": "etc"}, "lines is 'etc', which is no key of uploaded data."),
        (TextExperiment, {"encoder": "transformer"}, "encoder is 'transformer'"),
        (SoundExperiment, {"dataset": "signals", "representation": "spectrogram"}, "representation is spectrogram"),
        (SoundExperiment, {"representation": "wave", "layers": "c4-3-relu_max9_max9_max9_max9"}, "only 2 is left"),
        (SoundExperiment, {"hop": 4}, "hop is 4, but it must lie between 8 and 1,024."),
        (TablesExperiment, {"table": 3}, "table is '3', which is no key"),
        (TablesExperiment, {"columns": 3}, "columns is '3', which is not a list of columns."),
        (TablesExperiment, {"columns": "a\x00b"}, "One of columns is"),
        (TablesExperiment, {"target": "x" * 999}, "target is"),
        (TablesExperiment, {"loss": "mse"}, "loss is mse, which does not fit the multiclass dataset penguins-species."),
    ],
)
def test_a_wrong_value_is_one_sentence(kind: type[Experiment], fields: dict[str, Any], said: str) -> None:
    (sentence,) = sentences(kind, **fields)
    assert said in sentence
    assert sentence.endswith((".", "?"))
    assert len(sentence) < 250


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        (ImagesExperiment, {"layers": "c4-3-relu-batch", "batch_size": 1}, "Batch norm compares"),
        (TextExperiment, {"dataset": "own"}, "There are no lines yet."),
        (
            TextExperiment,
            {"dataset": "own", "lines": "0" * 32},
            "The data of this link is not on this server any more.",
        ),
        (TablesExperiment, {"dataset": "own"}, "There is no table yet."),
        (TablesExperiment, {"dataset": "own", "table": "f" * 32}, "The data of this link is not on this server"),
        (TablesExperiment, {"target": "colour"}, "The table has no column 'colour'."),
        (TablesExperiment, {"columns": "species,island"}, "'species' is the target, so it cannot be an input"),
    ],
)
def test_an_obstacle_is_one_sentence_with_its_remedy(kind: type[Experiment], fields: dict[str, Any], said: str) -> None:
    experiment = kind.model_validate(fields)
    assert experiment.obstacle is not None
    assert experiment.obstacle.startswith(said)
    assert parse_query(to_query(experiment), experiment.kind) == Opened(experiment)


# ---- Own data


def test_own_lines_are_read_from_their_key() -> None:
    key = put("\n".join(f"{'ab'[i % 2]}\tword number {i}" for i in range(10)).encode())
    experiment = TextExperiment(dataset="own", lines=key, tokens="word")
    assert (experiment.obstacle, experiment.task, experiment.class_names) == (None, "binary", ("a", "b"))
    assert experiment.load_dataset().raw_train[0].startswith("word number")
    assert experiment.changed(dataset="surnames").lines == key  # not lost while another dataset is looked at


def test_an_own_table_is_read_from_its_key() -> None:
    table = read_table("size,colour\n1,red\n2,blue\n3,red\n4,blue\n5,green\n6,green\n").table
    experiment = TablesExperiment(dataset="own", table=put(table_to_bytes(table)), target="size", train_share=0.5)
    assert (experiment.task, experiment.loss, experiment.metric) == ("regression", "mse", "r2")
    changed = experiment.changed(target="colour", columns="size")
    assert (changed.task, changed.loss, changed.class_names) == (
        "multiclass",
        "cross_entropy",
        ("blue", "green", "red"),
    )
    np.testing.assert_array_equal(changed.load_dataset().y_train.shape, 3)


def test_what_is_missing_may_be_uploaded_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"{'ab'[i % 2]}\tlater {i}\n" for i in range(10)).encode()
    table = table_to_bytes(read_table("later,colour\n1,red\n2,blue\n3,red\n4,blue\n").table)
    keys = put(lines), put(table)
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    text = TextExperiment(dataset="own", lines=keys[0])
    own = TablesExperiment(dataset="own", table=keys[1])
    assert text.obstacle
    assert own.obstacle
    assert (put(lines), put(table)) == keys
    assert (text.obstacle, own.obstacle) == (None, None)


def test_other_metrics_of_other_tasks() -> None:
    assert ImagesExperiment(dataset="paint-rocket").metric == "psnr"
    assert TextExperiment(dataset="names-generator").metric == "bits"
    assert (ImagesExperiment().metric, TablesExperiment(dataset="tips").metric) == ("accuracy", "r2")


def test_the_networks_by_name_fit_their_pictures() -> None:
    for layers in NETWORKS.values():
        assert format_layers(ImagesExperiment(dataset="mnist", layers=layers).layers) == layers  # type: ignore[arg-type]
    shape = ImagesExperiment(dataset="mnist", layers=NETWORKS["lenet"])  # type: ignore[arg-type]
    assert shape.parameter_count == 61_706  # as LeNet-5 with all connections


def test_every_page_opens_under_the_least_limits() -> None:
    code = """
from playground.experiment.kinds import KINDS
from playground.experiment.url import parse_query
for kind, datasets in %r:
    for dataset in datasets:
        assert not parse_query({"dataset": dataset}, kind).problems, (kind, dataset)
"""
    limits = {f"PLAYGROUND_MAX_{name.upper()}": str(least) for name, least in _LEAST.items()}
    pairs = [("points", ["circle", "plane"]), *((kind, list(datasets)) for kind, datasets in DATASETS.items())]
    subprocess.run(
        [sys.executable, "-c", code % (pairs,)],
        check=True,
        env={**os.environ, **limits},
        cwd=Path(__file__).parents[2],
    )
    assert all(getattr(LIMITS, name) >= least for name, least in _LEAST.items())
