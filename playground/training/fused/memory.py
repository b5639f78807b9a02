"""Arrays as the kernel wants them: aligned to cache lines, features first, and the table of layers."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.experiment.experiment import Experiment
from playground.training.fused.plan import ACTIVATION_CODES, LAYER

CACHE_LINE = 64


def aligned_zeros(count: int, dtype: Any = np.float32) -> NDArray[Any]:
    """(count,) zeros that begin at a cache line."""
    size = np.dtype(dtype).itemsize
    raw = np.zeros(count * size + CACHE_LINE, np.uint8)
    start = -raw.ctypes.data % CACHE_LINE
    return raw[start : start + count * size].view(dtype)


def feature_major(X: NDArray[Any], lanes: int) -> NDArray[np.float32]:
    """X: (N, D) -> (D, N) with room for whole vectors in each row."""
    samples, features = X.shape
    columns = aligned_zeros(features * (-(-samples // lanes) * lanes)).reshape(features, -1)
    columns[:, :samples] = X.T
    return columns


def layer_table(experiment: Experiment) -> NDArray[Any]:
    """One LayerPlan for each Linear layer, with its sizes and codes."""
    widths = [len(experiment.active_inputs), *(layer.units for layer in experiment.layers), experiment.output_units]
    codes = [*(ACTIVATION_CODES[layer.activation] for layer in experiment.layers), 0]
    table = np.zeros(len(codes), LAYER)
    flat_start = 0
    for row, (inputs, outputs), code in zip(table, pairwise(widths), codes, strict=True):
        row["inputs"], row["outputs"], row["activation"] = inputs, outputs, code
        row["rows_in"] = -(-inputs // 4) * 4
        row["rows_out"] = -(-outputs // 4) * 4
        row["flat_start"] = flat_start
        flat_start += (inputs + 1) * outputs
    table[0]["rows_in"] = -(-widths[0] // 2) * 2  # no delta goes back to the inputs, so a pair of rows is a whole tile
    return table
