"""The trainer's fast path: many steps at once through the fused kernel, in place of one autograd step after another.

Both paths read and write the same parameters, optimizer memory, data order and random state, so a run may change
between them at any step: the trainer starts on autograd and goes over when the kernel has been compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter, process_time
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.training.closing import Closing, Parts
from playground.training.flat import FlatState
from playground.training.fused.compile import kernel_ready
from playground.training.fused.network import read_network
from playground.training.fused.stepper import FusedStepper
from playground.training.fused.threads import Threads
from playground.training.fused.view import FusedView
from playground.training.history import History
from playground.training.optimizers import Optimizer
from playground.training.order import BatchOrder, OwnRandomness
from playground.training.schedules import learning_rate_at

FIRST_STEPS = 16  # of a call whose pace is not known yet
MOST_STEPS = 1_000_000  # of one call
MOST_RATES = 20_000  # steps of one call whose learning rates are computed one by one


class Running(Protocol):
    """What the fast path moves on: the state of a `trainer.Trainer`."""

    experiment: Experiment
    dataset: Dataset
    module: torch.nn.Sequential
    flat: FlatState
    optimizer: Optimizer
    order: BatchOrder
    history: History
    randomness: OwnRandomness
    epoch: int
    step_count: int
    steps_per_epoch: int
    closing: Closing
    diverged: str | None

    def end_epoch(self, gradient_norms: Sequence[float], scoring: Parts[Sequence[float]]) -> None:
        """What is left of the epoch is its evaluation."""
        ...


class FastPath:
    """The kernel bound to one run."""

    def __init__(self, run: Running, stepper: FusedStepper, view: FusedView) -> None:
        self.view = view
        self._run, self._stepper = run, stepper
        samples = len(run.dataset.X_train) + len(run.dataset.X_test)
        self._evaluation = samples / (3 * run.experiment.batch_size)  # about the steps that take as long: no way back
        self._pace = 0.0  # steps a second of the last call
        self._threads = Threads(stepper.most_threads)

    @classmethod
    def of(cls, run: Running) -> FastPath | None:
        """The fast path of a run, None where its network needs autograd. Call it when `kernel_ready()` only."""
        network = read_network(run.module, run.dataset.X_train.shape[1:])
        if network is None or run.order.smallest > 1 or run.dataset.y_train.ndim > 1:
            return None
        stepper = FusedStepper(run.experiment, network, run.dataset, run.flat, run.optimizer)
        return cls(run, stepper, FusedView(run.experiment, network, run.dataset, run.flat))

    def advance(self, steps: int, end: float) -> bool:
        """Up to `steps` steps until the clock (perf_counter) says `end`, at least one. False where the run diverges.

        The evaluation of the last epoch may be left to do, as the run's `closing`.
        """
        while steps > 0:
            now = perf_counter()
            wanted = min(steps, self._pace * (end - now) if self._pace else FIRST_STEPS, MOST_STEPS)
            threads, epoch = self._threads.choose(now), self._run.epoch
            processor = process_time()
            done, finite = self._call(max(int(wanted), 1), threads)
            processor, ended = process_time() - processor, perf_counter()
            spent = ended - now
            evaluated = 0 if self._run.closing else self._run.epoch - epoch
            self._threads.took(threads, done + self._evaluation * evaluated, now, ended, processor)
            self._pace = done / spent
            steps -= done
            if not finite:
                return False
            if not self._run.closing.go_on(end) or self._run.diverged is not None:
                break
            if done == 0 or perf_counter() + spent >= end:
                break
        return True

    def _call(self, steps: int, threads: int) -> tuple[int, bool]:
        run = self._run
        rates = self._rates(steps)
        progress = self._stepper.run(
            run.experiment,
            steps=len(rates) if isinstance(rates, np.ndarray) else steps,
            rates=rates,
            permutation=run.order.permutation,
            generator=run.order.generator,
            position=run.order.position,
            epoch=run.epoch,
            record_every=run.history.stride,
            randomness=run.randomness,
            threads=threads,
        )
        run.order.moved_to(progress.position)
        progress.rows[:, 1] += run.step_count
        finite = progress.finite and bool(np.isfinite(progress.rows[:, 2]).all())
        if finite:
            run.history.extend(progress.rows)
        run.step_count += progress.steps
        run.epoch = progress.epoch
        if finite and progress.norms is not None:
            run.end_epoch(progress.norms.tolist(), self._stepper.evaluation(self._threads_now))
        return progress.steps, finite

    def _threads_now(self) -> int:
        return self._threads.choose(perf_counter())

    def _rates(self, steps: int) -> float | NDArray[np.float64]:
        run = self._run
        experiment, first, each = run.experiment, run.step_count, run.steps_per_epoch
        if experiment.schedule == "constant" or first >= experiment.schedule_epochs * each:
            return learning_rate_at(experiment, first, each)
        count = min(steps, MOST_RATES)
        return np.array([learning_rate_at(experiment, first + i, each) for i in range(count)])


__all__ = ["FastPath", "kernel_ready"]
