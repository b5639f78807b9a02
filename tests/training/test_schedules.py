from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch
from torch.optim.lr_scheduler import (
    ConstantLR,
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    StepLR,
)

from playground.experiment import choices
from playground.experiment.points import PointsExperiment
from playground.training.schedules import SCHEDULES, learning_rate_at

RATE = 0.2
Make = Callable[[torch.optim.Optimizer, int, int], LRScheduler]

# Written from torch's documentation, not from the code under test: (optimizer, schedule_epochs, steps_per_epoch).
TORCH: dict[str, Make] = {
    "constant": lambda o, e, s: ConstantLR(o, factor=1.0),
    "step": lambda o, e, s: StepLR(o, step_size=-(-e // 3) * s, gamma=0.1),
    "cosine": lambda o, e, s: CosineAnnealingLR(o, T_max=e * s, eta_min=RATE / 1000),
    "onecycle": lambda o, e, s: OneCycleLR(o, max_lr=RATE, epochs=e, steps_per_epoch=s, cycle_momentum=False),
    "warmup": lambda o, e, s: LinearLR(o, start_factor=0.01, total_iters=max(1, e * s // 10)),
}


def torch_rates(name: str, epochs: int, steps_per_epoch: int) -> list[float]:
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=RATE)
    scheduler = TORCH[name](optimizer, epochs, steps_per_epoch)
    rates = []
    for _ in range(epochs * steps_per_epoch):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            scheduler.step()
    return rates


def experiment_of(name: str, epochs: int) -> PointsExperiment:
    return PointsExperiment(schedule=name, schedule_epochs=epochs, learning_rate=RATE)


@pytest.mark.parametrize("name", choices.SCHEDULES)
@pytest.mark.parametrize(("epochs", "steps_per_epoch"), [(1, 1), (1, 3), (2, 1), (3, 1), (4, 5), (10, 7), (100, 3)])
def test_every_schedule_agrees_with_torch(name: str, epochs: int, steps_per_epoch: int) -> None:
    experiment = experiment_of(name, epochs)
    ours = [learning_rate_at(experiment, step, steps_per_epoch) for step in range(epochs * steps_per_epoch)]
    assert ours == pytest.approx(torch_rates(name, epochs, steps_per_epoch), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", choices.SCHEDULES)
def test_after_its_epochs_the_rate_stays_and_is_never_zero(name: str) -> None:
    experiment = experiment_of(name, 6)
    last = learning_rate_at(experiment, 6 * 5 - 1, 5)
    assert last > 0
    assert {learning_rate_at(experiment, step, 5) for step in (30, 31, 1_000_000)} == {last}


def test_every_choice_has_a_schedule() -> None:
    assert set(SCHEDULES) == set(choices.SCHEDULES) == set(TORCH)
