"""Small expressions: what a link may say, and what the widgets make of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.experiment.tensor_expression import (
    EXAMPLES,
    MAX_OPERATIONS,
    NAMES,
    OPERATORS,
    Expression,
    Number,
    Operation,
    expression_query,
    parse_expression,
)
from tests.experiment.test_tensor_operations import HOSTILE


@st.composite
def expressions(draw: st.DrawFn) -> Expression:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    values = st.floats(-3, 3, width=16)
    numbers = tuple(Number(name, draw(values), learns=i == 0 or draw(st.booleans())) for i, name in enumerate(names))
    known, operations = list(names), list[Operation]()
    for i in range(draw(st.integers(1, MAX_OPERATIONS))):
        operator = draw(st.sampled_from(sorted(OPERATORS)))
        first = known[-1] if i else names[0]  # so that there is a way from the first number to L
        others = [draw(st.sampled_from(known)) for _ in range(OPERATORS[operator].inputs - 1)]
        operations.append(Operation(operator, (first, *others)))
        known.append(f"u{i + 1}")
    return Expression(numbers, tuple(operations), draw(st.sampled_from([0.01, 0.1, 1.0])))


@given(expressions())
def test_a_link_brings_back_the_same_expression(expression: Expression) -> None:
    opened = parse_expression(expression_query(expression))
    assert (opened.expression, opened.problems) == (expression, ())


@given(st.dictionaries(st.sampled_from(["numbers", "operations", "rate"]), st.text(max_size=50), min_size=1))
def test_no_text_in_a_link_raises(params: dict[str, str]) -> None:
    compile(parse_expression(params).expression.code, "expression", "exec")


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_link_opens_the_first_example_with_a_sentence(text: str) -> None:
    for params in (
        {"numbers": text},
        {"numbers": f"w~{text}"},
        {"numbers": f"w~1~{text}"},
        {"operations": text},
        {"operations": f"add~w~{text}"},
        {"operations": f"{text}~w~x"},
        {"rate": text},
    ):
        opened = parse_expression(params)
        assert opened.expression == EXAMPLES["neuron"].expression
        assert len(opened.problems) == 1
        assert opened.problems[0].endswith(".")
        assert "<" not in opened.problems[0]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"numbers": "w~1_w~2", "operations": "square~w"}, "Two numbers have one name"),
        ({"numbers": "w~1~data", "operations": "square~w"}, "No number that learns has a way to L"),
        ({"numbers": "w~1", "operations": "add~w"}, "add takes 2 numbers, not 1"),
        ({"numbers": "w~1", "operations": "square~u1"}, "input is 'u1'"),
        ({"numbers": "w~1", "operations": "_".join(["square~w"] * 9)}, "at most 8 are drawn"),
        ({"numbers": "w~1001", "operations": "square~w"}, "must lie between -1000 and 1000"),
        ({"rate": "50"}, "must lie between"),
    ],
)
def test_what_is_wrong_is_one_sentence(params: dict[str, str], words: str) -> None:
    (problem,) = parse_expression(params).problems
    assert words in problem


def test_numbers_that_reach_nothing_have_no_gradient_line() -> None:
    expression = parse_expression({"numbers": "a~1_b~2", "operations": "square~a"}).expression
    assert expression.learning == ("a",)
    assert "b.grad" not in expression.code


def test_an_operation_is_changed_added_and_taken_away() -> None:
    first = EXAMPLES["product"].expression
    added = first.with_operation(3, "tanh", ())
    assert added.line(3) == "L = u3.tanh()"
    assert added.line(2) == "u3 = u2 * f"
    assert added.without_last() == first
    changed = first.with_operation(0, "square", ("b", "a"))
    assert changed.line(0) == "u1 = b.square()"
    with pytest.raises(ValueError, match="No number that learns"):
        parse_expression({"numbers": "a~1_b~2~data", "operations": "mul~a~b"}).expression.with_number("a", learns=False)


def test_slopes_are_written_with_the_names_of_the_inputs() -> None:
    assert OPERATORS["mul"].slopes_of(("w", "x")) == "x for w, w for x"
    assert OPERATORS["div"].slopes_of(("u1", "b")) == "1/b for u1, -u1/b² for b"
    assert OPERATORS["tanh"].slopes_of(("u2",)) == "1 - tanh²(u2)"
    for operator in OPERATORS.values():
        assert "{" not in operator.slopes_of(("p", "q")[: operator.inputs])
