"""The workflow rail: the way from data to a program that others use, where one is on it, and each step in PyTorch."""

from __future__ import annotations

import streamlit as st

from playground.library.workflow import WORKFLOW
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
    const at = header?.run === data.run ? STEPS.indexOf(place(header, data.improved)) : -1;
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
    """One line of steps; the chosen one is explained under it."""
    with st.container(key="rail"):
        chosen = st.pills(
            "Workflow",
            list(WORKFLOW),
            key="rail-step",
            format_func=lambda name: f"{WORKFLOW[name].icon} {WORKFLOW[name].title}",
            label_visibility="collapsed",
        )
        with st.container(key="rail-mark"):
            _MARK(key="rail-place", data={"run": now.run_id, "improved": bool(now.former)})
        if chosen in WORKFLOW:
            _explain(str(chosen))


def _explain(name: str) -> None:
    step, experiment = WORKFLOW[name], session.current().experiment
    if experiment.obstacle:
        st.info(experiment.obstacle, icon=":material/block:")
        return
    with st.container(key="rail-step-text"):
        words, code = st.columns([2, 3], gap="medium", vertical_alignment="center")
        words.markdown(f"**{step.title}.** {step.say(experiment)}")
        code.code(step.code(experiment), language="python")
