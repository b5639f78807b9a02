from __future__ import annotations

from contextlib import suppress

import pytest

from playground.worker.turns import CREDIT, Turns


class Clock:
    """Processor time that only passes when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def serve(turns: Turns, clock: Clock, due: list[str], seconds: float) -> str:
    run_id = turns.first(due)
    assert run_id is not None
    with turns.serving(run_id):
        clock.now += seconds
    return run_id


def test_shares_are_equal_whatever_the_slices(clock: Clock) -> None:
    turns = Turns(clock)
    for run_id in "abc":
        turns.join(run_id)
    served = dict.fromkeys("abc", 0.0)
    for _ in range(3_000):
        run_id = turns.first("abc")
        assert run_id is not None
        seconds = {"a": 0.001, "b": 0.003, "c": 0.007}[run_id]
        with turns.serving(run_id):
            clock.now += seconds
        served[run_id] += seconds
    assert min(served.values()) > 0.99 * max(served.values())


def test_a_run_that_was_not_due_claims_a_little_and_no_more(clock: Clock) -> None:
    turns = Turns(clock)
    for run_id in "ab":
        turns.join(run_id)
    for _ in range(1_000):
        serve(turns, clock, ["a"], 0.005)
    begin = clock.now
    while serve(turns, clock, ["a", "b"], 0.005) == "b":
        pass
    assert CREDIT <= clock.now - begin < CREDIT + 0.02


def test_a_new_run_is_not_ahead_of_the_others(clock: Clock) -> None:
    turns = Turns(clock)
    turns.join("a")
    for _ in range(100):
        serve(turns, clock, ["a"], 0.005)
    turns.join("b")
    order = [serve(turns, clock, ["a", "b"], 0.005) for _ in range(10)]
    assert 4 <= order.count("b") <= 6


def test_nothing_is_due(clock: Clock) -> None:
    turns = Turns(clock)
    turns.join("a")
    assert turns.first([]) is None
    turns.leave("a")


def test_a_failing_turn_is_counted(clock: Clock) -> None:
    turns = Turns(clock)
    for run_id in "ab":
        turns.join(run_id)
    with suppress(RuntimeError), turns.serving("a"):
        clock.now += 1.0
        raise RuntimeError
    assert turns.first(["a", "b"]) == "b"
