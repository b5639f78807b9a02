"""The loops that we compare with: the same network, data, loss and optimizer, as others train them."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from playground.data.dataset import Dataset
from playground.experiment.choices import OPTIMIZERS
from playground.experiment.experiment import Experiment
from playground.network.module import build_module
from playground.training.losses import loss_function, target_dtype

Trains = Callable[[float], float]
"""Train for about so many processor seconds; samples a second."""


def torch_optimizer(experiment: Experiment, module: nn.Module) -> torch.optim.Optimizer:
    chosen = OPTIMIZERS[experiment.optimizer]
    kind = getattr(torch.optim, chosen.torch_name)
    optimizer: torch.optim.Optimizer = kind(module.parameters(), lr=experiment.learning_rate, **chosen.kwargs)
    return optimizer


def tutorial(experiment: Experiment, dataset: Dataset, module: nn.Module | None = None) -> Trains:
    """The loop of PyTorch's own tutorials: a DataLoader, an optimizer object, and `.item()` for the running loss."""
    module, loss_of = module or build_module(experiment), loss_function(experiment)
    optimizer = torch_optimizer(experiment, module)
    data = TensorDataset(
        torch.from_numpy(dataset.X_train), torch.from_numpy(dataset.y_train).to(target_dtype(experiment))
    )
    loader = DataLoader(data, batch_size=experiment.batch_size, shuffle=True)

    def batches() -> Iterator[int]:
        while True:
            running = 0.0
            for X, y in loader:
                optimizer.zero_grad()
                loss = loss_of(module(X), y)
                loss.backward()
                optimizer.step()
                running += loss.item()
                yield len(X)

    return _timed(batches())


def tuned(experiment: Experiment, dataset: Dataset) -> Trains:
    """What a careful PyTorch user writes: the data as one tensor, one shuffle an epoch, no `.item()` in the loop."""
    module, loss_of = build_module(experiment), loss_function(experiment)
    optimizer = torch_optimizer(experiment, module)
    X = torch.from_numpy(dataset.X_train)
    y = torch.from_numpy(dataset.y_train).to(target_dtype(experiment))
    size = experiment.batch_size

    def batches() -> Iterator[int]:
        while True:
            order = torch.randperm(len(X))
            X_epoch, y_epoch = X[order], y[order]
            for start in range(0, len(X), size):
                part = X_epoch[start : start + size]
                optimizer.zero_grad(set_to_none=True)
                loss_of(module(part), y_epoch[start : start + size]).backward()
                optimizer.step()
                yield len(part)

    return _timed(batches())


def scikit_learn(experiment: Experiment, dataset: Dataset) -> Trains:
    """scikit-learn's multi-layer perceptron, one `partial_fit` a batch (its loss is the logistic loss)."""
    from sklearn.neural_network import MLPClassifier

    layers = experiment.layers
    model = MLPClassifier(
        tuple(layer.units for layer in layers),
        activation={"tanh": "tanh", "relu": "relu"}[layers[0].activation],
        solver="sgd" if experiment.optimizer == "sgd" else "adam",
        momentum=0.0,
        learning_rate_init=experiment.learning_rate,
        alpha=0.0,
        batch_size=experiment.batch_size,
        random_state=0,
    )
    X, y, size = dataset.X_train, dataset.y_train, experiment.batch_size
    classes = np.unique(y)
    random = np.random.default_rng(0)

    def batches() -> Iterator[int]:
        while True:
            order = random.permutation(len(X))
            for start in range(0, len(X), size):
                part = order[start : start + size]
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # a batch may be smaller than batch_size
                    model.partial_fit(X[part], y[part], classes=classes)
                yield len(part)

    return _timed(batches())


def skorch(experiment: Experiment, dataset: Dataset) -> Trains:
    """skorch's NeuralNet with its defaults for history, printing off."""
    from skorch import NeuralNet

    loss_of = loss_function(experiment)

    class Criterion(nn.Module):
        def forward(self, logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return loss_of(logits, y)

    net = NeuralNet(
        build_module(experiment),
        criterion=Criterion,
        optimizer={"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[experiment.optimizer],
        lr=experiment.learning_rate,
        batch_size=experiment.batch_size,
        train_split=None,
        iterator_train__shuffle=True,
        verbose=0,
        max_epochs=1,
        warm_start=True,
    )
    net.initialize()
    y = torch.from_numpy(dataset.y_train).to(target_dtype(experiment)).numpy()

    def batches() -> Iterator[int]:
        while True:
            net.partial_fit(dataset.X_train, y, epochs=1)
            yield len(y)

    return _timed(batches())


def _timed(batches: Iterator[int]) -> Trains:
    def train(seconds: float) -> float:
        done, began = 0, time.process_time()
        while (now := time.process_time()) - began < seconds:
            done += next(batches)
        return done / (now - began)

    return train
