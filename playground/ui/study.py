"""The panel under the stage: one figure to study at a time with its choices, or the PyTorch code of the run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import streamlit as st
from streamlit.components.v2.types import ComponentRenderer

from playground.experiment.experiment import Experiment
from playground.figures.answer import figure_now
from playground.figures.layout import HEIGHT
from playground.figures.options import Option
from playground.figures.plotly_asset import plotly_address
from playground.figures.registry import FIGURES, Figure, figures_for
from playground.library.script import training_script
from playground.library.script_file import FILE_NAMES, script_file
from playground.stage.question import question_number
from playground.stage.route import answer_text
from playground.ui import session
from playground.ui.browser_files import loader
from playground.ui.services import services
from playground.ui.session import Session

CODE = "code"
_COMPONENT_KEY = "study-figure"
_STILL_SECONDS = 3.0  # pace of the fallback, whose charts are drawn anew each time

_MOUNT = """
export default function (component) {
  let undo = null, over = false;
  load().then((module) => {
    if (!over) undo = module.mount(component);
  });
  return () => { over = true; undo?.(); };
}
"""

# The row of choices is as high with a select box as without one, so that no figure jumps.
_CSS = ".st-key-study-choices { min-height: 2.9rem; }"


@st.fragment
def study_panel(now: Session, token: str) -> None:
    """Figures to study and the code; a choice here reruns this panel alone."""
    with st.container(key="study"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="study-choices"):
            titles = {
                **{figure.name: f"{figure.icon} {figure.title}" for figure in figures_for(now.experiment)},
                CODE: ":material/code: PyTorch code",
            }
            name = st.segmented_control(
                "Study",
                list(titles),
                default="loss",
                required=True,
                format_func=titles.__getitem__,
                label_visibility="collapsed",
                persist_state="session",
                key="study-name",
            )
            figure = FIGURES.get(str(name))
            chosen = _choices(figure, now.experiment) if figure else {}
        if figure is None:
            _code(now.experiment)
        else:
            _figure(figure, chosen, now, token)
            st.caption(figure.help)


def _choices(figure: Figure, experiment: Experiment) -> dict[str, str]:
    """The figure's own widgets, and what is chosen in them."""
    return {option.name: _choice(figure, option, experiment) for option in figure.options}


def _choice(figure: Figure, option: Option, experiment: Experiment) -> str:
    choices = option.choices_for(experiment)
    key = f"study-{figure.name}-{option.name}"
    look: dict[str, Any] = {"help": option.help, "persist_state": "session"}
    if set(choices) == {"on", "off"}:
        return "on" if st.toggle(option.title, option.default == "on", key=key, **look) else "off"
    if option.longest:
        look |= {"label_visibility": "collapsed", "placeholder": option.title, "max_chars": option.longest}
        return str(st.text_input(option.title, key=key, width=130, **look))
    look |= {"label_visibility": "collapsed", "format_func": choices.__getitem__}
    if callable(option.choices):  # another number of layers is another choice
        return str(st.selectbox(option.title, list(choices), key=f"{key}-{len(choices)}", width=130, **look))
    return str(
        st.segmented_control(option.title, list(choices), default=option.default, required=True, key=key, **look)
    )


def _figure(figure: Figure, options: Mapping[str, str], now: Session, token: str) -> None:
    """The mounted component; where the browser cannot load Plotly from here, Streamlit's own chart."""
    told = _told()
    data: dict[str, Any] = {
        "plotly": plotly_address(),
        "token": token,
        "run": now.run_id,
        "name": figure.name,
        "title": figure.title,
        "options": dict(options),
        "height": HEIGHT,
    }
    message = told.get("message")
    if isinstance(message, str):  # the browser cannot open the frame route, so its question comes this way
        data |= {"reply": answer_text(services(), token, message), "reply_to": question_number(message)}
    _component()(key=_COMPONENT_KEY, data=data, on_message_change=_nothing, on_plotly_missing_change=_nothing)
    if told.get("plotly_missing"):
        _still(figure, options, now.run_id)


def _told() -> Mapping[str, Any]:
    """What the component said last; nothing before it is mounted."""
    value = session.widget_value(_COMPONENT_KEY)
    return value if isinstance(value, Mapping) else {}


@st.fragment(run_every=_STILL_SECONDS)
def _still(figure: Figure, options: Mapping[str, str], run_id: str) -> None:
    """The same figure without the component: it flickers, but it works everywhere."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    answer = figure_now(services().runner, run_id, figure.name, {**options, "theme": theme})
    if "error" in answer:
        st.info(answer["error"])
    else:
        st.plotly_chart(answer["figure"], height=HEIGHT, theme=None, key="study-still")


def _code(experiment: Experiment) -> None:
    """The script that trains the same network, to read and to take away."""
    script, file_name = training_script(experiment), FILE_NAMES.get(experiment.kind)
    needs = f"torch and numpy alone, and {file_name} beside it" if file_name else "torch and numpy alone"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"This script trains the same network and prints the same losses, with {needs}. It starts "
            "from the initial weights with the settings chosen now: weights edited by hand, and settings changed "
            "while the network trained, are not in it.",
            width="stretch",
        )
        st.download_button(
            "Download train.py", script, "train.py", "text/x-python", icon=":material/download:", on_click="ignore"
        )
        if file_name and experiment.obstacle is None:
            st.download_button(
                f"Download {file_name}",
                lambda: (script_file(experiment) or ("", b""))[1],  # read and packed only when somebody wants it
                file_name,
                icon=":material/download:",
                on_click="ignore",
            )
    st.code(script, language="python", height=HEIGHT - 30)


@cache
def _component() -> ComponentRenderer:
    return st.components.v2.component(
        "playground_figure", css=_CSS, js=loader("figure.js") + _MOUNT, isolate_styles=False
    )


def _nothing() -> None:
    """Streamlit wants a callback for every value that it should keep."""
