"""What crosses the border between the web process and a worker: small values, NumPy arrays and plain data.

The web process sends a Request and gets one Reply with the same number. A worker also says unasked, as RunChanged, when
a run pauses by itself or leaves its memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.experiment.experiment import Experiment
from playground.experiment.tensor_chain import Chain
from playground.experiment.tensor_expression import Expression

SPEEDS = ("phases", "1", "10", "100", "1000", "max")
"""Slow motion (one phase every 0.2 s), steps a second, or as fast as the machine can."""

DEFAULT_SPEED = "1000"  # 40 epochs a second of the default experiment: fast, and still to be followed with the eyes


@dataclass(frozen=True)
class RunInfo:
    """What the web process knows of a run."""

    run_id: str
    experiment: Experiment
    status: str  # ready, playing, paused, diverged or empty
    message: str | None
    notice: str | None
    epoch: int
    step: int
    speed: str
    seq: int
    device: str  # where it really trains

    @property
    def playing(self) -> bool:
        """Does it train now?"""
        return self.status == "playing"


@dataclass(frozen=True)
class Start:
    """Open a run. After a worker's death, `replaced` is true, and `playing` and `speed` say how it was."""

    run_id: str
    experiment: Experiment
    resume: bool = True
    playing: bool = False
    speed: str | None = None
    replaced: bool = False


@dataclass(frozen=True)
class Exchange:
    """A viewer's message: a command or none, and the view of which it wants a frame."""

    run_id: str
    message: Mapping[str, Any]


@dataclass(frozen=True)
class Apply:
    """Go on under an experiment that differs in live fields only."""

    run_id: str
    experiment: Experiment


@dataclass(frozen=True)
class Study:
    """Ask for the arrays of one figure to study."""

    run_id: str
    name: str
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Save:
    """Ask for the run's checkpoint as bytes."""

    run_id: str


@dataclass(frozen=True)
class Info:
    """Ask for the RunInfo."""

    run_id: str


@dataclass(frozen=True)
class Close:
    """Save the run and take it out of memory."""

    run_id: str


@dataclass(frozen=True)
class Devices:
    """Ask for the names of the devices of this machine."""


@dataclass(frozen=True)
class Calculate:
    """Do a chain of tensor operations, or find the gradients of an expression."""

    question: Chain | Expression


@dataclass(frozen=True)
class Look:
    """Let the pretrained network look at photos (N, 224, 224, 3) uint8, so that a run with them begins at once."""

    photos: NDArray[np.uint8]


@dataclass(frozen=True)
class Race:
    """Do a short piece of a race of the CPU and this device. An id that is not known begins one, no device ends it."""

    race_id: str
    device: str | None


Body = Start | Exchange | Apply | Study | Save | Info | Close | Devices | Calculate | Look | Race


END = None
"""Sent instead of a Request: save every run and end."""


@dataclass(frozen=True)
class Request:
    """What is asked, with the number that its reply will bear."""

    number: int
    body: Body


@dataclass(frozen=True)
class Exchanged:
    """The answer to an Exchange: an encoded frame, b"" if nothing changed, and how the run is now."""

    frame: bytes
    playing: bool
    speed: str


@dataclass(frozen=True)
class Raced:
    """How far a race is: its rows until now, as `training.race` makes them, and the share of all rows that they are."""

    rows: tuple[dict[str, Any], ...]
    share: float
    done: bool


@dataclass(frozen=True)
class Refused:
    """Why a request was not fulfilled, in one sentence."""

    sentence: str
    unknown_run: bool = False


@dataclass(frozen=True)
class Reply:
    """The answer to the request of this number."""

    number: int
    value: Any  # RunInfo, Exchanged, Refused, dict of arrays, bytes, tuple of names, Raced or None


@dataclass(frozen=True)
class RunChanged:
    """A run has paused by itself, or has left the worker's memory."""

    run_id: str
    playing: bool
    open: bool
