"""Every figure of every kind of data is drawn from the study of a real run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import plotly.graph_objects as go
import pytest

from playground.figures.answer import figure_now
from playground.figures.registry import FIGURES, figures_for
from playground.inspection.study import study
from playground.worker.runner import Runner
from tests.inspection.journeys import FIELDS, trained


class Here:
    """A runner without a worker: studies the run of its id in this process."""

    def study(self, run_id: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        return study(trained(run_id), name, options)


@pytest.mark.parametrize("kind", FIELDS)
def test_every_figure_of_a_kind(kind: str) -> None:
    experiment = trained(kind).experiment
    for figure in figures_for(experiment):
        for option in figure.options:
            for value in option.choices_for(experiment) or ["", "e"]:
                chosen = {option.name: value, "width": 350 if value == option.default else 1200}
                answer = figure_now(cast(Runner, Here()), kind, figure.name, chosen)
                assert "error" not in answer, (figure.name, answer)
                go.Figure(answer["figure"])
                assert len(json.dumps(answer, allow_nan=False)) < 1_000_000


def test_each_kind_has_the_figures_that_say_something_about_it() -> None:
    def names(kind: str) -> set[str]:
        return {figure.name for figure in figures_for(trained(kind).experiment)}

    everywhere = {"loss", "weights", "histograms", "gradients"}
    assert names("digits") == everywhere | {"confusion"}
    assert names("painting") == everywhere
    assert names("surnames") == everywhere | {"confusion", "embedding"}
    assert names("writer") == everywhere | {"embedding"}
    assert names("keys") == everywhere | {"confusion"}
    assert names("tips") == everywhere | {"confusion", "importance"}
    assert set(FIGURES) - set.union(*map(names, FIELDS)) == {"surface", "bent"}


def test_a_network_without_weights_before_the_output_has_one_choice_less() -> None:
    layers = next(option for option in FIGURES["weights"].options if option.name == "layer")
    assert list(layers.choices_for(trained("mean").experiment).values()) == ["All layers", "Output"]
    assert list(layers.choices_for(trained("surnames").experiment).values()) == ["All layers", "Encoder", "Output"]
    digits = list(layers.choices_for(trained("digits").experiment).values())
    assert digits == ["All layers", "Convolution 1", "Convolution 3", "Layer 5", "Output"]
