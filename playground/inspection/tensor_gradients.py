"""The value and the gradient of every number of a small expression, as autograd finds them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from playground.experiment.tensor_expression import RESULT, Expression

OPERATORS: dict[str, Callable[..., Tensor]] = {
    "add": torch.add,
    "sub": torch.sub,
    "mul": torch.mul,
    "div": torch.div,
    "square": torch.square,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "exp": torch.exp,
    "log": torch.log,
    "neg": torch.neg,
}
NOT_FINITE = (
    "{name} is not a finite number, so no gradient after it means anything. "
    "Take numbers for which {name} exists: no division by 0, and no logarithm of 0 or less."
)


def run_expression(expression: Expression) -> dict[str, Any]:
    """Compute forward, then backward.

    Returns: {"numbers": {name: {"value", "grad": float | None, "function": such as "MulBackward0" | None, "slopes":
    (of each input,)}}, "error": sentence | None}. grad is dL/d(name), None where no gradient is asked for; slopes are
    the derivatives of one operation by each of its inputs.
    """
    values = {number.name: torch.tensor(number.value, requires_grad=number.learns) for number in expression.numbers}
    slopes: dict[str, tuple[float, ...]] = {}
    for name, operation in zip(expression.names, expression.operations, strict=True):
        inputs = [values[source] for source in operation.inputs]
        result = OPERATORS[operation.operator](*inputs)
        if result.requires_grad:
            result.retain_grad()
        values[name] = result
        slopes[name] = _slopes(operation.operator, inputs)
    wrong = next((name for name in values if not math.isfinite(values[name].item())), None)
    if wrong is None:
        values[RESULT].backward()  # type: ignore[no-untyped-call]
    numbers = {
        name: {
            "value": value.item(),
            "grad": None if value.grad is None else value.grad.item(),
            "function": None if value.grad_fn is None else value.grad_fn.name(),
            "slopes": slopes.get(name, ()),
        }
        for name, value in values.items()
    }
    return {"numbers": numbers, "error": NOT_FINITE.format(name=wrong) if wrong else None}


def _slopes(operator: str, inputs: list[Tensor]) -> tuple[float, ...]:
    """The derivatives of one operation alone, by each of its inputs."""
    apart = [value.detach().clone().requires_grad_() for value in inputs]
    return tuple(slope.item() for slope in torch.autograd.grad(OPERATORS[operator](*apart), apart))
