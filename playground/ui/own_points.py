"""Bring own points: paint them, paste them or upload a small table."""

from __future__ import annotations

from typing import Any

import streamlit as st
from numpy.typing import NDArray

from playground.data.own_points import pack_points, read_points_csv
from playground.experiment.limits import LIMITS
from playground.ui import session
from playground.ui.dialogs import close_dialog

MAX_OWN_POINTS = 2_000
"""So many fit into an address that browsers, servers and chat programs pass on whole."""
_EXAMPLE = "x, y, label\n1.5, 2.0, cat\n-2.0, 0.5, dog"


@st.dialog("Your own points", icon=":material/content_paste:", on_dismiss=close_dialog)
def own_points_dialog() -> None:
    """A dialog that takes text or a file, and shows what is wrong with it in one sentence."""
    st.write(
        "One point a line: x, y and a label. Coordinates lie between -6 and 6; two to five labels are the classes."
    )
    pasted = st.text_area("Paste here", placeholder=_EXAMPLE, height=180, key="own-points-text")
    uploaded = st.file_uploader(
        "or choose a file", type=["csv", "tsv", "txt"], max_upload_size=LIMITS.upload_bytes // 1_000_000
    )
    if not st.button("Use these points", type="primary", icon=":material/check:"):
        return
    try:
        table = uploaded.getvalue() if uploaded is not None else pasted
        points, labels, _ = read_points_csv(table, MAX_OWN_POINTS)
    except ValueError as error:
        st.error(str(error))
        return
    use_points(points, labels)
    close_dialog()
    session.draw_again()


def use_points(points: NDArray[Any], labels: NDArray[Any]) -> None:
    """Make the visitor's own points (N, 2) with their classes (N,) the data."""
    session.change({"dataset": "own", "points": pack_points(points, labels)})
