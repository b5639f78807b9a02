"""The numbers inside a network: its weights as they are, and how weights, activations and gradients are distributed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.experiment.points import points_of
from playground.inspection.forward import inspecting, layer_outputs, samples_of
from playground.training.losses import loss_function
from playground.training.trainer import Trainer

BINS = 40
SAMPLES = 512  # enough for the shape of a distribution, and a millisecond on the largest network


def linear_layers(trainer: Trainer) -> list[tuple[str, nn.Linear]]:
    """The module's Linear layers in order, the output last."""
    return [(name, child) for name, child in trainer.module.named_children() if isinstance(child, nn.Linear)]


def weights(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """layers: names; inputs: names of the features; weights: (out, in) each; biases: (out,) each.

    columns, rows: the names of what goes into each layer and of what comes out. norms: of each batch or layer norm
    name, weight (units,), bias (units,).
    """
    experiment = points_of(trainer.experiment)
    units = [[f"{i}.{unit}" for unit in range(1, layer.units + 1)] for i, layer in enumerate(experiment.layers, 1)]
    names = list(trainer.dataset.class_names)
    layers = linear_layers(trainer)
    outputs = names if len(names) == layers[-1][1].out_features else ["output"]
    return {
        "layers": [name for name, _ in layers],
        "inputs": list(experiment.active_inputs),
        "columns": [list(experiment.active_inputs), *units],
        "rows": [*units, outputs],
        "weights": [_numpy(linear.weight) for _, linear in layers],
        "biases": [_numpy(linear.bias) for _, linear in layers],
        "norms": [
            {"name": name, "weight": _numpy(child.weight), "bias": _numpy(child.bias)}
            for name, child in trainer.module.named_children()
            if isinstance(child, nn.BatchNorm1d | nn.LayerNorm)
        ],
    }


def histograms(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """options: of = "weights", "activations" or "gradients"; -> layers: names; counts: (B,) each; edges: (B + 1,) each.

    Activations are those of the first 512 train points (raw outputs in the last layer), gradients those of the train
    loss over the same points with respect to the weights, without penalties and without dropout.
    """
    of = options.get("of")
    layers = linear_layers(trainer)
    if of == "activations":
        samples = samples_of(trainer)
        values = layer_outputs(trainer, samples.X[: min(samples.train_count, SAMPLES)])
    elif of == "gradients":
        values = weight_gradients(trainer)
    else:
        of, values = "weights", [linear.weight for _, linear in layers]
    binned = [_histogram(_numpy(value)) for value in values]
    return {
        "of": of,
        "layers": [name for name, _ in layers],
        "counts": [counts for counts, _ in binned],
        "edges": [edges for _, edges in binned],
    }


def weight_gradients(trainer: Trainer) -> list[Tensor]:
    """d loss / d weight of every Linear over at most 512 train points, leaving the module's own `.grad` alone."""
    samples = samples_of(trainer)
    count = min(samples.train_count, SAMPLES)
    parameters = [linear.weight for _, linear in linear_layers(trainer)]
    with torch.enable_grad(), inspecting(trainer.module):
        loss = loss_function(trainer.experiment)(trainer.module(samples.X[:count]), samples.y[:count])
        return list(torch.autograd.grad(loss, parameters))


def _histogram(values: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    finite = values[np.isfinite(values)].astype(np.float64)
    return np.histogram(finite, BINS)


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().cpu().numpy().copy()
