"""The experiment: defaults, what follows from the fields, and one sentence for every wrong value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from playground.data.own_points import pack_points
from playground.data.points import DATASETS
from playground.experiment.choices import LOSSES
from playground.experiment.experiment import LIVE_FIELDS, explain
from playground.experiment.layer import Layer
from playground.experiment.limits import LIMITS
from playground.experiment.points import PointsExperiment
from playground.experiment.rules import RANGES

TWO_CLASSES = pack_points([[0, 0], [1, 1], [2, 1], [3, 1]], [0, 1, 0, 1])
THREE_CLASSES = pack_points([[0, 0], [1, 1], [2, 1]], [0, 1, 2])


def sentences(**fields: Any) -> tuple[str, ...]:
    with pytest.raises(ValidationError) as caught:
        PointsExperiment(**fields)
    return explain(caught.value)


def test_the_default_experiment_is_complete_and_can_train() -> None:
    experiment = PointsExperiment()
    assert experiment.obstacle is None
    assert (experiment.loss, experiment.task, experiment.class_names) == ("bce", "binary", ("orange", "blue"))
    assert experiment.layers == (Layer(4, "tanh"), Layer(2, "tanh"))
    assert (experiment.output_units, experiment.parameter_count, experiment.train_count) == (1, 25, 250)


def test_every_field_has_a_rule_and_takes_its_default() -> None:
    assert set(PointsExperiment.rules) == set(PointsExperiment.model_fields)
    assert set(PointsExperiment.model_fields) >= LIVE_FIELDS
    for name, value in PointsExperiment():
        assert PointsExperiment.rules[name](value) == value


def test_equal_choices_are_equal_experiments() -> None:
    text = PointsExperiment(layers="4-tanh_2-tanh", inputs="x2_x1", noise="0.10", samples="500.0", loss="")  # type: ignore[arg-type]
    assert text == PointsExperiment()
    assert hash(text) == hash(PointsExperiment())
    assert PointsExperiment(seed=8) != PointsExperiment()
    assert PointsExperiment(noise=-0.0) == PointsExperiment(noise=0)


def test_an_experiment_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        PointsExperiment().seed = 3  # type: ignore[misc]


@pytest.mark.parametrize("dataset", [name for name in DATASETS if name != "own"])
def test_the_usual_loss_and_the_outputs_follow_from_the_dataset(dataset: str) -> None:
    experiment = PointsExperiment(dataset=dataset)
    expected = {"binary": ("bce", 1), "regression": ("mse", 1)}
    assert (experiment.loss, experiment.output_units) == expected.get(
        experiment.task, ("cross_entropy", len(experiment.class_names))
    )
    for name, loss in LOSSES.items():
        if experiment.task in loss.tasks:
            assert PointsExperiment(dataset=dataset, loss=name).loss == name
        else:
            (sentence,) = sentences(dataset=dataset, loss=name)
            assert sentence.startswith(f"loss is {name}, which does not fit the {experiment.task} dataset {dataset}.")
            assert sentence.endswith(f"Try {experiment.loss}.")


def test_two_classes_have_two_outputs_under_cross_entropy_only() -> None:
    assert PointsExperiment(loss="cross_entropy").output_units == 2
    assert PointsExperiment(loss="squared").output_units == 1
    assert PointsExperiment(dataset="blobs4", loss="squared").output_units == 4


def test_own_points_decide_the_task() -> None:
    assert PointsExperiment(dataset="own", points=TWO_CLASSES).task == "binary"
    three = PointsExperiment(dataset="own", points=THREE_CLASSES)
    assert (three.task, three.loss, three.output_units) == ("multiclass", "cross_entropy", 3)
    assert PointsExperiment(dataset="circle", points=THREE_CLASSES).task == "binary"


@pytest.mark.parametrize("name", [name for name in RANGES if name in PointsExperiment.model_fields])
def test_numbers_are_taken_up_to_their_bounds_and_not_beyond(name: str) -> None:
    low, high = RANGES[name].low, RANGES[name].high
    for value in (low, high, str(low), f" {high} "):
        assert getattr(PointsExperiment(**{name: value}), name) == float(value)
    for value in (low - 1, high * 1.01 + 1, -1e300, 10**400):
        (sentence,) = sentences(**{name: value})
        assert sentence.startswith(f"{name} is ")
        assert ". Try " in sentence
        assert len(sentence) < 160
    for value in ("inf", "nan", "", "1e999", "0x10", "1_0", "٣", float("nan"), None, True, [], {}, "9" * 5000, b"1"):
        (sentence,) = sentences(**{name: value})
        assert sentence.startswith(f"{name} is ")
        assert len(sentence) < 160
    if RANGES[name].whole:
        (sentence,) = sentences(**{name: 20.5})
        assert sentence == f"{name} is 20.5, but it must be a whole number. Try 20."


def test_the_sentence_of_the_house() -> None:
    assert sentences(learning_rate=30) == ("learning_rate is 30, but it must lie between 1e-05 and 10. Try 0.03.",)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("dataset", "circel", "Did you mean circle?"),
        ("dataset", "zzz", "Try circle."),
        ("optimizer", None, "Try sgd."),
        ("schedule", ["step"], "Try constant."),
        ("device", "gpu", "one of cpu, cuda, mps"),
        ("initialiser", "xaver", "Did you mean xavier?"),
        ("loss", "mae", "Did you mean"),
        ("inputs", "x1_x3", "One of inputs is 'x3'"),
        ("inputs", 7, "inputs is '7'"),
        ("inputs", [["x1"]], "One of inputs is"),
        ("points", 3, "points is '3'"),
        ("points", "?", "points is not a list of packed points"),
        ("points", "AAAA" * (LIMITS.samples + 1), "Take 1 away."),
        ("points", "...." + "AAAA" * 2 + ".", "points has 6 classes"),
        ("layers", 3, "layers is '3'"),
        ("layers", [3], "Layer 1 is '3'"),
        ("layers", [{"units": 3}], "Layer 1 is"),
        ("layers", "0-tanh", "Layer 1: The number of neurons in a layer is 0"),
        (
            "layers",
            f"2-tanh_{LIMITS.width + 1}-tanh",
            f"Layer 2: The number of neurons in a layer is {LIMITS.width + 1}",
        ),
        ("layers", "4-tahn", "Did you mean tanh?"),
        ("layers", "4-tanh-bach", "Did you mean batch?"),
        ("layers", "4-tanh-d1", "The dropout of a layer is 1"),
        ("layers", "_".join(["2-tanh"] * (LIMITS.layers + 2)), "Take 2 away."),
    ],
)
def test_a_wrong_value_is_one_sentence(field: str, value: object, said: str) -> None:
    (sentence,) = sentences(**{field: value})
    assert said in sentence
    assert sentence.endswith((".", "?"))


def test_every_wrong_value_has_its_own_sentence() -> None:
    found = sentences(noise=3, seed=-1, colour="red")
    assert [sentence.split()[0] for sentence in found] == ["seed", "noise", "'colour'"]


def test_too_many_parameters_are_refused_before_anything_is_built() -> None:
    (sentence,) = sentences(layers=[Layer(LIMITS.width, "relu")] * LIMITS.layers)
    assert sentence.startswith("layers makes 2,891,265 parameters, but at most 1,000,000 fit.")


# ---- changes


def test_a_change_keeps_all_other_fields() -> None:
    experiment = PointsExperiment(seed=3, layers="8-relu")  # type: ignore[arg-type]
    changed = experiment.changed(noise="0.2", learning_rate=0.1)
    assert {name for name, value in changed if value != getattr(experiment, name)} == {"noise", "learning_rate"}


def test_a_change_of_the_task_brings_the_usual_loss() -> None:
    assert PointsExperiment().changed(dataset="plane").loss == "mse"
    assert PointsExperiment(loss="squared").changed(dataset="blobs3").loss == "squared"
    assert PointsExperiment(dataset="own", points=TWO_CLASSES).changed(points=THREE_CLASSES).loss == "cross_entropy"
    with pytest.raises(ValidationError):
        PointsExperiment().changed(dataset="plane", loss="bce")
    with pytest.raises(ValidationError):
        PointsExperiment().changed(loss="mse")
    with pytest.raises(ValidationError):
        PointsExperiment().changed(dataset="nowhere")


# ---- what stands in the way of training


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"inputs": ()}, "No inputs are chosen"),
        ({"dataset": "curve", "inputs": ("x2", "x1x2")}, "The curve has one coordinate"),
        ({"dataset": "own"}, "There are no points yet"),
        ({"dataset": "own", "points": pack_points([[0, 0], [1, 1]], [0, 0])}, "All points belong to one class"),
        ({"dataset": "own", "points": pack_points([[0, 0], [1, 1]], [3, 3])}, "All points belong to one class"),
        ({"dataset": "own", "points": pack_points([[1, 1], [1, 1]], [0, 1])}, "All points are at the same place"),
        ({"layers": "4-tanh-batch", "batch_size": 1}, "Batch norm compares the points of a batch"),
        ({"layers": "4-tanh-batch", "samples": 10, "train_share": 0.1}, "Batch norm compares train points"),
    ],
)
def test_an_obstacle_is_one_sentence_with_its_remedy(fields: dict[str, Any], said: str) -> None:
    experiment = PointsExperiment(**fields)
    assert experiment.obstacle is not None
    assert experiment.obstacle.startswith(said)
    assert experiment.obstacle.endswith(".")
    assert experiment.load_dataset().dims == experiment.dims  # its points can be drawn all the same


def test_nothing_stands_in_the_way_of_two_points() -> None:
    assert PointsExperiment(dataset="own", points=pack_points([[0, 0], [1, 1]], [0, 1])).obstacle is None
    assert PointsExperiment(layers="4-tanh-layer", batch_size=1).obstacle is None  # type: ignore[arg-type]
