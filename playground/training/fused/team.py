"""The threads of a training step: the one that trains leads, and others of this process help it where they may.

What a thread does, and why the results do not depend on how many there are, is in together.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock, Thread

import numpy as np

from playground.training.fused.compile import Kernel
from playground.training.fused.memory import Memory
from playground.training.fused.plan import TEAM

_helpers: list[Helper] = []
_helped = Lock()


class Helper(Thread):
    """A thread that waits until a lead calls it, and goes back to waiting when that lead's team closes."""

    def __init__(self) -> None:
        super().__init__(name="training helper", daemon=True)
        self._calls: SimpleQueue[tuple[Kernel, Memory]] = SimpleQueue()
        self.start()

    def call(self, kernel: Kernel, memory: Memory) -> None:
        """Help the lead whom this memory follows. A call that comes after its team has closed does nothing."""
        self._calls.put((kernel, memory))

    def run(self) -> None:
        """Answer the latest call, again and again."""
        while True:
            kernel, memory = self._calls.get()
            while not self._calls.empty():
                kernel, memory = self._calls.get()
            kernel(memory.address)
            del memory  # of a run that may have been closed


class Team:
    """The helpers of one lead, each with a memory that `recruit` makes when it is first needed."""

    def __init__(self, lead: Memory, recruit: Callable[[], Memory]) -> None:
        self._record = np.zeros((), TEAM)
        self._record["lead_at"] = lead.address
        self._address = lead.keep(self._record)
        self._lead, self._recruit = lead, recruit
        self._memories: list[Memory] = []

    @contextmanager
    def helping(self, kernel: Kernel, threads: int) -> Iterator[None]:
        """While this lasts, a call of the lead's kernel has so many threads; one while another lead is helped."""
        if threads < 2 or not _helped.acquire(blocking=False):
            yield
            return
        try:
            self._lead.plan["team_at"], self._record["open"] = self._address, 1
            for number in range(threads - 1):
                if number == len(_helpers):
                    _helpers.append(Helper())
                if number == len(self._memories):
                    self._memories.append(self._recruit())
                    self._memories[-1].plan["team_at"] = self._address
                _helpers[number].call(kernel, self._memories[number])
            yield
        finally:
            self._lead.plan["team_at"] = self._record["open"] = 0
            _helped.release()

    def clear(self) -> None:
        """See `Memory.clear`."""
        for memory in self._memories:
            memory.clear()
