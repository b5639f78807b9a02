"""A live picture on the page: a component that paints by itself, fed by the frame route and not by reruns.

Python hands over what the picture needs before its first frame and gets back what people change on it. Frames pass
through here only where WebSockets are blocked: then each message reruns the picture's fragment alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from playground.stage.question import question_number
from playground.stage.route import answer_text
from playground.ui import session
from playground.ui.services import services
from playground.ui.session import Session

_STATIC = Path(__file__).parent / "static"
_FILES = sorted(path for path in _STATIC.iterdir() if path.suffix in {".js", ".css"} and path.name != "page.css")
_VERSION = hashlib.blake2b(b"".join(path.read_bytes() for path in _FILES), digest_size=6).hexdigest()

# Inline code is sent again at every mount, so it only fetches the real thing. The modules import each other by plain
# names, so after an update the browser's cache is brought up to date before the first of them is asked for. At a first
# visit all are asked for at once, instead of each one when another has turned out to need it.
_LOADER = """
const version = %VERSION%, modules = %MODULES%, key = "playground.version.%MODULE%";
const at = (name) => new URL(`app/static/${name}`, document.baseURI).href;
async function load() {
  let known = "unknown";
  try { known = localStorage.getItem(key); } catch {}
  if (known === null) {
    for (const name of modules)
      document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: at(name) }));
  } else if (known !== version) {
    await Promise.all(modules.map((name) => fetch(at(name), { cache: "reload" })));
  }
  try { localStorage.setItem(key, version); } catch {}
  return import(at(`%MODULE%?v=${version}`));
}
let module = null;
export default async function (component) {
  module ??= load();
  return (await module).mount(component);
}
"""
_IMPORT = re.compile(r"""^import[^;]*?"\./([\w.]+)";""", re.MULTILINE)


def imported_modules(module: str) -> list[str]:
    """The names of all files that this one needs, directly or through others, in the order in which they are met."""
    found = [module]
    for name in found:
        found += [other for other in _IMPORT.findall((_STATIC / name).read_text("utf-8")) if other not in found]
    return found[1:]


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
        js = _LOADER.replace("%VERSION%", json.dumps(_VERSION)).replace("%MODULE%", self.module)
        needed = dict.fromkeys([*imported_modules(self.module), *imported_modules("figure.js")])
        js = js.replace("%MODULES%", json.dumps(list(needed)))
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
            st.rerun(scope="app")
        message = told.get("message")
        question = message if isinstance(message, str) else None
        renderer(
            key=self.key,
            data={
                "token": token,
                "run": now.run_id,
                "fresh": now.fresh,
                **data,
                "reply": None if question is None else _reply(token, question),
                "reply_to": 0 if question is None else question_number(question),
            },
            on_event_change=on_event,
            on_message_change=_nothing,
        )

    def told(self) -> Mapping[str, Any]:
        """What the browser has just said; empty before it has said anything."""
        try:
            value = session.widget_value(self.key)
        except KeyError:
            return {}
        return value if isinstance(value, Mapping) else {}

    def take_event(self) -> None:
        """Do what every picture can ask for. The event comes from a browser and may be anything."""
        match self.told().get("event"):
            case {"change": dict(fields)}:
                session.change(
                    {name: text for name, text in fields.items() if name in self.changeable and isinstance(text, str)}
                )
            case {"resume": str(run_id)}:
                session.resume(run_id)
            case {"new_weights": _}:
                session.new_weights()
            case _:
                pass


def _reply(token: str, message: str) -> str:
    answer = answer_text(services(), token, message)
    return base64.b64encode(answer).decode() if isinstance(answer, bytes) else answer


def _nothing() -> None:
    """Streamlit wants a callback for every value that it should keep."""
