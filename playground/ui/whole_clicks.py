"""A click is carried out whole before the next one is looked at, and it is known what the browser showed when it came.

Streamlit looks for newer clicks whenever the session's state is touched (`SafeSessionState._yield_callback`), also
before and during the callbacks of a click. If there is one, it leaves the callbacks where they are and goes on with the
newer click: what the first did is lost, wholly or in part. `runner.fastReruns = false` does not change that.

What a browser says that its widgets hold comes here too. In the session's state it is mixed with what the server has
set there since: after a rerun of the server's own, a widget seems to show already what it is only about to be told.
"""

from __future__ import annotations

from typing import Any

from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.runtime.state.safe_session_state import SafeSessionState

SHOWN = "shown-drawing"
"""Under this key the session's state holds what the browser's widget `DRAWING` showed with its last click."""
DRAWING = "drawing-number"
WENT_BACK = "went-back"
"""Under this key it holds True after a step in the browser's history, until somebody takes that away."""


def carry_out_whole_clicks() -> None:
    """Let Streamlit look for newer clicks only after all callbacks of the present one. Called once, at the start."""
    SafeSessionState.on_script_will_rerun = _on_script_will_rerun  # type: ignore[method-assign]


def _on_script_will_rerun(self: SafeSessionState, fresh_widget_states: WidgetStates | None, **replayed: Any) -> None:
    looks_for_newer = self._yield_callback
    object.__setattr__(self, "_yield_callback", lambda: None)
    try:
        with self._lock:
            for widget in fresh_widget_states.widgets if fresh_widget_states else ():
                if user_key_from_element_id(widget.id) == DRAWING:
                    self._state[SHOWN] = int(getattr(widget, widget.WhichOneof("value") or "int_value"))
            if replayed.get("is_history_navigation"):
                self._state[WENT_BACK] = True
            self._state.on_script_will_rerun(fresh_widget_states, **replayed)
    finally:
        object.__setattr__(self, "_yield_callback", looks_for_newer)
