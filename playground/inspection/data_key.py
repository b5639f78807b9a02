"""Which experiments learn from the same samples, so that these are loaded, kept and sent once."""

from __future__ import annotations

import hashlib

from playground.experiment.experiment import Experiment

NOT_DATA = frozenset(
    {
        "layers",
        "initialiser",
        "init_seed",
        "loss",
        "optimizer",
        "learning_rate",
        "schedule",
        "schedule_epochs",
        "l1",
        "l2",
        "clip_norm",
        "batch_size",
        "device",
        "embedding",
        "encoder",
        "units",
    }
)
"""The fields that leave the samples as they are; one that is not known here may change them."""


def data_key(experiment: Experiment) -> tuple[object, ...]:
    """Equal for two experiments that learn from the same samples, encoded in the same way."""
    return (experiment.kind, *((name, value) for name, value in experiment if name not in NOT_DATA))


def version_of(experiment: Experiment) -> int:
    """A number that changes when the samples do, the same in every process."""
    return number_of(data_key(experiment))


def number_of(*parts: object) -> int:
    """A number of these parts, the same in every process, never 0, and such as JavaScript can say."""
    return int.from_bytes(hashlib.blake2b(repr(parts).encode(), digest_size=6).digest()) | 1
