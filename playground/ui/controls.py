"""The native widgets that all pages of data share: the row of training choices, and fields for their data panels.

A label that ends in ↻ belongs to a choice that starts the training again; all others take effect while it goes on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from playground.experiment.choices import DEVICES, INITIALISERS, LOSSES, OPTIMIZERS, SCHEDULES
from playground.experiment.experiment import Experiment
from playground.experiment.limits import LIMITS
from playground.ui import session
from playground.ui.device_dialog import device_dialog
from playground.ui.dialogs import open_dialog
from playground.ui.services import devices
from playground.ui.session import Session

RESTARTS = "Changing this starts the training again."
_LEARNING_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
_PENALTIES = (0.0, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)
_NORMS = (0.0, 0.1, 0.3, 1.0, 3.0, 10.0)


def split_fields(noun: str, fixed: str = "") -> None:
    """How the samples are shared out between training and test, and the seed that draws them.

    noun: what the samples are called. fixed: the one sentence why their shares cannot be chosen.
    """
    explanation = f"The part of the {noun} that the network learns from."
    number_slider("train_share", "Train share ↻", 0.1, 0.9, 0.1, fixed or explanation, disabled=bool(fixed))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(
            "Data seed ↻",
            0,
            2**31 - 1,
            key="seed",
            on_change=session.propose,
            args=("seed",),
            help=f"The same seed draws the same {noun}, in the same order. {RESTARTS}",
            width="stretch",
        )
        st.button("New", icon=":material/casino:", on_click=session.regenerate, help=f"Draw other {noun}.")


def data_note(description: str, size: str, source: str, licence: str) -> None:
    """What the data is in a sentence, how large, where it comes from, and under which licence."""
    st.caption(description)
    with st.popover("About the data", icon=":material/info:", type="tertiary"):
        st.markdown(f"**Size**  \n{size}\n\n**Source**  \n{source}\n\n**Licence**  \n{licence}")


def training_row(experiment: Experiment) -> None:
    """How the network learns: one line."""
    # One line on a screen of 1440 pixels, also with a schedule's length and a count behind "Regularisation".
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="bottom", key="training-row"):
        select("optimizer", "Optimizer ↻", OPTIMIZERS, 120, restarts=True)
        st.select_slider(
            "Learning rate",
            with_value(experiment.learning_rate, _LEARNING_RATES),
            key="learning_rate",
            on_change=session.propose,
            args=("learning_rate",),
            format_func=_short,
            help="How large a step each update takes: too small learns slowly, too large jumps past the goal.",
            width=135,
        )
        select("schedule", "Schedule", SCHEDULES, 110)
        if experiment.schedule != "constant":
            _schedule_length()
        select("loss", "Loss ↻", _fitting_losses(experiment), 160, restarts=True)
        st.number_input(
            "Batch ↻",
            1,
            LIMITS.batch,
            key="batch_size",
            on_change=session.propose,
            args=("batch_size",),
            help=f"How many samples are looked at before each update of the weights. {RESTARTS}",
            width=110,
        )
        _regularisation(experiment)
        _initial_weights()
        select("device", "Device ↻", _devices(experiment.device), 95, restarts=True)
        title = DEVICES[experiment.device].title
        st.button(
            f"Why {title}?",
            type="tertiary",
            key="why-device",
            on_click=open_dialog,
            args=(device_dialog,),
            help="Why small networks train on the CPU, with a race to see it.",
        )


def undo_button(now: Session) -> None:
    """Back to the former network and all that it had learned."""
    st.button(
        "Undo",
        icon=":material/undo:",
        key="undo",
        on_click=session.undo,
        disabled=not now.undo.former,
        help="Go back to the experiment before the last change that started again, with all that it had learned.",
    )


def _schedule_length() -> None:
    st.number_input(
        "Over epochs",
        1,
        100_000,
        key="schedule_epochs",
        on_change=session.propose,
        args=("schedule_epochs",),
        help="The schedule's length: after so many epochs it is over, and the learning rate stays as it is then.",
        width=95,
    )


def _regularisation(experiment: Experiment) -> None:
    active = sum(value > 0 for value in (experiment.l1, experiment.l2, experiment.clip_norm))
    label = f"Regularisation ({active})" if active else "Regularisation"
    with st.popover(label, icon=":material/tune:", help="Keep weights small, and steps short."):
        _slider_of(
            "l1", "L1", experiment.l1, _PENALTIES, "Pulls every weight towards exactly zero, so unused links fade."
        )
        _slider_of("l2", "L2", experiment.l2, _PENALTIES, "Keeps all weights small, which makes the answer smoother.")
        _slider_of(
            "clip_norm",
            "Gradient clipping",
            experiment.clip_norm,
            _NORMS,
            "The longest gradient that is allowed; 0 is off.",
        )


def _initial_weights() -> None:
    with st.popover("Initial weights", icon=":material/start:", help="Where the training starts from."):
        select("initialiser", "Initialiser ↻", INITIALISERS, "stretch", restarts=True)
        st.number_input(
            "Weights seed ↻",
            0,
            2**31 - 1,
            key="init_seed",
            on_change=session.propose,
            args=("init_seed",),
            help=f"The same seed draws the same initial weights. {RESTARTS}",
        )


def select(name: str, label: str, choices: Mapping[str, Any], width: Any, restarts: bool = False) -> None:
    """A field that takes one of some names; their titles are offered, and what they mean is the help."""
    lines = [f"**{choice.title}**: {choice.help}" for choice in choices.values()]
    st.selectbox(
        label,
        list(choices),
        key=name,
        on_change=session.propose,
        args=(name,),
        format_func=lambda option: choices[option].title,
        help="\n\n".join([*lines, RESTARTS] if restarts else lines),
        width=width,
    )


def _slider_of(name: str, label: str, value: float, steps: tuple[float, ...], explanation: str) -> None:
    st.select_slider(
        label,
        with_value(value, steps),
        key=name,
        on_change=session.propose,
        args=(name,),
        format_func=_short,
        help=explanation,
    )


def number_slider(
    name: str, label: str, low: float, high: float, step: float, explanation: str, disabled: bool = False
) -> None:
    """A field that takes any number of a range, as a slider."""
    st.slider(
        label,
        low,
        high,
        step=step,
        key=name,
        on_change=session.propose,
        args=(name,),
        help=f"{explanation} {RESTARTS}",
        disabled=disabled,
    )


def _fitting_losses(experiment: Experiment) -> Mapping[str, Any]:
    return {name: loss for name, loss in LOSSES.items() if experiment.task in loss.tasks}


def _devices(chosen: str) -> Mapping[str, Any]:
    present = {*devices(), chosen}  # a link may name a device that this machine lacks: the run then says so
    return {name: device for name, device in DEVICES.items() if name in present}


def with_value(value: float, options: Sequence[float]) -> list[float]:
    """The options in order, with the present value among them: a link may hold any number."""
    return sorted({value, *options})


def _short(value: float) -> str:
    return f"{value:g}"
