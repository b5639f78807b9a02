"""What each field of an experiment takes, in one table: its range or its choices, and how its text is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from playground.data.features import FEATURES
from playground.data.own_points import pack_points, unpack_points
from playground.data.points import DATASETS
from playground.experiment.choices import DEVICES, INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES
from playground.experiment.layer import as_layers
from playground.experiment.limits import LIMITS
from playground.experiment.wording import as_integer, as_number, check_choice, check_range, show

MAX_SEED = 2**31 - 1
NO_INPUTS = "none"

Rule = Callable[[object], object]
"""Turns a value or its text into the field's value. Raises: ValueError with one sentence."""


@dataclass(frozen=True)
class Range:
    """The numbers that a field takes, both ends included, and one to try."""

    low: float
    high: float
    example: float
    whole: bool = False


RANGES: dict[str, Range] = {
    "samples": Range(10, LIMITS.samples, 500, whole=True),
    "noise": Range(0, 0.5, 0.1),
    "train_share": Range(0.1, 0.9, 0.5),
    "seed": Range(0, MAX_SEED, 7, whole=True),
    "init_seed": Range(0, MAX_SEED, 1, whole=True),
    "learning_rate": Range(1e-5, 10, 0.03),
    "schedule_epochs": Range(1, 100_000, 500, whole=True),
    "l1": Range(0, 10, 0.001),
    "l2": Range(0, 10, 0.001),
    "clip_norm": Range(0, 1_000, 1),
    "batch_size": Range(1, LIMITS.batch, 10, whole=True),
}


def _number(name: str) -> Rule:
    bounds = RANGES[name]

    def rule(value: object) -> object:
        number = (
            as_integer(name, value, int(bounds.example)) if bounds.whole else as_number(name, value, bounds.example)
        )
        check_range(name, number, bounds.low, bounds.high, bounds.example)
        return number

    return rule


def _choice(name: str, choices: Collection[str]) -> Rule:
    def rule(value: object) -> object:
        check_choice(name, value, choices)
        return value

    return rule


def _loss(value: object) -> object:
    return value if value == "" else _choice("loss", LOSSES)(value)


def _inputs(value: object) -> object:
    if value in ("", NO_INPUTS):
        return ()
    if isinstance(value, str):
        value = value[:200].split("_")
    if not isinstance(value, list | tuple):
        raise ValueError(f"inputs is {show(value)}, which is not a list of inputs. Try x1_x2.")
    names = cast("Sequence[object]", value)
    for name in names:
        check_choice("One of inputs", name, FEATURES)
    return tuple(name for name in FEATURES if name in names)  # one order, so that equal choices are equal experiments


def _points(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"points is {show(value)}, which is not packed points. Paint new points.")
    points, labels = unpack_points(value)
    if len(points) > LIMITS.samples:
        raise ValueError(
            f"points holds {len(points):,} points, but at most {LIMITS.samples:,} fit. "
            f"Take {len(points) - LIMITS.samples:,} away."
        )
    return pack_points(np.asarray(points), labels)  # one spelling of the same points


RULES: dict[str, Rule] = {
    **{name: _number(name) for name in RANGES},
    "dataset": _choice("dataset", DATASETS),
    "initialiser": _choice("initialiser", INITIALISERS),
    "optimizer": _choice("optimizer", OPTIMIZERS),
    "schedule": _choice("schedule", SCHEDULES),
    "device": _choice("device", DEVICES),
    "loss": _loss,
    "inputs": _inputs,
    "layers": as_layers,
    "points": _points,
}
