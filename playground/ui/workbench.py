"""What every page of data has around its own parts: the rail, the choices, data beside network, figures to study."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from playground.ui import controls, session
from playground.ui.link import PARTS
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
    data: DeltaGenerator | None
    """The narrow panel on the left; None where the page's link leaves it out."""
    network: DeltaGenerator
    """The wide place beside it, or all of the width."""


@contextmanager
def workbench(kind: str) -> Iterator[Workbench]:
    """Draw the page for this kind of data. Within, the page draws its own parts, and what else stands above the study.

    What is drawn first is seen first, so the page chooses in which order it fills `data` and `network`.
    """
    now = session.open_page(kind)
    token = session.watch()
    session.show_fields()
    if now.dialog:
        now.dialog()
    messages(now)
    with st.container(key="page"):
        if not now.hides("workflow"):
            rail(now)
        with st.container(horizontal=True, vertical_alignment="bottom", key="choices"):
            if not now.hides("training"):
                controls.training_row(now.experiment)
            controls.undo_button(now)
            share_popover()
        with st.container(key="workbench"):
            data, network = _places(now)
        yield Workbench(now, token, data, network)
        if not now.hides("figures"):
            study_panel(now, token)
        _left_out(now)
    session.write_address()
    session.finish_drawing()


def _places(now: Session) -> tuple[DeltaGenerator | None, DeltaGenerator]:
    if now.hides("data"):
        return None, st.container()
    data, network = st.columns([2, 9], gap="small")
    return data.container(border=True, key="data-panel"), network


def _left_out(now: Session) -> None:
    """At the end of the page: what its link leaves out, and the way to have it all."""
    titles = ", ".join(PARTS[name].title for name in now.hidden if now.hides(name))
    if not titles:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="left-out"):
        st.caption(f"The link of this page leaves out: {titles}.", width="content")
        st.button("Show all controls", type="tertiary", key="show-all", on_click=session.show_all_parts)
