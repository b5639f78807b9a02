"""Training with the fused kernel: a run's own parameters, memory and random generators in, the same moved on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.training.closing import Parts
from playground.training.flat import FlatState
from playground.training.fused import planes
from playground.training.fused.compile import load_kernel
from playground.training.fused.dropout import Dropout
from playground.training.fused.memory import Means, Memory, aligned_zeros, flattened, layer_table, whole
from playground.training.fused.network import Convolution, Stage
from playground.training.fused.plan import JOBS, PART, ROW_HEAD
from playground.training.fused.team import Team
from playground.training.optimizers import Optimizer
from playground.training.order import OwnRandomness

PIECE_BYTES = (
    192 * 1024
)  # of activations and deltas between two sums of gradients, so that they stay in the level 2 cache
PLANE_BYTES = 512 * 1024  # the same for the pictures of convolutions, which are read less often
MOST_PIECE_BYTES = 16 * 1024 * 1024  # of gradients of all pieces of a batch, where several threads do them
GATHERED_BYTES = 16 * 1024  # of batches copied into lanes ahead of their steps, so that they stay in the level 1 cache
MOST_ROWS = 512  # of the history in one call
MOST_OPERATIONS = 50_000_000  # multiplications of an evaluation at once: about a millisecond


@dataclass(frozen=True, eq=False)
class Progress:
    """What one call has done: so many steps, up to batch number `position` of `epoch`.

    loss: of the last batch, without penalties; NaN if no step was done. finite: false where the next step would leave
    the finite numbers; parameters, memory and order are then those before it. rows: (R, 7 + L) as `history.EpochRecord`
    and its norms, one for each recorded epoch, but `step` counts from the beginning of the call. norms: (L,) of the
    gradient of an epoch that ended this call and has no row, because its `evaluation` is left to do; else None.
    """

    steps: int
    epoch: int
    position: int
    loss: float
    finite: bool
    rows: NDArray[np.float64]
    norms: NDArray[np.float64] | None


class FusedStepper:
    """The kernel bound to one run: its data, its flat parameters and its optimizer's memory, which it changes in place.

    most_threads: that find work in a step.
    Raises: RuntimeError while the kernel is not ready.
    """

    def __init__(
        self,
        experiment: Experiment,
        network: Sequence[Stage],
        dataset: Dataset,
        flat: FlatState,
        optimizer: Optimizer,
    ) -> None:
        """network: `read_network` of the module whose parameters `flat` and `optimizer` hold."""
        self._kernel = load_kernel()
        self._flat, self._optimizer = flat, optimizer
        native = self._kernel(0)
        size = experiment.batch_size
        convolutions = [stage for stage in network if isinstance(stage, Convolution)]
        if convolutions:
            lanes = native
            piece = max(PLANE_BYTES // (4 * lanes * planes.group_pixels(convolutions)), 1) * lanes
        else:
            lanes = 1 if size == 1 else native if size <= native else 2 * native
            rows = int(layer_table(network)["rows_out"].sum())
            piece = max(PIECE_BYTES // (8 * rows * lanes), 1) * lanes
        batch = whole(size, lanes)
        piece = min(piece, batch)
        self._memory = Memory(experiment, network, samples=piece, lanes=lanes, copies=len(Memory.PACKED))
        self._plan = plan = self._memory.plan
        self._memory.place_samples(dataset, 2 * native)
        self._means = Means(experiment, dataset)
        operations = PART * sum(stage.operations for stage in network)
        self._parts_at_once = max(MOST_OPERATIONS // operations, 1)
        plan["defers"] = self._parts_at_once < self._memory.parts
        self._batch_size = experiment.batch_size
        self._batches = -(-len(dataset.X_train) // experiment.batch_size)
        plan["X_at"] = self._memory.keep(flattened(dataset.X_train))
        plan["y_at"] = self._memory.keep(dataset.y_train.astype(np.float32))

        row_bytes = 4 * piece
        rows_in = whole(int(plan["features"]), 2)
        ahead = max(GATHERED_BYTES // (row_bytes * (rows_in + 1)), 1) if piece == batch else 1
        plan["wide"], plan["piece_samples"], plan["gathered_batches"] = lanes > native, piece, ahead
        _place_batches(self._memory, ahead * piece, rows_in)

        self._row_floats = ROW_HEAD + len(self._memory.layers)
        self._rows = aligned_zeros(MOST_ROWS * self._row_floats, np.float64)
        plan["rows_at"], plan["row_floats"] = self._memory.keep(self._rows), self._row_floats
        settings = optimizer.hyperparameters
        plan["memories"] = len(optimizer.state)
        plan["momentum"], plan["alpha"] = settings.get("momentum", 0.0), settings.get("alpha", 0.0)
        plan["beta1"], plan["beta2"] = settings.get("betas", (0.0, 0.0))
        plan["eps"] = settings.get("eps", 0.0)
        self._dropout = Dropout(experiment.batch_size, network, self._memory, lanes, samples=len(dataset.X_train))
        self.most_threads = 1
        self._team: Team | None = None
        pieces = -(-min(size, len(dataset.X_train)) // piece)
        piece_bytes = 4 * int(plan["parameters"])
        if 1 < pieces <= MOST_PIECE_BYTES // piece_bytes:
            plan["piece_gradients_at"] = self._memory.keep(aligned_zeros(pieces * piece_bytes // 4))
            plan["piece_losses_at"] = self._memory.keep(aligned_zeros(pieces, np.float64))

            def recruit() -> Memory:
                memory = Memory(experiment, network, samples=piece, lanes=lanes, copies=0)
                memory.follow(self._memory, 2 * native)
                memory.plan["job"] = JOBS["help"]
                _place_batches(memory, piece, rows_in)
                return memory

            self._team = Team(self._memory, recruit)
            self.most_threads = pieces

    def run(
        self,
        experiment: Experiment,
        *,
        steps: int,
        rates: float | NDArray[np.float64],
        permutation: Tensor,
        generator: torch.Generator,
        position: int,
        epoch: int,
        record_every: int = 1,
        randomness: OwnRandomness | None = None,
        threads: int = 1,
    ) -> Progress:
        """Up to `steps` steps from batch number `position` of `epoch`; fewer where history or dropout fill their
        memory, and none beyond an epoch whose train loss is not finite, or whose evaluation is left to do.

        experiment: for its live values. rates: one learning rate, or one a step (steps,). permutation: (N,) int64, this
        epoch's order, replaced in place by those of the epochs to come, which are drawn from `generator`. The history
        has a row for every epoch whose number is a multiple of record_every, and for the last one that ends here.
        randomness: what dropout draws from. threads: up to most_threads; the results are the same with any number.
        """
        plan, optimizer = self._plan, self._optimizer
        steps = min(steps, (MOST_ROWS - 1) * record_every * self._batches)  # so that every row finds room
        if self._dropout:
            steps = min(steps, self._dropout.most_steps)
        rate_table = np.atleast_1d(np.asarray(rates, np.float64))
        state = generator.get_state()
        before = permutation.clone(), state.clone(), randomness.state if randomness and self._dropout else None
        updates = optimizer.step_count
        plan["rates_at"], plan["rate_stride"] = rate_table.ctypes.data, int(rate_table.size > 1)
        plan["generator_at"], plan["order_at"] = state.data_ptr(), permutation.data_ptr()
        plan["l1"], plan["l2"], plan["clip_norm"] = experiment.l1, experiment.l2, experiment.clip_norm
        plan["flat_at"] = self._flat.values.data_ptr()
        for number, memory in enumerate(optimizer.state.values(), start=1):
            plan[f"flat{number}_at"] = memory.data_ptr()
        plan["job"], plan["row_capacity"], plan["record_every"] = JOBS["train"], MOST_ROWS, record_every
        last_epoch = epoch + (position + steps) // self._batches

        wanted, finite = steps, True
        while True:
            plan["steps"], plan["position"] = wanted, position * self._batch_size
            plan["epoch"], plan["last_epoch"] = epoch, last_epoch
            plan["power1"], plan["power2"] = plan["beta1"] ** updates, plan["beta2"] ** updates
            if randomness and self._dropout:
                self._dropout.draw(wanted, position, randomness)
            self._call(threads)
            done = int(plan["steps_done"])
            finite = finite and bool(plan["finite"])
            if plan["finite"]:
                break
            wanted = (
                done  # nothing was written back: go again from the start, and stop before the step that ended badly
            )
            self._restore(before, permutation, state, randomness)
        generator.set_state(state)
        optimizer.step_count += done
        if done:
            optimizer.learning_rate = float(rate_table[min(done, rate_table.size) - 1])
        return Progress(
            steps=done,
            epoch=int(plan["epoch"]),
            position=int(plan["position"]) // self._batch_size,
            loss=float(plan["loss_value"]) if done else float("nan"),
            finite=finite,
            rows=self._read_rows(0 if plan["defers"] else int(plan["rows_done"])),
            norms=self._rows[ROW_HEAD : self._row_floats].copy() if plan["defers"] and plan["rows_done"] else None,
        )

    def evaluation(self, threads: Callable[[], int]) -> Parts[Sequence[float]]:
        """Train loss, test loss, train metric, test metric, in parts of a millisecond or so.

        threads: how many the next part takes.
        """
        plan, parts, first = self._plan, self._memory.parts, 0
        while True:
            count = threads()
            last = min(first + count * self._parts_at_once, parts)
            plan["job"], plan["flat_at"] = JOBS["measure"], self._flat.values.data_ptr()
            plan["first_part"], plan["last_part"] = first, last
            self._call(count)
            if last == parts:
                sums: NDArray[np.float64] = self._rows[None, :4]
                means: list[float] = self._means.of(sums)[0].tolist()
                return means
            first = last
            yield

    def _call(self, threads: int) -> None:
        with self._team.helping(self._kernel, threads) if self._team else nullcontext():
            self._kernel(self._memory.address)

    def _restore(
        self,
        before: tuple[Tensor, Tensor, NDArray[np.uint8] | None],
        permutation: Tensor,
        state: Tensor,
        randomness: OwnRandomness | None,
    ) -> None:
        """Everything as it was when the call began."""
        permutation.copy_(before[0])
        state.copy_(before[1])
        if randomness and before[2] is not None:
            randomness.restore(before[2])
        self._memory.clear()
        if self._team:
            self._team.clear()

    def _read_rows(self, count: int) -> NDArray[np.float64]:
        rows = self._rows[: count * self._row_floats].reshape(count, self._row_floats)
        head, sums, norms = rows[:, :3], rows[:, 3:ROW_HEAD], rows[:, ROW_HEAD:]
        return np.concatenate([head[:, :2], self._means.of(sums), head[:, 2:], norms], axis=1)


def _place_batches(memory: Memory, samples: int, rows_in: int) -> None:
    """Room for so many samples of batches in lanes: their inputs, then their targets."""
    at = memory.keep(aligned_zeros(samples * (rows_in + 1)))
    memory.plan["gathered_at"], memory.plan["targets_at"] = at, at + 4 * samples * rows_in
