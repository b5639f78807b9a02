"""The choices a figure offers, and reading them from a message that anyone may have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from playground.experiment.experiment import Experiment


class FigureError(ValueError):
    """A figure that cannot be drawn; the message is one sentence for the reader."""


@dataclass(frozen=True)
class Option:
    """One choice beside a figure: value -> title, the first being the default; of some the experiment decides."""

    name: str
    title: str
    help: str
    choices: Callable[[Experiment], Mapping[str, str]] | Mapping[str, str] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()
    longest: int = 0
    """More than 0: any text of so many characters, "" being the default."""

    def choices_for(self, experiment: Experiment) -> dict[str, str]:
        """What can be chosen for this experiment."""
        return dict(self.choices(experiment) if callable(self.choices) else self.choices)

    @property
    def values(self) -> frozenset[str]:
        """Every value that is right for some experiment."""
        return self.allowed if callable(self.choices) else frozenset(self.choices)

    def accepts(self, value: object) -> bool:
        """Is this a right value for some experiment?"""
        if not isinstance(value, str):
            return False
        return len(value) <= self.longest if self.longest else value in self.values

    @property
    def default(self) -> str:
        """The value where nothing was chosen."""
        if self.longest:
            return ""
        return "all" if callable(self.choices) else next(iter(self.choices))
