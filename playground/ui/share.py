"""Share what is on the page: as a link, as a QR code for the class, as a file."""

from __future__ import annotations

from urllib.parse import urlencode

import segno
import streamlit as st

from playground.experiment.experiment import Experiment
from playground.experiment.url import to_json, to_query
from playground.ui import session
from playground.ui.drawing import drawing

_MAX_QR_BYTES = 2_300  # beyond that a code has more modules than a projector shows and a phone reads


def share_popover() -> None:
    """The link, its QR code, and the experiment as a file."""
    with st.popover("Share", icon=":material/share:", help="Take this experiment to another machine."):
        address = _link(session.current().experiment)
        st.write("This link opens the same data, network and training anywhere:")
        st.code(address, language=None, wrap_lines=True, height=110)
        if len(address) <= _MAX_QR_BYTES:
            drawing(_qr(address), "share-qr")
            if "//localhost" in address or "//127.0.0.1" in address:
                st.caption(
                    "localhost is this machine only: for a class, open the page by the machine's network name first."
                )
        else:
            st.caption(
                "The link is too long for a QR code, because it holds your own points. Copy it, or save the file."
            )
        st.download_button(
            "Save as file",
            to_json(session.current().experiment),
            "experiment.json",
            "application/json",
            icon=":material/download:",
            on_click="ignore",
        )


def _link(experiment: Experiment) -> str:
    """The address that opens this experiment on another machine."""
    address = (st.context.url or "").split("?")[0].split("#")[0]
    return f"{address}?{urlencode(to_query(experiment))}"


def _qr(address: str) -> str:
    code = segno.make_qr(address, error="l").svg_inline(scale=1, border=2, dark="#000", light="#fff", omitsize=True)
    return f'<div role="img" aria-label="QR code of the link" style="width:min(100%,15rem);margin:auto">{code}</div>'
