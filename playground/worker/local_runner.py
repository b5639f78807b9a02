"""The Runner of one machine: as many worker processes as are needed, each with some of the runs. No torch in here."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.experiment.experiment import Experiment
from playground.experiment.limits import LIMITS
from playground.experiment.tensor_chain import Chain
from playground.experiment.tensor_expression import Expression
from playground.worker.messages import (
    DEFAULT_SPEED,
    Apply,
    Body,
    Calculate,
    Close,
    Exchange,
    Exchanged,
    Info,
    Look,
    Race,
    Raced,
    Refused,
    RunChanged,
    RunInfo,
    Save,
    Start,
    Study,
)
from playground.worker.runner import RunnerError, accepted
from playground.worker.storage import DamagedFileError, Storage, home_directory, valid_run_id
from playground.worker.supervisor import Supervisor
from playground.worker.workers import Workers

TIMEOUT = 30.0  # seconds for an answer, the start of a process included
WATCHED = 3.0  # seconds since the last question within which a run counts as watched: a stage asks 4 times a second
IDLE = 15.0  # seconds after which a paused run that nobody watches may make room for a new one

FULL = "The server is training {count} networks, its limit. Wait a minute and try again."
SLOW = "The training process did not answer within {seconds:g} seconds. Try again."
GONE = "This run is no longer here. Reload the page to begin it again."
BAD_ID = "A run's id is 8 to 64 letters, digits, _ and -."


@dataclass
class _Open:
    """What is remembered of an open run, so that it can be opened again elsewhere."""

    worker: Supervisor
    experiment: Experiment
    playing: bool = False
    speed: str = DEFAULT_SPEED
    watched: float = field(default_factory=monotonic)


class LocalRunner:
    """See `Runner`. Its methods may be called from any thread.

    workers: how many processes at most, without the one that owns the GPU. home: the directory of the checkpoints.
    environment: more for the workers.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        home: Path | None = None,
        environment: Mapping[str, str] | None = None,
        live_runs: int = LIMITS.live_runs,
        timeout: float = TIMEOUT,
    ) -> None:
        self._storage = Storage(home or home_directory())
        environment = {**(environment or {}), "PLAYGROUND_HOME": str(self._storage.directory.resolve())}
        self._workers = Workers(environment, workers, self._starts_of, self._run_changed)
        self._live_runs, self._timeout = live_runs, timeout
        self._lock = threading.Lock()
        self._open: dict[str, _Open] = {}

    def prewarm(self) -> None:
        """Begin to start the first process, without waiting for it."""
        threading.Thread(target=self._storage.tidy, daemon=True).start()
        self._workers.first()

    # ---- runs

    def begin(self, run_id: str, experiment: Experiment, resume: bool = True) -> Future[Any]:
        """`start` without waiting: what is asked of the run from now on is answered after its start.

        The future holds the RunInfo, or the Refused. Raises: RunnerError where the server is full.
        """
        if not valid_run_id(run_id):
            raise RunnerError(BAD_ID)
        on_gpu = self._is_for_gpu(experiment)
        with self._lock:
            before = self._open.get(run_id)
            changes = before is not None and before.experiment.device != experiment.device
            if before is not None and changes and on_gpu != self._workers.is_owner_of_gpu(before.worker):
                before.worker.ask(Close(run_id))
                del self._open[run_id]
                before = None
        if before is None:
            self._make_room()
        with self._lock:
            run = self._open.get(run_id)
            if run is None:
                worker = self._workers.owner_of_gpu() if on_gpu else self._workers.least_busy(self._busy())
                run = self._open[run_id] = _Open(worker, experiment)
            elif not resume or run.experiment != experiment:
                run.experiment, run.playing = experiment, False

        def begun(answer: Future[Any]) -> None:
            info = None if answer.cancelled() or answer.exception() else answer.result()
            if isinstance(info, RunInfo):
                run.playing, run.speed, run.watched = info.playing, info.speed, monotonic()
            elif before is None:
                self._forget(run_id)

        future = run.worker.ask(Start(run_id, experiment, resume))
        future.add_done_callback(begun)
        return future

    def start(self, run_id: str, experiment: Experiment, resume: bool = True) -> RunInfo:
        """Open a run, or find it open. With `resume` it goes on from its checkpoint if the experiment is equal."""
        info: RunInfo = accepted(self._wait(self.begin(run_id, experiment, resume)))
        return info

    def has(self, run_id: str, experiment: Experiment) -> bool:
        """Is there a run of this id and an equal experiment, open or saved?"""
        if not valid_run_id(run_id):
            return False
        with self._lock:
            run = self._open.get(run_id)
        if run is not None:
            return run.experiment == experiment
        return self._saved_experiment(run_id) == experiment

    def exchange(self, run_id: str, message: Mapping[str, Any]) -> bytes:
        """Do what the message's "command" says; the frame that its "view" asks for, b"" if nothing changed since."""
        return self._exchanged(run_id, self._call(run_id, Exchange(run_id, message)))

    async def async_exchange(self, run_id: str, message: Mapping[str, Any]) -> bytes:
        """`exchange` without blocking the event loop."""
        return self._exchanged(run_id, await self._async_call(run_id, Exchange(run_id, message)))

    def apply(self, run_id: str, experiment: Experiment) -> None:
        """Go on under an experiment that differs in LIVE_FIELDS only."""
        self._call(run_id, Apply(run_id, experiment))
        with self._lock:
            if run_id in self._open:
                self._open[run_id].experiment = experiment

    def study(self, run_id: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """The arrays of one figure to study."""
        study: dict[str, Any] = self._call(run_id, Study(run_id, name, options))
        return study

    async def async_study(self, run_id: str, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """`study` without blocking the event loop."""
        study: dict[str, Any] = await self._async_call(run_id, Study(run_id, name, options))
        return study

    def checkpoint(self, run_id: str) -> bytes:
        """The run's checkpoint of this moment as a safetensors file."""
        data: bytes = self._call(run_id, Save(run_id))
        return data

    def info(self, run_id: str) -> RunInfo | None:
        """How the run is, None if it is not open."""
        with self._lock:
            run = self._open.get(run_id)
        if run is None:
            return None
        info: RunInfo | None = accepted(self._wait(run.worker.ask(Info(run_id))))
        return info

    def close(self, run_id: str) -> None:
        """Take the run out of memory; its checkpoint stays."""
        run = self._forget(run_id)
        if run is not None:
            accepted(self._wait(run.worker.ask(Close(run_id))))

    def devices(self) -> tuple[str, ...]:
        """The devices that can train here, "cpu" first; "cpu" alone until the first process has looked."""
        asked = self._workers.devices()
        names: tuple[str, ...] = accepted(asked.result()) if asked.done() else ("cpu",)
        return names

    def calculate(self, question: Chain | Expression) -> dict[str, Any]:
        """Do a chain of tensor operations, or find the gradients of an expression."""
        answer: dict[str, Any] = accepted(self._wait(self._workers.first().ask(Calculate(question))))
        return answer

    def look(self, photos: NDArray[np.uint8]) -> None:
        """Let the pretrained network look at photos (N, 224, 224, 3); few at once, since a worker does nothing else."""
        accepted(self._wait(self._workers.first().ask(Look(photos))))

    def race(self) -> Iterator[Raced]:
        """Race the GPU against the CPU, or where there is none the ways to train on the CPU; see `training.race`.

        Tells how far it is every few milliseconds. Whoever does not ask on ends it.
        """
        names = accepted(self._wait(self._workers.devices()))
        device = next((name for name in names if name != "cpu"), "cpu")
        with self._lock:
            busy = self._busy()
        worker = self._workers.least_busy(busy) if device == "cpu" else self._workers.owner_of_gpu()
        race_id, done = secrets.token_urlsafe(9), False
        try:
            while not done:
                raced: Raced = accepted(self._wait(worker.ask(Race(race_id, device))))
                done = raced.done
                yield raced
        finally:
            if not done:
                worker.ask(Race(race_id, None))

    def close_all(self) -> None:
        """Save every run and end every process."""
        with self._lock:
            self._open.clear()
        self._workers.close()

    def worker_pids(self) -> tuple[int, ...]:
        """The numbers of the processes, for those who watch over the machine."""
        return self._workers.pids()

    # ---- asking

    def _ask(self, run_id: str, body: Body) -> Future[Any]:
        with self._lock:
            run = self._open.get(run_id)
            if run is not None:
                run.watched = monotonic()
        if run is not None:
            return run.worker.ask(body)
        unknown: Future[Any] = Future()
        unknown.set_result(Refused(GONE, unknown_run=True))
        return unknown

    def _call(self, run_id: str, body: Body) -> Any:
        answer = self._wait(self._ask(run_id, body))
        if isinstance(answer, Refused) and answer.unknown_run:
            self._open_again(run_id)
            answer = self._wait(self._ask(run_id, body))
        return accepted(answer)

    async def _async_call(self, run_id: str, body: Body) -> Any:
        answer = await self._async_wait(self._ask(run_id, body))
        if isinstance(answer, Refused) and answer.unknown_run:
            await asyncio.to_thread(self._open_again, run_id)
            answer = await self._async_wait(self._ask(run_id, body))
        return accepted(answer)

    def _wait(self, future: Future[Any]) -> Any:
        try:
            return future.result(self._timeout)
        except TimeoutError:
            raise RunnerError(SLOW.format(seconds=self._timeout)) from None

    async def _async_wait(self, future: Future[Any]) -> Any:
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise RunnerError(SLOW.format(seconds=self._timeout)) from None

    def _exchanged(self, run_id: str, answer: Exchanged) -> bytes:
        with self._lock:
            run = self._open.get(run_id)
            if run is not None:
                run.playing, run.speed = answer.playing, answer.speed
        return answer.frame

    def _open_again(self, run_id: str) -> None:
        """A viewer came back to a run that was dropped, or that an earlier server had: open it from its checkpoint."""
        with self._lock:
            run = self._open.get(run_id)
        experiment = run.experiment if run is not None else self._saved_experiment(run_id)
        if experiment is None:
            raise RunnerError(GONE)
        self.start(run_id, experiment)

    def _saved_experiment(self, run_id: str) -> Experiment | None:
        if not valid_run_id(run_id):
            return None
        with suppress(DamagedFileError):
            saved = self._storage.load(run_id)
            return None if saved is None else saved.experiment
        return None

    # ---- workers

    def _is_for_gpu(self, experiment: Experiment) -> bool:
        """Does it belong to the owner of the GPU? While it is not known whether there is one, yes."""
        if experiment.device == "cpu":
            return False
        return experiment.device in self.devices() or not self._workers.devices().done()

    def _busy(self) -> list[Supervisor]:
        """The worker of each run that plays or is watched. Call with the lock held."""
        now = monotonic()
        return [run.worker for run in self._open.values() if run.playing or now - run.watched < WATCHED]

    def _make_room(self) -> None:
        """Where the server is full, close the paused run that was not watched for longest, or refuse."""
        with self._lock:
            if len(self._open) < self._live_runs:
                return
            idle = [(run.watched, run_id) for run_id, run in self._open.items() if not run.playing]
            watched, run_id = min(idle, default=(monotonic(), ""))
            full = monotonic() - watched < IDLE
        if full:
            raise RunnerError(FULL.format(count=self._live_runs))
        self.close(run_id)

    def _starts_of(self, worker: Supervisor) -> list[Start]:
        """What a replacement of this worker has to open."""
        with self._lock:
            return [
                Start(run_id, run.experiment, playing=run.playing, speed=run.speed, replaced=True)
                for run_id, run in self._open.items()
                if run.worker is worker
            ]

    def _run_changed(self, change: RunChanged) -> None:
        with self._lock:
            run = self._open.get(change.run_id)
            if run is not None:
                run.playing = change.playing
                if not change.open:
                    del self._open[change.run_id]

    def _forget(self, run_id: str) -> _Open | None:
        with self._lock:
            return self._open.pop(run_id, None)
