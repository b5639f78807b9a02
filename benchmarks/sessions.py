"""Thirty people on one worker: how much they train in all, how fairly, and how long each waits for a frame.

And eight who train pictures on all cores, where a single step and the evaluation of an epoch are long.
"""

from __future__ import annotations

import asyncio
import gc
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from benchmarks import peers
from benchmarks.report import Aim, report, table
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.inspection.frame_format import decode_frame
from playground.training.fused.compile import wait_for_kernel
from playground.worker.local_runner import LocalRunner

RUNS, PICTURE_RUNS, VIEWER_HZ = 30, 8, 10.0
ROUNDS, SECONDS = 5, 8.0  # in which each run gets a hundred slices
EXPERIMENT = {"layers": "4-tanh_2-tanh", "samples": 500, "batch_size": 10}  # 250 train points
PICTURES = {"dataset": "mnist", "layers": "c8-3-relu_max2_c16-3-relu_max2", "batch_size": 128}
TICK = 0.01  # seconds that the peer's UI thread sleeps


@dataclass(frozen=True)
class Measured:
    """One round: epochs a second in all, the slowest run's share of the fastest's, waiting times in seconds."""

    epochs_per_s: float
    fairness: float
    waits: Sequence[float]
    late: Sequence[float]  # how late a timer of the same thread was, which is the machine's doing


def ms(seconds: Sequence[float], percent: int) -> float:
    return 1000 * statistics.quantiles(seconds, n=100)[percent - 1]


def main() -> bool:
    rounds = {
        "playground": playground(PointsExperiment(**EXPERIMENT), RUNS, workers=1),
        "30 threads of tuned PyTorch": threads_of_pytorch(),
        "8 runs of pictures, all cores": playground(ImagesExperiment(**PICTURES), PICTURE_RUNS, workers=None),
    }
    results = {
        name: {
            "epochs a second in all": statistics.median(r.epochs_per_s for r in measured),
            "slowest / fastest": statistics.median(r.fairness for r in measured),
            "wait p50, ms": statistics.median(ms(r.waits, 50) for r in measured),
            "wait p95, ms": statistics.median(ms(r.waits, 95) for r in measured),
            "wait p99, ms": statistics.median(ms(r.waits, 99) for r in measured),
            "a timer's delay p95, ms": statistics.median(ms(r.late, 95) for r in measured),
        }
        for name, measured in rounds.items()
    }
    figures = list(next(iter(results.values())))
    table(("figure", *results), [(figure, *(results[name][figure] for name in results)) for figure in figures])
    print("wait: of the playground, from a viewer's question to its frame; of the threads, how late the UI thread is.")
    print("a timer's delay: of the thread that asks; what other programs take from the machine shows in it.")
    own, peer, pictures = results.values()
    results["times the threads"] = {"epochs a second in all": own[figures[0]] / peer[figures[0]]}
    aims = [
        Aim("slowest run / fastest run", own["slowest / fastest"], "", 0.9, at_most=False),
        Aim("wait for a frame, p95", own["wait p95, ms"], "ms", 10.0),
        Aim("pictures: slowest run / fastest run", pictures["slowest / fastest"], "", 0.9, at_most=False),
        Aim("pictures: wait for a frame, p95", pictures["wait p95, ms"], "ms", 10.0),
    ]
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return report("sessions", {"rounds": ROUNDS, "runs": RUNS, "load": load, **results}, aims)


# ---- ours


def playground(experiment: Experiment, runs: int, workers: int | None) -> list[Measured]:
    """So many equal runs at full speed in so many worker processes, and a viewer of each who wants ten frames a second.

    workers: None for one a core.
    """
    wait_for_kernel()
    gc.freeze()  # as the app does; it has no torch, in which a collection takes 0.1 s
    with tempfile.TemporaryDirectory() as home:
        runner = LocalRunner(workers=workers, home=Path(home), environment={"PLAYGROUND_PAUSE_AFTER": "1000"})
        try:
            ids = [f"session-{i:02}" for i in range(runs)]
            for run_id in ids:
                runner.start(run_id, experiment)
                runner.exchange(run_id, {"command": {"name": "speed", "value": "max"}})
                runner.exchange(run_id, {"command": {"name": "play"}})
            asyncio.run(_watch(runner, ids, 1.0))
            return [asyncio.run(_watch(runner, ids, SECONDS)) for _ in range(ROUNDS)]
        finally:
            runner.close_all()


async def _watch(runner: LocalRunner, ids: Sequence[str], seconds: float) -> Measured:
    waits: list[float] = []
    questions = [_viewer(runner, run_id, i / len(ids), seconds, waits) for i, run_id in enumerate(ids)]
    timer = asyncio.create_task(_lateness(late := []))
    viewers = await asyncio.gather(*questions)
    timer.cancel()
    return Measured(sum(viewers), min(viewers) / max(viewers), waits, late)


async def _lateness(late: list[float]) -> None:
    while True:
        due = time.perf_counter() + TICK
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - due)


async def _viewer(runner: LocalRunner, run_id: str, phase: float, seconds: float, waits: list[float]) -> float:
    """Ask for a frame ten times a second, as a stage does: with what it has already. Epochs a second of the run."""
    have, known = 0, {"have_version": 0}
    seen: list[tuple[float, float]] = []
    began = time.perf_counter()
    due = began + phase / VIEWER_HZ  # by a clock of its own: viewers whom one delay made late do not stay together
    while due - began < seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        view = {"have": have, "have_view": have > 0, **known}
        asked = time.perf_counter()
        frame = await runner.async_exchange(run_id, {"command": None, "view": view})
        now = time.perf_counter()
        waits.append(now - asked)
        if frame:  # else there was no turn since the last question
            header = decode_frame(frame).header
            have, known = header["seq"], {"have_version": header["version"], "have_sample": header.get("sample_id", 0)}
            seen.append((now, header["step"] / header["steps_per_epoch"]))
        while due <= now:
            due += 1 / VIEWER_HZ
    return (seen[-1][1] - seen[0][1]) / (seen[-1][0] - seen[0][0])


# ---- the peer


def threads_of_pytorch() -> list[Measured]:
    """A thread a session with a tuned loop, and a UI thread that wants to wake up every 10 ms."""
    torch.set_num_threads(1)
    experiment = PointsExperiment(**EXPERIMENT)
    dataset = experiment.load_dataset()
    samples = len(dataset.X_train)
    loops = [peers.tuned(experiment, dataset) for _ in range(RUNS)]
    loops[0](0.05)
    return [_race_threads(loops, samples) for _ in range(ROUNDS)]


def _race_threads(loops: Sequence[peers.Trains], samples: int) -> Measured:
    rates = [0.0] * len(loops)

    def session(i: int) -> None:
        rates[i] = loops[i](SECONDS) / samples

    threads = [threading.Thread(target=session, args=[i]) for i in range(len(loops))]
    for thread in threads:
        thread.start()
    late: list[float] = []
    began = time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        due = time.perf_counter() + TICK
        time.sleep(TICK)
        late.append(time.perf_counter() - due)
    for thread in threads:
        thread.join()
    return Measured(sum(rates), min(rates) / max(rates), late, late)
