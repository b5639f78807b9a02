"""Which parts of the chosen sample carry its answer, for every kind of data."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.data.dataset import Dataset
from playground.data.photos import PhotoDataset
from playground.data.table_encoding import TableDataset
from playground.data.tokens import PAD_ID
from playground.experiment.experiment import Experiment
from playground.inspection.answers import class_probabilities
from playground.inspection.explain import (
    Score,
    column_occlusion,
    input_gradient,
    merged_channels,
    occlusion,
    patch_for,
    token_gradient,
    token_occlusion,
)
from playground.inspection.stages import thinned
from playground.training.trainer import Trainer

SMALLEST = {"gradient": 1e-6, "occlusion": 0.01}
"""What counts as nothing: below it the picture stays pale. A hundredth of a probability is no evidence."""


def explanation(trainer: Trainer, X: Tensor, how: str) -> NDArray[np.float32] | None:
    """X: (1, ...) -> (H, W), (T,), (L,) at most 512, or (D,); None where there is nothing to explain.

    how: "gradient" of the logit of the answer, or "occlusion", the fall of its probability.
    """
    if isinstance(trainer.dataset, PhotoDataset):
        return None  # a place has no parts
    with torch.no_grad():
        outputs = trainer.module(X)
    logit, probability = scores_for(trainer.experiment, outputs, X)
    values = _gradient(trainer, X, logit) if how == "gradient" else _occlusion(trainer, X, probability)
    return thinned(values[None])[0] if values.ndim == 1 and X.dim() == 3 else values


def scores_for(experiment: Experiment, outputs: Tensor, X: Tensor) -> tuple[Score, Score]:
    """The logit and the probability of what the network now answers for one sample, as functions of its outputs."""
    place = int(((X[0] != PAD_ID).sum() - 1).clamp_min(0)) if outputs.dim() == 3 else None

    def answer_of(outputs: Tensor) -> Tensor:
        return outputs if place is None else outputs[:, place]

    first = answer_of(outputs)[0]
    if experiment.task == "regression":
        return (lambda outputs: answer_of(outputs)[:, 0],) * 2
    if len(first) == 1:
        sign, best = (1.0, 1) if first[0] > 0 else (-1.0, 0)
        return (
            lambda outputs: sign * answer_of(outputs)[:, 0],
            lambda outputs: class_probabilities(experiment, answer_of(outputs))[:, best],
        )
    chosen = int(first.argmax())
    return (
        lambda outputs: answer_of(outputs)[:, chosen],
        lambda outputs: class_probabilities(experiment, answer_of(outputs))[:, chosen],
    )


def _gradient(trainer: Trainer, X: Tensor, score: Score) -> NDArray[np.float32]:
    if X.dtype.is_floating_point:
        return merged_channels(input_gradient(trainer.module, X, score)[0])
    embedding = next(child for child in trainer.module.modules() if isinstance(child, nn.Embedding))
    return token_gradient(trainer.module, embedding, X, score).float().cpu().numpy()


def _occlusion(trainer: Trainer, X: Tensor, score: Score) -> NDArray[np.float32]:
    module, data = trainer.module, trainer.dataset
    if not X.dtype.is_floating_point:
        falls = token_occlusion(module, X, score, padding=PAD_ID, close_up=trainer.experiment.task != "next")
    elif X.dim() == 2:
        averages = torch.from_numpy(data.X_train.mean(axis=0, dtype=np.float64)).to(X)
        falls = column_occlusion(module, X, score, columns=columns_of(data), averages=averages)
    else:
        patch, stride = patch_for(X.shape[1:])
        falls = occlusion(module, X, score, patch=patch, stride=stride)
    return falls.float().cpu().numpy()


def columns_of(data: Dataset) -> list[slice]:
    """The inputs of each column of a table, or of each feature."""
    if isinstance(data, TableDataset):
        return [slice(encoding.start, encoding.stop) for encoding in data.encodings]
    return [slice(i, i + 1) for i in range(data.X_train.shape[1])]


def column_names(data: Dataset) -> list[str]:
    """The names of `columns_of`."""
    return (
        [encoding.name for encoding in data.encodings] if isinstance(data, TableDataset) else list(data.feature_names)
    )
