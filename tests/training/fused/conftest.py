from __future__ import annotations

import time

import pytest

from playground.training.fused.compile import compilation, kernel_ready
from playground.training.fused.network import Stage, read_network
from playground.training.fused.stepper import FusedStepper, Progress
from playground.training.fused.view import FusedView
from playground.training.schedules import learning_rate_at
from playground.training.trainer import Trainer


@pytest.fixture(scope="session", autouse=True)
def kernel() -> None:
    """The kernel, compiled if this machine has not done so yet."""
    end = time.monotonic() + 110
    while not kernel_ready():
        assert compilation().problem is None
        assert time.monotonic() < end, "the kernel takes too long to compile"
        time.sleep(0.1)


def layers_of(trainer: Trainer) -> tuple[Stage, ...]:
    layers = read_network(trainer.module, trainer.dataset.X_train.shape[1:])
    assert layers is not None
    return layers


def view_of(trainer: Trainer) -> FusedView:
    return FusedView(trainer.experiment, layers_of(trainer), trainer.dataset, trainer.flat)


def advance(trainer: Trainer, steps: int, record_every: int = 1) -> Progress:
    """Move a trainer on by the fused path, all that belongs to it but its history."""
    stepper = FusedStepper(trainer.experiment, layers_of(trainer), trainer.dataset, trainer.flat, trainer.optimizer)
    progress = None
    left = steps
    while left:
        rates = [
            learning_rate_at(trainer.experiment, trainer.step_count + i, trainer.steps_per_epoch) for i in range(left)
        ]
        progress = stepper.run(
            trainer.experiment,
            steps=left,
            rates=rates[0] if len(set(rates)) == 1 else rates,  # type: ignore[arg-type]
            permutation=trainer.order.permutation,
            generator=trainer.order.generator,
            position=trainer.order.position,
            epoch=trainer.epoch,
            record_every=record_every,
            randomness=trainer.randomness,
        )
        trainer.step_count += progress.steps
        trainer.epoch = progress.epoch
        trainer.order._arrange(trainer.order.permutation, progress.position)
        left -= progress.steps
        if not progress.finite:
            break
    assert progress is not None
    return progress
