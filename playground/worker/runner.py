"""Who asks for training and who provides it: the interface between the web process and whatever owns torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from playground.experiment.experiment import Experiment
from playground.experiment.tensor_chain import Chain
from playground.experiment.tensor_expression import Expression
from playground.worker.messages import Raced, Refused, RunInfo

__all__ = ["RunInfo", "Runner", "RunnerError", "accepted"]


class RunnerError(Exception):
    """One sentence that a learner understands: why a request was not fulfilled."""


def accepted(answer: Any) -> Any:
    """The answer of a worker. Raises: RunnerError where it is a refusal."""
    if isinstance(answer, Refused):
        raise RunnerError(answer.sentence)
    return answer


class Runner(Protocol):
    """Runs, by id. Every method raises RunnerError when it is refused or takes too long."""

    def prewarm(self) -> None:
        """Begin to start what a first run needs, without waiting for it."""
        ...

    def start(self, run_id: str, experiment: Experiment, resume: bool = True) -> RunInfo:
        """Open a run, or find it open. With `resume` it goes on from its checkpoint if the experiment is equal."""
        ...

    def has(self, run_id: str, experiment: Experiment) -> bool:
        """Is there a run of this id and an equal experiment, open or saved?"""
        ...

    def exchange(self, run_id: str, message: Mapping[str, Any]) -> bytes:
        """Do what the message's "command" says; the frame that its "view" asks for, b"" if nothing changed since."""
        ...

    async def async_exchange(self, run_id: str, message: Mapping[str, Any]) -> bytes:
        """`exchange` without blocking the event loop."""
        ...

    def apply(self, run_id: str, experiment: Experiment) -> None:
        """Go on under an experiment that differs in LIVE_FIELDS only."""
        ...

    def study(self, run_id: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """The arrays of one figure to study."""
        ...

    async def async_study(self, run_id: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """`study` without blocking the event loop."""
        ...

    def checkpoint(self, run_id: str) -> bytes:
        """The run's checkpoint of this moment as a safetensors file."""
        ...

    def info(self, run_id: str) -> RunInfo | None:
        """How the run is, None if it is not open."""
        ...

    def close(self, run_id: str) -> None:
        """Take the run out of memory; its checkpoint stays."""
        ...

    def devices(self) -> tuple[str, ...]:
        """The devices that can train here, "cpu" first."""
        ...

    def calculate(self, question: Chain | Expression) -> dict[str, Any]:
        """Do a chain of tensor operations, or find the gradients of an expression."""
        ...

    def look(self, photos: NDArray[np.uint8]) -> None:
        """Let the pretrained network look at photos (N, 224, 224, 3), so that a run with them begins at once."""
        ...

    def race(self) -> Iterator[Raced]:
        """Race the GPU against the CPU, or where there is none the ways to train on the CPU; see `training.race`.

        Tells how far it is every few milliseconds. Whoever does not ask on ends it.
        """
        ...

    def close_all(self) -> None:
        """Save and end everything."""
        ...
