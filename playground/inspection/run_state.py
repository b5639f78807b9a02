"""What a frame says about its run, before anything of the network is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playground.experiment.experiment import Experiment


@dataclass(frozen=True)
class RunState:
    """What a frame says about the run beside what its trainer knows."""

    run: str
    seq: int = 0
    playing: bool = False
    status: str = "ready"  # ready, playing, paused, diverged or empty
    message: str | None = None
    notice: str | None = None
    speed: str = "max"


def empty_header(experiment: Experiment, version: int, state: RunState) -> dict[str, Any]:
    """The header of a frame without a network. version: of the data that the frame belongs to."""
    return vars(state) | {
        "version": version,
        "epoch": 0,
        "step": 0,
        "steps_per_epoch": 0,
        "phase": None,
        "train_loss": None,
        "test_loss": None,
        "train_metric": None,
        "test_metric": None,
        "metric": experiment.metric,
        "learning_rate": experiment.learning_rate,
        "task": experiment.task,
        "outputs": 0,
        "parameters": 0,
        "shapes": [],
        "edited": False,
    }
