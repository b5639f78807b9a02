"""How fast the engine trains small convolutional networks, beside the loops that people write.

Counted in processor seconds, so that other work on the machine does not matter. Of a loop with two threads the half
counts, as if both had worked all the time: no clock on the wall can show it faster. Our own with two threads is held to
the clock on the wall.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import torch

from benchmarks import peers
from benchmarks.report import Aim, report, table
from playground.data.dataset import Dataset
from playground.experiment.images import ImagesExperiment
from playground.network.module import build_module
from playground.training.fused.compile import wait_for_kernel
from playground.training.fused.threads import allow_threads
from playground.training.losses import loss_function, target_dtype
from playground.training.trainer import Trainer
from playground.worker.cores import cores_here

ROUNDS, SECONDS = 7, 0.5
SLICE = 0.005  # as in the worker's loop
LAYERS = "c8-3-relu_max2_c16-3-relu_max2"
NORMED = "c8-3-relu-batch_max2_c16-3-relu-batch_max2"  # left to autograd
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
AIM = 3.0


@dataclass(frozen=True)
class Cell:
    name: str
    experiment: ImagesExperiment

    @property
    def is_fused(self) -> bool:
        """Does the kernel train it?"""
        return not self.experiment.has_batch_norm


def cells() -> list[Cell]:
    sizes = [
        ("8x8 batch 16", "digits", 1_797, 16, LAYERS),
        ("8x8 batch 64", "digits", 1_797, 64, LAYERS),
        ("28x28 batch 128", "mnist", 5_000, 128, LAYERS),
        ("28x28 batch 128, batch norm", "mnist", 5_000, 128, NORMED),
    ]
    return [
        Cell(
            size,
            ImagesExperiment(dataset=name, samples=samples, layers=layers, batch_size=batch, learning_rate=0.001),
        )
        for size, name, samples, batch, layers in sizes
    ]


def playground(experiment: ImagesExperiment, dataset: Dataset, threads: int) -> peers.Trains:
    """Our engine in the worker's slices, with shuffling, and with the losses of all samples after each epoch."""
    trainer = Trainer(experiment, dataset, fast=True)
    clock = time.process_time if threads == 1 else time.perf_counter

    def train(seconds: float) -> float:
        torch.set_num_threads(1)
        allow_threads(threads)
        began, before = clock(), trainer.step_count
        while (now := clock()) - began < seconds:
            trainer.train_for(SLICE)
        steps = trainer.step_count - before
        return steps * len(dataset.X_train) / trainer.steps_per_epoch / (now - began)

    return train


def tuned(experiment: ImagesExperiment, dataset: Dataset, layout: torch.memory_format, threads: int) -> peers.Trains:
    """What a careful PyTorch user writes: one tensor in the best layout, batches by index_select, no `.item()`."""
    module, loss_of = build_module(experiment).to(memory_format=layout), loss_function(experiment)
    optimizer = peers.torch_optimizer(experiment, module)
    X = torch.from_numpy(dataset.X_train).contiguous(memory_format=layout)
    y = torch.from_numpy(dataset.y_train).to(target_dtype(experiment))

    def batches() -> Iterator[int]:
        while True:
            for batch in torch.randperm(len(X)).split(experiment.batch_size):
                optimizer.zero_grad(set_to_none=True)
                loss_of(module(X.index_select(0, batch)), y.index_select(0, batch)).backward()
                optimizer.step()
                yield len(batch)

    return with_threads(peers._timed(batches()), threads)


def with_threads(trains: peers.Trains, threads: int) -> peers.Trains:
    """The loop with so many threads of PyTorch, as if all of them had worked all the time."""

    def train(seconds: float) -> float:
        torch.set_num_threads(threads)
        return threads * trains(threads * seconds)

    return train


def main() -> bool:
    wait_for_kernel()
    results = {cell.name: measure(cell.experiment) for cell in cells()}
    columns = list(next(iter(results.values())))
    rows = [(name, *(row[column] for column in columns)) for name, row in results.items()]
    table(("images a second", *columns), rows)
    print("x tuned: the best number of threads beside the best layout and number of threads; ours evaluates each epoch")
    print("with batch norm there is no kernel: our autograd path, in the layout that it chooses")
    fused = {cell.name: results[cell.name] for cell in cells() if cell.is_fused}
    return report("images", {"layers": LAYERS, "cells": results}, aims(fused))


def measure(experiment: ImagesExperiment) -> dict[str, float]:
    """Median images a second of each contestant; the contestants take turns, so that all meet the same machine."""
    dataset = experiment.load_dataset()
    contestants = {"tutorial": with_threads(peers.tutorial(experiment, dataset), 1)}
    for threads in sorted({1, min(2, cores_here())}):
        contestants[f"playground, {threads} thr."] = playground(experiment, dataset, threads)
        for name, layout in LAYOUTS.items():
            contestants[f"{name}, {threads} thr."] = tuned(experiment, dataset, layout, threads)
    for train in contestants.values():
        train(SECONDS / 5)
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, train in contestants.items():
            rates[name].append(train(SECONDS))
    medians = {name: statistics.median(values) for name, values in rates.items()}
    own = {name: rate for name, rate in medians.items() if name.startswith("playground")}
    peer = {name: rate for name, rate in medians.items() if name.startswith(tuple(LAYOUTS))}
    alone = own["playground, 1 thr."]
    return medians | {
        "x tutorial": alone / medians["tutorial"],
        "x tuned, 1 thr.": alone / max(rate for name, rate in peer.items() if name.endswith(" 1 thr.")),
        "x tuned": max(own.values()) / max(peer.values()),
    }


def aims(results: Mapping[str, Mapping[str, float]]) -> list[Aim]:
    compared = {"times tuned PyTorch": "x tuned", "times tuned PyTorch on one thread": "x tuned, 1 thr."}
    return [
        Aim(f"{title}, {name}", row[column], "x", AIM, at_most=False)
        for title, column in compared.items()
        for name, row in results.items()
    ]
