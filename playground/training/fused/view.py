"""Looking with the fused kernel: every unit's values at many points, losses and metrics, from a run's parameters."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.weak import WeakIdKeyDictionary

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.training.flat import FlatState
from playground.training.fused.compile import load_kernel
from playground.training.fused.memory import Means, Memory, aligned_zeros, whole
from playground.training.fused.network import Convolution, Stage
from playground.training.fused.plan import JOBS


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Small pictures of all units, layer by layer, hidden ones first: (H + K, M) int8, 127 = the scale of the layer."""

    pictures: NDArray[np.int8]
    scales: list[float]


class FusedView:
    """The kernel bound to the parameters of one run, which it only reads.

    Raises: RuntimeError while the kernel is not ready.
    """

    def __init__(self, experiment: Experiment, network: Sequence[Stage], dataset: Dataset, flat: FlatState) -> None:
        """network: `read_network` of the module whose parameters `flat` holds."""
        self._kernel = load_kernel()
        self._flat = flat
        dense = [stage for stage in network if not isinstance(stage, Convolution)]
        self._lanes = self._kernel(0) if len(dense) < len(network) else 2 * self._kernel(0)
        self._memory = Memory(experiment, network, samples=self._lanes, lanes=self._lanes, copies=1)
        self._memory.place_samples(dataset, self._lanes)
        self._means = Means(experiment, dataset)
        self._units = [stage.outputs for stage in dense]
        self._numbers = aligned_zeros(max(4, len(self._units)), np.float64)
        self._memory.plan["rows_at"] = self._memory.keep(self._numbers)

    def layer_outputs(self, X: Tensor) -> list[Tensor]:
        """X: (N, D) -> the activations (N, H) of each hidden layer in order, and last the logits (N, K).

        Where convolutions come first, of the dense layers after them.
        """
        values = self._look(X, hidden=True)
        return [layer.t() for layer in torch.split(torch.from_numpy(values), self._units)]

    def logits(self, X: Tensor) -> Tensor:
        """X: (N, D) -> the last layer's outputs (N, K)."""
        return torch.from_numpy(self._look(X, hidden=False)).t()

    def thumbnails(self, X: Tensor) -> Thumbnails:
        """X: (M, D), the cells of a picture -> the pictures of all units."""
        stride = whole(len(X), self._lanes)
        pictures = np.empty((sum(self._units), stride), np.int8)
        self._look(X, hidden=True, pictures=pictures)
        return Thumbnails(pictures[:, : len(X)], self._numbers[: len(self._units)].tolist())

    def evaluate(self) -> tuple[float, float, float, float]:
        """Train loss, test loss, train metric, test metric; NaN for an empty set."""
        plan = self._memory.plan
        plan["job"], plan["flat_at"] = JOBS["measure"], self._flat.values.data_ptr()
        plan["first_part"], plan["last_part"] = 0, self._memory.parts
        self._kernel(self._memory.address)
        train_loss, test_loss, train_metric, test_metric = self._means.of(self._numbers[None, :4])[0].tolist()
        return train_loss, test_loss, train_metric, test_metric

    def _look(self, X: Tensor, *, hidden: bool, pictures: NDArray[Any] | None = None) -> NDArray[np.float32]:
        points, count = _feature_major(X, self._lanes), len(X)
        stride = points.shape[1]
        values = np.empty((sum(self._units) if hidden else self._units[-1], stride), np.float32)
        plan = self._memory.plan
        plan["job"], plan["hidden"], plan["flat_at"] = JOBS["look"], hidden, self._flat.values.data_ptr()
        plan["points_at"], plan["points"], plan["point_stride"] = points.data_ptr(), count, 4 * stride
        plan["outputs_at"], plan["output_stride"] = values.ctypes.data, 4 * stride
        plan["bytes_at"] = 0 if pictures is None else pictures.ctypes.data
        self._kernel(self._memory.address)
        return values[:, :count]


_POINTS: MutableMapping[Tensor, tuple[int, Tensor]] = WeakIdKeyDictionary()


def _feature_major(X: Tensor, lanes: int) -> Tensor:
    """X: (N, ...) -> (D, N) with room for whole vectors in each row; kept while X lives, as grids do."""
    version = X._version  # counts what was written into X
    known = _POINTS.get(X)
    if known is not None and known[0] == version and not known[1].shape[1] % lanes:
        return known[1]
    flat = X.flatten(1)
    points = flat.new_zeros(flat.shape[1], whole(len(flat), lanes))
    points[:, : len(flat)] = flat.t()
    _POINTS[X] = version, points
    return points
