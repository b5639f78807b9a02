"""The losses of this moment, and the loss curves in as few points as a screen can show."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.inspection.forward import Samples
from playground.training.history import History
from playground.training.losses import loss_function, metric_function
from playground.training.trainer import Trainer

MAX_POINTS = 400


def losses_now(trainer: Trainer, outputs: Tensor, samples: Samples) -> dict[str, float | None]:
    """Loss and metric of train and test with the weights of this moment. outputs: (N, K), train before test."""
    if trainer.fast is not None:
        return {name: value if math.isfinite(value) else None for name, value in trainer.evaluate()._asdict().items()}
    loss, metric = loss_function(trainer.experiment), metric_function(trainer.experiment)
    values: dict[str, float | None] = {}
    with torch.no_grad():
        count = samples.train_count
        for name, part in (("train", slice(None, count)), ("test", slice(count, None))):
            logits, y = outputs[part], samples.y[part]
            values[f"{name}_loss"] = float(loss(logits, y)) if len(y) else None
            values[f"{name}_metric"] = float(metric(logits, y)) if len(y) else None
    return values


def thinned_losses(history: History) -> NDArray[np.float32]:
    """(K, 3): epoch, train loss, test loss of at most 400 records, with the first, the last and every extreme."""
    table = history.columns("epoch", "train_loss", "test_loss").astype(np.float32)
    return table if len(table) <= MAX_POINTS else table[_kept_rows(table)]


def _kept_rows(table: NDArray[np.float32]) -> NDArray[np.intp]:
    """The lowest and highest of each loss in every stretch of records.

    Stretches have a power of two as length and start at its multiples, so that a growing curve keeps its old points.
    """
    rows = len(table)
    length = 1
    while 4 * -(-rows // length) + 2 > MAX_POINTS:
        length *= 2
    stretches = -(-rows // length)
    filled = np.full((stretches * length, 2), np.nan, dtype=np.float32)
    filled[:rows] = table[:, 1:]
    losses = filled.reshape(stretches, length, 2)
    starts = np.arange(stretches)[:, None] * length
    lowest = np.where(np.isnan(losses), np.inf, losses).argmin(axis=1) + starts
    highest = np.where(np.isnan(losses), -np.inf, losses).argmax(axis=1) + starts
    kept = np.concatenate([[0, rows - 1], lowest.ravel(), highest.ravel()])
    return np.unique(kept[kept < rows])
