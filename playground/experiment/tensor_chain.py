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


@dataclass(frozen=True)
class Example:
    """A chain that shows something."""

    title: str
    help: str
    chain: Chain


def _example(title: str, help: str, start: str, value: str, steps: str) -> Example:
    opened = parse_chain({"start": start, "value": value, "steps": steps})
    assert not opened.problems, opened.problems
    return Example(title, help, opened.chain)


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


EXAMPLES: dict[str, Example] = {
    "columns": _example(
        "The mean of each column, repeated",
        "keepdim leaves a size of 1, so that (1, 8) broadcasts again; expand shows how: the stride becomes 0.",
        "picture",
        "3",
        "mean~0~yes_expand~8x-1",
    ),
    "broadcast": _example(
        "A row and a column make a table",
        "A column (8, 1) times a row (8,) broadcasts to all pairs: (8, 8).",
        "vector",
        "1,2,3,4,5,6,7,8",
        "mul~count:8x1_greater~number:20",
    ),
    "refused": _example(
        "Shapes that do not broadcast",
        "Compared from the right, 8 meets 3, and neither is 1. Change the shape of the other tensor to mend it.",
        "picture",
        "7",
        "add~count:3_sum~all~no",
    ),
    "patches": _example(
        "Cut a picture into patches",
        "Two reshapes and a permute make 16 patches of 4 numbers, as a vision transformer wants them.",
        "picture",
        "8",
        "reshape~4x2x4x2_permute~0x2x1x3_reshape~16x4",
    ),
    "lookup": _example(
        "One-hot times a table is a look-up",
        "Each letter's row of the table is its embedding; the matrix product with a one-hot row picks it.",
        "word",
        "tensor",
        "onehot~26_to~float32_matmul~random:26x4",
    ),
    "layer": _example(
        "A linear layer and its softmax",
        "A flattened batch of pictures times the weights gives logits, and softmax makes them probabilities.",
        "pictures",
        "4",
        "reshape~4x64_matmul~random:64x10_softmax~-1_argmax~-1~no",
    ),
    "loudness": _example(
        "How loud is a sound over time?",
        "Frames of 32 samples, squared and averaged: the first step to a spectrogram.",
        "sound",
        "5",
        "reshape~8x32_apply~square_mean~1~no",
    ),
    "memory": _example(
        "Why view refuses after transpose",
        "A transpose only changes the strides; view wants the numbers in order, which contiguous makes.",
        "matrix",
        "1,2,3;4,5,6",
        "transpose~0~1_view~6_contiguous",
    ),
}
"""In the order in which they are offered."""
