"""The end of an epoch: all samples are evaluated, in parts, because that may take longer than a slice of training."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from time import perf_counter
from typing import TypeVar

Result = TypeVar("Result")
Parts = Generator[None, None, Result]
"""Work that yields between its parts, and returns what came of it."""

_DONE = object()


class Closing:
    """The evaluation that ends an epoch, begun and not yet complete, or none. No step may come before it is."""

    def __init__(self) -> None:
        self._parts: Iterator[None] | None = None

    def __bool__(self) -> bool:
        return self._parts is not None

    def begin(self, parts: Iterator[None]) -> None:
        """An epoch has ended, and this is what is left to do; nothing of it is done yet."""
        self._parts = parts

    def go_on(self, end: float = math.inf) -> bool:
        """Do parts, at least one, until the clock (perf_counter) says `end`. True when none is left."""
        while self._parts is not None:
            parts, self._parts = self._parts, None  # a part that fails is not tried again
            if next(parts, _DONE) is _DONE:
                continue
            self._parts = parts
            if perf_counter() >= end:
                return False
        return True

    def forget(self) -> None:
        """There is nothing left to do: the run is at another place now."""
        self._parts = None


def at_once(parts: Parts[Result]) -> Result:
    """All of the work. Returns what came of it."""
    while True:
        try:
            next(parts)
        except StopIteration as stop:
            result: Result = stop.value
            return result
