"""What all visitors of one server share: the runner of the training processes and the list of who may watch what."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import cache

import streamlit as st

from playground.stage.access import Access
from playground.worker.local_runner import LocalRunner
from playground.worker.runner import RunnerError


@dataclass(frozen=True)
class Services:
    """The two long-lived objects of the web process."""

    runner: LocalRunner
    access: Access


@cache
def services() -> Services:
    """The one pair of this process; its worker starts with the first ``prewarm`` or the first run."""
    return Services(LocalRunner(), Access())


def devices() -> tuple[str, ...]:
    """The devices of the machine that trains; "cpu" while it has not answered yet."""
    try:
        return services().runner.devices()
    except RunnerError:
        return ("cpu",)


def session_token() -> str:
    """What lets this browser session watch its runs; taken back when the session ends."""

    @st.cache_resource(scope="session", show_spinner=False, on_release=services().access.revoke)
    def token() -> str:
        return secrets.token_urlsafe(32)

    return str(token())


def pause(run_id: str) -> bool:
    """Pause a run; True if it was playing."""
    runner = services().runner
    try:
        info = runner.info(run_id)
        if info is not None and info.playing:
            runner.exchange(run_id, {"command": {"name": "pause"}})
            return True
    except RunnerError:
        pass  # the run is gone with its process: there is nothing to pause
    return False
