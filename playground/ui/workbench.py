"""What every page of data has around its own parts: the rail, the choices, data beside network, figures to study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from playground.ui import controls, session
from playground.ui.messages import messages
from playground.ui.rail import rail
from playground.ui.session import Session
from playground.ui.share import share_popover
from playground.ui.study import study_panel


class Workbench(NamedTuple):
    """What a page fills."""

    now: Session
    token: str
    """What lets this browser session watch the run."""
    data: DeltaGenerator
    """The narrow panel on the left."""
    network: DeltaGenerator
    """The wide place beside it."""


@contextmanager
def workbench(kind: str) -> Iterator[Workbench]:
    """Draw the page for this kind of data. Within, the page draws its own parts, and what else stands above the study.

    What is drawn first is seen first, so the page chooses in which order it fills `data` and `network`.
    """
    now = session.open_page(kind)
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
        yield Workbench(now, token, data.container(border=True, key="data-panel"), network)
        study_panel(now, token)
    session.write_address()
    session.finish_drawing()
