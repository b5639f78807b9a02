"""One run in the worker: an experiment, its trainer, how it plays, and when it was last watched and saved."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from time import monotonic
from typing import Any

import torch

from playground.data.dataset import Dataset
from playground.experiment.experiment import LIVE_FIELDS, Experiment, changed_fields
from playground.inspection.frame import encode_frame
from playground.inspection.journey_own import read_own
from playground.inspection.journey_sample import Own
from playground.inspection.looking import frame_of, frame_without_network, read_view
from playground.inspection.run_state import RunState
from playground.inspection.study import study
from playground.training.checkpoint import Checkpoint
from playground.training.devices import device_names, is_out_of_memory
from playground.training.trainer import Trainer
from playground.worker.datasets import Datasets
from playground.worker.messages import DEFAULT_SPEED, SPEEDS, RunInfo, Start
from playground.worker.notice import Notice
from playground.worker.player import SLICE, Player
from playground.worker.saving import Saving
from playground.worker.storage import DamagedFileError, Saved, Storage
from playground.worker.times import Times

UNWATCHED = "Paused, because nobody was watching."
DAMAGED = "The saved state of this run could not be read, so it starts from the beginning."
REPLACED = "The training process stopped and was replaced; training goes on from epoch {epoch:,}."
FAILED = "Training stopped because of an internal error ({error}). Press Reset to begin again."
NO_MEMORY = "The device {device} has no memory left, so this run goes on on the CPU."
NO_DEVICE = "The device {device} is not present on this machine, so this run trains on the CPU."


class RefusalError(Exception):
    """One sentence: why a request is not fulfilled."""


class Run:
    """`seq` grows whenever what a viewer would see changes. `trainer` is None where there is no network to show.

    dataset: None where it could not be loaded. previous: the run of this id with another experiment, whose own sample
    is shown to the new network too, if that can read it.
    """

    def __init__(
        self, start: Start, storage: Storage, times: Times, datasets: Datasets, previous: Run | None = None
    ) -> None:
        self.run_id = start.run_id
        self.experiment = start.experiment
        self.seq = time.time_ns() // 1000  # so that it goes on growing in a worker that replaces this one
        self.message: str | None = None
        self._times = times
        self._notice = Notice(times.notice_for)
        self._saving = Saving(start.run_id, storage, times.save_every)
        self._datasets = datasets
        self._obstacle: str | None = None
        self._watched = monotonic()
        self._own: Own | None = None
        self._own_command: Mapping[str, Any] | None = None
        self.dataset = self._load()
        self.trainer = self._new_trainer()
        saved_speed = self._resume(start.replaced) if start.resume else None
        speed = start.speed or saved_speed
        self.player = self._new_player(speed if speed in SPEEDS else DEFAULT_SPEED)
        if start.playing:
            self.player.play()
        self._commands: dict[str, Callable[[Mapping[str, Any]], None]] = {
            "play": lambda command: self.player.play(),
            "pause": lambda command: self._pause(),
            "step": lambda command: self._done(self.player.step()),
            "epoch": lambda command: self._done(self.player.finish_epoch()),
            "reset": lambda command: self._reset(),
            "speed": self._set_speed,
            "edit": self._edit,
            "own": self._read_own,
        }
        if previous is not None and previous._own_command is not None:
            with suppress(RefusalError):
                self._read_own(previous._own_command)

    # ---- opening

    def _load(self) -> Dataset | None:
        """The samples; without them there is an obstacle."""
        self._obstacle = self.experiment.obstacle
        try:
            return self._datasets.load(self.experiment)
        except ValueError as error:
            self._obstacle = self._obstacle or str(error)
            return None

    def _new_trainer(self) -> Trainer | None:
        """A trainer at the beginning; None where an obstacle leaves nothing to build."""
        if self.dataset is None:
            return None
        device = self.experiment.device
        if device not in device_names():
            self._notice.say(NO_DEVICE.format(device=device))
            device = "cpu"
        try:
            return Trainer(self.experiment, self.dataset, device, fast=True)
        except ValueError as error:
            self._obstacle = self._obstacle or str(error)
            return None
        except RuntimeError as error:
            if not is_out_of_memory(error, torch.device(device)):
                raise
            self._notice.say(NO_MEMORY.format(device=device))
            return Trainer(self.experiment, self.dataset, "cpu", fast=True)

    def _new_player(self, speed: str) -> Player:
        return Player(self.trainer if self._obstacle is None else None, speed)

    def _resume(self, replaced: bool) -> str | None:
        """Go on from the saved checkpoint if it is of the same experiment; the speed at which it played."""
        speed: str | None = None
        try:
            saved = self._saving.load()
            if saved is not None and self.trainer is not None:
                changed = changed_fields(saved.experiment, self.experiment)
                if not changed or (replaced and LIVE_FIELDS.issuperset(changed)):
                    self.trainer.restore(Checkpoint.from_bytes(saved.checkpoint))
                    if changed:
                        self.trainer.apply(self.experiment)
                    speed = saved.speed
        except (DamagedFileError, ValueError, RuntimeError) as error:
            print(f"run {self.run_id}: {error}", file=sys.stderr, flush=True)
            self.trainer = self._new_trainer()
            self._notice.say(DAMAGED)
        if replaced and self.trainer is not None:
            self._notice.say(REPLACED.format(epoch=self.trainer.epoch))
        return speed

    # ---- state

    @property
    def status(self) -> str:
        """One of ready, playing, paused, diverged and empty."""
        if self._obstacle is not None or self.trainer is None:
            return "empty"
        if self.trainer.diverged is not None:
            return "diverged"
        if self.player.playing:
            return "playing"
        begun = self.trainer.step_count or self.trainer.phase
        return "paused" if begun else "ready"

    @property
    def shown_message(self) -> str | None:
        """Why it does not train, or what last happened to it."""
        return self._obstacle or (self.trainer and self.trainer.diverged) or self.message

    def info(self) -> RunInfo:
        """What the web process knows of this run."""
        trainer = self.trainer
        return RunInfo(
            run_id=self.run_id,
            experiment=self.experiment,
            status=self.status,
            message=self.shown_message,
            notice=self._notice.text,
            epoch=trainer.epoch if trainer else 0,
            step=trainer.step_count if trainer else 0,
            speed=self.player.speed,
            seq=self.seq,
            device=trainer.device.type if trainer else "cpu",
        )

    # ---- what viewers ask

    def exchange(self, message: Mapping[str, Any]) -> bytes:
        """Obey the command of a viewer's message, and answer with the frame it wants, b"" if it has that already.

        Raises: RefusalError.
        """
        self._watched = monotonic()
        if not isinstance(message, Mapping):
            raise RefusalError('A message is an object with a "command" and a "view".')
        command = message.get("command")
        if command is not None:
            self._obey(command)
        if "view" not in message:
            return b""
        view = read_view(self.experiment, message["view"])
        self._notice.seen(self._watched)
        if view.have == self.seq and view.have_view:
            return b""
        state = RunState(
            run=self.run_id,
            seq=self.seq,
            playing=self.player.playing,
            status=self.status,
            message=self.shown_message,
            notice=self._notice.text,
            speed=self.player.speed,
        )
        if self.trainer is None:
            return encode_frame(frame_without_network(self.experiment, self.dataset, view, state, self._own))
        return encode_frame(frame_of(self.trainer, view, state, self._own))

    def study(self, name: str, options: Mapping[str, Any]) -> dict[str, Any]:
        """The arrays of a figure to study. Raises: RefusalError for a name that does not exist."""
        if self.trainer is None:
            return {"message": self._obstacle, "seq": self.seq}
        try:
            options = options if isinstance(options, Mapping) else {}
            return study(self.trainer, str(name)[:40], options) | {"seq": self.seq}
        except ValueError as error:
            raise RefusalError(str(error)) from error

    def checkpoint(self) -> bytes:
        """The checkpoint of this moment. Raises: RefusalError where there is no network."""
        if self.trainer is None:
            raise RefusalError(self._obstacle or "There is no network to save.")
        return self.trainer.checkpoint().to_bytes()

    def apply(self, experiment: Experiment) -> None:
        """Go on under other live fields. Raises: RefusalError where another field differs."""
        self.message = None
        if self.trainer is not None:
            try:
                self.trainer.apply(experiment)
            except ValueError as error:
                raise RefusalError(str(error)) from error
        elif not LIVE_FIELDS.issuperset(changed_fields(self.experiment, experiment)):
            raise RefusalError("This change makes another network. Reset it.")
        self.experiment = experiment
        self._changed()
        self.save()

    # ---- commands

    def _obey(self, command: object) -> None:
        name = command.get("name") if isinstance(command, Mapping) else None
        action = self._commands.get(name) if isinstance(name, str) else None
        if action is None or not isinstance(command, Mapping):
            raise RefusalError(f"There is no such command. There are: {', '.join(self._commands)}.")
        self.message = None
        action(command)
        self.seq += 1

    def _pause(self) -> None:
        self.player.pause()
        self.save(durable=True)

    def _done(self, anything: bool) -> None:
        if anything:
            self._trained()
        self.save()

    def _reset(self) -> None:
        """The same first weights, an empty history."""
        self._notice.clear()
        self.dataset = self._load()
        self.trainer = self._new_trainer()
        self.player = self._new_player(self.player.speed)
        self._changed()
        self.save(durable=True)

    def _set_speed(self, command: Mapping[str, Any]) -> None:
        speed = str(command.get("value"))[:20]
        if speed not in SPEEDS:
            raise RefusalError(f"There is no such speed. There are: {', '.join(SPEEDS)}.")
        self.player.speed = speed

    def _edit(self, command: Mapping[str, Any]) -> None:
        parameter, index, value = command.get("parameter"), command.get("index"), command.get("value")
        if self.trainer is None:
            raise RefusalError(self._obstacle or "There is no network to edit.")
        if not isinstance(parameter, str) or not isinstance(index, list | tuple) or len(index) > 2:
            raise RefusalError("An edit needs the name of a parameter and the index of one of its numbers.")
        if not all(type(i) is int for i in index) or not isinstance(value, int | float) or isinstance(value, bool):
            raise RefusalError("An edit needs whole numbers as index and a number as value. Try 0.5.")
        try:
            self.trainer.edit(parameter[:100], tuple(index), float(value))
        except (ValueError, OverflowError) as error:
            raise RefusalError(str(error)) from error
        self._changed()
        self.save(durable=True)

    def _read_own(self, command: Mapping[str, Any]) -> None:
        """Take a sample of the viewer's own; the sentence of what is wrong with it leaves the last one in place."""
        if self.dataset is None:
            raise RefusalError(self._obstacle or "There is no data yet.")
        try:
            self._own = read_own(self.experiment, self.dataset, command)
        except ValueError as error:
            raise RefusalError(str(error)) from error
        self._own_command = command

    # ---- training

    def turn(self, seconds: float = SLICE) -> None:
        """The training that is due, for about so long at most."""
        if self.player.turn(seconds):
            self._trained()

    def _trained(self) -> None:
        if self.player.trainer is not self.trainer:
            self.trainer = self.player.trainer
            self._notice.say(NO_MEMORY.format(device=self.experiment.device))
        if self.trainer is not None and self.trainer.notice is not None:
            self._notice.say(self.trainer.notice)
            self.trainer.notice = None
        if self.player.failure is not None:
            self.message = FAILED.format(error=self.player.failure)
        self._changed()

    # ---- looking after

    def look_after(self) -> bool:
        """Do what time asks for: pause or save. False once nobody has watched for so long that it may be dropped."""
        now = monotonic()
        unwatched = now - self._watched
        if self.player.playing and unwatched >= self._times.pause_after:
            self._pause()
            self.message = UNWATCHED
            self.seq += 1
        if now >= self._saving.due:
            self.save()
        if now >= self._notice.ends:
            self._notice.clear()
            self.seq += 1
        return unwatched < self._times.drop_after

    def next_look(self, now: float) -> float:
        """Seconds until `look_after` has something to do."""
        unwatched = self._times.pause_after if self.player.playing else self._times.drop_after
        return max(0.0, min(self._watched + unwatched, self._notice.ends, self._saving.due) - now)

    def _changed(self) -> None:
        self.seq += 1
        self._saving.changed()

    def save(self, *, durable: bool = False) -> None:
        """Save what has changed; `durable` through a power cut too. A full disk becomes a notice."""
        if (trainer := self.trainer) is None:
            return
        problem = self._saving.save(
            lambda: Saved(self.experiment, self.player.speed, trainer.checkpoint().to_bytes()), durable=durable
        )
        if problem is not None:
            self._notice.say(problem)
