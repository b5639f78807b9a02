"""The data sets of a page as tiles: a picture with its name under it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from playground.ui import session


def dataset_tiles(
    names: Sequence[str],
    picture: Callable[[str], str],
    title: Callable[[str], str],
    choose: Callable[[str], None] = lambda name: session.change({"dataset": name}),
) -> None:
    """Choose a data set. picture: name -> an address of its picture, title: name -> the words under it."""
    with st.container(key="dataset-tiles"):
        st.pills(
            "Data set",
            names,
            key="dataset",
            on_change=_chosen,
            args=(choose,),
            format_func=lambda name: f"![]({picture(name)}) {title(name)}",
            label_visibility="collapsed",
        )


def _chosen(choose: Callable[[str], None]) -> None:
    name = session.widget_value("dataset")
    if isinstance(name, str):  # a tile that is clicked again is empty: the data stays
        choose(name)
