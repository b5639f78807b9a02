from __future__ import annotations

import pytest
from torch import nn

from playground.experiment.points import PointsExperiment
from playground.network.module import build_module
from playground.training.fused.network import Dense, dense_layers


def test_reads_a_dense_network() -> None:
    module = build_module(PointsExperiment(layers="4-tanh_2-leakyrelu-d0.25_3-linear"))
    assert dense_layers(module) == (
        Dense(2, 4, "tanh"),
        Dense(4, 2, "leakyrelu", 0.25),
        Dense(2, 3),
        Dense(3, 1),
    )
    assert dense_layers(nn.Sequential(nn.Flatten(), nn.Linear(6, 2))) == (Dense(6, 2),)


@pytest.mark.parametrize(
    "module",
    [
        nn.Linear(2, 1),
        nn.Sequential(),
        nn.Sequential(nn.ReLU(), nn.Linear(2, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.LayerNorm(4), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.Dropout(0.1), nn.ReLU(), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.ReLU(), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.LeakyReLU(0.2), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.GELU("tanh"), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.Softplus(), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4, bias=False), nn.ReLU(), nn.Linear(4, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.ReLU()),
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 1)),
        nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 1)).double(),
        nn.Sequential(nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 1)),
    ],
)
def test_leaves_others_to_autograd(module: nn.Module) -> None:
    assert dense_layers(module) is None
