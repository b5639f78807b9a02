"""The races that go on in a worker: each question about one does a short piece of it, so the runs hardly notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic

from playground.training.race import Row, cell_count, race
from playground.worker.messages import Race, Raced

KEPT = 10.0  # seconds: a race that nobody has asked about for so long is over
MOST = 4  # at once: each holds a network in memory
FULL = "{count} races are on already, as many as run at once here. Wait a few seconds and try again."


@dataclass
class _Racing:
    pieces: Iterator[Row | None]
    cells: int
    rows: list[Row] = field(default_factory=list)
    asked: float = field(default_factory=monotonic)


class Races:
    """By their ids. An id that is not known begins a race."""

    def __init__(self) -> None:
        self._races: dict[str, _Racing] = {}

    def __len__(self) -> int:
        return len(self._races)

    def advance(self, body: Race) -> Raced:
        """Do a piece of this race, or end it. Raises: ValueError with one sentence where it cannot be held."""
        now = monotonic()
        self._races = {name: racing for name, racing in self._races.items() if now - racing.asked < KEPT}
        if body.device is None:
            self._races.pop(body.race_id, None)
            return Raced((), 1.0, done=True)
        racing = self._races.get(body.race_id)
        if racing is None:
            if len(self._races) >= MOST:
                raise ValueError(FULL.format(count=MOST))
            racing = self._races[body.race_id] = _Racing(race(body.device), cell_count(body.device))
        done = False
        try:
            row = next(racing.pieces)
        except StopIteration:
            done, row = True, None
            del self._races[body.race_id]
        if row is not None:
            racing.rows.append(row)
        racing.asked = monotonic()
        return Raced(tuple(racing.rows), len(racing.rows) / racing.cells, done)
