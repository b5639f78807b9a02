"""A click that comes while the one before is carried out does not stop it."""

from __future__ import annotations

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.safe_session_state import SafeSessionState

from playground.ui.whole_clicks import DRAWING, SHOWN, WENT_BACK, carry_out_whole_clicks


class NewerClick(BaseException):
    """What Streamlit raises where it finds a newer click."""


def newer_click() -> None:
    raise NewerClick


@pytest.fixture(autouse=True)
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", SafeSessionState.on_script_will_rerun)
    carry_out_whole_clicks()


def test_callbacks_run_to_their_end_and_only_then_the_newer_click_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []

    def callbacks(*_: object, **__: object) -> None:
        state["dataset"] = "moons"
        done.append(state["dataset"])

    monkeypatch.setattr(SessionState, "on_script_will_rerun", callbacks)
    state = SafeSessionState(SessionState(), newer_click)
    state.on_script_will_rerun(WidgetStates())
    assert done == ["moons"]
    with pytest.raises(NewerClick):
        state["dataset"]


def test_a_failing_callback_leaves_the_session_watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    def callbacks(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(SessionState, "on_script_will_rerun", callbacks)
    state = SafeSessionState(SessionState(), newer_click)
    with pytest.raises(ZeroDivisionError):
        state.on_script_will_rerun(WidgetStates())
    with pytest.raises(NewerClick):
        state["dataset"]


def test_what_the_browser_showed_with_its_last_click_is_not_what_it_is_told_since_then() -> None:
    state = SafeSessionState(SessionState(), lambda: None)
    state[DRAWING] = 4
    assert SHOWN not in state
    state.on_script_will_rerun(WidgetStates())
    assert SHOWN not in state, "the widget was not there yet"
    state.on_script_will_rerun(WidgetStates(widgets=[WidgetState(id=f"$$ID-0f-{DRAWING}", int_value=4)]))
    state[DRAWING] = 5
    assert state[SHOWN] == 4


def test_a_step_in_the_history_is_remembered_until_it_was_looked_at() -> None:
    state = SafeSessionState(SessionState(), lambda: None)
    state.on_script_will_rerun(WidgetStates(), is_history_navigation=True)
    state.on_script_will_rerun(WidgetStates())
    assert state[WENT_BACK]
