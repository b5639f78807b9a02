"""Points on a plane: choose data, shape a network, and watch it learn to tell them apart."""

from __future__ import annotations

import streamlit as st

from playground.ui import controls, session
from playground.ui.messages import messages
from playground.ui.rail import rail
from playground.ui.share import share_popover
from playground.ui.stage import stage
from playground.ui.study import study_panel

now = session.open_page("points")
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
        controls.data_panel(now.experiment)
    with network:
        stage(now, token)
    study_panel(now, token)

session.write_address()
