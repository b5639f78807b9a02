"""Sounds and signals: hear them, see them as waves and pitches, and watch a network learn to tell them apart."""

from __future__ import annotations

import streamlit as st

from playground.ui import controls, session
from playground.ui.journey import journey
from playground.ui.messages import messages
from playground.ui.network_choice import network_choice
from playground.ui.rail import rail
from playground.ui.share import share_popover
from playground.ui.sound_panel import heard_over_time, networks_of, sound_of, sound_panel
from playground.ui.study import study_panel

now = session.open_page("sound")
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
    with data.container(border=True, key="data-panel"):
        sound_panel(now)
    with network:
        network_choice(now.experiment, networks_of(sound_of(now.experiment)))
        journey(now, token, now.shown)
    heard_over_time(now)
    study_panel(now, token)

session.write_address()
