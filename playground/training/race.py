"""The devices of a machine against each other: how long a step takes, by batch size and width.

So people see when a GPU is worth it. All measuring is done in short pieces, between which a worker does something else.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from time import perf_counter
from typing import Any

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.experiment.layer import Layer
from playground.experiment.points import PointsExperiment
from playground.training.devices import device_names
from playground.training.trainer import Trainer

WIDTHS = (8, 32, 128, 512)
CPU_WIDTHS = (8, 32, 128, 256)  # without a GPU to compare with, nobody need wait for steps of 50 ms
BATCHES = (10, 100, 1000)
SAMPLES, TRAIN_SHARE = 4_000, 0.9  # so that even an epoch of large batches is four steps before its look at all samples
PIECE = 0.005  # seconds of work at once; a step that takes longer is not divided
SECONDS = 0.04  # of measuring one way in one cell
LONGEST = 8.0  # seconds of a whole race: cells that are not reached by then are left out

NO_DEVICE = "The device {device} is not present on this machine, so it cannot race. Choose {names}."

Row = dict[str, Any]
Ways = Mapping[str, Callable[[Experiment, Dataset], Trainer | None]]
"""How a network can be trained here: the words for people, and what makes a trainer that does so, None if none can."""


def race(device: str) -> Iterator[Row | None]:
    """`measured` for the CPU and for this device, step by step and as a recording; "cpu" races against plain PyTorch.

    Raises: ValueError with one sentence where there is no such device.
    """
    names = device_names()
    if device not in names:
        raise ValueError(NO_DEVICE.format(device=device, names=" or ".join(names)))
    return measured(ways_to_train(device), CPU_WIDTHS if device == "cpu" else WIDTHS)


def ways_to_train(device: str) -> Ways:
    """What is compared for this device."""
    if device == "cpu":
        return {"CPU, fused kernel": _fused, "CPU, plain PyTorch": lambda experiment, data: Trainer(experiment, data)}
    ways: dict[str, Callable[[Experiment, Dataset], Trainer | None]] = {
        "CPU": lambda experiment, dataset: Trainer(experiment, dataset, "cpu", fast=True),
        "GPU, step by step": lambda experiment, dataset: Trainer(experiment, dataset, device),
    }
    if device == "cuda":
        ways["GPU, recorded"] = lambda experiment, dataset: Trainer(experiment, dataset, device, fast=True)
    return ways


def _fused(experiment: Experiment, dataset: Dataset) -> Trainer | None:
    trainer = Trainer(experiment, dataset, "cpu", fast=True)
    return trainer if trainer.fast is not None else None


def cell_count(device: str) -> int:
    """The number of rows of a whole race."""
    return len(CPU_WIDTHS if device == "cpu" else WIDTHS) * len(BATCHES)


def measured(
    ways: Ways, widths: Sequence[int] = WIDTHS, seconds: float = SECONDS, longest: float = LONGEST
) -> Iterator[Row | None]:
    """A row for each width of three hidden layers and each batch size: parameters, and {way: milliseconds a step}.

    As the app trains: with the shuffling and the look at all samples that belong to an epoch. After every piece of work
    that is not the last of a row there is a None.
    """
    end = perf_counter() + longest
    dataset: Dataset | None = None
    for width in widths:
        for batch_size in BATCHES:
            layers = (Layer(width, "relu"),) * 3
            experiment = PointsExperiment(
                samples=SAMPLES, train_share=TRAIN_SHARE, layers=layers, batch_size=batch_size
            )
            dataset = dataset or experiment.load_dataset()
            times: dict[str, float] = {}
            for way, make in ways.items():
                trainer = make(experiment, dataset)
                yield None
                if trainer is not None:
                    times[way] = yield from step_ms(trainer, seconds)
            yield {"width": width, "batch_size": batch_size, "parameters": experiment.parameter_count, "ms": times}
            if perf_counter() >= end:
                return


def step_ms(trainer: Trainer, seconds: float) -> Generator[None, None, float]:
    """The median of the milliseconds a step of several pieces of training, without the first one."""
    trainer.train_for(PIECE)
    pieces: list[float] = []
    spent = 0.0
    while spent < seconds:
        yield
        began, before = perf_counter(), trainer.step_count
        trainer.train_for(PIECE)
        took = perf_counter() - began
        pieces.append(took / max(trainer.step_count - before, 1))
        spent += took
    return 1000 * statistics.median(pieces)
