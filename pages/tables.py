"""Tables: choose what to ask, see each column become numbers, and watch a network learn to answer row by row."""

from __future__ import annotations

import streamlit as st

from playground.ui import controls, session
from playground.ui.journey import journey
from playground.ui.messages import messages
from playground.ui.network_choice import network_choice
from playground.ui.rail import rail
from playground.ui.share import share_popover
from playground.ui.study import study_panel
from playground.ui.table_views import table_views
from playground.ui.tables_panel import networks_of, tables_of, tables_panel

now = session.open_page("tables")
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
        tables_panel(now)
    with network:
        network_choice(now.experiment, networks_of(tables_of(now.experiment)))
        journey(now, token, now.shown)
    table_views(now)
    study_panel(now, token)

session.write_address()
