"""When a run is saved: after a change, not too often, and again after what went wrong."""

from __future__ import annotations

import math
from pathlib import Path
from time import monotonic, sleep

import pytest

from playground.experiment.points import PointsExperiment
from playground.worker.notice import Notice
from playground.worker.saving import SHARE, Saving
from playground.worker.storage import Saved, Storage

STATE = Saved(PointsExperiment(), "max", b"checkpoint")


def test_only_a_change_is_saved(tmp_path: Path) -> None:
    saving = Saving("saving-001", Storage(tmp_path), 0.0)
    assert saving.due == math.inf
    assert saving.save(lambda: STATE, durable=False) is None
    assert saving.load() is None
    saving.changed()
    assert saving.due <= monotonic()
    assert saving.save(lambda: STATE, durable=False) is None
    assert saving.due == math.inf
    loaded = saving.load()
    assert loaded is not None
    assert loaded.experiment == STATE.experiment


def test_what_takes_long_is_saved_less_often(tmp_path: Path) -> None:
    def slow() -> Saved:
        sleep(0.02)
        return STATE

    saving = Saving("saving-002", Storage(tmp_path), 0.0)
    saving.changed()
    saving.save(slow, durable=False)
    saving.changed()
    assert saving.due - monotonic() > 0.9 * 0.02 / SHARE


def test_a_failure_is_a_sentence_and_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    storage = Storage(tmp_path)
    saving = Saving("saving-003", storage, 0.0)
    saving.changed()
    with monkeypatch.context() as patch:
        patch.setattr(storage, "save", full)
        problem = saving.save(lambda: STATE, durable=True)
    assert problem is not None
    assert "No space left on device" in problem
    assert saving.due < math.inf
    assert saving.save(lambda: STATE, durable=True) is None


def test_a_notice_stays_until_it_was_seen_for_a_while() -> None:
    notice = Notice(20.0)
    notice.seen(100.0)
    assert notice.ends == math.inf
    notice.say("one")
    assert notice.ends == math.inf, "nobody has seen it"
    notice.seen(100.0)
    notice.seen(110.0)
    assert notice.ends == 120.0
    notice.say("two")
    notice.say("one two")
    assert (notice.text, notice.ends) == ("one two", math.inf)
    notice.clear()
    assert (notice.text, notice.ends) == (None, math.inf)
