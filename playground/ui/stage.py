"""The stage of the points page: the network as a diagram of neurons, its output and its losses, live."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from playground.data.features import FEATURES
from playground.data.own_points import MAX_CLASSES
from playground.experiment.choices import ACTIVATIONS, NORMS
from playground.experiment.limits import LIMITS
from playground.experiment.points import PointsExperiment, points_of
from playground.ui.live_component import LiveComponent
from playground.ui.own_points import MAX_OWN_POINTS, use_points
from playground.ui.session import Session

CHANGEABLE = frozenset({"layers", "inputs"})
"""The fields that can be changed on the picture itself."""

_COMPONENT = LiveComponent("stage", '<div class="nnp" data-stage></div>', "stage.js", 560, CHANGEABLE)
_STAGE = _COMPONENT.register()


@st.fragment
def stage(now: Session, token: str) -> None:
    """Show the session's run and take over what people change on the picture.

    token: what lets this browser session watch the run.
    """
    data = {**stage_data(points_of(now.experiment)), "hidden": [part for part in now.hidden if now.hides(part)]}
    _COMPONENT.show(_STAGE, now, token, data, _take_event)


def stage_data(experiment: PointsExperiment) -> dict[str, Any]:
    """What the picture needs to know of the experiment before the first frame, and to offer when it is edited."""
    return {
        "structure": {
            "task": experiment.task,
            "dims": experiment.dims,
            "inputs": list(experiment.active_inputs),
            "outputs": experiment.output_units,
            "classNames": list(experiment.class_names),
            "layers": [
                {"units": layer.units, "activation": layer.activation, "norm": layer.norm, "dropout": layer.dropout}
                for layer in experiment.layers
            ],
        },
        "chosen": list(experiment.inputs),
        "features": [{"name": name, "title": f.title, "dims": f.dims_used} for name, f in FEATURES.items()],
        "activations": [{"name": name, "title": a.title, "help": a.help} for name, a in ACTIVATIONS.items()],
        "norms": [{"name": name, "title": norm.title, "help": norm.help} for name, norm in NORMS.items()],
        "limits": {"layers": LIMITS.points_layers, "width": LIMITS.points_width},
    }


def _take_event() -> None:
    """Do what was done on the picture. The event comes from a browser and may be anything."""
    match _COMPONENT.told().get("event"):
        case {"points": list(rows)}:
            points = read_points(rows)
            if points is not None:
                use_points(*points)
        case _:
            _COMPONENT.take_event()


def read_points(rows: list[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Painted points [[x, y, label], ...] as (N, 2) and (N,); None if they are not what the painter sends."""
    try:
        table = np.asarray(rows, dtype=np.float64).reshape(-1, 3)
    except (TypeError, ValueError):
        return None
    labels = table[:, 2]
    if len(table) > MAX_OWN_POINTS or not np.all(np.isfinite(table)):
        return None
    if np.any((labels < 0) | (labels >= MAX_CLASSES) | (labels % 1 != 0)):
        return None
    return table[:, :2], labels.astype(np.int64)
