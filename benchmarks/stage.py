"""The live stage in a real Chromium: how often it paints, what a frame costs, and whether anything is built anew."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from playwright.sync_api import Browser

from benchmarks.report import Aim, report, table
from benchmarks.server import RunningServer, chromium, running_server
from playground.inspection.frame import build_frame, encode_frame
from playground.inspection.run_state import RunState
from playground.inspection.view import FrameView
from playground.training.fused.compile import wait_for_kernel
from playground.training.trainer import Trainer

SECONDS = 8.0
ROUNDS = 3
LARGEST = "?dataset=blobs5&learning_rate=0.003&layers=" + "_".join(["32-tanh"] * 8)
CASES = {"default": ("", 30.0, 1.5), "largest (8 x 32, 5 classes)": (LARGEST, 15.0, None)}

# Everything that must stay in place is marked; what lacks its mark at the end was mounted again.
MARK = """() => {
  for (const e of document.querySelectorAll('canvas, .js-plotly-plot')) e.__mark = true;
  window.__long = [];
  const observer = new PerformanceObserver((list) => window.__long.push(...list.getEntries().map((e) => e.duration)));
  observer.observe({entryTypes: ['longtask']});
}"""
REMOUNTS = "() => [...document.querySelectorAll('canvas, .js-plotly-plot')].filter((e) => !e.__mark).length"


@dataclass
class Measured:
    """One round of one case."""

    painted_per_s: float
    web_ms: float
    bytes_per_frame: float
    remounts: int
    long_tasks: int
    longest_ms: float


def main() -> bool:
    aims: list[Aim] = []
    results: dict[str, dict[str, float]] = {}
    with running_server() as server, chromium() as browser:
        for name, (query, least_fps, most_ms) in CASES.items():
            rounds = [measure(server, browser, query) for _ in range(ROUNDS)]
            worker_ms = inspection_ms(query)
            fps, web_ms = (statistics.median(getattr(r, key) for r in rounds) for key in ("painted_per_s", "web_ms"))
            results[name] = {
                "painted frames a second": fps,
                "web process ms a frame": web_ms,
                "inspection ms a frame": worker_ms,
                "bytes a frame": statistics.median(r.bytes_per_frame for r in rounds),
                "remounts": max(r.remounts for r in rounds),
                "long tasks": max(r.long_tasks for r in rounds),
                "longest task, ms": max(r.longest_ms for r in rounds),
            }
            aims.append(Aim(f"{name}: painted frames", fps, "1/s", least_fps, at_most=False))
            if most_ms is not None:
                aims.append(Aim(f"{name}: server time a frame", web_ms + worker_ms, "ms", most_ms))
            aims.append(Aim(f"{name}: remounts", results[name]["remounts"], "", 0))
            aims.append(Aim(f"{name}: longest task", results[name]["longest task, ms"], "ms", 50))
    figures = list(next(iter(results.values())))
    table(("figure", *results), [(figure, *(results[name][figure] for name in results)) for figure in figures])
    return report("stage", results, aims)


def measure(server: RunningServer, browser: Browser, query: str) -> Measured:
    """Play for some seconds with the loss figure in view, and count."""
    context = browser.new_context(viewport={"width": 1440, "height": 1300})
    page = context.new_page()
    received: list[int] = []
    page.on(
        "websocket",
        lambda socket: (
            socket.on("framereceived", lambda data: received.append(len(data))) if "/frames" in socket.url else None
        ),
    )
    page.goto(server.url + query)
    page.wait_for_function(
        "() => window.__nnp && window.__nnp.painted > 0 && document.querySelector('.js-plotly-plot .main-svg')"
    )
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => window.__nnp.header.epoch >= 2")
    time.sleep(1)
    page.evaluate(MARK)
    before, web_before, began = (
        page.evaluate("() => window.__nnp.painted"),
        server.processor_seconds()[0],
        time.perf_counter(),
    )
    received.clear()
    time.sleep(SECONDS)
    painted = page.evaluate("() => window.__nnp.painted") - before
    elapsed, web_s = time.perf_counter() - began, server.processor_seconds()[0] - web_before
    frames = [size for size in received if size > 2000] or [0]
    long_tasks = page.evaluate("() => window.__long")
    remounts = page.evaluate(REMOUNTS)
    context.close()
    return Measured(
        painted / elapsed,
        1000 * web_s / max(painted, 1),
        statistics.mean(frames),
        remounts,
        len(long_tasks),
        max(long_tasks, default=0.0),
    )


def inspection_ms(query: str) -> float:
    """What a frame costs the worker, in the same process: the median of 100."""
    from playground.experiment.url import parse_query

    wait_for_kernel()
    pairs = dict(part.split("=", 1) for part in query.lstrip("?").split("&") if part)
    experiment = parse_query(pairs).experiment
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    trainer.train_for(0.2)
    times = []
    for _ in range(100):
        began = time.perf_counter()
        encode_frame(build_frame(trainer, FrameView(), RunState("benchmark")))
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times[10:])
