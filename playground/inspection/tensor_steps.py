"""Runs a chain of declared tensor operations in torch, step by step, as what eyes need: plain data and arrays.

Nothing is executed that is not in the tables below; what a visitor chose are literal numbers and names of entries.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from playground.experiment.tensor_arguments import Operand
from playground.experiment.tensor_chain import Chain
from playground.experiment.tensor_expression import Expression
from playground.experiment.tensor_operations import Step
from playground.experiment.tensor_rules import Form
from playground.experiment.tensor_sources import KEYS
from playground.inspection.tensor_gradients import run_expression

DTYPES = {"float32": torch.float32, "float64": torch.float64, "int64": torch.int64, "bool": torch.bool}
LAYOUT = (
    "The numbers of x do not lie in memory in the order of its shape (its strides are {strides}), so view cannot give "
    "them new sizes without a copy. Take reshape, or contiguous first."
)
REFUSED = "PyTorch refuses this step: {message}"
WAITS = "This step waits for the step before it."


def _reduced(name: str) -> Callable[[Tensor, int | None, bool], Tensor]:
    def run(x: Tensor, dim: int | None, keepdim: bool) -> Tensor:
        if dim is None and name == "argmax":
            result: Tensor = x.argmax(keepdim=keepdim)
            return result
        dims = tuple(range(x.ndim)) if dim is None else dim
        result = getattr(x, name)(dims, keepdim=keepdim)
        return result

    return run


OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "select": lambda x, dim, index: x.select(dim, index),
    "slice": lambda x, dim, start, stop, step: x[_at(dim, slice(start, stop, step))],
    "pick": lambda x, indices: x[list(indices)],
    "mask": lambda x, comparison, number: x[getattr(operator, comparison)(x, _plain(number))],
    "reshape": lambda x, shape: x.reshape(shape),
    "view": lambda x, shape: x.view(shape),
    "flatten": lambda x: x.flatten(),
    "transpose": lambda x, dim0, dim1: x.transpose(dim0, dim1),
    "permute": lambda x, order: x.permute(order),
    "unsqueeze": lambda x, dim: x.unsqueeze(dim),
    "squeeze": lambda x: x.squeeze(),
    "expand": lambda x, shape: x.expand(shape),
    "contiguous": lambda x: x.contiguous(),
    "add": lambda x, other: x + operand(other),
    "sub": lambda x, other: x - operand(other),
    "mul": lambda x, other: x * operand(other),
    "div": lambda x, other: x / operand(other),
    "greater": lambda x, other: x > operand(other),
    "matmul": lambda x, other: x @ operand(other),
    "sum": _reduced("sum"),
    "mean": _reduced("mean"),
    "max": _reduced("amax"),
    "min": _reduced("amin"),
    "argmax": _reduced("argmax"),
    "apply": lambda x, function: FUNCTIONS[function](x),
    "softmax": lambda x, dim: x.softmax(dim),
    "to": lambda x, dtype: x.to(DTYPES[dtype]),
    "onehot": lambda x, classes: F.one_hot(x, classes),
}
FUNCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "exp": torch.exp,
    "square": torch.square,
    "abs": torch.abs,
    "neg": torch.neg,
}
_INDEXING = frozenset({"select", "slice", "pick"})


def calculate(question: Chain | Expression) -> dict[str, Any]:
    """Answer what the tensors page asks."""
    return run_chain(question) if isinstance(question, Chain) else run_expression(question)


def run_chain(chain: Chain) -> dict[str, Any]:
    """Make the first tensor and do every step.

    Returns: {"tensors": [looks of x, before the first step and after each], "steps": [{"error": sentence | None,
    "other": look | None, "picked": (K,) int64 places in the tensor before | None, "same_memory": bool}]}. From a wrong
    step on there are no more tensors.
    """
    x = source(chain.start, chain.value)
    tensors = [look(x)]
    steps: list[dict[str, Any]] = []
    for step in chain.steps:
        done: dict[str, Any] = {"error": WAITS, "other": None, "picked": None, "same_memory": False}
        steps.append(done)
        if len(tensors) < len(steps):
            continue
        if step.operand is not None:
            done["other"] = look(torch.as_tensor(operand(step.operand)))
        try:
            y = run_step(x, step)
        except ValueError as error:
            done["error"] = str(error)
            continue
        done |= {"error": None, "picked": _picked(x, step), "same_memory": _address(x) == _address(y)}
        tensors.append(look(y))
        x = y
    return {"tensors": tensors, "steps": steps}


def run_step(x: Tensor, step: Step) -> Tensor:
    """Do one step.

    Raises: ValueError with one sentence, before anything large is computed.
    """
    low, high = (float(x.min()), float(x.max())) if x.dtype == torch.int64 else (0.0, 0.0)
    step.entry.rule(Form(tuple(x.shape), _dtype(x), low, high), *step.values)
    try:
        y = OPERATIONS[step.operation](x, *step.values)
    except (RuntimeError, IndexError, TypeError) as error:
        if step.operation == "view":
            raise ValueError(LAYOUT.format(strides=tuple(x.stride()))) from error
        raise ValueError(REFUSED.format(message=str(error).partition("\n")[0][:200])) from error
    if not y.numel():
        raise ValueError("No number of x passes this test, so nothing is left. Compare with another number.")
    return y


def source(name: str, value: Any) -> Tensor:
    """The tensor that a chain starts from."""
    match name:
        case "scalar":
            return torch.tensor(float(value))
        case "vector" | "matrix":
            return _rows(value)
        case "cube" | "hyper":
            return torch.arange(float(math.prod(value))).reshape(value)
        case "picture":
            return digits()[int(value)].float() / 16
        case "pictures":
            return digits()[:value].float().unsqueeze(1) / 16
        case "word":
            return torch.tensor([ord(letter) - ord("a") for letter in value])
        case _:
            low, high = KEYS[value]
            t = torch.arange(256) / 8000
            return (torch.sin(2 * torch.pi * low * t) + torch.sin(2 * torch.pi * high * t)) / 2


@cache
def digits() -> Tensor:
    """The pictures of digits (1797, 8, 8), of which the first ten are 0 to 9."""
    from sklearn.datasets import load_digits  # half a second, which only this page needs

    return torch.from_numpy(load_digits().images)


def operand(other: Operand) -> Tensor | float:
    """The other side of an operation."""
    match other.fill:
        case "number":
            return _plain(other.number)
        case "own":
            return _rows(other.rows)
        case "ones":
            return torch.ones(other.shape)
        case "random":
            return torch.randn(other.shape, generator=torch.Generator().manual_seed(0))
        case _:
            return torch.arange(float(math.prod(other.shape))).reshape(other.shape)


def look(x: Tensor) -> dict[str, Any]:
    """A tensor as plain data: shape, dtype, device, strides, bytes, and its numbers as an array."""
    return {
        "shape": tuple(x.shape),
        "dtype": _dtype(x),
        "device": str(x.device),
        "strides": tuple(x.stride()),
        "contiguous": x.is_contiguous(),
        "bytes": x.numel() * x.element_size(),
        "values": x.numpy().copy(),
    }


def _rows(rows: tuple[tuple[float, ...], ...]) -> Tensor:
    return torch.tensor(list(rows[0]) if len(rows) == 1 else [list(row) for row in rows], dtype=torch.float32)


def _plain(number: float) -> float:
    """A whole number as an int, as the code says it: it keeps the dtype of int64."""
    return int(number) if number == int(number) else number


def _dtype(x: Tensor) -> str:
    return str(x.dtype).removeprefix("torch.")


def _at(dim: int, place: slice) -> tuple[Any, ...]:
    """The index of one dimension, counted from the left or from the right."""
    return (*[slice(None)] * dim, place) if dim >= 0 else (..., place, *[slice(None)] * (-dim - 1))


def _picked(x: Tensor, step: Step) -> np.ndarray | None:
    """The places of x, counted in the order of its shape, that a step has taken."""
    places = torch.arange(x.numel()).reshape(x.shape)
    if step.operation in _INDEXING:
        return OPERATIONS[step.operation](places, *step.values).numpy().ravel().copy()
    if step.operation == "mask":
        comparison, number = step.values
        return places[getattr(operator, comparison)(x, _plain(number))].numpy().copy()
    return None


def _address(x: Tensor) -> int:
    return x.untyped_storage().data_ptr()
