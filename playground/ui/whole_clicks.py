"""A click is carried out whole before the next one is looked at.

Streamlit looks for newer clicks whenever the session's state is touched (`SafeSessionState._yield_callback`), also
before and during the callbacks of a click. If there is one, it leaves the callbacks where they are and goes on with the
newer click: what the first did is lost, wholly or in part. `runner.fastReruns = false` does not change that.
"""

from __future__ import annotations

from typing import Any

from streamlit.runtime.state.safe_session_state import SafeSessionState


def carry_out_whole_clicks() -> None:
    """Let Streamlit look for newer clicks only after all callbacks of the present one. Called once, at the start."""
    SafeSessionState.on_script_will_rerun = _on_script_will_rerun  # type: ignore[method-assign]


def _on_script_will_rerun(self: SafeSessionState, *clicked: Any, **replayed: Any) -> None:
    looks_for_newer = self._yield_callback
    object.__setattr__(self, "_yield_callback", lambda: None)
    try:
        with self._lock:
            self._state.on_script_will_rerun(*clicked, **replayed)
    finally:
        object.__setattr__(self, "_yield_callback", looks_for_newer)
