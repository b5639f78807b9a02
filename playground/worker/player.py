"""Playing one run: which training it does when, at what speed. A failure ends its playing and nothing else."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable
from time import monotonic, perf_counter

from playground.training.devices import is_out_of_memory
from playground.training.trainer import Trainer, continued_on_cpu
from playground.worker.pace import TURN, Pace

SLICE = 0.005  # seconds of training between two looks at the messages
EPOCH_AT_ONCE = 0.05  # seconds of an epoch done before its command is answered; the rest goes in slices


class Player:
    """Trains in `turn` while it plays, and when told to do a step or an epoch. trainer: None where nothing can train.

    failure: the name of the error that ended the playing, until the next `play`.
    """

    def __init__(self, trainer: Trainer | None, speed: str) -> None:
        self._trainer = trainer
        self._speed = speed
        self._pace: Pace | None = None  # None while it does not play
        self._epoch_goal: int | None = None  # the epoch at which `finish_epoch` is done
        self.failure: str | None = None

    @property
    def speed(self) -> str:
        """Slow motion, steps a second, or "max"; see SPEEDS."""
        return self._speed

    @speed.setter
    def speed(self, speed: str) -> None:
        self._speed = speed
        if self._pace is not None:
            self._pace = Pace(speed, monotonic())

    @property
    def playing(self) -> bool:
        """Is there training to do in the next turns?"""
        return self._pace is not None or self._epoch_goal is not None

    @property
    def can_train(self) -> bool:
        """Is there a trainer, and has it not diverged?"""
        return self._trainer is not None and self._trainer.diverged is None

    @property
    def trainer(self) -> Trainer | None:
        """What trains; another one than at first after a device had run out of memory."""
        return self._trainer

    def play(self) -> None:
        """Train in the turns from now on, if it can."""
        self.failure = None
        if self.can_train and self._pace is None:
            self._epoch_goal = None
            self._pace = Pace(self._speed, monotonic())

    def pause(self) -> None:
        """Train no more, but finish the evaluation of an epoch that has ended."""
        self._pace = self._epoch_goal = None
        if self._trainer is not None and self._trainer.closing:
            self._train(Trainer.settle)

    def step(self) -> bool:
        """Pause, and do one batch, in slow motion one phase of it. True if anything was done."""
        self.pause()
        return self._train(lambda trainer: self._advance(trainer, 1))

    def finish_epoch(self) -> bool:
        """Pause, and train to the end of this epoch: at once if that is soon, else in turns. True if it did."""
        self.pause()
        if self._trainer is None or not self.can_train:
            return False
        self._epoch_goal = self._trainer.epoch + 1
        end = perf_counter() + EPOCH_AT_ONCE
        while self._epoch_goal is not None and perf_counter() < end:
            self.turn()
        return True

    def due_in(self, now: float, every: float = TURN) -> float:
        """Seconds until the next turn should come; infinity while it does not play. every: see `Pace.due_in`."""
        if self._epoch_goal is not None:
            return 0.0
        return math.inf if self._pace is None else self._pace.due_in(now, every)

    def turn(self, seconds: float = SLICE) -> bool:
        """The training that is due, for about so long at most. True if there was any."""
        if self._epoch_goal is not None:
            return self._train(lambda trainer: self._towards_goal(trainer, seconds))
        if self._pace is None:
            return False
        if self._speed == "max":
            return self._train(lambda trainer: trainer.train_for(seconds))
        units = self._pace.take(monotonic())
        return units > 0 and self._train(lambda trainer: self._advance(trainer, units, seconds))

    def _train(self, action: Callable[[Trainer], None]) -> bool:
        if self._trainer is None or not self.can_train:
            self.pause()
            return False
        try:
            self._do(action, self._trainer)
        except Exception as error:
            traceback.print_exc()
            self.failure = type(error).__name__
            self.pause()
        if self._trainer.diverged is not None:
            self.pause()
        return True

    def _do(self, action: Callable[[Trainer], None], trainer: Trainer) -> None:
        """The action; where its device has no memory left, the next turns go on on the CPU."""
        try:
            action(trainer)
        except Exception as error:
            if not is_out_of_memory(error, trainer.device):
                raise
            self._trainer = continued_on_cpu(trainer)

    def _advance(self, trainer: Trainer, units: int, seconds: float = SLICE) -> None:
        if self._speed != "phases":
            trainer.train_steps(units, seconds)
            return
        end = perf_counter() + seconds
        for _ in range(units):
            trainer.advance_phase()
            if perf_counter() >= end or trainer.diverged is not None:
                break

    def _towards_goal(self, trainer: Trainer, seconds: float) -> None:
        trainer.train_steps(trainer.steps_per_epoch - trainer.order.position, seconds)
        if trainer.epoch >= (self._epoch_goal or 0):
            self._epoch_goal = None
