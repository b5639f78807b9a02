"""Races in a worker: piece by piece, a few at once, and over when nobody asks."""

from __future__ import annotations

import pytest

from playground.worker import races
from playground.worker.messages import Race
from playground.worker.races import MOST, Races


def test_every_question_does_a_piece_until_all_rows_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(races, "race", lambda device: iter([None, {"width": 8}, None, {"width": 32}]))
    monkeypatch.setattr(races, "cell_count", lambda device: 2)
    racing = Races()
    seen = [racing.advance(Race("a", "cpu")) for _ in range(5)]
    assert [len(raced.rows) for raced in seen] == [0, 1, 1, 2, 2]
    assert [raced.share for raced in seen] == [0, 0.5, 0.5, 1, 1]
    assert [raced.done for raced in seen] == [False] * 4 + [True]
    assert len(racing) == 0


def test_a_race_is_ended_or_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    racing = Races()
    racing.advance(Race("a", "cpu"))
    racing.advance(Race("b", "cpu"))
    assert racing.advance(Race("a", None)).done
    assert len(racing) == 1
    monkeypatch.setattr(races, "KEPT", 0.0)
    racing.advance(Race("c", "cpu"))
    assert len(racing) == 1, "nobody has asked about b"


def test_only_so_many_race_at_once() -> None:
    racing = Races()
    for i in range(MOST):
        racing.advance(Race(str(i), "cpu"))
    with pytest.raises(ValueError, match=r"races are on already.*try again"):
        racing.advance(Race("one more", "cpu"))


def test_a_device_that_is_not_here_leaves_nothing_behind() -> None:
    racing = Races()
    with pytest.raises(ValueError, match="tpu is not present"):
        racing.advance(Race("a", "tpu"))
    assert len(racing) == 0
