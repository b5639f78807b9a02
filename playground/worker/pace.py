"""How fast a run plays: which of its steps are due, and when the next one is."""

from __future__ import annotations

import math

RATES = {"phases": 5.0, "1": 1.0, "10": 10.0, "100": 100.0, "1000": 1000.0, "max": math.inf}
"""Speed -> units a second; a unit is one of the five phases in slow motion, else one step."""

TURN = 0.01  # seconds between two turns of a paced run: a few steps at once instead of a wake-up for each
BACKLOG = 0.25  # seconds of steps that a run which could not keep up may still claim, so that it never runs away


class Pace:
    """The units that one playing run may still do."""

    def __init__(self, speed: str, now: float) -> None:
        self.speed = speed
        self._rate = RATES[speed]
        self._credit = 1.0  # the first step is due at once
        self._at = now

    def due_in(self, now: float, every: float = TURN) -> float:
        """Seconds until the run should have its next turn, if paced runs have one every so many seconds."""
        if math.isinf(self._rate):
            return 0.0
        missing = (1.0 - self._credit) / self._rate
        return max(0.0, self._at + (max(missing, every) if self._credit < 1.0 else 0.0) - now)

    def take(self, now: float) -> int:
        """The whole units due now, at least 0; they count as done. Not for a pace without limit."""
        self._credit = min(self._credit + (now - self._at) * self._rate, max(1.0, self._rate * BACKLOG))
        self._at = now
        units = int(self._credit + 1e-9)
        self._credit -= units
        return units
