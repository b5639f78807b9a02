"""The workflow rail: the way from data to a program that others use, where one is on it, and each step in PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from playground.library.tensor_workflow import Lesson
from playground.library.workflow import WORKFLOW, WorkflowStep
from playground.ui import session
from playground.ui.session import Session

# Training goes on without reruns, so the browser itself marks the step where the run is, by the frame that it shows.
_JS = """
const STEPS = %STEPS%;
function place(header, improved) {
  if (header.status === "empty") return "data";
  if (header.status === "diverged") return "loss";
  if (header.playing || header.step === 0) return "train";
  return header.edited || improved ? "improve" : "evaluate";
}
export default function ({ data, parentElement }) {
  const colour = getComputedStyle(parentElement).getPropertyValue("--st-primary-color"); // only components are told it
  document.querySelector(".st-key-rail")?.style.setProperty("--rail-here", colour);
  let last = -1;
  const mark = () => {
    const header = window.__nnp?.header;
    const at = STEPS.indexOf(data.at ?? (header && header.run === data.run ? place(header, data.improved) : null));
    document.querySelectorAll(".st-key-rail [data-testid=stButtonGroup] button").forEach((button, i) => {
      if (i === at) button.setAttribute("aria-current", "step");
      else button.removeAttribute("aria-current");
      button.toggleAttribute("data-done", i < at);
      if (i === at && at !== last) button.parentElement.scrollLeft = button.offsetLeft - 90; // on a phone
    });
    last = at;
  };
  mark();
  clearInterval(window.__nnpRail); // Streamlit calls at every rerun without a clean-up: the last call alone marks
  window.__nnpRail = setInterval(mark, 300);
}
"""
_MARK = st.components.v2.component(
    "playground_rail",
    html="<i hidden></i>",
    js=_JS.replace("%STEPS%", str(list(WORKFLOW))),
    isolate_styles=False,
)


@st.fragment
def rail(now: Session) -> None:
    """The rail of a page of data: where its run is, and each step as its experiment does it."""
    with st.container(key="rail"):
        chosen = _steps({"run": now.run_id, "improved": bool(now.undo.former)})
        if chosen is None:
            return
        experiment = session.current().experiment
        if experiment.obstacle:
            st.info(experiment.obstacle, icon=":material/block:")
        else:
            _explain(f"**{chosen.title}.** {chosen.say(experiment)}", chosen.code(experiment))


@st.fragment
def lesson_rail(lesson: Lesson) -> None:
    """The rail of a page without a run: where its lesson is, and the other steps by an example."""
    with st.container(key="rail"):
        chosen = _steps({"at": lesson.at})
        if chosen is None:
            return
        if chosen is WORKFLOW[lesson.at]:
            _explain(f"**{chosen.title}.** {lesson.say}", lesson.code)
        else:
            title = f"**{chosen.title}**, for example on the {lesson.page} page."
            _explain(f"{title} {chosen.say(lesson.experiment)}", chosen.code(lesson.experiment))


def _steps(place: Mapping[str, Any]) -> WorkflowStep | None:
    """The line of steps, and the chosen one. place: what tells the browser which one to mark."""
    chosen = st.pills(
        "Workflow",
        list(WORKFLOW),
        key="rail-step",
        format_func=lambda name: f"{WORKFLOW[name].icon} {WORKFLOW[name].title}",
        label_visibility="collapsed",
    )
    with st.container(key="rail-mark"):
        _MARK(key="rail-place", data=dict(place))
    return WORKFLOW.get(str(chosen))


def _explain(say: str, code: str) -> None:
    with st.container(key="rail-step-text"):
        words, lines = st.columns([2, 3], gap="medium", vertical_alignment="center")
        words.markdown(say)
        lines.code(code, language="python")
