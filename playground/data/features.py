"""What the network may look at: seven functions of the two coordinates of a point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Feature:
    """One input of the network, computed from the coordinates of a point."""

    name: str
    title: str
    formula: str
    """In LaTeX, without the dollar signs."""
    dims_used: int
    """1 if the first coordinate is enough, 2 if the second is needed."""
    compute: Callable[[NDArray[Any]], NDArray[Any]]
    """P: (N, 2) -> (N,), in the precision of P."""
    code: str
    """The same as NumPy source, where P is the (N, 2) array of points."""


def _register(*features: Feature) -> dict[str, Feature]:
    return {feature.name: feature for feature in features}


FEATURES: dict[str, Feature] = _register(
    Feature("x1", "x₁", "x_1", 1, lambda P: P[:, 0], "P[:, 0]"),
    Feature("x2", "x₂", "x_2", 2, lambda P: P[:, 1], "P[:, 1]"),
    Feature("x1sq", "x₁²", "x_1^2", 1, lambda P: P[:, 0] ** 2, "P[:, 0] ** 2"),
    Feature("x2sq", "x₂²", "x_2^2", 2, lambda P: P[:, 1] ** 2, "P[:, 1] ** 2"),
    Feature("x1x2", "x₁x₂", "x_1 x_2", 2, lambda P: P[:, 0] * P[:, 1], "P[:, 0] * P[:, 1]"),
    Feature("sinx1", "sin x₁", r"\sin(x_1)", 1, lambda P: np.sin(P[:, 0]), "np.sin(P[:, 0])"),
    Feature("sinx2", "sin x₂", r"\sin(x_2)", 2, lambda P: np.sin(P[:, 1]), "np.sin(P[:, 1])"),
)


def usable_inputs(inputs: tuple[str, ...], dims: int) -> tuple[str, ...]:
    """Keep the inputs that a sample with this many coordinates has."""
    return tuple(name for name in inputs if FEATURES[name].dims_used <= dims)


def compute_features(points: NDArray[Any], inputs: tuple[str, ...]) -> NDArray[np.float32]:
    """Compute the inputs of the network: points (N, 2) -> (N, D) float32, one column an input."""
    P = np.asarray(points, dtype=np.float32)
    if not inputs:
        return np.zeros((len(P), 0), dtype=np.float32)
    return np.stack([FEATURES[name].compute(P) for name in inputs], axis=1).astype(np.float32)
