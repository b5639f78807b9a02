"""The requests that wait for an answer: frames and commands before what takes long, each run's own in their order."""

from __future__ import annotations

from collections import deque

from playground.worker.messages import Exchange, Info, Request

QUICK = (Exchange, Info)
"""What is answered in about a millisecond; to open a run or to study one takes up to a hundred."""


class Inbox:
    """A queue in which quick requests overtake slow ones of other runs."""

    def __init__(self) -> None:
        self._quick: deque[Request] = deque()
        self._slow: deque[Request] = deque()  # at most one of each run
        self._behind: dict[str, deque[Request]] = {}  # what has to wait for the slow one of its run

    def __bool__(self) -> bool:
        return bool(self._quick or self._slow)

    def put(self, request: Request) -> None:
        """Take a request in; it never overtakes another one of the same run."""
        run_id = _run_of(request)
        if run_id in self._behind:
            self._behind[run_id].append(request)
        elif isinstance(request.body, QUICK):
            self._quick.append(request)
        else:
            self._slow.append(request)
            self._behind[run_id] = deque()

    def next_quick(self) -> Request | None:
        """The oldest of the quick requests."""
        return self._quick.popleft() if self._quick else None

    def next_slow(self) -> Request | None:
        """The oldest of the others. What waited for it is in the queue again."""
        if not self._slow:
            return None
        request = self._slow.popleft()
        for waiting in self._behind.pop(_run_of(request)):
            self.put(waiting)
        return request


def _run_of(request: Request) -> str:
    return str(getattr(request.body, "run_id", ""))
