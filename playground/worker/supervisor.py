"""One worker that is always there: when its process dies it is replaced, its runs go on, questions are repeated."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic
from typing import Any

from playground.worker.messages import Body, Reply, Request, RunChanged, Start
from playground.worker.runner import RunnerError
from playground.worker.worker_process import WorkerProcess

DEATHS, WINDOW = 5, 30.0  # so many deaths within so many seconds, and the process is not replaced any more
GIVEN_UP = "The training process stopped 5 times within 30 seconds, so it is not started again. Restart the server."
LOST = "The training process stopped twice while it did this, so it was given up. Reload the page."
CLOSED = "The server is closing."


@dataclass
class _Call:
    body: Body
    future: Future[Any]
    repeated: bool = False


class Supervisor:
    """Asks the worker on behalf of many threads; nobody waits in here.

    reopen: tells the runs that a replacement has to open. on_change: told when a run pauses or leaves by itself.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        reopen: Callable[[], Sequence[Start]],
        on_change: Callable[[RunChanged], None],
    ) -> None:
        self._environment, self._reopen, self._on_change = environment, reopen, on_change
        self._lock = threading.Lock()  # held for moments only, never while something is sent
        self._numbers = itertools.count(1)
        self._calls: dict[int, _Call] = {}
        self._deaths: deque[float] = deque(maxlen=DEATHS)
        self._closing = False
        self.failed = False
        self._worker = self._new_worker()

    @property
    def pid(self) -> int:
        """The number of the present process."""
        return self._worker.pid

    def ask(self, body: Body) -> Future[Any]:
        """The future of the answer: a value, or a Refused. It fails with RunnerError when the worker is given up."""
        future: Future[Any] = Future()
        with self._lock:
            number = next(self._numbers)
            reason = CLOSED if self._closing else GIVEN_UP if self.failed else None
            if reason is None:
                self._calls[number] = _Call(body, future)
            worker = self._worker
        if reason is None:
            worker.send(Request(number, body))
        else:
            future.set_exception(RunnerError(reason))
        return future

    def close(self, patience: float) -> None:
        """Let the worker save its runs and end."""
        with self._lock:
            self._closing = True
            worker = self._worker
        worker.end(patience)

    def _new_worker(self) -> WorkerProcess:
        return WorkerProcess(self._environment, self._receive, self._replace)

    def _receive(self, message: Any) -> None:
        if isinstance(message, RunChanged):
            self._on_change(message)
        elif isinstance(message, Reply):
            with self._lock:
                call = self._calls.pop(message.number, None)
            if call is not None:
                with suppress(InvalidStateError):  # who asked has given up waiting
                    call.future.set_result(message.value)

    def _replace(self) -> None:
        """The process is dead: start another, open its runs there, and ask once more what it had not answered."""
        with self._lock:
            now = monotonic()
            self._deaths.append(now)
            self.failed = len(self._deaths) == DEATHS and now - self._deaths[0] < WINDOW
            reason = CLOSED if self._closing else GIVEN_UP if self.failed else LOST
            lost = {n: call for n, call in self._calls.items() if reason is not LOST or call.repeated}
            for number in lost:
                del self._calls[number]
            repeated = list(self._calls.items())
            for _, call in repeated:
                call.repeated = True
        for call in lost.values():
            with suppress(InvalidStateError):
                call.future.set_exception(RunnerError(reason))
        if reason is LOST:
            self._go_on(repeated)

    def _go_on(self, repeated: list[tuple[int, _Call]]) -> None:
        worker = self._new_worker()
        for start in self._reopen():
            worker.send(Request(0, start))  # nobody waits for the answer
        for number, call in repeated:
            worker.send(Request(number, call.body))
        with self._lock:
            late = [(n, call) for n, call in self._calls.items() if not call.repeated]
            self._worker = worker
            closing = self._closing
        for number, call in late:  # asked of the dead process meanwhile
            worker.send(Request(number, call.body))
        if closing:
            worker.end(1.0)
