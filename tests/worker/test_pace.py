from __future__ import annotations

import pytest

from playground.worker.messages import SPEEDS
from playground.worker.pace import RATES, Pace


def test_every_speed_has_a_rate() -> None:
    assert set(RATES) == set(SPEEDS)


@pytest.mark.parametrize(("speed", "expected"), [("1", 11), ("10", 101), ("1000", 10001), ("phases", 51)])
def test_ten_seconds_hold_the_right_number_of_units(speed: str, expected: int) -> None:
    now, done, turns = 100.0, 0, 0
    pace = Pace(speed, now)
    while now <= 110.0:
        done += pace.take(now)
        turns += 1
        wait = pace.due_in(now)
        assert wait > 0
        now += wait
    assert done == pytest.approx(expected, abs=max(1, expected * 0.002))
    assert turns <= 1002  # a fast run is not woken for every step


def test_the_first_unit_is_due_at_once() -> None:
    pace = Pace("1", 5.0)
    assert pace.due_in(5.0) == 0
    assert pace.take(5.0) == 1
    assert pace.due_in(5.0) == pytest.approx(1.0)
    assert pace.take(5.5) == 0


def test_a_run_that_could_not_keep_up_does_not_race_afterwards() -> None:
    pace = Pace("1000", 0.0)
    pace.take(0.0)
    assert pace.take(60.0) <= 251
    slow = Pace("1", 0.0)
    slow.take(0.0)
    assert slow.take(60.0) == 1


def test_max_is_always_due() -> None:
    assert Pace("max", 0.0).due_in(0.0) == 0


def test_turns_are_rarer_where_many_play_and_lose_no_step() -> None:
    pace = Pace("1000", 0.0)
    now, done, turns = 0.0, 0, 0
    while now < 1.0:
        now += max(pace.due_in(now, 0.03), 1e-9)
        done += pace.take(now)
        turns += 1
    assert 30 <= turns <= 36
    assert 960 <= done <= 1040
