"""Undo and redo: the experiments that were on the page, each with its run and all that this has learned."""

from __future__ import annotations

from dataclasses import dataclass, field

from playground.experiment.experiment import Experiment

KEPT = 10


@dataclass(frozen=True)
class Former:
    """An experiment that was on the page, with its run."""

    experiment: Experiment
    run_id: str


@dataclass
class UndoStack:
    """What Undo and Redo go to, the nearest last."""

    former: list[Former] = field(default_factory=list)
    later: list[Former] = field(default_factory=list)

    def leave(self, now: Former) -> None:
        """Remember what was on the page before something new; there is nothing to redo after that."""
        self.former = [*self.former, now][-KEPT:]
        self.later = []

    def undo(self, now: Former) -> Former | None:
        """What Undo shows instead of this; None if there is nothing."""
        return _swapped(self.former, self.later, now)

    def redo(self, now: Former) -> Former | None:
        """What Redo shows instead of this; None if there is nothing."""
        return _swapped(self.later, self.former, now)

    def go_to(self, experiment: Experiment, now: Former) -> Former | None:
        """Undo or redo, whichever leads to this experiment, as Back and Forward do; None if neither does."""
        if self.former and self.former[-1].experiment == experiment:
            return self.undo(now)
        if self.later and self.later[-1].experiment == experiment:
            return self.redo(now)
        return None


def _swapped(source: list[Former], other: list[Former], now: Former) -> Former | None:
    if not source:
        return None
    other.append(now)
    return source.pop()
