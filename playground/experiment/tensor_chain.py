"""A chain of tensor operations as one value, as a link, and as a PyTorch script. A hostile link never raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from playground.experiment.tensor_operations import OPERATIONS, Step, first_step
from playground.experiment.tensor_sources import SOURCES, read_source
from playground.experiment.wording import check_choice, show

MAX_STEPS = 8
MAX_PROBLEMS = 5
_MAX_TEXT = 4_000
PARAMETERS = ("start", "value", "steps")
"""The parameters of a link."""


@dataclass(frozen=True)
class Chain:
    """What the page shows: a tensor to begin with, and what is done to it, step by step."""

    start: str = "picture"
    value: Any = "3"
    steps: tuple[Step, ...] = (
        Step("slice", (0, 2, 6, 1)),
        Step("transpose", (0, 1)),
        Step("mean", (0, False)),
    )

    def with_step(self, at: int, step: Step) -> Chain:
        """The chain with another step at this place, counted from 0; one past the end adds it."""
        return replace(self, steps=(*self.steps[:at], step, *self.steps[at + 1 :]))

    def inserted(self, at: int, operation: str) -> Chain:
        """The chain with one step more at this place, as it is offered; the same if it is full."""
        if len(self.steps) >= MAX_STEPS:
            return self
        return replace(self, steps=(*self.steps[:at], first_step(operation), *self.steps[at:]))

    def without(self, at: int) -> Chain:
        """The chain without the step at this place."""
        return replace(self, steps=(*self.steps[:at], *self.steps[at + 1 :]))


@dataclass(frozen=True)
class OpenedChain:
    """What a link opens: a chain of all its right parts, and one sentence for each of the others."""

    chain: Chain
    problems: tuple[str, ...] = ()


def parse_chain(params: Mapping[str, object]) -> OpenedChain:
    """Read the parameters of a link; without any, the chain that the page begins with. Never raises."""
    given = {name: str(params[name]) for name in PARAMETERS if name in params}
    if not given:
        return OpenedChain(Chain())
    problems: list[str] = []
    start, value = Chain.start, Chain.value
    try:
        start, value = read_source(given.get("start", start), given.get("value"))
    except ValueError as error:
        problems.append(str(error))
        if given.get("start") in SOURCES:
            start, value = given["start"], SOURCES[given["start"]].argument.default
    steps = _parse_steps(given.get("steps", ""), problems)
    if len(problems) > MAX_PROBLEMS:
        more = len(problems) - MAX_PROBLEMS + 1
        problems[MAX_PROBLEMS - 1 :] = [f"{more} more steps of the link were left out too."]
    return OpenedChain(Chain(start, value, steps), tuple(problems))


def chain_query(chain: Chain) -> dict[str, str]:
    """Write a chain as the parameters of a link; `parse_chain` takes them back."""
    steps = "_".join(
        "~".join(
            [
                step.operation,
                *(argument.text(value) for argument, value in zip(step.entry.arguments, step.values, strict=True)),
            ]
        )
        for step in chain.steps
    )
    query = {"start": chain.start, "value": SOURCES[chain.start].argument.text(chain.value), "steps": steps}
    return {name: text for name, text in query.items() if text}


def script(chain: Chain) -> str:
    """The whole chain as a PyTorch script that prints each shape."""
    lines = ["import torch", "from torch.nn import functional as F", "", source_code(chain), "print(x.shape)"]
    for step in chain.steps:
        lines += [f"x = {step.code}", "print(x.shape)"]
    if not any("F." in step.code for step in chain.steps):
        del lines[1]
    return "\n".join(lines) + "\n"


def source_code(chain: Chain) -> str:
    """The statements that make the first x."""
    return SOURCES[chain.start].code(chain.value)


def _parse_steps(text: str, problems: list[str]) -> tuple[Step, ...]:
    if len(text) > _MAX_TEXT:
        problems.append(f"The steps are {len(text):,} characters long, which no chain is. They were left out.")
        return ()
    steps: list[Step] = []
    for part in text.split("_") if text else []:
        name, *values = part.split("~")
        try:
            if len(steps) >= MAX_STEPS:
                raise ValueError(f"{show(name)} is one step too many: a chain has at most {MAX_STEPS}.")
            check_choice("step", name, OPERATIONS)
            steps.append(Step(name, OPERATIONS[name].read(tuple(values))))
        except ValueError as error:
            problems.append(str(error))
    return tuple(steps)
