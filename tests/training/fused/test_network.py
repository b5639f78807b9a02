from __future__ import annotations

import pytest
from torch import nn

from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.network.module import build_module
from playground.training.fused.network import Convolution, Dense, read_network


def test_reads_a_dense_network() -> None:
    module = build_module(PointsExperiment(layers="4-tanh_2-leakyrelu-d0.25_3-linear"))
    assert read_network(module, (2,)) == (
        Dense(2, 4, "tanh"),
        Dense(4, 2, "leakyrelu", 0.25),
        Dense(2, 3),
        Dense(3, 1),
    )
    assert read_network(nn.Sequential(nn.Flatten(), nn.Linear(6, 2)), (2, 3)) == (Dense(6, 2),)


def test_reads_convolutions() -> None:
    experiment = ImagesExperiment(dataset="digits", layers="c8-3-relu_max2_c16-3p0-tanh_20-elu-d0.5")
    assert read_network(build_module(experiment), (1, 8, 8)) == (
        Convolution(1, 8, (8, 8), (3, 3), (1, 1), "relu", "max", (2, 2)),
        Convolution(8, 16, (4, 4), (3, 3), (0, 0), "tanh"),
        Dense(64, 20, "elu", 0.5),
        Dense(20, 10),
    )
    signal = nn.Sequential(nn.Conv1d(2, 3, 5, padding=1), nn.AvgPool1d(4), nn.Flatten(), nn.Linear(6, 1))
    assert read_network(signal, (2, 11)) == (
        Convolution(2, 3, (1, 11), (1, 5), (0, 1), "linear", "avg", (1, 4)),
        Dense(6, 1),
    )


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
        nn.Sequential(nn.Linear(2, 4), nn.Linear(4, 1)).double(),
        nn.Sequential(nn.Linear(400, 400), nn.ReLU(), nn.Linear(400, 1)),
    ],
)
def test_leaves_others_to_autograd(module: nn.Module) -> None:
    assert read_network(module, (2,)) is None


def convolutions(*children: nn.Module) -> nn.Sequential:
    return nn.Sequential(*children, nn.Flatten(), nn.Linear(8, 1))


@pytest.mark.parametrize(
    "module",
    [
        convolutions(nn.Conv2d(1, 2, 3, stride=2)),
        convolutions(nn.Conv2d(1, 2, 3, dilation=2)),
        convolutions(nn.Conv2d(2, 2, 3, groups=2)),
        convolutions(nn.Conv2d(1, 2, 3, padding=3)),
        convolutions(nn.Conv2d(1, 2, 3, padding=1, padding_mode="circular")),
        convolutions(nn.Conv2d(1, 2, 3, padding="same")),
        convolutions(nn.Conv2d(1, 2, 3, bias=False)),
        convolutions(nn.Conv2d(1, 2, 9)),
        convolutions(nn.Conv1d(1, 2, 3)),
        convolutions(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)),
        convolutions(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Dropout(0.1)),
        convolutions(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2, stride=1)),
        convolutions(nn.Conv2d(1, 2, 3), nn.MaxPool2d(3, padding=1)),
        convolutions(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.MaxPool2d(2)),
        convolutions(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2, ceil_mode=True)),
        convolutions(nn.Conv2d(1, 2, 3), nn.MaxPool2d(2), nn.ReLU()),
        convolutions(nn.MaxPool2d(2)),
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Linear(6, 1)),
        nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten()),
    ],
)
def test_leaves_other_convolutions_to_autograd(module: nn.Module) -> None:
    assert read_network(module, (1, 8, 8)) is None
