"""Why this device: why small networks train on the CPU, and a race of what this machine has, to see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from playground.experiment.choices import DEVICES
from playground.figures.layout import HEIGHT, Canvas
from playground.figures.palette import PALETTES
from playground.figures.race import race_figure, race_sentence
from playground.ui import session
from playground.ui.dialogs import close_dialog
from playground.ui.services import devices, services
from playground.worker.runner import RunnerError

_WHY = (
    "Each operation on a GPU begins with a launch, which takes the same time for a tiny tensor as for a large one. "
    "In a small network there is too little arithmetic to make up for that, so networks train on the CPU here unless "
    "you choose otherwise."
)


@dataclass
class _Race:
    """The latest race of this visitor."""

    rows: tuple[Mapping[str, Any], ...] = ()


@st.dialog("Why this device?", width="large", on_dismiss=close_dialog)  # its rerun ends a race
def device_dialog() -> None:
    """The reason, the devices that are there, and their race as a chart with what its numbers say."""
    present = devices()
    st.write(_WHY)
    st.write(_present(present))
    race = session.kept("device-race", _Race)
    pressed = st.button(
        "Race them now",
        icon=":material/timer:",
        type="primary",
        key="device-race-now",
        help="Networks of three hidden layers are trained for a moment each. It takes a few seconds.",
    )
    place, problem = st.empty(), ""
    if pressed:
        with place.container():
            try:
                race.rows = _raced()
            except RunnerError as error:
                problem = str(error)
    with place.container():
        if problem:
            st.error(problem, icon=":material/hourglass:")
        if race.rows:
            _result(race.rows)


def _present(devices: tuple[str, ...]) -> str:
    if devices == ("cpu",):
        return (
            "**This machine has the CPU alone:** there is no GPU that PyTorch can use. So two ways to train on the CPU "
            "race: the fused kernel, which does many whole steps in one call, and plain PyTorch, which is asked for "
            "each operation of each step, as it is for a GPU."
        )
    titles = [DEVICES[name].title for name in devices]
    return f"**This machine has {', '.join(titles[:-1])} and {titles[-1]}.** The race shows which is faster for what."


def _raced() -> tuple[Mapping[str, Any], ...]:
    """The rows of a race that is held now, with how far it is. Raises: RunnerError."""
    bar = st.progress(0.0, "Each network trains for a moment …")
    rows: tuple[Mapping[str, Any], ...] = ()
    for raced in services().runner.race():
        if len(raced.rows) > len(rows):
            rows = raced.rows
            bar.progress(raced.share, f"{rows[-1]['width']} neurons a layer, batches of {rows[-1]['batch_size']:,} …")
    return rows


def _result(rows: tuple[Mapping[str, Any], ...]) -> None:
    sentence = race_sentence(rows)
    st.markdown(f"**{sentence}**")
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.plotly_chart(
        race_figure(rows, Canvas(PALETTES[theme])),
        height=HEIGHT,
        theme=None,
        key="device-race-chart",
        config={"displayModeBar": False},
        alt=sentence,
    )
    st.caption(
        "Measured on this machine when you pressed the button, beside its other work: an optimizer step with all that "
        "belongs to it, and its share of the look at all samples after each epoch. Where a line ends, that way trains "
        "no larger network, or the time was over."
    )
