"""The CPU against a GPU: how long a step takes, by batch size and width, so that people see when a GPU is worth it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from time import perf_counter
from typing import Any

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.experiment.layer import Layer
from playground.experiment.points import PointsExperiment
from playground.training.devices import device_names
from playground.training.trainer import Trainer

WIDTHS = (8, 32, 128, 512)
BATCHES = (10, 100, 1000)
SAMPLES, TRAIN_SHARE = (
    8_000,
    0.9,
)  # so that even an epoch of large batches is seven steps before its look at all samples
SECONDS = 0.04  # of measuring one way in one cell
LONGEST = 8.0  # seconds of a whole race: cells that are not reached by then are left out

NO_GPU = "This machine has no GPU that PyTorch can use, so there is nothing to race against the CPU."

Ways = Mapping[str, Callable[[Experiment, Dataset], Trainer]]
"""How a network can be trained here: the words for people, and what makes a trainer that does so."""


@lru_cache(maxsize=1)  # the machine stays the same, and whoever asks again need not wait
def race(device: str) -> list[dict[str, Any]]:
    """The rows of `measured` for the CPU and for this device, step by step and as a recording.

    Raises: ValueError with one sentence where there is no such device.
    """
    if device == "cpu" or device not in device_names():
        raise ValueError(NO_GPU)
    ways: dict[str, Callable[[Experiment, Dataset], Trainer]] = {
        "CPU": lambda experiment, dataset: Trainer(experiment, dataset, "cpu", fast=True),
        "GPU, step by step": lambda experiment, dataset: Trainer(experiment, dataset, device),
    }
    if device == "cuda":
        ways["GPU, recorded"] = lambda experiment, dataset: Trainer(experiment, dataset, device, fast=True)
    return list(measured(ways))


def measured(ways: Ways, seconds: float = SECONDS, longest: float = LONGEST) -> Iterator[dict[str, Any]]:
    """A row for each width of three hidden layers and each batch size: parameters, and {way: milliseconds a step}.

    As the app trains: with the shuffling and the look at all samples that belong to an epoch.
    """
    end = perf_counter() + longest
    dataset: Dataset | None = None
    for width in WIDTHS:
        for batch_size in BATCHES:
            layers = (Layer(width, "relu"),) * 3
            experiment = PointsExperiment(
                samples=SAMPLES, train_share=TRAIN_SHARE, layers=layers, batch_size=batch_size
            )
            dataset = dataset or experiment.load_dataset()
            times = {way: step_ms(make(experiment, dataset), seconds) for way, make in ways.items()}
            yield {"width": width, "batch_size": batch_size, "parameters": experiment.parameter_count, "ms": times}
            if perf_counter() >= end:
                return


def step_ms(trainer: Trainer, seconds: float) -> float:
    """The median of the milliseconds a step of several stretches of training, without the first one."""
    trainer.train_for(seconds / 4)
    stretches: list[float] = []
    end = perf_counter() + seconds
    while not stretches or perf_counter() < end:
        began, before = perf_counter(), trainer.step_count
        trainer.train_for(seconds / 4)
        stretches.append((perf_counter() - began) / max(trainer.step_count - before, 1))
    return 1000 * statistics.median(stretches)
