"""The losses of this moment, and the loss curves in as few points as a screen can show."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.training.history import History
from playground.training.losses import loss_function, metric_function
from playground.training.trainer import Trainer

MAX_POINTS = 400


def losses_now(trainer: Trainer, outputs: Tensor) -> dict[str, float | None]:
    """Loss and metric of train and test with the weights of this moment. outputs: (N, K), train before test."""
    if trainer.fast is not None:
        return {name: value if math.isfinite(value) else None for name, value in trainer.evaluate()._asdict().items()}
    loss, metric = loss_function(trainer.experiment), metric_function(trainer.experiment)
    values: dict[str, float | None] = {}
    samples = trainer.samples
    with torch.no_grad():
        for split in ("train", "test"):
            logits, y = samples.part(split, outputs), samples.part(split, samples.y)
            values[f"{split}_loss"] = float(loss(logits, y)) if len(y) else None
            values[f"{split}_metric"] = float(metric(logits, y)) if len(y) else None
    return values


def thinned_losses(history: History) -> NDArray[np.float32]:
    """(K, 3): epoch, train loss, test loss of at most 400 records, with the first, the last and every extreme."""
    rows = len(history)
    if rows <= MAX_POINTS:
        return _table(history, 0, rows)
    length = 1
    while 4 * -(-rows // length) + 2 > MAX_POINTS:
        length *= 2
    curve = _CURVES.get(history)
    if curve is None or (curve.stride, curve.length) != (history.stride, length):
        curve = _CURVES[history] = _Curve(history.stride, length)
    return curve.points(history)


@dataclass(eq=False)
class _Curve:
    """The lowest and highest of each loss in every stretch of records, and the first record.

    Stretches have a power of two as length and start at its multiples, so that a growing curve keeps its old points,
    and only the stretch of the newest record is looked at again.
    """

    stride: int  # of the history
    length: int  # records a stretch
    full: int = 0  # stretches that no record is added to any more
    kept: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 3), np.float32))  # their points

    def points(self, history: History) -> NDArray[np.float32]:
        """(K, 3) of the whole history."""
        full = (len(history) - 1) // self.length
        if full > self.full:
            new = _table(history, self.full * self.length, full * self.length).reshape(-1, self.length, 3)
            self.kept = np.concatenate([self.kept, _extremes(new, first=not self.full)])
            self.full = full
        rest = _table(history, full * self.length, len(history))
        return np.concatenate([self.kept, _extremes(rest[None], last=True)])


def _table(history: History, start: int, stop: int) -> NDArray[np.float32]:
    return history.columns("epoch", "train_loss", "test_loss", start=start, stop=stop).astype(np.float32)


def _extremes(stretches: NDArray[np.float32], first: bool = False, last: bool = False) -> NDArray[np.float32]:
    """(S, R, 3) -> (K, 3): the rows with the lowest and the highest of each loss in every stretch, in their order.

    first, last: the very first or last row as well.
    """
    count, length, _ = stretches.shape
    losses = stretches[:, :, 1:]
    unknown = np.isnan(losses)  # where there are no test samples
    low, high = (losses, losses) if not unknown.any() else (np.where(unknown, end, losses) for end in (np.inf, -np.inf))
    lowest, highest = low.argmin(axis=1), high.argmax(axis=1)
    within = np.concatenate([lowest, highest], axis=1) + np.arange(count)[:, None] * length
    ends = [0] * first + [count * length - 1] * last
    rows: NDArray[np.float32] = stretches.reshape(-1, 3)[sorted({*within.ravel().tolist(), *ends})]
    return rows


_CURVES: WeakKeyDictionary[History, _Curve] = WeakKeyDictionary()
