"""A running trainer as a Checkpoint, and a Checkpoint as a running trainer."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from torch import nn

from playground.experiment.experiment import Experiment
from playground.training.checkpoint import Checkpoint
from playground.training.history import History
from playground.training.optimizers import Optimizer
from playground.training.order import BatchOrder, OwnRandomness, to_array


class Running(Protocol):
    """The state of a `trainer.Trainer` that a checkpoint holds."""

    experiment: Experiment
    module: nn.Sequential
    optimizer: Optimizer
    order: BatchOrder
    history: History
    randomness: OwnRandomness
    epoch: int
    step_count: int
    edited: list[dict[str, Any]]
    diverged: str | None


def capture(run: Running) -> Checkpoint:
    """The run as it is now, between two steps."""
    return Checkpoint(
        experiment=run.experiment,
        epoch=run.epoch,
        step=run.step_count,
        position=run.order.position,
        updates=run.optimizer.step_count,
        parameters={name: to_array(tensor) for name, tensor in run.module.state_dict().items()},
        optimizer={name: to_array(tensor) for name, tensor in run.optimizer.state.items()},
        permutation=to_array(run.order.permutation),
        order_state=run.order.state,
        random_state=run.randomness.state,
        history=run.history.as_arrays(),
        history_appended=run.history.appended,
        history_stride=run.history.stride,
        edited=list(run.edited),
        diverged=run.diverged,
    )


def put_back(run: Running, checkpoint: Checkpoint) -> None:
    """Make the run what it was when the checkpoint was captured. Raises: ValueError where that is of other data."""
    run.order.restore(checkpoint.permutation, checkpoint.position, checkpoint.order_state)
    run.randomness.restore(checkpoint.random_state)
    run.module.load_state_dict({name: torch.from_numpy(array) for name, array in checkpoint.parameters.items()})
    for name, array in checkpoint.optimizer.items():
        run.optimizer.state[name].copy_(torch.from_numpy(array))
    run.optimizer.step_count = checkpoint.updates
    run.experiment = checkpoint.experiment
    run.epoch, run.step_count = checkpoint.epoch, checkpoint.step
    run.history = History.from_arrays(
        checkpoint.history, appended=checkpoint.history_appended, stride=checkpoint.history_stride
    )
    run.edited = list(checkpoint.edited)
    run.diverged = checkpoint.diverged
