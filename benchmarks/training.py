"""How fast the engine trains small dense networks, beside the loops that people write."""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

os.environ.setdefault("PLAYGROUND_MAX_BATCH", "10000")  # the full batch of 10,000 points is a cell
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import torch

from benchmarks import peers
from benchmarks.report import Aim, report, table
from playground.experiment.points import PointsExperiment
from playground.inspection.frame import build_frame, encode_frame
from playground.inspection.run_state import RunState
from playground.inspection.view import FrameView
from playground.training.fused.compile import wait_for_kernel
from playground.training.trainer import Trainer

ROUNDS, SECONDS = 5, 0.25
SLICE, FRAME_EVERY = 0.005, 0.1  # as in the worker's loop, with a viewer of 10 frames a second

SMALL = {
    "a": {"layers": "4-tanh_2-tanh"},
    "b": {"layers": "8-relu_8-relu_8-relu"},
    "c": {"layers": "_".join(["8-tanh"] * 6), "inputs": "x1_x2_x1sq_x2sq_x1x2_sinx1_sinx2"},
}
SGD = {"optimizer": "sgd", "loss": "squared", "samples": 500, "learning_rate": 0.03}
LARGE = {
    "dataset": "blobs4",
    "layers": "64-relu_64-relu_64-relu",
    "samples": 20_000,
    "optimizer": "adam",
    "learning_rate": 0.001,
}


@dataclass(frozen=True)
class Cell:
    name: str
    group: str
    experiment: PointsExperiment


def cells() -> list[Cell]:
    small = [
        Cell(f"({net}) batch {batch}", "sgd", PointsExperiment(**SGD, **SMALL[net], batch_size=batch))
        for net in SMALL
        for batch in (1, 10, 30)
    ]
    adam = [
        Cell(
            f"({net}) {loss} Adam batch 10",
            "adam",
            PointsExperiment(dataset=data, loss=loss, batch_size=10, samples=500, **SMALL[net]),
        )
        for net in SMALL
        for data, loss in (("circle", "bce"), ("spiral3", "cross_entropy"))
    ]
    large = [
        Cell(f"64-64-64 batch {batch:,}", f"large{batch}", PointsExperiment(**LARGE, batch_size=batch))
        for batch in (64, 256, 10_000)
    ]
    return [*small, *adam, *large]


def playground(experiment: PointsExperiment) -> peers.Trains:
    """Our engine as the worker runs it: slices of 5 ms, shuffling, history, and ten frames a second."""
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    view, state = FrameView(), RunState("benchmark")

    def train(seconds: float) -> float:
        began = next_frame = time.process_time()
        before = trainer.step_count
        while (now := time.process_time()) - began < seconds:
            trainer.train_for(SLICE)
            if now >= next_frame:
                encode_frame(build_frame(trainer, view, state))
                next_frame = now + FRAME_EVERY
        steps = trainer.step_count - before
        return steps * len(trainer.dataset.X_train) / trainer.steps_per_epoch / (now - began)

    return train


def main() -> bool:
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    wait_for_kernel()
    peak = peak_gflops()
    results: dict[str, dict[str, float]] = {}
    groups: dict[str, str] = {}
    for cell in cells():
        rates = measure(cell.experiment)
        own = rates.pop("playground")
        flops = flops_per_sample(cell.experiment)
        results[cell.name] = {
            "us a sample": 1e6 / own,
            **{f"x {name}": own / rate for name, rate in rates.items()},
            "share of peak": own * flops / (peak * 1e9),
        }
        groups[cell.name] = cell.group
    columns = list(next(iter(results.values())))
    table(
        ("cell", *columns),
        [(name, *(row.get(column, math.nan) for column in columns)) for name, row in results.items()],
    )
    print(f"peak of the core: {peak:.0f} GFLOP/s (a 1,024 x 1,024 matrix product)")
    return report("training", {"peak GFLOP/s": peak, "cells": results}, aims(results, groups))


def measure(experiment: PointsExperiment) -> dict[str, float]:
    """Median samples a second of each contestant; the contestants take turns, so that all meet the same machine."""
    dataset = experiment.load_dataset()
    contestants = {
        "playground": playground(experiment),
        "tutorial": peers.tutorial(experiment, dataset),
        "tuned": peers.tuned(experiment, dataset),
        "scikit-learn": peers.scikit_learn(experiment, dataset),
        "skorch": peers.skorch(experiment, dataset),
    }
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for train in contestants.values():
        train(0.05)
    for _ in range(ROUNDS):
        for name, train in contestants.items():
            rates[name].append(train(SECONDS))
    return {name: statistics.median(values) for name, values in rates.items()}


def aims(results: Mapping[str, Mapping[str, float]], groups: Mapping[str, str]) -> list[Aim]:
    nine = [row["x tutorial"] for name, row in results.items() if groups[name] == "sgd"]
    full = next(row for name, row in results.items() if groups[name] == "large10000")
    middle = next(row for name, row in results.items() if groups[name] == "large256")
    return [
        Aim(
            "times the tutorial loop, geometric mean of nine", statistics.geometric_mean(nine), "x", 300, at_most=False
        ),
        Aim("times the tutorial loop, worst of nine", min(nine), "x", 150, at_most=False),
        Aim("times tuned PyTorch, 64-64-64, full batch", full["x tuned"], "x", 1.5, at_most=False),
        Aim("times tuned PyTorch, 64-64-64, batch 256", middle["x tuned"], "x", 2.0, at_most=False),
    ]


def flops_per_sample(experiment: PointsExperiment) -> float:
    """Multiplications and additions of a step: forward, gradients of the weights and of all inputs but the first."""
    widths = [len(experiment.active_inputs), *(layer.units for layer in experiment.layers), experiment.output_units]
    weights = [a * b for a, b in pairwise(widths)]
    return 2.0 * (3 * sum(weights) - weights[0])


def peak_gflops() -> float:
    a = torch.rand(1024, 1024)
    times = []
    for _ in range(20):
        began = time.process_time()
        a @ a
        times.append(time.process_time() - began)
    return 2 * 1024**3 / min(times) / 1e9
