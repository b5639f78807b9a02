"""What an operation of the tensors page is: words, arguments, a rule of shapes, PyTorch text. No torch in here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playground.experiment.tensor_arguments import Argument, Value
from playground.experiment.tensor_rules import Shape


@dataclass(frozen=True)
class Operation:
    """One thing to do to a tensor x."""

    title: str
    group: str
    help: str
    law: str
    """The rule of shapes in one sentence."""
    arguments: tuple[Argument, ...]
    rule: Callable[..., Shape | None]
    """(form of x, *values) -> shape after. Raises: ValueError with one sentence."""
    code: Callable[..., str]
    """(*values) -> PyTorch text of x."""

    @property
    def defaults(self) -> tuple[Value, ...]:
        """The values that it is offered with."""
        return tuple(argument.default for argument in self.arguments)

    def read(self, values: tuple[object, ...]) -> tuple[Value, ...]:
        """Take one value an argument, from widgets or a link.

        Raises: ValueError with one sentence.
        """
        if len(values) != len(self.arguments):
            raise ValueError(f"{self.title} takes {len(self.arguments)} values, but there are {len(values)}.")
        return tuple(argument.read(value) for argument, value in zip(self.arguments, values, strict=True))
