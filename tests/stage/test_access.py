from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from playground.stage import access as module
from playground.stage.access import RUNS_PER_TOKEN, VIEWERS_PER_TOKEN, Access


def test_a_token_watches_only_the_runs_that_it_was_given() -> None:
    access = Access()
    access.grant("anna", "a")
    access.grant("ben", "b")
    assert access.allows("anna", "a")
    assert not access.allows("anna", "b")
    assert not access.allows("nobody", "a")


def test_a_revoked_token_is_unknown() -> None:
    access = Access()
    access.grant("anna", "a")
    access.revoke("anna")
    access.revoke("anna")
    assert not access.knows("anna")
    assert not access.allows("anna", "a")
    assert access.enter("anna") is None


def test_a_token_forgets_its_oldest_run_first() -> None:
    access = Access()
    for number in range(RUNS_PER_TOKEN + 1):
        access.grant("anna", f"run {number}")
        access.grant("anna", "run 0")  # granted again at every rerun, so it is never the oldest
    assert access.allows("anna", "run 0")
    assert not access.allows("anna", "run 1")
    assert access.allows("anna", f"run {RUNS_PER_TOKEN}")


def test_no_more_viewers_than_the_cap() -> None:
    access = Access(max_viewers=3)
    for name in ("anna", "ben"):
        access.grant(name, "run")
    viewers = [access.enter("anna"), access.enter("anna"), access.enter("ben")]
    assert None not in viewers
    assert access.enter("ben") is None
    assert viewers[0] is not None
    access.leave(viewers[0])
    assert access.enter("ben") is not None
    assert access.viewer_count == 3


def test_no_token_takes_all_places() -> None:
    access = Access()
    access.grant("anna", "run")
    admitted = [access.enter("anna") for _ in range(VIEWERS_PER_TOKEN + 3)]
    assert sum(viewer is not None for viewer in admitted) == VIEWERS_PER_TOKEN


def test_a_run_is_watched_while_a_viewer_looks_at_it() -> None:
    access = Access()
    access.grant("anna", "run")
    viewer = access.enter("anna")
    assert viewer is not None
    assert not access.is_watched("run")
    access.look(viewer, "run")
    assert access.is_watched("run")
    access.look(viewer, "another")
    assert not access.is_watched("run")
    access.look(viewer, "run")
    access.leave(viewer)
    assert not access.is_watched("run")


def test_a_question_through_streamlit_counts_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    access = Access()
    access.pull("run")
    assert access.is_watched("run")
    now += module.PULL_MEMORY + 0.1
    assert not access.is_watched("run")


def test_threads_share_it() -> None:
    access = Access(max_viewers=50)
    tokens = [f"token {i}" for i in range(20)]

    def visit(token: str) -> int:
        access.grant(token, "run")
        admitted = [viewer for viewer in (access.enter(token) for _ in range(5)) if viewer is not None]
        for viewer in admitted:
            access.look(viewer, "run")
        return len(admitted)

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(visit, tokens)) == 50
    assert access.viewer_count == 50
