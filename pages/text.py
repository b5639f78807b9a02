"""Texts: follow a word from its letters over their vectors to its language, type your own, or let names be written."""

from __future__ import annotations

from functools import partial

import streamlit as st

from playground.ui import controls, session
from playground.ui.journey import journey
from playground.ui.messages import messages
from playground.ui.network_choice import network_choice
from playground.ui.rail import rail
from playground.ui.share import share_popover
from playground.ui.study import study_panel
from playground.ui.text_panel import encoder_row, text_of, text_panel

now = session.open_page("text")
token = session.watch()
session.show_fields()

messages(now)
with st.container(key="page"):
    rail(now)
    with st.container(horizontal=True, vertical_alignment="bottom", key="choices"):
        controls.training_row(now.experiment)
        controls.undo_button(now)
        share_popover()
    with st.container(key="workbench"):
        data, network = st.columns([2, 9], gap="small")
    with network:
        network_choice(now.experiment, {}, partial(encoder_row, text_of(now)))
        journey(now, token, now.shown)
    with data.container(border=True, key="data-panel"):  # after the journey, which need not wait for the tiles
        text_panel(now)
    study_panel(now, token)

session.write_address()
