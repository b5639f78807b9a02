"""From raw outputs to probabilities, predictions and words."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.experiment.experiment import Experiment
from playground.experiment.points import points_of
from playground.inspection.forward import device_of, inputs_at, outputs_at
from playground.training.trainer import Trainer


def class_probabilities(experiment: Experiment, logits: Tensor) -> Tensor:
    """logits: (N, K) -> one probability a class, (N, C), read as the loss reads them.

    The squared loss compares tanh(z) with -1 and +1, so there (1 + tanh z) / 2 = sigmoid(2 z) is the probability of a
    class; several classes are scaled to a sum of one.
    """
    squared = experiment.loss == "squared"
    if logits.shape[1] == 1:
        positive = torch.sigmoid(2 * logits if squared else logits)
        return torch.cat([1 - positive, positive], dim=1)
    if squared:
        positive = torch.sigmoid(2 * logits)
        return positive / positive.sum(dim=1, keepdim=True).clamp_min(1e-30)
    return torch.softmax(logits, dim=1)


def predictions(experiment: Experiment, logits: Tensor) -> NDArray[Any]:
    """logits: (N, K) -> (N,) uint8 class, or (N,) float32 value of a regression."""
    if experiment.task == "regression":
        return logits[:, 0].cpu().numpy()
    if logits.shape[1] == 1:
        return (logits[:, 0] > 0).to(torch.uint8).cpu().numpy()
    return logits.argmax(dim=1).to(torch.uint8).cpu().numpy()


def probe(trainer: Trainer, where: tuple[float, float] | int) -> dict[str, Any] | None:
    """What the network says at a place of the plane, or about the point of that index (train before test)."""
    data, experiment = trainer.dataset, points_of(trainer.experiment)
    target: str | None = None
    if isinstance(where, int):
        train_count = len(data.raw_train)
        if where >= train_count + len(data.raw_test):
            return None
        raw, y = (data.raw_train, data.y_train) if where < train_count else (data.raw_test, data.y_test)
        index = where if where < train_count else where - train_count
        place = raw[index]
        target = data.class_names[int(y[index])] if data.class_names else f"{float(y[index]):.3f}"
    else:
        place = np.asarray(where, dtype=np.float32)
    position = place.astype(np.float32) if data.dims == 2 else np.array([place[0], 0], dtype=np.float32)
    inputs = inputs_at(position[None], experiment.active_inputs, device_of(trainer))
    logits = outputs_at(trainer, inputs)
    chances = None
    if experiment.task != "regression":
        chances = class_probabilities(experiment, logits)[0].cpu().numpy().astype(np.float64)
    return {
        "x": [float(value) for value in place[: data.dims]],
        "logits": [float(value) for value in logits[0]],
        "probabilities": [] if chances is None else [float(value) for value in chances],
        "answer": data.answer(logits[0].cpu().numpy(), chances),
        "target": target,
    }
