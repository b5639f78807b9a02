"""The loop without another process: who gets the time when everybody wants it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.experiment.points import PointsExperiment
from playground.worker.loop import Loop
from playground.worker.messages import END, Exchange, Refused, Reply, Request, Start
from playground.worker.run import Run
from playground.worker.storage import Storage
from playground.worker.times import Times

PLAY = ({"command": {"name": "speed", "value": "max"}}, {"command": {"name": "play"}})


class Flood:
    """A connection that hands out one request after the other, without a pause, until the time is over."""

    def __init__(self, requests: Iterator[Any], seconds: float) -> None:
        self._requests, self._end = requests, time.monotonic() + seconds
        self.replies: list[Reply] = []

    def poll(self, patience: float) -> bool:
        return True

    def recv(self) -> Any:
        return Request(1, next(self._requests)) if time.monotonic() < self._end else END

    def send(self, reply: Reply) -> None:
        self.replies.append(reply)


def serve(requests: Iterator[Any], seconds: float, home: Path) -> tuple[Loop, Flood]:
    flood = Flood(requests, seconds)
    loop = Loop(flood, Storage(home), Times())  # type: ignore[arg-type]
    loop.serve()
    return loop, flood


def questions(runs: int, view: dict[str, Any] | None) -> Iterator[Any]:
    ids = [f"flood-{i:03}" for i in range(runs)]
    for run_id in ids:
        yield Start(run_id, PointsExperiment(samples=100))
        for message in PLAY:
            yield Exchange(run_id, message)
    while view is not None:
        for run_id in ids:
            yield Exchange(run_id, {"command": None, "view": view})
    while True:
        yield Exchange("nobody-1", {})


def test_however_many_ask_about_half_of_the_time_is_for_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spent = 0.0
    turn = Run.turn

    def timed(run: Run, *args: Any) -> None:
        nonlocal spent
        start = time.thread_time()
        turn(run, *args)
        spent += time.thread_time() - start

    monkeypatch.setattr(Run, "turn", timed)
    began = time.thread_time()  # of the processor, so that what else the machine does counts for neither
    _, flood = serve(questions(2, {}), 2.0, tmp_path)
    assert 0.25 < spent / (time.thread_time() - began) < 0.75
    assert not any(isinstance(reply.value, Refused) for reply in flood.replies)


def test_slices_shrink_when_many_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slices: list[float] = []
    monkeypatch.setattr(Run, "turn", lambda run, seconds: slices.append(seconds))
    for runs in (2, 30, 100):
        slices.clear()
        serve(questions(runs, None), 1.0 + runs / 20, tmp_path)  # time for all of them to begin
        assert slices[-1] == pytest.approx({2: 0.005, 30: 0.002, 100: 0.001}[runs])
