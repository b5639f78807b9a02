from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from playground.data.points import DATASETS
from playground.experiment.choices import ACTIVATIONS, NORMS
from playground.experiment.points import PointsExperiment
from playground.ui.own_points import MAX_OWN_POINTS
from playground.ui.stage import read_points, stage_data


@pytest.mark.parametrize("dataset", sorted(DATASETS))
def test_what_the_picture_is_told_of_an_experiment_is_json(dataset: str) -> None:
    experiment = PointsExperiment.model_validate(
        {"dataset": dataset, "layers": "3-relu-batch-d0.2", "inputs": "x1_x2_sinx1"}
    )
    data = json.loads(json.dumps(stage_data(experiment)))
    structure = data["structure"]
    assert structure["inputs"] == list(experiment.active_inputs)
    assert structure["outputs"] == experiment.output_units
    assert structure["layers"] == [{"units": 3, "activation": "relu", "norm": "batch", "dropout": 0.2}]
    assert data["chosen"] == ["x1", "x2", "sinx1"], "an input that a curve cannot use stays chosen"
    assert {choice["name"] for choice in data["activations"]} == set(ACTIVATIONS)
    assert {choice["name"] for choice in data["norms"]} == set(NORMS)


def test_painted_points_are_read() -> None:
    read = read_points([[1, -2.5, 0], [0.25, 6, 4]])
    assert read is not None
    points, labels = read
    assert np.array_equal(points, [[1, -2.5], [0.25, 6]])
    assert labels.tolist() == [0, 4]
    assert labels.dtype == np.int64


def test_no_points_are_points_too() -> None:
    read = read_points([])
    assert read is not None
    assert [len(part) for part in read] == [0, 0]


@pytest.mark.parametrize(
    "rows",
    [
        [[1, 2]],
        [[1, 2, 3], [4, 5]],
        [["x", 2, 0]],
        [[1, None, 0]],
        [[1, 2, 5]],
        [[1, 2, -1]],
        [[1, 2, 0.5]],
        [[float("inf"), 2, 0]],
        [{"x": 1}],
        [[0, 0, 0]] * (MAX_OWN_POINTS + 1),
    ],
)
def test_what_no_painter_sends_is_refused(rows: list[Any]) -> None:
    assert read_points(rows) is None
