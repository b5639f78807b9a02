"""The worker's loop: takes messages, gives each playing run a fair slice, looks after the unwatched."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any

import torch

from playground.experiment.points import PointsExperiment
from playground.inspection.frame import FrameView, build_frame, encode_frame
from playground.inspection.run_state import RunState
from playground.inspection.tensor_steps import calculate
from playground.network.pretrained import find_missing_features
from playground.training.devices import device_names
from playground.training.fast import kernel_ready
from playground.training.fused.threads import allow_threads
from playground.training.trainer import Trainer
from playground.worker.cores import cores_here
from playground.worker.datasets import Datasets
from playground.worker.inbox import Inbox
from playground.worker.messages import (
    END,
    Apply,
    Calculate,
    Close,
    Devices,
    Exchange,
    Exchanged,
    Info,
    Look,
    Race,
    Raced,
    Refused,
    Reply,
    Request,
    RunChanged,
    RunInfo,
    Save,
    Start,
    Study,
)
from playground.worker.pace import TURN
from playground.worker.player import SLICE
from playground.worker.races import Races
from playground.worker.run import RefusalError, Run
from playground.worker.storage import Storage
from playground.worker.times import Times
from playground.worker.turns import Turns

UNKNOWN = "This run is not open here any more. Reload the page to open it again."
MOST_AT_ONCE = 200  # requests taken in before the next slice
MESSAGES_AT_ONCE = 0.005  # seconds: viewers who always ask again at once must not keep the runs from training
MOST_OWED = 0.02  # seconds of messages after which training catches up; a burst of questions is answered before that
ROUND = 0.06  # seconds in which each of many playing runs gets a slice, so that ten frames a second all show progress
SHORTEST_SLICE = 0.001  # seconds; a turn costs 0.03 ms beside its training
PACED_TURN = 0.001  # seconds a playing run between two turns of a paced one: 30 of them have 33 turns a second each
INTERNAL = "The training process could not do this because of an internal error ({error})."


class Loop:
    """Many runs behind one connection, without threads or locks."""

    def __init__(self, connection: Connection[Any, Any], storage: Storage, times: Times) -> None:
        self._connection = connection
        self._storage = storage
        self._times = times
        self._datasets = Datasets()
        self._runs: dict[str, Run] = {}
        self._turns = Turns()
        self._races = Races()
        self._inbox = Inbox()
        self._owed = 0.0  # seconds by which messages have had more of the time than training
        self._handlers: dict[type, Callable[[Any], Any]] = {
            Start: self._start,
            Exchange: self._exchange,
            Apply: lambda body: self._run(body.run_id).apply(body.experiment),
            Study: lambda body: self._run(body.run_id).study(body.name, body.options),
            Save: lambda body: self._run(body.run_id).checkpoint(),
            Info: self._info,
            Close: self._close,
            Devices: lambda body: device_names(),
            Race: self._race,
            Calculate: lambda body: calculate(body.question),
            Look: self._look,
        }

    def serve(self) -> None:
        """Go on until the other end closes the connection, then save every run."""
        try:
            while True:
                self._receive(0.0 if self._inbox else self._idle_time(monotonic()))
                self._answer_messages()
                self._train()
                self._look_after()
        except (EOFError, OSError):  # the web process has closed, or is gone
            pass
        finally:
            for run in self._runs.values():
                run.save(durable=True)

    def _idle_time(self, now: float) -> float:
        """Seconds that nothing but a message can end."""
        every = self._paced_turn()
        waits = [min(run.player.due_in(now, every), run.next_look(now)) for run in self._runs.values()]
        return min(waits, default=3600.0)

    # ---- messages

    def _receive(self, patience: float) -> None:
        """Wait for a request at most so long, and take in those that have come."""
        for _ in range(MOST_AT_ONCE):
            if not self._connection.poll(patience):
                break
            request = self._connection.recv()
            if request is END:
                raise EOFError
            self._inbox.put(request)
            patience = 0.0

    def _answer_messages(self) -> None:
        """All frames and commands that there is time for, and one request that may take long."""
        start = monotonic()
        while request := self._inbox.next_quick():
            self._reply(request)
            if monotonic() >= start + MESSAGES_AT_ONCE:
                break
        if request := self._inbox.next_slow():
            self._reply(request)
        self._owed += monotonic() - start

    def _reply(self, request: Request) -> None:
        self._connection.send(Reply(request.number, self._answer(request)))

    def _answer(self, request: Request) -> Any:
        try:
            return self._handlers[type(request.body)](request.body)
        except RefusalError as refusal:
            return Refused(str(refusal))
        except UnknownRunError:
            return Refused(UNKNOWN, unknown_run=True)
        except Exception as error:
            traceback.print_exc()
            return Refused(INTERNAL.format(error=type(error).__name__))

    def _run(self, run_id: str) -> Run:
        if run_id not in self._runs:
            raise UnknownRunError
        return self._runs[run_id]

    def _start(self, body: Start) -> RunInfo:
        run = self._runs.get(body.run_id)
        if run is None or not body.resume or run.experiment != body.experiment:
            if not body.resume:
                self._storage.remove(body.run_id)
            run = Run(body, self._storage, self._times, self._datasets, previous=run)
            if body.run_id not in self._runs:
                self._turns.join(body.run_id)
            self._runs[body.run_id] = run
        return run.info()

    def _exchange(self, body: Exchange) -> Exchanged:
        run = self._run(body.run_id)
        frame = run.exchange(body.message)
        return Exchanged(frame, run.player.playing, run.player.speed)

    def _info(self, body: Info) -> RunInfo | None:
        run = self._runs.get(body.run_id)
        return None if run is None else run.info()

    def _race(self, body: Race) -> Raced:
        try:
            return self._races.advance(body)
        except ValueError as error:
            raise RefusalError(str(error)) from error

    @staticmethod
    def _look(body: Look) -> None:
        try:
            find_missing_features(body.photos)
        except ValueError as error:
            raise RefusalError(str(error)) from error

    def _close(self, body: Close) -> None:
        run = self._runs.get(body.run_id)
        if run is not None:
            run.save(durable=True)
            self._forget(body.run_id)

    def _forget(self, run_id: str) -> None:
        del self._runs[run_id]
        self._turns.leave(run_id)

    # ---- training

    def _train(self) -> None:
        """A slice to the runs whose turn it is; more where messages have long had more of the time.

        One run at full speed takes it all, paced ones little each. So messages rarely wait for longer than a slice, and
        however many there are, half of the time is for training.
        """
        seconds = min(max(ROUND / max(self._playing, 1), SHORTEST_SLICE), SLICE)
        every = self._paced_turn()
        end = monotonic() + seconds / 2  # a turn that begins later would make it more than a slice and a half
        while True:
            start = monotonic()
            due = (run_id for run_id, run in self._runs.items() if run.player.due_in(start, every) <= 0)
            run_id = self._turns.first(due)
            if run_id is None:
                self._owed = 0.0
                break
            with self._turns.serving(run_id):
                self._runs[run_id].turn(seconds)
            now = monotonic()
            self._owed = max(0.0, self._owed + start - now)
            if now >= end and self._owed <= MOST_OWED:
                break

    def _paced_turn(self) -> float:
        return max(TURN, PACED_TURN * self._playing)

    @property
    def _playing(self) -> int:
        return sum(run.player.playing for run in self._runs.values())

    def _look_after(self) -> None:
        """Pause, drop or save the first run for which it is time; the next one after the next messages."""
        now = monotonic()
        for run_id, run in list(self._runs.items()):
            if run.next_look(now) > 0:
                continue
            playing = run.player.playing
            keep = run.look_after()
            if not keep:
                run.save(durable=True)
                self._forget(run_id)
            if not keep or run.player.playing != playing:
                self._connection.send(RunChanged(run_id, run.player.playing, open=keep))
            break


class UnknownRunError(Exception):
    """A message for a run that is not in this worker's memory."""


def warm_up() -> None:
    """Do everything once that the first frame and the first step of a run will do."""
    torch.set_num_threads(1)  # many runs share the cores: one thread each is the fastest for all of them together
    allow_threads(cores_here())  # the kernel finds out whether more are faster at the moment
    experiment = PointsExperiment()
    trainer = Trainer(experiment, experiment.load_dataset())
    trainer.train_for(0)
    encode_frame(build_frame(trainer, FrameView(), RunState("warm-up")))
    trainer.checkpoint().to_bytes()
    kernel_ready()  # where the machine has no kernel yet, its compilation begins in a process of its own
