"""The choices a figure offers, and reading them from a message that anyone may have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playground.experiment.experiment import Experiment


class FigureError(ValueError):
    """A figure that cannot be drawn; the message is one sentence for the reader."""


@dataclass(frozen=True)
class Option:
    """One choice beside a figure: value -> title, the first being the default; of some the experiment decides."""

    name: str
    title: str
    help: str
    choices: Callable[[Experiment], Mapping[str, str]] | Mapping[str, str]
    allowed: frozenset[str] = frozenset()

    def choices_for(self, experiment: Experiment) -> dict[str, str]:
        """What can be chosen for this experiment."""
        return dict(self.choices(experiment) if callable(self.choices) else self.choices)

    @property
    def values(self) -> frozenset[str]:
        """Every value that is right for some experiment."""
        return self.allowed if callable(self.choices) else frozenset(self.choices)

    @property
    def default(self) -> str:
        """The value where nothing was chosen."""
        return "all" if callable(self.choices) else next(iter(self.choices))
