from __future__ import annotations

from collections.abc import Iterator

import pytest

from playground.training.fused.threads import MOST_THREADS, Threads, allow_threads

STEP = 0.005  # seconds a call


@pytest.fixture(autouse=True)
def allowed() -> Iterator[None]:
    allow_threads(8)
    yield
    allow_threads(1)


def paces(
    threads: Threads, pace: dict[int, float], seconds: float, begin: float = 0.0, share: float = 1.0
) -> list[int]:
    """The numbers that were chosen while a machine did so much work a second with each.

    share: of the time, that each of several threads had a core.
    """
    chosen, now = [], begin
    while now < begin + seconds:
        count = threads.choose(now)
        chosen.append(count)
        processor = STEP * (1 if count == 1 else share * count)
        threads.took(count, pace[count] * STEP, now, now + STEP, processor)
        now += STEP
    return chosen


def test_it_comes_to_the_fastest_number_and_stays() -> None:
    threads = Threads(most=8)
    chosen = paces(threads, {1: 100, 2: 190, 4: 340, 8: 320}, 10)
    assert chosen[0] == 1
    assert chosen[-1000:].count(4) > 950


def test_one_thread_where_a_second_has_no_core() -> None:
    chosen = paces(Threads(most=8), {1: 100, 2: 55}, 20)
    assert chosen.count(1) > 0.99 * len(chosen)
    assert 2 in chosen[-1000:]  # it goes on trying


def test_more_threads_that_bring_next_to_nothing_are_left_to_others() -> None:
    chosen = paces(Threads(most=2), {1: 100, 2: 105}, 20)
    assert chosen.count(1) > 0.99 * len(chosen)


def test_it_gives_threads_up_when_the_machine_gets_busy_and_takes_them_again() -> None:
    threads = Threads(most=2)
    paces(threads, {1: 100, 2: 190}, 10)
    assert threads.choose(10.0) == 2
    paces(threads, {1: 90, 2: 50}, 10, begin=10.0)
    assert paces(threads, {1: 90, 2: 50}, 1, begin=20.0).count(1) > 190
    paces(threads, {1: 100, 2: 190}, 10, begin=21.0)
    assert paces(threads, {1: 100, 2: 190}, 1, begin=31.0).count(2) > 190


def test_a_core_is_not_taken_from_a_neighbour_although_that_would_be_faster() -> None:
    threads = Threads(most=2)
    alone = {1: 100.0, 2: 190.0}
    paces(threads, alone, 10)
    assert threads.choose(10.0) == 2
    beside = {1: 100.0, 2: 133.0}  # three threads on two cores
    chosen = paces(threads, beside, 20, begin=10.0, share=0.67)
    assert chosen[:20].count(2) < 15
    assert chosen.count(1) > 0.99 * len(chosen)
    assert 2 in chosen[-1000:]  # the neighbour may go
    paces(threads, alone, 10, begin=30.0)
    assert paces(threads, alone, 1, begin=40.0).count(2) > 190


def test_a_moment_without_a_core_is_forgiven() -> None:
    threads = Threads(most=2)
    paces(threads, {1: 100, 2: 190}, 10)
    threads.took(2, 80 * STEP, 10.0, 10.0 + STEP, 2 * STEP * 0.4)
    assert threads.choose(10.1) == 2


@pytest.mark.parametrize(("most", "allow", "expected"), [(1, 8, {1}), (3, 8, {1, 2}), (8, 2, {1, 2}), (8, 0, {1})])
def test_never_more_than_there_is_work_for_or_than_is_allowed(most: int, allow: int, expected: set[int]) -> None:
    allow_threads(allow)
    assert set(paces(Threads(most), {1: 100, 2: 190, 4: 300}, 10)) == expected


def test_a_limit_that_falls_holds_at_once() -> None:
    threads = Threads(most=8)
    paces(threads, {1: 100, 2: 190, 4: 340, 8: 600}, 10)
    assert threads.choose(10.0) == MOST_THREADS
    allow_threads(2)
    assert threads.choose(10.0) <= 2
