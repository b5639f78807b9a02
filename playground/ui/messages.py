"""Sentences above the page: what was wrong with a value, and why nothing trains."""

from __future__ import annotations

import streamlit as st

from playground.ui import session
from playground.ui.session import Session


def messages(now: Session) -> None:
    """Name what could not be taken over; the rest of the page works all the same, and is not made anew below it."""
    with st.container(key="messages"):
        if now.refused:
            st.error(now.refused, icon=":material/hourglass:")
        if now.problems:
            with st.container(horizontal=True, vertical_alignment="center", key="problems"):
                st.warning("\n\n".join(now.problems), icon=":material/rule:")
                st.button("Dismiss", icon=":material/close:", on_click=session.dismiss_problems)
