from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from playground.experiment.choices import ACTIVATIONS, INITIALISERS, NORMS
from playground.experiment.points import PointsExperiment
from playground.experiment.text import TextExperiment
from playground.network.module import build_module
from playground.network.shapes import describe_network

WIDE = "256-relu_256-relu"


def weights_of(initialiser: str) -> torch.Tensor:
    """The weights (256, 256) between two wide layers."""
    module = build_module(PointsExperiment(layers=WIDE, initialiser=initialiser))
    return module.linear2.weight.detach()


@pytest.mark.parametrize("layers", ["none", "4-tanh_2-tanh", "8-relu-batch-d0.2_3-gelu-layer_1-elu-d0.5"])
@pytest.mark.parametrize("dataset", ["circle", "blobs4", "curve"])
def test_the_module_has_the_shapes_that_are_told(layers: str, dataset: str) -> None:
    experiment = PointsExperiment(layers=layers, dataset=dataset)
    module, shape = build_module(experiment), describe_network(experiment)
    assert sum(parameter.numel() for parameter in module.parameters()) == shape.parameters == experiment.parameter_count
    X = torch.randn(6, len(experiment.active_inputs))
    assert module(X).shape == (6, experiment.output_units)


def test_children_have_names_in_their_order() -> None:
    module = build_module(PointsExperiment(layers="8-relu-batch-d0.2_3-gelu"))
    names = [name for name, _ in module.named_children()]
    assert names == ["linear1", "norm1", "activation1", "dropout1", "linear2", "activation2", "output"]
    assert isinstance(module.norm1, nn.BatchNorm1d)
    assert isinstance(module.dropout1, nn.Dropout)
    assert module.dropout1.p == 0.2


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_torchs(name: str) -> None:
    module = build_module(PointsExperiment(layers=f"4-{name}"))
    assert type(module.activation1).__name__ == ACTIVATIONS[name].module.removeprefix("nn.")


@pytest.mark.parametrize("name", [name for name in NORMS if name != "none"])
def test_every_norm_scales_to_mean_0_and_variance_1(name: str) -> None:
    norm = build_module(PointsExperiment(layers=f"50-relu-{name}")).norm1
    out = norm(3 + 5 * torch.randn(200, 50))
    dim = 0 if name == "batch" else 1
    torch.testing.assert_close(out.mean(dim), torch.zeros_like(out.mean(dim)), atol=1e-5, rtol=0)
    torch.testing.assert_close(out.var(dim, correction=0), torch.ones_like(out.mean(dim)), atol=1e-3, rtol=0)


# Xavier and He draw uniformly from +-a, whose standard deviation is a / sqrt(3); fan_in = fan_out = 256.
@pytest.mark.parametrize(
    ("name", "std", "bound"),
    [
        ("default", 1 / math.sqrt(3 * 256), 1 / 16),
        ("xavier", math.sqrt(2 / 512), math.sqrt(6 / 512)),
        ("he", math.sqrt(2 / 256), math.sqrt(6 / 256)),
        ("normal", 0.5, math.inf),
        ("small", 0.1, math.inf),
        ("zeros", 0.0, 0.0),
    ],
)
def test_the_statistics_of_the_initialisers(name: str, std: float, bound: float) -> None:
    weights = weights_of(name)
    assert weights.std().item() == pytest.approx(std, rel=0.02)
    assert abs(weights.mean().item()) <= 0.02 * std
    assert weights.abs().max().item() <= bound + 1e-7


def test_all_initialisers_are_tested_above_and_set_biases_to_zero() -> None:
    assert set(INITIALISERS) == {"default", "xavier", "he", "normal", "small", "zeros"}
    for name in INITIALISERS:
        biases = build_module(PointsExperiment(initialiser=name)).linear1.bias
        assert (biases == 0).all() == (name != "default")


@pytest.mark.parametrize(("name", "std"), [("default", 1.0), ("normal", 1.0), ("small", 0.1), ("zeros", 1.0)])
def test_small_alone_draws_small_vectors_of_tokens(name: str, std: float) -> None:
    vectors = build_module(TextExperiment(initialiser=name)).embedding.weight.detach()
    assert vectors[1:].std().item() == pytest.approx(std, rel=0.02)
    assert (vectors[0] == 0).all()  # <pad>


def test_the_seed_alone_determines_the_weights_and_nobody_elses_numbers_change() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first = build_module(PointsExperiment(init_seed=3))
    assert torch.equal(torch.rand(3), expected)
    second, other = build_module(PointsExperiment(init_seed=3)), build_module(PointsExperiment(init_seed=4))
    assert torch.equal(first.output.weight, second.output.weight)
    assert not torch.equal(first.output.weight, other.output.weight)


def test_the_weights_are_those_of_a_plain_script() -> None:
    torch.manual_seed(1)
    plain = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Linear(4, 2), nn.Tanh(), nn.Linear(2, 1))
    for layer in plain:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    module = build_module(PointsExperiment(initialiser="xavier", init_seed=1))
    for ours, theirs in zip(module.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_without_inputs_there_is_no_network() -> None:
    with pytest.raises(ValueError, match="No inputs are chosen"):
        build_module(PointsExperiment(inputs=()))
