"""Tensors, by doing: a chain of operations on a picture, a word or a sound, and the gradients of a formula."""

from __future__ import annotations

import streamlit as st

from playground.ui import tensors_state
from playground.ui.tensors_chain import chain_lesson, start_row
from playground.ui.tensors_gradients import example_row, gradient_lesson
from playground.ui.tensors_page import lesson_choice, tensor_messages, tensor_rail, undo_button

page = tensors_state.open_page()

tensor_messages(page)
with st.container(key="tensors"):
    tensor_rail(page)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="tensors-choices"):
        lesson_choice(page)
        if page.shown.lesson == "gradients":
            example_row(page)
        else:
            start_row(page)
        undo_button(page)
    if page.shown.lesson == "gradients":
        gradient_lesson(page)
    else:
        chain_lesson(page)

tensors_state.write_address()
