"""What both lessons of the tensors page share: which of them, the workflow, sentences about wrong values, undo."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from playground.library.tensor_workflow import chain_in_workflow, expression_in_workflow
from playground.ui import session, tensors_state
from playground.ui.rail import lesson_rail
from playground.ui.tensors_state import LESSONS, TensorsPage


def lesson_choice(page: TensorsPage) -> None:
    """Operations on tensors, or gradients of a formula."""
    session.set_widget("tensors-lesson", page.shown.lesson)
    st.segmented_control(
        "Lesson", list(LESSONS), key="tensors-lesson", format_func=LESSONS.__getitem__, on_change=_take_lesson
    )


def tensor_messages(page: TensorsPage) -> None:
    """Name what could not be taken over; the rest of the page works all the same."""
    if page.problems:
        with st.container(horizontal=True, vertical_alignment="center", key="problems"):
            st.warning("\n\n".join(page.problems), icon=":material/rule:")
            st.button("Dismiss", icon=":material/close:", on_click=tensors_state.dismiss)


def tensor_rail(page: TensorsPage) -> None:
    """Where the lesson is on the way from data to a program that others use."""
    shown = page.shown
    if shown.lesson == "gradients":
        lesson_rail(expression_in_workflow(shown.expression))
    else:
        lesson_rail(chain_in_workflow(shown.chain))


def undo_button(page: TensorsPage) -> None:
    """Take the last change back."""
    st.button(
        "Undo",
        icon=":material/undo:",
        on_click=tensors_state.undo,
        disabled=not page.former,
        help="Take the last change back.",
    )


def _take_lesson() -> None:
    lesson = session.widget_value("tensors-lesson")
    if lesson in LESSONS:
        tensors_state.change(lambda shown: replace(shown, lesson=str(lesson)))
