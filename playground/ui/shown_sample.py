"""The sample that the page has asked the picture to show: one of the data, or one of the visitor's own."""

from __future__ import annotations

from dataclasses import dataclass

from playground.ui.services import services
from playground.worker.runner import RunnerError


@dataclass(frozen=True)
class Shown:
    """A sample that the page has asked the picture to show. The picture takes it over once, when `count` has grown."""

    count: int = 0
    source: str = "own"
    """"own" for the visitor's own, else the split: "test" or "train"."""
    index: int = 0
    """Its place in that split."""


@dataclass
class ShownSample:
    """What was asked for last, and the visitor's own sample with what is wrong with it."""

    shown: Shown = Shown()
    own: object = None  # the latest sample of the visitor's own that a run could read
    problem: str | None = None  # what was wrong with the last attempt
    left: bool = False  # something else than what was asked for is looked at by now

    def shows(self, split: str, index: int) -> bool:
        """Was this sample of the data asked for, and not left since?"""
        return not self.left and (self.shown.source, self.shown.index) == (split, index)

    def leave(self) -> None:
        """Somebody has gone on to another sample in the picture itself."""
        self.left = True

    def show(self, split: str, index: int) -> None:
        """Ask for a sample of the data."""
        self.shown, self.left = Shown(self.shown.count + 1, split, index), False

    def show_own(self, run_id: str, values: object) -> None:
        """Give the run a sample of the visitor's own, and ask for it; a wrong one leaves a sentence."""
        try:
            _give(run_id, values)
        except RunnerError as error:
            self.problem = str(error)
            return
        self.own, self.problem = values, None
        self.shown, self.left = Shown(self.shown.count + 1), False

    def forget_own(self) -> None:
        """Give it to no later run."""
        self.own = self.problem = None

    def follow(self, run_id: str) -> None:
        """Give the visitor's own sample to a new run too, if that can read it."""
        if self.own is None:
            return
        try:
            _give(run_id, self.own)
        except RunnerError:
            self.own = None  # it belongs to other data


def _give(run_id: str, values: object) -> None:
    services().runner.exchange(run_id, {"command": {"name": "own", "values": values}})
