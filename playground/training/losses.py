"""Losses on raw logits, and the metrics that people read.

Every loss is the mean over the samples (and over all terms where a sample has several), in nats for bce and
cross_entropy. None includes the L1 and L2 penalties, so that train and test losses compare.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from playground.data.tokens import PAD_ID
from playground.experiment.experiment import Experiment

Loss = Callable[[Tensor, Tensor], Tensor]  # (logits (N, K), y (N,)) -> 0-d; see the losses for other shapes


def mse(logits: Tensor, y: Tensor) -> Tensor:
    """mean (z - y)^2; y: (N,) with one logit a sample, or (N, K) for several values."""
    return F.mse_loss(logits.view(y.shape), y.to(logits.dtype))


def huber(logits: Tensor, y: Tensor) -> Tensor:
    """Squared error / 2 up to an error of 1, beyond it linear, so that outliers pull less. Source: Huber 1964."""
    return F.huber_loss(logits.view(y.shape), y.to(logits.dtype))


def bce(logits: Tensor, y: Tensor) -> Tensor:
    """-log of the probability sigmoid(z) that the network gives to the right one of two classes."""
    return F.binary_cross_entropy_with_logits(logits[:, 0], y.to(logits.dtype))


def cross_entropy(logits: Tensor, y: Tensor) -> Tensor:
    """-log of the probability softmax(z) that the network gives to the right class.

    Where a text is continued, logits (N, T, V) and y (N, T), it is the mean over all tokens without padding.
    """
    if y.ndim == 2:
        return F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=PAD_ID)
    return F.cross_entropy(logits, y.long())


def token_losses(logits: Tensor, y: Tensor) -> Tensor:
    """logits (N, T, V), y (N, T) -> (N, 2): for each text the sum of its tokens' cross-entropies, and their number.

    Summed over texts, the first divided by the second is `cross_entropy`.
    """
    losses = F.cross_entropy(logits.flatten(0, 1), y.flatten(), ignore_index=PAD_ID, reduction="none").view(y.shape)
    return torch.stack([losses.sum(dim=1), (y != PAD_ID).sum(dim=1).to(losses.dtype)], dim=1)


def squared(logits: Tensor, y: Tensor) -> Tensor:
    """mean (tanh(z) - t)^2 / 2 with targets t of -1 and +1; with several classes t is +1 for the right one.

    Source: TensorFlow Playground, nn.ts, Errors.SQUARE, and its tanh output.
    """
    classes = logits.shape[1]
    signs = 2 * y.to(logits.dtype) - 1 if classes == 1 else _signs(classes, logits)[y.long()]
    return 0.5 * F.mse_loss(torch.tanh(logits).view(signs.shape), signs)


def _signs(classes: int, like: Tensor) -> Tensor:
    return 2 * torch.eye(classes, dtype=like.dtype, device=like.device) - 1


LOSSES: dict[str, Loss] = {"mse": mse, "huber": huber, "bce": bce, "cross_entropy": cross_entropy, "squared": squared}


def loss_function(experiment: Experiment) -> Loss:
    """The experiment's loss: (logits (N, K), y (N,)) -> 0-d tensor."""
    return LOSSES[experiment.loss]


def target_dtype(experiment: Experiment) -> torch.dtype:
    """The dtype in which the loss takes y without converting it at every step."""
    return torch.int64 if experiment.output_units > 1 and experiment.task != "regression" else torch.float32


def accuracy(logits: Tensor, y: Tensor) -> Tensor:
    """The share of samples whose most probable class is the right one; NaN without samples."""
    predicted = (logits[:, 0] > 0) if logits.shape[1] == 1 else logits.argmax(1)
    return (predicted == y).to(logits.dtype).mean()


def r2(logits: Tensor, y: Tensor) -> Tensor:
    """1 - residual / total sum of squares; where all y are equal 1 for a perfect fit and else 0. NaN without samples.

    Source: sklearn.metrics.r2_score, with its rule for equal y.
    """
    residual = (logits[:, 0] - y).square().sum()
    total = (y - y.mean()).square().sum()
    constant = (residual == 0).to(logits.dtype)
    return torch.where(total == 0, constant, 1 - residual / total) + 0 * y.mean()  # the last term: NaN without samples


def psnr(logits: Tensor, y: Tensor) -> Tensor:
    """Peak signal-to-noise ratio of colours from 0 to 1 in decibels: 20 is recognisable, 30 good. NaN without samples.

    What is painted is cut off at 0 and 1, as on a screen.
    """
    return -10 * (logits.clamp(0, 1) - y).square().mean().log10()


def bits(logits: Tensor, y: Tensor) -> Tensor:
    """Bits a token: the cross-entropy with the logarithm of base 2, so 1 is as good as one of two equally likely."""
    return cross_entropy(logits, y) / math.log(2)


METRICS: dict[str, Loss] = {"accuracy": accuracy, "r2": r2, "psnr": psnr, "bits": bits}
"""Of accuracy, R^2 and decibels more is better, of bits less."""


def metric_function(experiment: Experiment) -> Loss:
    """The experiment's metric: (logits (N, K), y (N,)) -> 0-d tensor."""
    return METRICS[experiment.metric]
