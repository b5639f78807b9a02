"""How many threads a step takes: what was fastest of late, since the other work on a machine comes and goes.

A run that takes a second thread from a busy neighbour gets faster, too, and the neighbour slower by more. So more than
one is only taken where each gets a core of its own: the threads' processor time is then nearly the time on the clock.
"""

from __future__ import annotations

MOST_THREADS = 8  # of one step: more would have too few pieces of a batch each
CALLS_TO_TRY = 2
TRY_EVERY, TRY_AT_LEAST_EVERY = 0.5, 4.0  # seconds: twice as long after every try in vain
GAIN = 1.1  # that twice as many threads must bring at least, because others could use them
WEIGHT = 0.3  # of the latest call in the means
OWN_CORE = 0.85  # of the clock's time that each thread must have had a core
OWN_CORE_WEIGHT = 0.1  # of the latest call in that mean: a moment's work of another program is forgiven
CALLED = 0.0002  # seconds until a thread that is called has begun

_allowed = 1


def allow_threads(count: int) -> None:
    """Let a step of this process take up to so many threads from now on; until then it takes one."""
    global _allowed
    _allowed = min(max(count, 1), MOST_THREADS)


class Threads:
    """The number of threads for each call of one run: 1, 2, 4 or 8, as many as there is work for and is allowed."""

    def __init__(self, most: int) -> None:
        """most: threads that find work at once."""
        self._most = most
        self._count, self._pace = 1, 0.0  # the fastest number, and its work a second
        self._tried, self._tried_calls, self._tried_pace = 1, 0, 0.0
        self._try_at, self._wait = 0.0, TRY_EVERY
        self._had = 1.0  # the mean share of the time in which each thread had a core

    def choose(self, now: float) -> int:
        """For the call that begins at this time, in seconds."""
        most = min(self._most, _allowed)
        if most < 2:
            return 1
        if self._tried_calls == 0 and self._pace and now >= self._try_at:
            near = [count for count in (self._count // 2, 2 * self._count) if 1 <= count <= most]
            self._tried = near[-1] if near[-1] != self._tried else near[0]
            self._tried_calls, self._tried_pace = CALLS_TO_TRY, 0.0
        return min(self._tried if self._tried_calls else self._count, most)

    def took(self, threads: int, work: float, began: float, ended: float, processor: float) -> None:
        """Tell how much work a call with so many threads did, in any unit, and its processor time in seconds."""
        pace = work / (ended - began)
        had = (processor + CALLED * (threads - 1)) / (threads * (ended - began))
        if not self._tried_calls:
            self._pace = pace if not self._pace else self._pace + WEIGHT * (pace - self._pace)
            self._had = self._had + OWN_CORE_WEIGHT * (had - self._had) if threads > 1 else 1.0
            if self._had < OWN_CORE:
                self._stop_sharing(ended)
            return
        self._tried_calls -= 1
        if threads == 1 or had >= OWN_CORE:
            self._tried_pace = max(self._tried_pace, pace)
        if self._tried_calls == 0:
            if self._tried_pace > self._pace * (GAIN if threads > self._count else 1 / GAIN):
                self._count, self._pace, self._wait = threads, self._tried_pace, TRY_EVERY
            else:
                self._wait = min(2 * self._wait, TRY_AT_LEAST_EVERY)
            self._try_at = ended + self._wait

    def _stop_sharing(self, now: float) -> None:
        """The cores are wanted elsewhere: one thread, and another try some time later."""
        self._count, self._pace, self._had = 1, 0.0, 1.0
        self._wait = min(2 * self._wait, TRY_AT_LEAST_EVERY)
        self._try_at = now + self._wait
