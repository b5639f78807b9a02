"""The stage on the page: a component that paints by itself, fed by the frame route and not by reruns.

Python hands over what the picture needs before its first frame and gets back what people change on it. Frames pass
through here only where WebSockets are blocked: then each message reruns this fragment alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from playground.data.features import FEATURES
from playground.data.own_points import MAX_CLASSES
from playground.experiment.choices import ACTIVATIONS, NORMS
from playground.experiment.limits import LIMITS
from playground.experiment.points import PointsExperiment, points_of
from playground.stage.question import question_number
from playground.stage.route import answer_text
from playground.ui import session
from playground.ui.services import services
from playground.ui.session import Session

KEY = "stage"
CHANGEABLE = frozenset({"layers", "inputs"})
"""The fields that can be changed on the picture itself."""

_STATIC = Path(__file__).parent / "static"
_FILES = sorted(path for path in _STATIC.iterdir() if path.suffix in {".js", ".css"} and path.name != "page.css")
_MODULES = [path.name for path in _FILES if path.suffix == ".js"]
_VERSION = hashlib.blake2b(b"".join(path.read_bytes() for path in _FILES), digest_size=6).hexdigest()

# Inline code is sent again at every mount, so it only fetches the real thing. The modules import each other by plain
# names; after an update the browser's cache is therefore brought up to date before the first of them is asked for.
_LOADER = """
const version = %VERSION%, files = %FILES%;
const at = (name) => new URL(`app/static/${name}`, document.baseURI).href;
async function load() {
  let known = null;
  try { known = localStorage.getItem("playground.version"); } catch {}
  if (known !== version) {
    await Promise.all(files.map((name) => fetch(at(name), { cache: "reload" })));
    try { localStorage.setItem("playground.version", version); } catch {}
  }
  return import(at(`stage.js?v=${version}`));
}
let module = null;
export default async function (component) {
  module ??= load();
  return (await module).mount(component);
}
""".replace("%VERSION%", json.dumps(_VERSION)).replace("%FILES%", json.dumps(_MODULES))

_HTML = '<div class="nnp" data-stage></div>'
_CSS = ".nnp { min-height: 560px; }"  # the picture's place is kept free until its module is there

_STAGE = st.components.v2.component("playground_stage", html=_HTML, css=_CSS, js=_LOADER)


@st.fragment
def stage(now: Session, token: str) -> None:
    """Show the session's run and take over what people change on the picture.

    token: what lets this browser session watch the run.
    """
    told = _told()
    if told.get("event") is not None:  # its callback has changed the session, so the page around must be drawn anew
        st.rerun(scope="app")
    message = told.get("message")
    reply, number = (_reply(token, message), question_number(message)) if isinstance(message, str) else (None, 0)
    _STAGE(
        key=KEY,
        data={
            "token": token,
            "run": now.run_id,
            "fresh": now.fresh,
            **stage_data(points_of(now.experiment)),
            "reply": reply,
            "reply_to": number,
        },
        on_event_change=_take_event,
        on_message_change=_nothing,
    )


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


def _told() -> Mapping[str, Any]:
    """What the browser has just said; empty before it has said anything."""
    try:
        value = session.widget_value(KEY)
    except KeyError:
        return {}
    return value if isinstance(value, Mapping) else {}


def _take_event() -> None:
    """Do what was done on the picture. The event comes from a browser and may be anything."""
    match _told().get("event"):
        case {"change": dict(fields)}:
            session.change(
                {name: text for name, text in fields.items() if name in CHANGEABLE and isinstance(text, str)}
            )
        case {"points": list(rows)}:
            points = read_points(rows)
            if points is not None:
                session.use_points(*points)
        case {"resume": str(run_id)}:
            session.resume(run_id)
        case {"new_weights": _}:
            session.new_weights()
        case _:
            pass


def read_points(rows: list[Any]) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """Painted points [[x, y, label], ...] as (N, 2) and (N,); None if they are not what the painter sends."""
    try:
        table = np.asarray(rows, dtype=np.float64).reshape(-1, 3)
    except (TypeError, ValueError):
        return None
    labels = table[:, 2]
    if len(table) > session.MAX_OWN_POINTS or not np.all(np.isfinite(table)):
        return None
    if np.any((labels < 0) | (labels >= MAX_CLASSES) | (labels % 1 != 0)):
        return None
    return table[:, :2], labels.astype(np.int64)


def _reply(token: str, message: str) -> str:
    answer = answer_text(services(), token, message)
    return base64.b64encode(answer).decode() if isinstance(answer, bytes) else answer


def _nothing() -> None:
    """Streamlit wants a callback for every value that it should keep."""
