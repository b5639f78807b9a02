"""Training and looking with the fused kernel: a network's own flat parameters in, the same parameters moved on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.training.flat import FlatState
from playground.training.fused.compile import load_kernel
from playground.training.fused.memory import aligned_zeros, feature_major, layer_table
from playground.training.fused.plan import JOBS, LOSS_CODES, OPTIMIZER_CODES, PLAN, ROW_HEAD
from playground.training.optimizers import Optimizer
from playground.training.order import OwnRandomness

LARGEST = 120_000  # parameters; beyond about 100,000 PyTorch's matrix products are as fast
PIECE_BYTES = 192 * 1024  # of activations and deltas between two sums of gradients, so that they stay in the level 2 cache
GATHERED_BYTES = 16 * 1024  # of batches copied into lanes ahead of their steps, so that they stay in the level 1 cache
DROPOUT_BYTES = 4 * 1024 * 1024  # of dropout factors drawn ahead for one call
MOST_ROWS = 512  # of the history in one call


def supports(experiment: Experiment) -> bool:
    """Whether the kernel can train this experiment: dense layers without norms on the CPU, and not too many weights."""
    return (
        experiment.device == "cpu"
        and all(layer.norm == "none" for layer in experiment.layers)
        and experiment.parameter_count <= LARGEST
        and (experiment.loss in ("cross_entropy", "squared") or experiment.output_units == 1)
    )


@dataclass(frozen=True)
class EpochRow:
    """What the history needs of one epoch."""

    epoch: int
    steps: int
    """Steps of this call that were done at its end."""
    learning_rate: float
    train_loss: float
    test_loss: float
    train_metric: float
    test_metric: float
    gradient_norms: tuple[float, ...]


@dataclass(frozen=True)
class Progress:
    """What one call has done. Where `finite` is false, the step after the last one done would have left finite numbers."""

    steps: int
    epoch: int
    position: int
    """Batches done of the epoch that is going on."""
    loss: float
    """Of the last batch, without penalties; NaN if no step was done."""
    finite: bool
    rows: tuple[EpochRow, ...]


class FusedStepper:
    """The kernel bound to one run: its data, its flat parameters and its optimizer's memory, which it changes in place.

    Raises: RuntimeError while the kernel is not ready.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset, flat: FlatState, optimizer: Optimizer) -> None:
        self._kernel = load_kernel()
        self._flat, self._optimizer = flat, optimizer
        lanes = self._kernel(0)
        wide = experiment.batch_size > lanes
        self._widest = 2 * lanes
        self._classes = experiment.output_units > 1
        self._regression = experiment.task == "regression"
        self._layers = layer_table(experiment)
        self._kept: list[Any] = [self._layers]  # arrays whose addresses the plan holds
        self._plan = plan = np.zeros((), PLAN)
        plan["layers_at"], plan["layers"] = self._layers.ctypes.data, len(self._layers)
        plan["outputs"] = experiment.output_units
        plan["loss"] = LOSS_CODES[experiment.loss]
        plan["optimizer"] = OPTIMIZER_CODES[experiment.optimizer]
        plan["memories"] = len(optimizer.state)
        plan["batch_size"], plan["wide"] = experiment.batch_size, wide
        self._place_data(dataset)
        self._place_parameters()
        self._place_batches(self._widest if wide else lanes)
        self._rows = aligned_zeros(MOST_ROWS * (ROW_HEAD + len(self._layers)), np.float64)
        plan["rows_at"], plan["row_floats"] = self._rows.ctypes.data, ROW_HEAD + len(self._layers)
        plan["momentum"], plan["alpha"] = 0.9, 0.99
        plan["beta1"], plan["beta2"] = 0.9, 0.999
        plan["eps"] = optimizer.hyperparameters.get("eps", 0.0)
        self._dropouts = [layer.dropout for layer in experiment.layers]
        self._address = int(plan.ctypes.data)

    # ---- memory

    def _keep(self, array: NDArray[Any]) -> int:
        self._kept.append(array)
        return int(array.ctypes.data)

    def _place_data(self, dataset: Dataset) -> None:
        plan = self._plan
        X = np.ascontiguousarray(dataset.X_train, np.float32)
        plan["samples"], plan["features"] = X.shape
        plan["X_at"] = self._keep(X)
        plan["y_at"] = self._keep(dataset.y_train.astype(np.float32))
        self._variation = []
        for part, X, y in (("train", dataset.X_train, dataset.y_train), ("test", dataset.X_test, dataset.y_test)):
            columns, targets = feature_major(X, self._widest), feature_major(y.reshape(-1, 1), self._widest)
            plan[f"{part}_X_at"], plan[f"{part}_y_at"] = self._keep(columns), self._keep(targets)
            plan[f"{part}_stride"] = columns.strides[0]
            self._variation.append(float(np.square(y - y.mean()).sum()) if self._regression and len(y) else 0.0)
        plan["test_samples"] = len(dataset.X_test)

    def _place_parameters(self) -> None:
        """Five arrays of the packed layout: parameters, gradients, two memories, and the mask of the weights."""
        plan, layers = self._plan, self._layers
        sizes = [(row["rows_out"] * row["rows_in"], row["rows_out"]) for row in layers]
        size = -(-sum(weights + biases for weights, biases in sizes) // self._widest) * self._widest
        self._packed = aligned_zeros(5 * size)
        starts = [self._packed.ctypes.data + 4 * size * i for i in range(5)]
        plan["parameters"] = size
        for name, start in zip(("packed_at", "gradients_at", "memory1_at", "memory2_at", "mask_at"), starts, strict=True):
            plan[name] = start
        mask = self._packed[4 * size :]
        at = 0
        for row, (weights, biases) in zip(layers, sizes, strict=True):
            row["weights_at"], row["biases_at"] = starts[0] + 4 * at, starts[0] + 4 * (at + weights)
            row["weight_gradients_at"], row["bias_gradients_at"] = starts[1] + 4 * at, starts[1] + 4 * (at + weights)
            mask[at : at + weights] = 1
            at += weights + biases

    def _place_batches(self, lanes: int) -> None:
        """Room for the batches that are gathered ahead, and for the activations of one piece of a batch."""
        plan, layers = self._plan, self._layers
        rows = int(layers["rows_out"].sum())
        batch = -(-int(plan["batch_size"]) // lanes) * lanes
        piece = min(max(PIECE_BYTES // (8 * rows) // lanes, 1) * lanes, batch)
        bytes_each = 4 * piece * (int(layers[0]["rows_in"]) + 1)
        ahead = max(GATHERED_BYTES // bytes_each, 1) if piece == batch else 1
        plan["piece_samples"], plan["gathered_batches"] = piece, ahead
        self._gathered = aligned_zeros(ahead * bytes_each // 4)
        plan["gathered_at"] = self._gathered.ctypes.data
        plan["targets_at"] = self._gathered.ctypes.data + 4 * ahead * piece * int(layers[0]["rows_in"])
        self._activity = aligned_zeros(2 * rows * piece)
        self._place_activity(piece)

    def _place_activity(self, samples: int) -> None:
        at = self._activity.ctypes.data
        for row in self._layers:
            row["values_at"], row["deltas_at"] = at, at + 4 * row["rows_out"] * samples
            at += 8 * int(row["rows_out"]) * samples

    # ---- training

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
    ) -> Progress:
        """Up to `steps` steps from batch number `position` of `epoch`; fewer where the rows of the history are full.

        experiment: for its live values. rates: one learning rate, or one a step (steps,). permutation: (N,) int64, this
        epoch's order, replaced in place by those of the epochs that begin, which are drawn from `generator`. A row of the
        history is computed for every epoch whose number is a multiple of record_every, and for the last one that ends.
        randomness: what dropout draws from.
        """
        plan, optimizer = self._plan, self._optimizer
        batches = -(-int(plan["samples"]) // int(plan["batch_size"]))
        if any(self._dropouts):
            steps, factors = self._draw_dropout(steps, position, batches, randomness)
        rate_table = np.atleast_1d(np.asarray(rates, np.float64))
        plan["rates_at"], plan["rate_stride"] = rate_table.ctypes.data, int(rate_table.size > 1)
        state = generator.get_state()
        plan["generator_at"], plan["order_at"] = state.data_ptr(), permutation.data_ptr()
        plan["l1"], plan["l2"], plan["clip_norm"] = experiment.l1, experiment.l2, experiment.clip_norm
        plan["flat_at"] = self._flat.values.data_ptr()
        for number, memory in enumerate(optimizer.state.values(), start=1):
            plan[f"flat{number}_at"] = memory.data_ptr()

        before = permutation.clone(), state.clone()
        updates = optimizer.step_count
        wanted = steps
        while True:
            plan["job"] = JOBS["train"]
            plan["steps"], plan["position"], plan["epoch"] = wanted, position * int(plan["batch_size"]), epoch
            plan["last_epoch"] = epoch + (position + wanted) // batches
            plan["record_every"], plan["row_capacity"] = record_every, MOST_ROWS
            plan["power1"], plan["power2"] = float(plan["beta1"]) ** updates, float(plan["beta2"]) ** updates
            self._kernel(self._address)
            if plan["finite"]:
                break
            # Nothing was written back: go again, and stop before the step that does not end well.
            wanted = int(plan["steps_done"])
            permutation.copy_(before[0])
            state.copy_(before[1])
            self._activity[:] = 0  # NaN in rows that only fill up would stay for ever
        generator.set_state(state)
        done = int(plan["steps_done"])
        optimizer.step_count += done
        if done:
            optimizer.learning_rate = float(rate_table[min(done, rate_table.size) - 1])
        return Progress(
            steps=done,
            epoch=int(plan["epoch"]),
            position=int(plan["position"]) // int(plan["batch_size"]),
            loss=float(plan["loss_value"]) if done else float("nan"),
            finite=wanted == steps,
            rows=self._read_rows(int(plan["rows_done"])),
        )

    def _read_rows(self, count: int) -> tuple[EpochRow, ...]:
        width = int(self._plan["row_floats"])
        rows = self._rows[: count * width].reshape(count, width).tolist()
        return tuple(
            EpochRow(int(row[0]), int(row[1]), row[2], *self._means(row[3:7]), gradient_norms=tuple(row[7:])) for row in rows
        )

    def _means(self, sums: list[float]) -> tuple[float, float, float, float]:
        """Train loss, test loss, train metric, test metric, from the sums of losses and hits of train and test."""
        means: list[float] = []
        counts = int(self._plan["samples"]), int(self._plan["test_samples"])
        for (loss, hits), samples, variation in zip((sums[:2], sums[2:4]), counts, self._variation, strict=True):
            if not samples:
                means += [float("nan"), float("nan")]
            elif not self._regression:
                means += [loss / samples, hits / samples]
            elif variation:
                means += [loss / samples, 1 - hits / variation]
            else:
                means += [loss / samples, float(hits == 0)]
        return means[0], means[2], means[1], means[3]

    def _draw_dropout(
        self, steps: int, position: int, batches: int, randomness: OwnRandomness | None
    ) -> tuple[int, list[Tensor]]:
        raise NotImplementedError
