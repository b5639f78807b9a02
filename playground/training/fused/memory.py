"""The memory of a kernel: a plan, and the arrays whose addresses it holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.training.fused import planes
from playground.training.fused.network import Convolution, Stage
from playground.training.fused.plan import ACTIVATION_CODES, LAYER, LOSS_CODES, OPTIMIZER_CODES, PART, PLAN

CACHE_LINE = 64
TILE = 4  # units that share a load in the kernel; each layer's are filled up to whole tiles


def aligned_zeros(count: int, dtype: Any = np.float32) -> NDArray[Any]:
    """(count,) zeros that begin at a cache line."""
    size = np.dtype(dtype).itemsize
    raw = np.zeros(count * size + CACHE_LINE, np.uint8)
    start = -raw.ctypes.data % CACHE_LINE
    return raw[start : start + count * size].view(dtype)


def whole(count: int, unit: int) -> int:
    """The smallest multiple of unit that is at least count."""
    return -(-count // unit) * unit


def flattened(X: NDArray[Any]) -> NDArray[np.float32]:
    """(N, ...) -> (N, D) float32."""
    return np.ascontiguousarray(X.reshape(len(X), int(np.prod(X.shape[1:]))), np.float32)


def feature_major(X: NDArray[Any], lanes: int) -> NDArray[np.float32]:
    """X: (N, D) -> (D, N) with room for whole vectors in each row."""
    samples, features = X.shape
    columns = aligned_zeros(features * whole(samples, lanes)).reshape(features, -1)
    columns[:, :samples] = X.T
    return columns


class Memory:
    """A plan of an experiment's network with packed parameters and room for the activations of some samples.

    samples: how many at once, whole vectors of `lanes`; copies: arrays of the packed layout, as PACKED names them, none
    for a memory that is going to `follow` another. What the kernel reads must stay alive as long as the plan: hand it
    to `keep`, which gives its address.
    """

    PACKED = ("packed_at", "gradients_at", "memory1_at", "memory2_at", "mask_at")
    OWN = ("layers_at", "band_at", "band_slopes_at", "sums_at")  # fields of a plan
    SHARED = ("weights_at", "biases_at", "weight_gradients_at", "bias_gradients_at", "dropout_at")  # of its layers

    def __init__(
        self, experiment: Experiment, network: Sequence[Stage], *, samples: int, lanes: int, copies: int
    ) -> None:
        self.parts = 0  # of the train and the test set, in which they are evaluated
        self._kept: list[NDArray[Any]] = []
        self._lead: Memory | None = None
        self._activity: list[NDArray[np.float32]] = []
        self.plan = np.zeros((), PLAN)
        self.address = self.keep(self.plan)
        self.layers = layer_table(network)
        self._place_activity(self.layers, samples)
        if convolutions := [stage for stage in network if isinstance(stage, Convolution)]:
            planes.place(self, self.layers[: len(convolutions)], convolutions, lanes, samples // lanes)
        self._place_parameters(copies)
        plan = self.plan
        plan["layers_at"], plan["layers"] = self.keep(self.layers), len(self.layers)
        plan["outputs"] = network[-1].outputs
        plan["loss"] = LOSS_CODES[experiment.loss]
        plan["optimizer"] = OPTIMIZER_CODES[experiment.optimizer]
        plan["batch_size"] = experiment.batch_size

    def keep(self, array: NDArray[Any]) -> int:
        """Its address, and a reference to it."""
        self._kept.append(array)
        return int(array.ctypes.data)

    def place(self, floats: int) -> int:
        """The address of zeros for values of samples, which begin at a cache line."""
        self._activity.append(aligned_zeros(floats))
        return int(self._activity[-1].ctypes.data)

    def clear(self) -> None:
        """All values of samples and packed parameters become 0 again: NaN in what only fills up would stay for ever."""
        for values in (*self._activity, *self._packed[: self.PACKED.index("mask_at")]):
            values[:] = 0

    def place_samples(self, dataset: Dataset, lanes: int) -> None:
        """The feature-major train and test sets, for evaluation, and layers with room for so many lanes of them."""
        self._place_view(lanes)
        sets = (
            ("train", flattened(dataset.X_train), dataset.y_train),
            ("test", flattened(dataset.X_test), dataset.y_test),
        )
        for name, X, y in sets:
            columns, targets = feature_major(X, lanes), feature_major(y.reshape(-1, 1), lanes)
            self.plan[f"{name}_X_at"], self.plan[f"{name}_y_at"] = self.keep(columns), self.keep(targets)
            self.plan[f"{name}_stride"] = columns.strides[0]
        self.plan["samples"], self.plan["features"] = sets[0][1].shape
        self.plan["test_samples"] = len(dataset.X_test)
        self.parts = sum(-(-len(X) // PART) for _, X, _ in sets)
        self.plan["part_sums_at"] = self.keep(aligned_zeros(2 * self.parts, np.float64))

    def follow(self, lead: Memory, lanes: int) -> None:
        """Take over the plan and the parameters of another memory of this network, and keep it alive.

        Only the room for values of samples remains its own, with that to evaluate so many lanes.
        """
        own = {name: self.plan[name].copy() for name in self.OWN}
        self.plan[()] = lead.plan
        self._lead = lead
        for name, address in own.items():
            self.plan[name] = address
        for name in self.SHARED:
            self.layers[name] = lead.layers[name]
        self._place_view(lanes)

    def _place_view(self, lanes: int) -> None:
        """Layers with room to evaluate so many lanes."""
        self.plan["view_layers_at"] = self.plan["layers_at"]  # convolutions are evaluated in native lanes
        if not self.plan["convolutions"]:
            layers = self.layers.copy()
            self._place_activity(layers, lanes)
            self.plan["view_layers_at"] = self.keep(layers)

    def _place_activity(self, layers: NDArray[Any], samples: int) -> None:
        sizes = [whole(int(row["rows"]) * samples, CACHE_LINE // 4) for row in layers]  # whole vectors
        at = self.place(2 * sum(sizes))
        for row, size in zip(layers, sizes, strict=True):
            row["values_at"], row["deltas_at"] = at, at + 4 * size
            at += 8 * size

    def _place_parameters(self, copies: int) -> None:
        sizes = [(int(row["rows_out"] * row["rows_in"]), int(row["rows_out"])) for row in self.layers]
        size = whole(sum(weights + biases for weights, biases in sizes), CACHE_LINE)
        self._packed = aligned_zeros(copies * size).reshape(copies, size)
        starts = [self.keep(copy) for copy in self._packed]
        self.plan["parameters"] = size
        for name, start in zip(self.PACKED, starts, strict=False):
            self.plan[name] = start
        at = 0
        for row, (weights, biases) in zip(self.layers if copies else (), sizes, strict=bool(copies)):
            row["weights_at"], row["biases_at"] = starts[0] + 4 * at, starts[0] + 4 * (at + weights)
            if copies > 1:
                row["weight_gradients_at"], row["bias_gradients_at"] = (
                    starts[1] + 4 * at,
                    starts[1] + 4 * (at + weights),
                )
                self._packed[self.PACKED.index("mask_at"), at : at + weights] = 1
            at += weights + biases


def layer_table(network: Sequence[Stage]) -> NDArray[Any]:
    """One record for each layer, with its sizes and codes."""
    table = np.zeros(len(network), LAYER)
    flat_start = 0
    for row, layer in zip(table, network, strict=True):
        row["inputs"], row["outputs"] = layer.inputs, layer.outputs
        row["activation"] = ACTIVATION_CODES[layer.activation]
        row["rows_in"], row["rows_out"] = whole(layer.inputs, TILE), whole(layer.outputs, TILE)
        row["rows"] = row["rows_out"]
        row["flat_start"] = flat_start
        flat_start += (layer.inputs + 1) * layer.outputs
        if isinstance(layer, Convolution):
            planes.fill_record(row, layer)
    if not isinstance(network[0], Convolution):
        table[0]["rows_in"] = whole(network[0].inputs, 2)  # no delta goes back to inputs, so a pair is a tile
    return table


class Means:
    """From the sums of losses and hits of the train and the test set to losses and metrics."""

    def __init__(self, experiment: Experiment, dataset: Dataset) -> None:
        self._regression = experiment.task == "regression"
        targets = dataset.y_train, dataset.y_test
        self._counts = np.array([len(y) for y in targets], np.float64)
        self._variations = np.array([np.square(y - y.mean()).sum() if len(y) else 0.0 for y in targets], np.float64)

    def of(self, sums: NDArray[np.float64]) -> NDArray[np.float64]:
        """(R, 4) train loss, train hits, test loss, test hits -> train loss, test loss, train metric, test metric.

        NaN for an empty set.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            losses = sums[:, ::2] / self._counts
            if not self._regression:
                return np.concatenate([losses, sums[:, 1::2] / self._counts], axis=1)
            metrics = np.where(self._variations > 0, 1 - sums[:, 1::2] / self._variations, sums[:, 1::2] == 0)
        return np.concatenate([losses, np.where(self._counts > 0, metrics, np.nan)], axis=1)
