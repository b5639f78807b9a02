"""The journey on the page: one sample's way through the network, for pictures, texts, sounds and tables."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from playground.data.images import IMAGES
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.ui.live_component import LiveComponent
from playground.ui.session import Session
from playground.ui.shown_sample import Shown

_COMPONENT = LiveComponent("journey", '<div class="nnp journey" data-journey></div>', "journey.js", 676)
_JOURNEY = _COMPONENT.register()


@st.fragment
def journey(now: Session, token: str, shown: Shown = Shown()) -> None:  # noqa: B008 (it is frozen)
    """Show the way of one sample through the session's network.

    token: what lets this browser session watch the run. shown: what somewhere else on the page was chosen to be shown
    here: a sample of one's own (an upload, a recording, a form) or one of the data (a row of a table).
    """
    data = {**journey_data(now.experiment), "shown": asdict(shown)}
    _COMPONENT.show(_JOURNEY, now, token, data, _COMPONENT.take_event)


def journey_data(experiment: Experiment) -> dict[str, Any]:
    """What the picture needs to know of the experiment before the first frame.

    own: can a sample be drawn or typed into the picture? size, inkBox: of a drawing, (rows, columns) in pixels and the
    box that its ink is scaled into, as with the data.
    """
    pictures = IMAGES.get(experiment.dataset) if experiment.kind == "images" else None
    return {
        "kind": experiment.kind,
        "dataset": experiment.dataset,
        "task": experiment.task,
        "classNames": list(experiment.class_names),
        "photo": isinstance(experiment, ImagesExperiment) and experiment.is_painting,
        "own": not (isinstance(experiment, ImagesExperiment) and experiment.is_transfer),
        "writes": str(experiment.task) == "next",
        "size": list(pictures.size) if pictures else None,
        "channels": pictures.channels if pictures else None,
        "inkBox": pictures.ink_box if pictures else None,
    }
