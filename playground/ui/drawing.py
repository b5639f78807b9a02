"""A still drawing on the page: SVG and HTML that this program has made, with the colours of the text around it.

Streamlit's own ``st.html`` takes SVG away, and a picture in an ``img`` knows neither the theme nor what is under the
pointer.
"""

from __future__ import annotations

import streamlit as st

_JS = """
export default function ({ data, parentElement }) {
  const place = parentElement.querySelector("[data-drawing]");
  if (place.shown !== data.html) place.innerHTML = place.shown = data.html;
}
"""
_DRAWING = st.components.v2.component(
    "playground_drawing",
    html='<div data-drawing style="color: var(--st-text-color)"></div>',
    js=_JS,
    isolate_styles=False,
)


def drawing(html: str, key: str) -> None:
    """Show a drawing. html: made by this program; words of visitors in it are escaped."""
    _DRAWING(key=key, data={"html": html})
