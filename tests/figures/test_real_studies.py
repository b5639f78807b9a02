"""The studies of a real run are what the figures read: every figure of every kind of experiment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any, cast

import plotly.graph_objects as go
import pytest

from playground.data.points import load_points
from playground.experiment.points import PointsExperiment
from playground.figures.answer import figure_now
from playground.figures.registry import FIGURES
from playground.inspection.study import study
from playground.training.trainer import Trainer
from playground.worker.runner import Runner

EXPERIMENTS = {
    "default": {},
    "classes": {"dataset": "spiral5", "layers": "8-relu-batch_2-tanh-d0.2", "inputs": "x1_x2_x1sq_sinx1"},
    "value": {"dataset": "ripple", "layers": "5-gelu-layer"},
    "curve": {"dataset": "curve"},
    "straight": {"dataset": "gauss", "layers": "none"},
    "two outputs": {"loss": "cross_entropy"},
}


@cache
def trained(kind: str) -> Trainer:
    experiment = PointsExperiment(samples=60, **cast(Any, EXPERIMENTS[kind]))
    dataset = load_points(
        experiment.dataset,
        samples=experiment.samples,
        noise=experiment.noise,
        train_share=experiment.train_share,
        seed=experiment.seed,
        inputs=experiment.active_inputs,
    )
    trainer = Trainer(experiment, dataset)
    trainer.finish_epoch()
    return trainer


class Here:
    """A runner without a worker: studies the run of its id in this process."""

    def study(self, run_id: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        return study(trained(run_id), name, options)


@pytest.mark.parametrize("kind", sorted(EXPERIMENTS))
def test_every_figure_of_a_real_run(kind: str, name: str) -> None:
    for option in FIGURES[name].options or ():
        for value in option.choices_for(trained(kind).experiment):
            answer = figure_now(cast(Runner, Here()), kind, name, {option.name: value})
            assert "error" not in answer, answer
            go.Figure(answer["figure"])
            json.dumps(answer, allow_nan=False)


@pytest.mark.parametrize("kind", ["default", "classes"])
def test_the_confusion_counts_every_test_point(kind: str) -> None:
    answer = figure_now(cast(Runner, Here()), kind, "confusion", {"split": "test"})
    counts = answer["figure"]["data"][0]["meta"]["z"]
    assert sum(map(sum, counts)) == len(trained(kind).dataset.y_test)
