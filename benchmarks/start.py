"""From the command to a living page: healthy, first paint of a cold visit, memory of both processes.

The first paint is told twice: when the browser has drawn the first text of the page, and when it has drawn the first
picture whose numbers were read from the model, which is later and what a visitor waits for.
"""

from __future__ import annotations

import statistics
import time

from benchmarks.report import Aim, report, table
from benchmarks.server import chromium, running_server

ROUNDS = 5
# The stage counts the frames that it has painted; the first one holds numbers read from the model.
FIRST_FRAME = "() => window.__nnp && window.__nnp.painted > 0"
FIRST_TEXT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main() -> bool:
    rows: list[tuple[float, ...]] = []
    for _ in range(ROUNDS):
        with running_server() as server, chromium() as browser:
            page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
            began = time.perf_counter()
            page.goto(server.url, wait_until="commit")
            page.wait_for_function(FIRST_FRAME, timeout=30_000, polling=10)
            painted = time.perf_counter()
            web_mb, worker_mb = server.resident_mb()
            text_s = page.evaluate(FIRST_TEXT) / 1000
            rows.append((server.healthy_s, text_s, painted - began, painted - server.started_at, web_mb, worker_mb))
    names = (
        "command to healthy, s",
        "cold visit to first text, s",
        "cold visit to first painted frame, s",
        "command to first painted frame (with the browser's own start), s",
        "web process, MB",
        "worker process, MB",
    )
    medians = [statistics.median(column) for column in zip(*rows, strict=True)]
    table(
        ("figure", "median", "min", "max"),
        [(n, m, min(c), max(c)) for n, m, c in zip(names, medians, zip(*rows, strict=True), strict=True)],
    )
    return report(
        "start",
        {"rounds": ROUNDS, "medians": dict(zip(names, medians, strict=True))},
        [
            Aim("first text of a cold visit", medians[1], "s", 2.0),
            Aim("first frame of a cold visit", medians[2], "s", 2.0),
            Aim("web process", medians[4], "MB", 200.0),
            Aim("web process and worker", medians[4] + medians[5], "MB", 500.0),
        ],
    )
