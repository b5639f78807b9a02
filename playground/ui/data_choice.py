"""What data panels share: the data sets as tiles, a picture with its name under it, and how many samples are used."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from playground.experiment.limits import LIMITS
from playground.ui import session
from playground.ui.controls import RESTARTS, with_value

_SAMPLES = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, LIMITS.samples)


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


def samples_slider(samples: int, count: int, noun: str) -> None:
    """How many of the `count` samples of a set are used. samples: the field's value, which may be more."""
    enough = samples if samples >= count else next((most for most in _SAMPLES if most >= count), LIMITS.samples)
    st.select_slider(
        "Samples ↻",
        with_value(samples, (*(fewer for fewer in _SAMPLES if fewer < count), enough)),
        key="samples",
        on_change=session.propose,
        args=("samples",),
        format_func=lambda most: f"{most:,}" if most < count else f"all {count:,}",
        help=f"At most so many {noun} are used, of all classes alike, for training and test together. {RESTARTS}",
    )


def _chosen(choose: Callable[[str], None]) -> None:
    name = session.chosen("dataset")
    if isinstance(name, str):  # a tile that is clicked again is empty: the data stays
        choose(name)
