"""The trainer's path on a CUDA device: a whole epoch in one launch, in place of dozens of launches for every step.

A GPU has done an operation of a small network before the processor has asked for the next one. A CUDA graph records
the operations once, and is then asked for as a whole. `static_step` is what makes a step the same every time; this
module records it, replays it, and keeps the run's books, so that a run may change between this path and autograd at
any step, as on the fused path.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Protocol

import torch
from torch import Tensor, nn

from playground.experiment.experiment import Experiment
from playground.training.checkpoint import Checkpoint
from playground.training.evaluation import Samples
from playground.training.flat import FlatState
from playground.training.history import EpochRecord, History
from playground.training.optimizers import Optimizer
from playground.training.order import BatchOrder, OwnRandomness
from playground.training.schedules import learning_rate_at
from playground.training.static_step import StaticStep

LONGEST = 128  # steps of one recording: longer epochs replay it several times
REHEARSALS = 3  # before a recording, so that libraries choose and load their kernels
FIRST_STEPS = 16  # of a call whose pace is not known yet

Work = Callable[[], None]
Record = Callable[[Work, Work], Work]
"""Turns work into something that does the same in one launch; the second is what rehearses it."""


class Running(Protocol):
    """What this path moves on: the state of a `trainer.Trainer`."""

    experiment: Experiment
    module: nn.Sequential
    flat: FlatState
    optimizer: Optimizer
    order: BatchOrder
    history: History
    randomness: OwnRandomness
    samples: Samples
    epoch: int
    step_count: int
    steps_per_epoch: int

    def scores(self) -> Tensor:
        """(4,): losses and metrics of all samples, on the device."""
        ...

    def checkpoint(self) -> Checkpoint:
        """The run between two steps."""
        ...

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go back to it."""
        ...


class GraphPath:
    """The recordings bound to one run: of one step, of many, and of the look at all samples that ends an epoch."""

    def __init__(self, run: Running, record: Record | None = None) -> None:
        """record: in tests, without a device, what else to do with the work.

        Raises: RuntimeError where the device cannot record this network; the run is then as it was.
        """
        self._run = run
        X, y = (run.samples.part("train", values) for values in (run.samples.X, run.samples.y))
        self._step = StaticStep(run.experiment, run.module, run.optimizer, run.order, X, y)
        self._row = run.flat.values.new_zeros(5 + len(run.flat.linears), dtype=torch.float64)
        self._many = min(run.steps_per_epoch, LONGEST)
        self._pace = 0.0  # steps a second of the last call
        self._draws = any(isinstance(layer, nn.Dropout) for layer in run.module)
        record = record or cuda_graphs()  # a rehearsal trains, and so does whatever fails half-way
        before = run.checkpoint()
        try:
            with self._randomness():
                self._step.begin(run.experiment, run.order, run.step_count)
                self._replay_one = record(self._step, self._step)
                self._replay_many = record(self._train_many, self._step)
                self._replay_look = record(self._look, self._look)
        finally:
            run.restore(before)

    @staticmethod
    def fits(run: Running) -> bool:
        """Can the run's step be recorded? Batch norm would count what fills a smaller last batch up as samples."""
        smaller = run.order.permutation.shape[0] % run.experiment.batch_size >= run.order.smallest
        return not (run.experiment.has_batch_norm and smaller)

    def advance(self, steps: int, end: float) -> bool:
        """Up to `steps` steps until the clock (perf_counter) says `end`, at least one. False where the run diverges."""
        run = self._run
        finite = True
        while steps > 0 and finite:
            now = perf_counter()
            wanted = self._pace * (end - now) if self._pace else FIRST_STEPS
            count = max(int(min(steps, run.steps_per_epoch - run.order.position, wanted)), 1)
            self._step.begin(run.experiment, run.order, run.step_count)
            with self._randomness():
                self._replay(count)
            finite = self._account(count)  # waits for the device
            spent = perf_counter() - now
            self._pace = count / spent
            steps -= count
            if now + 2 * spent >= end:
                break
        run.flat.gradients.zero_()
        return finite

    def _replay(self, count: int) -> None:
        many, single = divmod(count, self._many)
        for _ in range(many):
            self._replay_many()
        for _ in range(single):
            self._replay_one()

    def _account(self, count: int) -> bool:
        """Enter so many steps into the run's books. False where it diverges. One copy from the device to here."""
        run = self._run
        last = run.order.position + count - 1
        run.step_count += count
        run.optimizer.step_count += count
        run.optimizer.learning_rate = learning_rate_at(run.experiment, run.step_count - 1, run.steps_per_epoch)
        run.order.moved_to(last)
        ends = run.order.at_last_batch
        run.order.advance()
        if not ends:
            return math.isfinite(self._step.loss.item())
        run.epoch += 1
        self._replay_look()
        finite, *scores = self._row.tolist()
        if not finite and not (run.flat.is_finite() and run.optimizer.is_finite()):
            return False
        train_loss, test_loss, train_metric, test_metric, *norms = scores
        if not math.isfinite(train_loss):
            return False
        rate = run.optimizer.learning_rate
        run.history.append(
            EpochRecord(run.epoch, run.step_count, train_loss, test_loss, train_metric, test_metric, rate, tuple(norms))
        )
        return True

    # ---- the work that is recorded

    def _train_many(self) -> None:
        for _ in range(self._many):
            self._step()

    def _look(self) -> None:
        """Into `_row`: whether all numbers are finite, by their sum; the scores; the norms of the last gradient."""
        with torch.no_grad():
            total = self._run.flat.storage.sum() + sum(memory.sum() for memory in self._run.optimizer.state.values())
            finite = torch.isfinite(total).view(1)
            torch.cat([finite, self._run.scores(), self._step.gradient_norms()], out=self._row)

    def _randomness(self) -> AbstractContextManager[None]:
        return self._run.randomness.drawing() if self._draws else nullcontext()


def cuda_graphs() -> Record:
    """Recordings as CUDA graphs that share their memory: none of them leaves anything behind for another."""
    pool = torch.cuda.graph_pool_handle()

    def record(work: Work, rehearsal: Work) -> Work:
        aside = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(REHEARSALS):
                rehearsal()
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=pool):
            work()
        replay: Work = graph.replay
        return replay

    return record
