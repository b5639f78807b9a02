"""How well a network does on all samples: losses and metrics of the train and the test set."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.experiment.layer import Convolution, Pooling
from playground.network.plan import plan_network
from playground.training.closing import Parts, at_once
from playground.training.losses import loss_function, metric_function, target_dtype, token_losses

MOST_NUMBERS = {"cpu": 500_000, "cuda": 8_000_000}
"""That the layers may fill at once while all samples are evaluated: on the CPU a few milliseconds' work."""


class Evaluation(NamedTuple):
    """Losses without penalties, and accuracy or R^2; those of an empty test set are NaN."""

    train_loss: float
    test_loss: float
    train_metric: float
    test_metric: float


class Samples:
    """All samples of a dataset on the device of a network, and how the network does on them.

    X: (N, *input_shape), int64 ids or float32 numbers, train samples first. y: (N, ...). train_count: how many of them
    the network learns from.
    """

    def __init__(self, experiment: Experiment, dataset: Dataset, device: torch.device) -> None:
        X = np.concatenate([dataset.X_train, dataset.X_test])
        y = np.concatenate([dataset.y_train, dataset.y_test])
        self.train_count = len(dataset.X_train)
        dtype = torch.int64 if X.dtype.kind == "i" else torch.float32  # ids of tokens, or numbers
        self.X = _laid_out(torch.from_numpy(X).to(device, dtype), experiment)
        self.y = torch.from_numpy(y).to(device, target_dtype(experiment))
        most = MOST_NUMBERS.get(device.type, MOST_NUMBERS["cuda"])
        self._rows = max(most // sum(math.prod(piece.shape_out) for piece in plan_network(experiment)), 1)
        self._loss, self._metric = loss_function(experiment), metric_function(experiment)
        self._writes = experiment.metric == "bits"  # whose outputs are large, so they are not kept

    def part(self, split: str, values: Tensor) -> Tensor:
        """Of values (N, ...), one a sample, those of the "train" or of the "test" samples."""
        return values[: self.train_count] if split == "train" else values[self.train_count :]

    def scores(self, module: nn.Module) -> Tensor:
        """(4,): the numbers of an `Evaluation` in eval() mode, on the device; the module's mode stays as it was."""
        return at_once(self.scoring(module))

    def scoring(self, module: nn.Module) -> Parts[Tensor]:
        """What `scores` returns, in parts; between them the module is as it was."""
        results: list[Tensor] = []
        parts = zip(*(torch.split(values, self._rows) for values in (self.X, self.y)), strict=True)
        for number, (X, y) in enumerate(parts):
            if number:
                yield
            training = module.training
            module.eval()
            with torch.no_grad():
                results.append(token_losses(module(X), y) if self._writes else module(X))
            module.train(training)
        with torch.no_grad():
            return self._of_results(torch.cat(results))

    def _of_results(self, results: Tensor) -> Tensor:
        parts = [(self.part(split, results), self.part(split, self.y)) for split in ("train", "test")]
        if self._writes:
            losses = torch.stack([sums[:, 0].sum() / sums[:, 1].sum() for sums, _ in parts])
            return torch.cat([losses, losses / math.log(2)])  # nats and bits a token
        return torch.stack([self._loss(*part) for part in parts] + [self._metric(*part) for part in parts])


def _laid_out(X: Tensor, experiment: Experiment) -> Tensor:
    """X with a pixel's channels side by side in memory, where a network on the CPU pools pictures.

    All its layers then keep to that, and PyTorch's are 1.2 to 1.8 times as fast on one thread; without pooling they are
    slower (`python -m benchmarks images`). Dropout between them would draw for the numbers in another order. The copy
    tells so even of a single channel, which looks alike both ways.
    """
    pools = any(isinstance(layer, Pooling) for layer in experiment.layers)
    drops = any(isinstance(layer, Convolution) and layer.dropout for layer in experiment.layers)
    if X.ndim != 4 or not pools or drops or X.device.type != "cpu":
        return X
    return torch.empty_like(X, memory_format=torch.channels_last).copy_(X)
