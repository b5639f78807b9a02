"""The worker processes of this machine: how many there are, and which of them takes a new run. No torch in here."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from playground.worker.cores import cores_here
from playground.worker.messages import Devices, RunChanged, Start
from playground.worker.supervisor import Supervisor

RUNS_PER_WORKER = 4  # runs from which on another process is started, while there are cores left


class Workers:
    """Started when they are needed. Its methods may be called from any thread.

    Runs on a GPU share one process of their own, because each process on a GPU takes 300 MB of its memory.
    most: how many others at most, None for one a core. reopen: tells the runs that the replacement of a worker opens.
    on_change: told when a run pauses or leaves by itself.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        most: int | None,
        reopen: Callable[[Supervisor], Sequence[Start]],
        on_change: Callable[[RunChanged], None],
    ) -> None:
        self._environment, self._reopen, self._on_change = environment, reopen, on_change
        self._most = most or _workers_wanted()
        self._lock = threading.Lock()
        self._workers: list[Supervisor] = []
        self._gpu_worker: Supervisor | None = None  # one of them
        self._devices: Future[Any] | None = None

    def first(self) -> Supervisor:
        """A worker for what belongs to no run, started if there is none yet."""
        with self._lock:
            return self._first()

    def least_busy(self, busy: Iterable[Supervisor]) -> Supervisor:
        """The worker for a new run on the CPU. busy: the worker of each run that plays or is watched."""
        runs = Counter(id(worker) for worker in busy)
        with self._lock:
            workers = [worker for worker in self._workers if worker is not self._gpu_worker]
            load = {id(worker): runs[id(worker)] for worker in workers if not worker.failed}
            if len(workers) < self._most and min(load.values(), default=RUNS_PER_WORKER) >= RUNS_PER_WORKER:
                return self._add()
            return min(workers, key=lambda worker: load.get(id(worker), 1_000_000))

    def owner_of_gpu(self) -> Supervisor:
        """The worker for all runs on a GPU."""
        with self._lock:
            if self._gpu_worker is None:
                self._gpu_worker = self._add()
            return self._gpu_worker

    def is_owner_of_gpu(self, worker: Supervisor) -> bool:
        """Is it the worker for runs on a GPU?"""
        return worker is self._gpu_worker

    def devices(self) -> Future[Any]:
        """The future of the names of the devices that can train here; asked once."""
        with self._lock:
            if self._devices is None or (self._devices.done() and self._devices.exception()):
                self._devices = self._first().ask(Devices())
            return self._devices

    def pids(self) -> tuple[int, ...]:
        """The numbers of the processes."""
        with self._lock:
            return tuple(worker.pid for worker in self._workers)

    def close(self) -> None:
        """Let each save its runs, and end it."""
        with self._lock:
            workers, self._workers, self._gpu_worker = self._workers, [], None
        threads = [threading.Thread(target=worker.close, args=[5.0]) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _first(self) -> Supervisor:
        """Call with the lock held."""
        return self._workers[0] if self._workers else self._add()

    def _add(self) -> Supervisor:
        """Call with the lock held."""
        worker: Supervisor = Supervisor(self._environment, lambda: self._reopen(worker), self._on_change)
        self._workers.append(worker)
        return worker


def _workers_wanted() -> int:
    """PLAYGROUND_WORKERS, or one a core."""
    wanted = os.environ.get("PLAYGROUND_WORKERS", "")
    if wanted.isascii() and wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    return cores_here()
