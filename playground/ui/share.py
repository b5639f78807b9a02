"""Share what is on the page: as a link, as a QR code for the class, as a file."""

from __future__ import annotations

from urllib.parse import urlencode

import segno
import streamlit as st

from playground.experiment.url import to_json
from playground.ui import session
from playground.ui.drawing import drawing
from playground.ui.link import PARTS, Link, in_order
from playground.ui.session import Session

_MAX_QR_BYTES = 2_300  # beyond that a code has more modules than a projector shows and a phone reads


def share_popover() -> None:
    """The link with what its page leaves out, its QR code, and the experiment as a file."""
    with st.popover("Share", icon=":material/share:", help="Take this experiment to another machine."):
        _shared()


@st.fragment
def _shared() -> None:
    now = session.current()
    st.write("This link opens the same data, network and training anywhere:")
    place = st.container()
    address = _address(Link(now.experiment, _left_out(now)))
    place.code(address, language=None, wrap_lines=True, height=130)
    if len(address) <= _MAX_QR_BYTES:
        drawing(_qr(address), "share-qr")
        if "//localhost" in address or "//127.0.0.1" in address:
            st.caption(
                "localhost is this machine only: for a class, open the page by the machine's network name first."
            )
    else:
        st.caption("The link is too long for a QR code, because it holds your own points. Copy it, or save the file.")
    st.download_button(
        "Save as file",
        to_json(now.experiment),
        "experiment.json",
        "application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def _left_out(now: Session) -> tuple[str, ...]:
    """The parts that the link is to leave out; first those that this page leaves out itself."""
    chosen = st.pills(
        "Leave out on the page that this link opens",
        list(PARTS),
        selection_mode="multi",
        default=list(now.hidden),
        key=f"share-hide-{'-'.join(now.hidden)}",
        format_func=lambda name: PARTS[name].title,
        help="For a class that is to see only what the lesson is about. This page stays as it is.\n\n"
        + "\n\n".join(f"**{part.title}**: {part.help}." for part in PARTS.values()),
    )
    return in_order(chosen)


def _address(link: Link) -> str:
    """The address that opens this link on another machine."""
    address = (st.context.url or "").split("?")[0].split("#")[0]
    return f"{address}?{urlencode(link.query(), safe=',')}"


def _qr(address: str) -> str:
    code = segno.make_qr(address, error="l").svg_inline(scale=1, border=2, dark="#000", light="#fff", omitsize=True)
    return f'<div role="img" aria-label="QR code of the link" style="width:min(100%,15rem);margin:auto">{code}</div>'
