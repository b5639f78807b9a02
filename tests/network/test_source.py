"""The module as source text, executed, is the module that trains."""

from __future__ import annotations

from collections import OrderedDict

import pytest
import torch
from torch import nn

from playground.experiment.choices import ACTIVATIONS, INITIALISERS
from playground.experiment.points import PointsExperiment
from playground.network.module import build_module
from playground.network.source import initialiser_source, module_source

STACKS = [
    "none",
    "4-tanh_2-tanh",
    "8-relu-batch-d0.25_3-gelu-layer_1-sigmoid-d0.5",
    "_".join(f"3-{name}" for name in ACTIVATIONS),
]


def run(experiment: PointsExperiment) -> nn.Sequential:
    names = {"nn": nn, "OrderedDict": OrderedDict}
    torch.manual_seed(experiment.init_seed)
    exec(f"model = {module_source(experiment)}\n{initialiser_source(experiment)}", names)
    model = names["model"]
    assert isinstance(model, nn.Sequential)
    return model


@pytest.mark.parametrize("initialiser", INITIALISERS)
@pytest.mark.parametrize("layers", STACKS)
def test_source_builds_the_same_module_with_the_same_weights(layers: str, initialiser: str) -> None:
    fields = {
        "layers": layers,
        "initialiser": initialiser,
        "init_seed": 5,
        "inputs": "x1_x2_sinx1",
        "dataset": "blobs3",
    }
    experiment = PointsExperiment.model_validate(fields)
    from_source, built = run(experiment), build_module(experiment)
    assert repr(from_source) == repr(built)
    state = built.state_dict()
    assert list(from_source.state_dict()) == list(state)
    for name, tensor in from_source.state_dict().items():
        assert torch.equal(tensor, state[name]), name


def test_source_shows_the_shape_after_each_layer() -> None:
    assert module_source(PointsExperiment()).splitlines() == [
        "nn.Sequential(OrderedDict([",
        '    ("linear1", nn.Linear(2, 4)),  # (N, 4)',
        '    ("activation1", nn.Tanh()),  # (N, 4)',
        '    ("linear2", nn.Linear(4, 2)),  # (N, 2)',
        '    ("activation2", nn.Tanh()),  # (N, 2)',
        '    ("output", nn.Linear(2, 1)),  # (N, 1)',
        "]))",
    ]


def test_the_default_initialiser_needs_no_line() -> None:
    assert initialiser_source(PointsExperiment()) == ""
