"""Gradients of small expressions against finite differences, and against the code that is shown."""

from __future__ import annotations

import contextlib
import io
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from playground.experiment.tensor_expression import EXAMPLES, OPERATORS, Expression, parse_expression
from playground.inspection import tensor_gradients
from playground.inspection.tensor_gradients import run_expression
from tests.experiment.test_tensor_expression import expressions

PLAIN = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "square": lambda a: a * a,
    "tanh": math.tanh,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "relu": lambda a: max(a, 0.0),
    "exp": math.exp,
    "log": math.log,
    "neg": lambda a: -a,
}


def loss(expression: Expression, **changed: float) -> float:
    """L in plain Python, in double precision."""
    values = {number.name: number.value for number in expression.numbers} | changed
    for name, operation in zip(expression.names, expression.operations, strict=True):
        values[name] = PLAIN[operation.operator](*(values[source] for source in operation.inputs))
    return values["L"]


def test_every_operator_runs() -> None:
    assert set(tensor_gradients.OPERATORS) == set(OPERATORS) == set(PLAIN)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_gradients_are_the_slopes_of_the_loss(name: str) -> None:
    expression = EXAMPLES[name].expression
    numbers = run_expression(expression)["numbers"]
    assert numbers["L"]["value"] == pytest.approx(loss(expression), rel=1e-5)
    assert numbers["L"]["grad"] == 1
    for number in expression.numbers:
        if not number.learns:
            assert numbers[number.name]["grad"] is None
            continue
        slope = (
            loss(expression, **{number.name: number.value + 1e-6})
            - loss(expression, **{number.name: number.value - 1e-6})
        ) / 2e-6
        assert numbers[number.name]["grad"] == pytest.approx(slope, rel=1e-4, abs=1e-6)


def test_slopes_along_a_way_multiply_to_the_gradient() -> None:
    numbers = run_expression(EXAMPLES["neuron"].expression)["numbers"]
    chain = math.prod(numbers[name]["slopes"][0] for name in ("L", "u4", "u3", "u2", "u1"))
    assert numbers["w"]["grad"] == pytest.approx(chain, rel=1e-5)
    assert numbers["u3"]["function"] == "TanhBackward0"


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(expressions())
def test_the_shown_code_gives_the_same_gradients(expression: Expression) -> None:
    done = run_expression(expression)
    if done["error"]:
        assert done["error"].endswith(".")
        return
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(expression.code, "expression", "exec"), names)  # the code that the page shows
    for number in expression.numbers:
        grad = names[number.name].grad
        ours = done["numbers"][number.name]["grad"]
        assert ours == (None if grad is None else pytest.approx(grad.item(), nan_ok=True))
        if number.name in expression.learning:
            stepped = number.value - expression.rate * ours
            assert names[number.name].item() == pytest.approx(stepped, rel=1e-4, abs=1e-5, nan_ok=True)


def test_a_number_that_does_not_exist_is_one_sentence() -> None:
    for operations, name in (("log~a", "L"), ("sub~a~a_div~a~u1", "L"), ("log~a_square~u1", "u1")):
        done = run_expression(parse_expression({"numbers": "a~-1", "operations": operations}).expression)
        assert done["error"].startswith(f"{name} is not a finite number")
        assert done["numbers"]["a"]["grad"] is None
