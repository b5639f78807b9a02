"""The widgets of an operation's arguments: one for each kind of value. What is typed is read, never executed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st

from playground.experiment.tensor_arguments import FILLS, LARGEST, Argument, Operand, Value, read_rows, read_sizes
from playground.experiment.wording import short
from playground.ui import session

_AXES = ["all", 0, 1, 2, 3, -1]


def argument_widget(argument: Argument, value: Value, key: str, take: Callable[[object], None]) -> None:
    """Draw the widget of one argument with its value. take: called with what was chosen, for `read_given`."""
    if isinstance(value, Operand):
        _operand(argument, value, key, take)
        return
    look: dict[str, Any] = {
        "key": key,
        "help": argument.help,
        "on_change": lambda: _taken(key, take),
    }
    match argument.kind:
        case "integer":
            session.set_widget(key, value)
            st.number_input(argument.title, argument.low, argument.high, step=1, **look)
        case "number":
            session.set_widget(key, value)
            st.number_input(argument.title, -float(LARGEST), float(LARGEST), step=0.5, format="%g", **look)
        case "axis":
            session.set_widget(key, "all" if value is None else value)
            options = _AXES if value is None or value in _AXES else [*_AXES, value]
            st.selectbox(argument.title, options, format_func=str, **look)
        case "flag":
            session.set_widget(key, value)
            st.toggle(argument.title, **look)
        case "choice":
            session.set_widget(key, value)
            st.selectbox(argument.title, list(argument.choices), format_func=argument.choices.__getitem__, **look)
        case _:
            session.set_widget(key, _typed(argument, value))
            st.text_input(argument.title, max_chars=500, **look)


def read_given(argument: Argument, given: object) -> Value:
    """The value of what a widget gave: what it holds, or a function that reads it.

    Raises: ValueError with one sentence.
    """
    return argument.read(given() if callable(given) else given)


def _operand(argument: Argument, value: Operand, key: str, take: Callable[[object], None]) -> None:
    """What fills the other side, and its number, shape or numbers."""
    session.set_widget(f"{key}-fill", value.fill)
    st.selectbox(
        argument.title,
        list(FILLS),
        key=f"{key}-fill",
        format_func=lambda fill: FILLS[fill].title,
        help=argument.help,
        on_change=lambda: _taken(f"{key}-fill", lambda fill: take(replace(value, fill=str(fill)))),
    )
    inner = f"{key}-{value.fill}"
    if value.fill == "number":
        session.set_widget(inner, value.number)
        st.number_input(
            "Number",
            -float(LARGEST),
            float(LARGEST),
            step=0.5,
            format="%g",
            key=inner,
            on_change=lambda: _taken(inner, lambda number: take(replace(value, number=float(number)))),
        )
    elif value.fill == "own":
        session.set_widget(inner, _rows(value.rows))
        st.text_input(
            "Numbers",
            key=inner,
            max_chars=500,
            help="A semicolon begins a new row: 1, 2; 3, 4.",
            on_change=lambda: _taken(inner, lambda text: take(lambda: replace(value, rows=read_rows("other", text)))),
        )
    else:
        session.set_widget(inner, ", ".join(map(str, value.shape)))
        st.text_input(
            "Shape",
            key=inner,
            max_chars=100,
            help="Sizes, such as 8, 1.",
            on_change=lambda: _taken(inner, lambda text: take(lambda: replace(value, shape=read_sizes("other", text)))),
        )


def _taken(key: str, take: Callable[[Any], None]) -> None:
    take(session.widget_value(key))


def _typed(argument: Argument, value: Value) -> str:
    """A value as people type it."""
    if argument.kind == "rows":
        return _rows(value)
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _rows(rows: object) -> str:
    return "; ".join(", ".join(short(float(number)) for number in row) for row in rows)  # type: ignore[attr-defined]
