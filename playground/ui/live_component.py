"""A live picture on the page: a component that paints by itself, fed by the frame route and not by reruns.

Python hands over what the picture needs before its first frame and gets back what people change on it. Frames pass
through here only where WebSockets are blocked: then each message reruns the picture's fragment alone.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from playground.stage.question import question_number
from playground.stage.route import answer_text
from playground.ui import session
from playground.ui.browser_files import loader
from playground.ui.services import services
from playground.ui.session import Session

# Inline code is sent again at every mount, so it only fetches the real thing.
_MOUNT = """
let module = null;
export default async function (component) {
  module ??= load();
  return (await module).mount(component);
}
"""


@dataclass(frozen=True)
class LiveComponent:
    """One live picture. `changeable` are the fields of the experiment that can be changed on it."""

    key: str
    html: str
    module: str
    height: int
    changeable: frozenset[str] = frozenset()

    def register(self) -> Callable[..., Any]:
        """Make the component known to Streamlit; called once, when its module is imported."""
        js = loader(self.module) + _MOUNT
        css = f".nnp {{ min-height: {self.height}px; }}"  # the picture's place is kept free until its module is there
        return st.components.v2.component(f"playground_{self.key}", html=self.html, css=css, js=js)

    def show(
        self,
        renderer: Callable[..., Any],
        now: Session,
        token: str,
        data: Mapping[str, Any],
        on_event: Callable[[], None],
    ) -> None:
        """Draw it for the session's run, and answer the question that came this way. Called in a fragment.

        token: what lets this browser session watch the run. data: what the picture needs before its first frame.
        """
        told = self.told()
        if told.get("event") is not None:  # its callback has changed the session, so the page around is drawn anew
            session.draw_again()
        message = told.get("message")
        question = message if isinstance(message, str) else None
        renderer(
            key=self.key,
            data={
                "token": token,
                "run": now.run_id,
                "fresh": now.fresh,
                "heard": now.heard,
                **data,
                "reply": None if question is None else _reply(token, question),
                "reply_to": 0 if question is None else question_number(question),
            },
            on_event_change=partial(self._hear, on_event),
            on_message_change=_nothing,
        )

    def told(self) -> Mapping[str, Any]:
        """What the browser has just said; empty before it has said anything."""
        value = session.widget_value(self.key)
        return value if isinstance(value, Mapping) else {}

    def _hear(self, on_event: Callable[[], None]) -> None:
        """Answer an event: the browser keeps the next one back until it is told the number of this one."""
        event = self.told().get("event")
        if isinstance(event, Mapping) and isinstance(event.get("number"), int):
            session.current().heard = event["number"]
        on_event()

    def take_event(self) -> None:
        """Do what every picture can ask for. The event comes from a browser and may be anything."""
        match self.told().get("event"):
            case {"change": dict(fields)}:
                session.change(
                    {name: text for name, text in fields.items() if name in self.changeable and isinstance(text, str)}
                )
            case {"resume": str(run_id)}:
                session.resume(run_id)
            case {"left": _}:
                session.sample().leave()
            case {"new_weights": _}:
                session.new_weights()
            case _:
                pass


def _reply(token: str, message: str) -> str:
    answer = answer_text(services(), token, message)
    return base64.b64encode(answer).decode() if isinstance(answer, bytes) else answer


def _nothing() -> None:
    """Streamlit wants a callback for every value that it should keep."""
