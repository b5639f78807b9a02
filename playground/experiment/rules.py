"""What each field of an experiment takes, in one table: its range or its choices, and how its text is read."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from playground.experiment.choices import DEVICES, INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES
from playground.experiment.layer import as_dense_layers
from playground.experiment.limits import LIMITS
from playground.experiment.wording import as_integer, as_number, check_choice, check_range

MAX_SEED = 2**31 - 1

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
    "fourier": Range(0, 256, 64, whole=True),
    "length": Range(4, 200, 20, whole=True),
    "vocabulary": Range(10, 20_000, 4_000, whole=True),
    "embedding": Range(1, 128, 16, whole=True),
    "units": Range(1, 256, 32, whole=True),
    "window": Range(16, 1_024, 256, whole=True),
    "hop": Range(8, 1_024, 128, whole=True),
    "mels": Range(4, 128, 32, whole=True),
    "seed": Range(0, MAX_SEED, 7, whole=True),
    "init_seed": Range(0, MAX_SEED, 1, whole=True),
    "learning_rate": Range(1e-5, 10, 0.03),
    "schedule_epochs": Range(1, 100_000, 500, whole=True),
    "l1": Range(0, 10, 0.001),
    "l2": Range(0, 10, 0.001),
    "clip_norm": Range(0, 1_000, 1),
    "batch_size": Range(1, LIMITS.batch, 10, whole=True),
}


def number(name: str) -> Rule:
    """The rule of a field that takes a number of `RANGES`."""
    bounds = RANGES[name]

    def rule(value: object) -> object:
        number = (
            as_integer(name, value, int(bounds.example)) if bounds.whole else as_number(name, value, bounds.example)
        )
        check_range(name, number, bounds.low, bounds.high, bounds.example)
        return number

    return rule


def choice(name: str, choices: Collection[str]) -> Rule:
    """The rule of a field that takes one of some names."""

    def rule(value: object) -> object:
        check_choice(name, value, choices)
        return value

    return rule


def _loss(value: object) -> object:
    return value if value == "" else choice("loss", LOSSES)(value)


COMMON_FIELDS = (
    "train_share",
    "seed",
    "init_seed",
    "learning_rate",
    "schedule_epochs",
    "l1",
    "l2",
    "clip_norm",
    "batch_size",
)

COMMON_RULES: dict[str, Rule] = {
    **{name: number(name) for name in COMMON_FIELDS},
    "initialiser": choice("initialiser", INITIALISERS),
    "optimizer": choice("optimizer", OPTIMIZERS),
    "schedule": choice("schedule", SCHEDULES),
    "device": choice("device", DEVICES),
    "loss": _loss,
    "layers": as_dense_layers,
}
"""Of the fields that all kinds of data share."""
