"""The data panel of the points page: which points, how many, how noisy, and how they are shared out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from playground.data.points import DATASETS
from playground.experiment.limits import LIMITS
from playground.experiment.points import points_of
from playground.figures.tile import dataset_tile
from playground.ui import session
from playground.ui.controls import RESTARTS, number_slider, split_fields, with_value
from playground.ui.dialogs import open_dialog
from playground.ui.own_points import own_points_dialog
from playground.ui.session import Session

_FAMILIES: Mapping[str, str] = {
    "binary": "2 classes",
    "multiclass": "3 to 5",
    "regression": "Numbers",
    "own": "Own",
}


def points_panel(now: Session) -> None:
    """The whole panel."""
    experiment = points_of(now.experiment)
    families = {name: _family(name) for name in DATASETS}
    family = st.selectbox(
        "Data ↻",
        list(_FAMILIES),
        index=list(_FAMILIES).index(families[experiment.dataset]),
        format_func=_FAMILIES.__getitem__,
        key=f"family-{experiment.dataset}",  # a new dataset, from a link say, shows its own family
        help=f"The kind of question: two classes, several classes, or a number for each point. {RESTARTS}",
        on_change=partial(_choose_family, experiment.dataset),
    )
    _data_set_tiles([name for name in DATASETS if families[name] == family])
    st.caption(DATASETS[experiment.dataset].description)
    if experiment.dataset == "own":
        st.button(
            "Paste or upload",
            icon=":material/content_paste:",
            on_click=open_dialog,
            args=(own_points_dialog,),
            width="stretch",
            help="Bring a small table with x, y and a label.",
        )
    else:
        number_slider("noise", "Noise ↻", 0.0, 0.5, 0.05, "How far the points stray from the pure pattern.")
        st.select_slider(
            "Samples ↻",
            with_value(experiment.samples, (10, 50, 100, 200, 300, 500, 1_000, 2_000, 5_000, 10_000, LIMITS.samples)),
            key="samples",
            on_change=session.propose,
            args=("samples",),
            format_func=lambda n: f"{n:,}",
            help=f"How many points there are in all, for training and test together. {RESTARTS}",
        )
    split_fields("points")


def _data_set_tiles(names: list[str]) -> None:
    with st.container(key="dataset-tiles"):
        st.pills(
            "Data set",
            names,
            key="dataset",
            on_change=session.propose,
            args=("dataset",),
            format_func=lambda name: f"![]({dataset_tile(name)}) {_tile_title(name)}",
            label_visibility="collapsed",
        )


def _choose_family(dataset: str) -> None:
    family = session.other(f"family-{dataset}", _family(dataset))
    if family is not None:
        session.change({"dataset": next(name for name in DATASETS if _family(name) == family)})


def _tile_title(name: str) -> str:
    return DATASETS[name].title.replace(",", "").removesuffix(" classes")  # the tiles of a kind differ by their number


def _family(name: str) -> str:
    return "own" if name == "own" else DATASETS[name].task
