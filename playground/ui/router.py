"""The script that Streamlit runs for every page.

It lies beside no ``pages`` folder on purpose: Streamlit would find the pages there by itself and run a deep link
without this script. Here ``st.navigation`` is in charge of every visit.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_ROOT = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).parent

st.set_page_config(page_title="Neural Network Playground", page_icon=str(_HERE / "static" / "logo.svg"), layout="wide")
st.logo(str(_HERE / "static" / "logo.svg"), size="medium")
st.html(_HERE / "static" / "page.css")
st.navigation(
    [
        st.Page(_ROOT / "pages" / "points.py", title="Points", icon=":material/scatter_plot:", default=True),
        st.Page(_ROOT / "pages" / "images.py", title="Images", icon=":material/image:"),
        st.Page(_ROOT / "pages" / "text.py", title="Text", icon=":material/text_fields:"),
        st.Page(_ROOT / "pages" / "sound.py", title="Sound", icon=":material/graphic_eq:"),
        st.Page(_ROOT / "pages" / "tables.py", title="Tables", icon=":material/table_view:"),
        st.Page(_ROOT / "pages" / "tensors.py", title="Tensors", icon=":material/grid_on:"),
    ],
    position="top",
).run()
