"""What looking costs: all neurons of small networks as pictures, and whole frames, beside torch modules."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import torch
from torch import Tensor, nn

from benchmarks.report import Aim, report, table
from playground.experiment.points import PointsExperiment
from playground.inspection.forward import grid_inputs
from playground.inspection.frame import build_frame, encode_frame
from playground.inspection.run_state import RunState
from playground.inspection.view import GRID, PLANE, THUMB, FrameView
from playground.training.fused.compile import wait_for_kernel
from playground.training.trainer import Trainer

ROUNDS, SECONDS = 9, 0.05
FRAMES_PER_S = 30

NETS = {
    "(a) 2-4-2-1 tanh": {"layers": "4-tanh_2-tanh"},
    "(b) 2-8-8-8-1 relu": {"layers": "8-relu_8-relu_8-relu"},
    "(c) 7-[8x6]-1 tanh": {"layers": "_".join(["8-tanh"] * 6), "inputs": "x1_x2_x1sq_x2sq_x1x2_sinx1_sinx2"},
}
MOST_MS = dict(zip(NETS, (0.1, 0.15, 0.3), strict=True))


def main() -> bool:
    torch.set_num_threads(1)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    wait_for_kernel()
    results = {name: measure(PointsExperiment(**net)) for name, net in NETS.items()}
    columns = list(next(iter(results.values())))
    table(("figure", *results), [(column, *(row[column] for row in results.values())) for column in columns])
    aims = [Aim(f"{name}: all neurons at 100 x 100", results[name][columns[0]], "ms", MOST_MS[name]) for name in NETS]
    aims += [
        Aim(f"{name}: a core at 30 frames/s", row["% of a core at 30 frames/s"], "%", 1)
        for name, row in results.items()
    ]
    return report("inspection", {"rounds": ROUNDS, "load": os.getloadavg()[0], "nets": results}, aims)


def measure(experiment: PointsExperiment) -> dict[str, float]:
    """Median milliseconds of processor time; the contestants take turns, so that all meet the same machine."""
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    trainer.train_for(0.1)
    assert trainer.fast is not None
    fused, version = trainer.fast.view, version_of(trainer)
    large, small = (grid_inputs(experiment.active_inputs, 2, cells, PLANE, trainer.device) for cells in (GRID, THUMB))

    def frame() -> bytes:
        return encode_frame(build_frame(trainer, FrameView(have_version=version), RunState("benchmark")))

    looks: dict[str, Callable[[], object]] = {
        "all neurons at 100 x 100, ms": lambda: fused.layer_outputs(large),
        "the same by torch modules, ms": lambda: module_outputs(trainer.module, large),
        "thumbnails at 32 x 32, ms": lambda: fused.thumbnails(small),
        "the same by torch modules and int8, ms": lambda: module_thumbnails(trainer.module, small),
        "a whole encoded frame, ms": frame,
    }
    times: dict[str, list[float]] = {name: [] for name in looks}
    for _ in range(ROUNDS):
        for name, look in looks.items():
            times[name].append(milliseconds(look))
    medians = {name: statistics.median(values) for name, values in times.items()}
    return medians | {"% of a core at 30 frames/s": medians["a whole encoded frame, ms"] / 1000 * FRAMES_PER_S * 100}


def milliseconds(look: Callable[[], object]) -> float:
    """The median of as many looks as the time allows."""
    times = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        began = time.thread_time()
        look()
        times.append(time.thread_time() - began)
    return 1000 * statistics.median(times)


def version_of(trainer: Trainer) -> int:
    """What a viewer has who has already got the points."""
    return int(build_frame(trainer, FrameView(), RunState("benchmark")).header["version"])


def module_outputs(module: nn.Sequential, X: Tensor) -> list[Tensor]:
    """What PyTorch users do: one layer after the other, keeping what comes after each activation and the output."""
    values, kept = X, []
    with torch.no_grad():
        for name, layer in module.named_children():
            values = layer(values)
            if name.startswith(("activation", "output")):
                kept.append(values)
    return kept


def module_thumbnails(module: nn.Sequential, X: Tensor) -> list[Tensor]:
    """The same as int8, 127 being the largest size in the layer."""
    layers = module_outputs(module, X)
    return [
        (layer * (127 / layer.abs().max().clamp(min=1.0))).round().to(torch.int8).t().contiguous() for layer in layers
    ]
