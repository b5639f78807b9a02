"""Whose turn it is to train: of all runs that are due, the one that has had the least of the processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

CREDIT = 0.02  # seconds that a run which was not due for a while may claim before the others


def _clock() -> Callable[[], float]:
    """Seconds of processor time of this thread: what other programs take from a slice is not the run's.

    Where the system counts it too coarsely, as Windows does in steps of 16 ms, the time on the wall.
    """
    coarse = time.get_clock_info("thread_time").resolution > 1e-4
    return time.perf_counter if coarse else time.thread_time


class Turns:
    """The processor time that each run has had. Runs that are always due get equal shares, whatever their slices."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or _clock()
        self._served: dict[str, float] = {}
        self._now = 0.0  # what a run that is neither ahead nor behind has had

    def join(self, run_id: str) -> None:
        """Take a run in, as one that has had as much as the others."""
        self._served[run_id] = self._now

    def leave(self, run_id: str) -> None:
        """Forget a run."""
        del self._served[run_id]

    def first(self, due: Iterable[str]) -> str | None:
        """The run among these whose turn it is; None if there is none."""
        run_id = min(due, key=self._served.__getitem__, default=None)
        if run_id is not None:
            self._now = max(self._now, self._served[run_id])
            self._served[run_id] = max(self._served[run_id], self._now - CREDIT)
        return run_id

    @contextmanager
    def serving(self, run_id: str) -> Iterator[None]:
        """Within, the processor works for this run."""
        begin = self._clock()
        try:
            yield
        finally:
            self._served[run_id] += self._clock() - begin
