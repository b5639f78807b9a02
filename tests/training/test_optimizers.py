from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from playground.experiment.choices import OPTIMIZERS
from playground.experiment.points import PointsExperiment
from playground.network.module import build_module
from playground.training.flat import FlatState
from playground.training.optimizers import Optimizer, add_penalties, build_optimizer, clip_gradients

STEPS = 100
L2 = 0.02


def torch_optimizer(experiment: PointsExperiment, module: nn.Module) -> torch.optim.Optimizer:
    """The same by PyTorch alone: AdamW decays the weights of Linear layers only."""
    choice = OPTIMIZERS[experiment.optimizer]
    groups: list[dict[str, object]] = [{"params": list(module.parameters())}]
    if choice.torch_name == "AdamW":
        weights = [layer.weight for layer in module if isinstance(layer, nn.Linear)]
        others = [p for p in module.parameters() if not any(p is weight for weight in weights)]
        groups = [{"params": weights, "weight_decay": experiment.l2}, {"params": others, "weight_decay": 0.0}]
    return getattr(torch.optim, choice.torch_name)(groups, lr=experiment.learning_rate, **choice.kwargs)


def pair(name: str) -> tuple[Optimizer, nn.Module, torch.optim.Optimizer, nn.Module]:
    experiment = PointsExperiment(optimizer=name, layers="5-tanh-layer_3-tanh", l2=L2)
    ours, theirs = build_module(experiment), build_module(experiment)
    return build_optimizer(experiment, ours), ours, torch_optimizer(experiment, theirs), theirs


def give_gradients(seed: int, ours: Optimizer, theirs: nn.Module) -> None:
    """The same random gradients to both, of very different sizes."""
    generator = torch.Generator().manual_seed(seed)
    for entry, parameter in zip(ours.flat.entries, theirs.parameters(), strict=True):
        gradient = torch.randn(entry.shape, generator=generator) * 10 ** (2 * torch.randn(1, generator=generator))
        parameter.grad = gradient
        entry.of(ours.flat.gradients).copy_(gradient)


def assert_same(ours: nn.Module, theirs: nn.Module) -> None:
    for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_is_torchs_over_100_steps(name: str) -> None:
    mine, ours, other, theirs = pair(name)
    before = mine.flat.values.clone()
    for step in range(STEPS):
        mine.learning_rate = other.param_groups[0]["lr"] = other.param_groups[-1]["lr"] = 0.01 / (1 + step)
        give_gradients(step, mine, theirs)
        mine.step()
        other.step()
        assert_same(ours, theirs)
    assert not torch.equal(before, mine.flat.values)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("steps", [0, 1, 5])
def test_the_memory_goes_to_torch_and_back(name: str, steps: int) -> None:
    mine, ours, other, theirs = pair(name)
    for step in range(steps):
        give_gradients(step, mine, theirs)
        mine.step()
    other.load_state_dict(mine.state_dict())
    theirs.load_state_dict(ours.state_dict())
    fresh = build_module(PointsExperiment(optimizer=name, layers="5-tanh-layer_3-tanh", l2=L2))
    third = build_optimizer(PointsExperiment(optimizer=name, layers="5-tanh-layer_3-tanh", l2=L2), fresh)
    fresh.load_state_dict(ours.state_dict())
    third.load_state_dict(other.state_dict())
    for step in range(10):
        give_gradients(100 + step, mine, theirs)
        third.flat.gradients.copy_(mine.flat.gradients)
        for optimizer in (mine, other, third):
            optimizer.step()
    assert_same(ours, theirs)
    assert_same(ours, fresh)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_to_forget_is_to_begin_anew(name: str) -> None:
    mine, ours, other, theirs = pair(name)
    give_gradients(0, mine, theirs)
    mine.step()
    mine.forget()
    theirs.load_state_dict(ours.state_dict())
    give_gradients(1, mine, theirs)
    mine.step()
    other.step()
    assert_same(ours, theirs)


def test_penalties_are_the_gradients_of_their_formula() -> None:
    module = build_module(PointsExperiment(layers="5-tanh-layer_3-tanh"))
    flat = FlatState(module)
    weights = [layer.weight for layer in module if isinstance(layer, nn.Linear)]
    penalty = sum(0.3 * weight.abs().sum() + 0.2 / 2 * weight.square().sum() for weight in weights)
    expected = torch.autograd.grad(penalty, list(module.parameters()), materialize_grads=True)
    add_penalties(flat, l1=0.3, l2=0.2)
    torch.testing.assert_close(flat.gradients, torch.cat([gradient.flatten() for gradient in expected]))


@pytest.mark.parametrize("max_norm", [0.5, 1e6])
def test_clipping_is_torchs(max_norm: float) -> None:
    module = build_module(PointsExperiment())
    flat = FlatState(module)
    flat.gradients.copy_(torch.randn(len(flat.gradients)))
    expected = [parameter.grad.clone() for parameter in module.parameters()]
    theirs = [nn.Parameter(torch.zeros_like(gradient)) for gradient in expected]
    for parameter, gradient in zip(theirs, expected, strict=True):
        parameter.grad = gradient
    torch.nn.utils.clip_grad_norm_(theirs, max_norm)
    clip_gradients(flat, max_norm)
    for parameter, other in zip(module.parameters(), theirs, strict=True):
        torch.testing.assert_close(parameter.grad, other.grad)


def test_training_does_not_import_dynamo() -> None:
    code = """
import sys
from playground.data.points import load_points
from playground.experiment.points import PointsExperiment
from playground.training.trainer import Trainer
for name in ("adam", "nesterov"):
    experiment = PointsExperiment(optimizer=name, layers="4-relu-batch-d0.2", clip_norm=1, l1=0.1, schedule="cosine")
    data = load_points("circle", samples=40, noise=0, train_share=0.5, seed=1, inputs=("x1", "x2"))
    trainer = Trainer(experiment, data)
    trainer.finish_epoch()
    trainer.checkpoint().to_bytes()
print("torch._dynamo" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
