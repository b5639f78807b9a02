"""The lesson of gradients: numbers, operations on them, and the graph along which autograd finds every gradient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from playground.experiment.tensor_expression import (
    EXAMPLES,
    LARGEST,
    MAX_OPERATIONS,
    OPERATORS,
    RESULT,
    Expression,
    Number,
    read_rate,
)
from playground.figures.gradient_figure import gradient_figure
from playground.ui import session, tensors_state
from playground.ui.drawing import drawing
from playground.ui.services import services
from playground.ui.tensors_state import Shown, TensorsPage
from playground.worker.runner import RunnerError

_RATES = (0.001, 0.01, 0.03, 0.1, 0.3, 1.0)


def example_row(page: TensorsPage) -> None:
    """Which expression to begin with."""
    present = next((name for name, entry in EXAMPLES.items() if _same(entry.expression, page.shown.expression)), None)
    session.set_widget("tensors-example", present)
    st.pills(
        "Expression",
        list(EXAMPLES),
        key="tensors-example",
        format_func=lambda name: EXAMPLES[name].title,
        help="\n\n".join(f"**{example.title}**: {example.help}" for example in EXAMPLES.values()),
        on_change=_take_example,
    )


def gradient_lesson(page: TensorsPage) -> None:
    """The whole lesson under its row of choices."""
    expression = page.shown.expression
    editor, picture = st.columns([3, 9], gap="small")
    try:
        done = services().runner.calculate(expression)
        before = _loss_before(page)
    except RunnerError as error:
        st.error(str(error), icon=":material/hourglass:")
        return
    with editor.container(border=True, key="tensors-editor"):
        _numbers(expression, done, before)
    with picture:
        with st.container(border=True, key="tensors-picture"):
            if done["error"]:
                st.error(done["error"], icon=":material/block:")
            drawing(f'<div class="nnp-tensors nnp-graph">{gradient_figure(expression, done)}</div>', "tensors-graph")
            st.caption(
                "From left to right every number is computed; from right to left every gradient: the gradient of a "
                "result times the slope at its arrow goes to what it was made of, and where several arrows leave, "
                "they add up. grad says how fast L grows with this number."
            )
        code, operations = st.columns([5, 6], gap="small")
        with code:
            st.code(expression.code, language="python")
        with operations.container(border=True, key="tensors-operations"):
            _operations(expression)


def _loss_before(page: TensorsPage) -> float | None:
    """L before the last change, where only numbers have changed since."""
    if not page.former or not _same(page.former[-1].expression, page.shown.expression):
        return None
    loss: float = services().runner.calculate(page.former[-1].expression)["numbers"][RESULT]["value"]
    return loss


def _numbers(expression: Expression, done: Mapping[str, Any], before: float | None) -> None:
    """The numbers to begin with, and the step downhill."""
    loss = done["numbers"][RESULT]["value"]
    moved = None if before is None or not math.isfinite(before - loss) else f"{loss - before:+.4f}"
    st.metric("L, the loss", f"{loss:.4f}", moved, delta_color="inverse")
    for number in expression.numbers:
        _number(number)
    session.set_widget("tensors-rate", expression.rate)
    st.select_slider(
        "Learning rate",
        sorted({*_RATES, expression.rate}),
        key="tensors-rate",
        format_func=lambda rate: f"{rate:g}",
        on_change=_take_rate,
        help="How far a step goes: each number that learns moves by minus the rate times its gradient.",
    )
    st.button(
        "Step downhill",
        icon=":material/trending_down:",
        type="primary",
        width="stretch",
        disabled=bool(done["error"]),
        on_click=_step,
        args=({name: entry["grad"] for name, entry in done["numbers"].items()},),
        help="Move every number that learns a little against its gradient: L falls, if the step is not too long.",
    )


def _number(number: Number) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        key = f"tensors-number-{number.name}"
        session.set_widget(key, number.value)
        st.number_input(
            number.name,
            -LARGEST,
            LARGEST,
            step=0.1,
            format="%g",
            key=key,
            on_change=_take_number,
            args=(number.name, key),
        )
        session.set_widget(f"{key}-learns", number.learns)
        st.toggle(
            "learns",
            key=f"{key}-learns",
            on_change=_take_role,
            args=(number.name, f"{key}-learns"),
            help="requires_grad: autograd finds a gradient for it. Off: it is data.",
        )


def _operations(expression: Expression) -> None:
    """One row an operation."""
    for at, (name, operation) in enumerate(zip(expression.names, expression.operations, strict=True)):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            key = f"tensors-operation-{at}"
            st.markdown(f"`{name} =`", width=48)
            session.set_widget(key, operation.operator)
            st.selectbox(
                f"Operation {at + 1}",
                list(OPERATORS),
                key=key,
                format_func=lambda operator: OPERATORS[operator].title,
                label_visibility="collapsed",
                on_change=_take_operation,
                args=(at, key, 0),
                width=120,
            )
            for i, source in enumerate(operation.inputs):
                session.set_widget(f"{key}-{i}", source)
                st.selectbox(
                    f"Input {i + 1} of operation {at + 1}",
                    list(expression.known(at)),
                    key=f"{key}-{i}",
                    label_visibility="collapsed",
                    on_change=_take_operation,
                    args=(at, key, i + 1),
                    width=84,
                )
            st.caption(f"slope {OPERATORS[operation.operator].slopes_of(operation.inputs)}")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Add an operation",
            icon=":material/add:",
            on_click=_add,
            disabled=len(expression.operations) >= MAX_OPERATIONS,
            help=f"After the last one; at most {MAX_OPERATIONS}.",
        )
        st.button(
            "Remove the last one",
            icon=":material/delete:",
            on_click=_remove,
            disabled=len(expression.operations) < 2,
        )


# ---- what the widgets do


def _same(one: Expression, other: Expression) -> bool:
    """Do they differ in their numbers only?"""
    names = [number.name for number in one.numbers] == [number.name for number in other.numbers]
    return names and one.operations == other.operations


def _take_example() -> None:
    name = session.widget_value("tensors-example")
    if name in EXAMPLES:
        tensors_state.change(lambda shown: replace(shown, expression=EXAMPLES[str(name)].expression))
    else:  # clicked again: the numbers of the beginning come back
        tensors_state.change(_as_at_the_beginning)


def _as_at_the_beginning(shown: Shown) -> Shown:
    fresh = next((e.expression for e in EXAMPLES.values() if _same(e.expression, shown.expression)), shown.expression)
    return replace(shown, expression=fresh)


def _take_number(name: str, key: str) -> None:
    value = session.widget_value(key)
    if isinstance(value, int | float):
        tensors_state.change(lambda shown: replace(shown, expression=shown.expression.with_number(name, value=value)))


def _take_role(name: str, key: str) -> None:
    learns = bool(session.widget_value(key))
    tensors_state.change(lambda shown: replace(shown, expression=shown.expression.with_number(name, learns=learns)))


def _take_rate() -> None:
    rate = session.widget_value("tensors-rate")
    tensors_state.change(lambda shown: replace(shown, expression=replace(shown.expression, rate=read_rate(rate))))


def _take_operation(at: int, key: str, changed: int) -> None:
    """changed: 0 the operator, else the input of this number."""

    def make(shown: Shown) -> Shown:
        operation = shown.expression.operations[at]
        operator = str(session.widget_value(key))
        inputs = list(operation.inputs)
        if changed:
            inputs[changed - 1] = str(session.widget_value(f"{key}-{changed - 1}"))
        return replace(shown, expression=shown.expression.with_operation(at, operator, tuple(inputs)))

    tensors_state.change(make)


def _add() -> None:
    def make(shown: Shown) -> Shown:
        expression = shown.expression
        return replace(shown, expression=expression.with_operation(len(expression.operations), "tanh", ()))

    tensors_state.change(make)


def _remove() -> None:
    tensors_state.change(lambda shown: replace(shown, expression=shown.expression.without_last()))


def _step(gradients: Mapping[str, float | None]) -> None:
    """One step of gradient descent."""

    def make(shown: Shown) -> Shown:
        expression = shown.expression
        for number in expression.numbers:
            grad = gradients.get(number.name)
            if grad is not None:
                moved = float(f"{number.value - expression.rate * grad:.6g}")
                expression = expression.with_number(number.name, value=moved)
        return replace(shown, expression=expression)

    tensors_state.change(make)
