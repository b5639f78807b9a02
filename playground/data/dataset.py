"""A dataset as a network sees it (arrays) and as a person sees it (raw samples, answers in words)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Task = Literal["binary", "multiclass", "regression", "next"]
"""What is to be answered: which of two classes, which of several, a number, or which token comes next."""

BINARY_NAMES = ("orange", "blue")
"""Class 0 is the negative class and class 1 the positive one, named after their colours."""

CLASS_NAMES = ("blue", "orange", "green", "pink", "yellow")
"""Three to five classes are named after their colours, in this order."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Train and test samples, with the names that a person knows them by.

    X_train, X_test: what the network gets, samples first: (N, D) float32 here; other kinds of data say their own shape.
    y_train, y_test: (N,) int64 class index, or float32 for a regression.
    raw_train, raw_test: what a person sees. Points as drawn, (N, 2) float32: (x1, x2), or (x, target) for a curve.
    dims: input coordinates of a raw point, 2 or 1; 0 where the raw sample is not a point.
    """

    X_train: NDArray[Any]
    y_train: NDArray[Any]
    X_test: NDArray[Any]
    y_test: NDArray[Any]
    task: Task
    class_names: tuple[str, ...]
    feature_names: tuple[str, ...]
    raw_train: NDArray[Any]
    raw_test: NDArray[Any]
    dims: int

    def answer(self, output: NDArray[Any], probabilities: NDArray[Any] | None = None) -> str:
        """Say in words what the network answers for one sample: "Class blue, 93 %".

        output: (K,) logits, or one value for a regression. probabilities: (C,), where the loss reads the logits in
        another way than sigmoid (one logit) or softmax (one logit a class).
        """
        logits = np.asarray(output, dtype=np.float64).reshape(-1)
        if self.task == "regression":
            return f"Value {logits[0]:.3f}"
        if probabilities is None:
            probabilities = class_probabilities(logits)
        if not np.all(np.isfinite(probabilities)):
            return "No answer, because the output is not a finite number"
        best = int(np.argmax(probabilities))
        return f"Class {self.class_names[best]}, {100 * float(probabilities[best]):.0f} %"


def class_probabilities(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Turn the logits of one sample into one probability a class: sigmoid of one logit, softmax of several."""
    z = np.asarray(logits, dtype=np.float64).reshape(-1)
    if z.size == 1:
        z = np.array([0.0, z[0]])  # sigmoid(z) is the softmax of (0, z)
    exponentials: NDArray[np.float64] = np.exp(z - z.max())
    return np.asarray(exponentials / exponentials.sum())
