"""The numbers inside a network: its weights as they are, and how weights, activations and gradients are distributed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.experiment.points import PointsExperiment
from playground.inspection.forward import inspecting, part_of
from playground.inspection.stages import picture_shape, recording, run_through
from playground.network.module import LINEAR
from playground.training.losses import loss_function
from playground.training.trainer import Trainer

BINS = 40
SAMPLES = 512  # enough for the shape of a distribution, and a millisecond on the largest network of points
NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm, nn.GroupNorm)
MAX_SIDE = 256  # neurons and inputs of a heatmap: more are too small to see, and slow to send
MAX_TILES = (32, 16)  # kernels drawn of a convolution: outputs, inputs


@dataclass(frozen=True, eq=False)
class Weighted:
    """One tensor of weights. layer: the child of the module that it belongs to, name: the same or more precise."""

    layer: str
    name: str
    weight: Tensor
    bias: Tensor | None
    picture: tuple[int, int, int] | None = None
    """(C, H, W) of the maps that a Linear layer sees laid flat."""


def weighted_layers(trainer: Trainer) -> list[Weighted]:
    """The weights of the module in order, the output last; embeddings have a map of their own."""
    found: list[Weighted] = []
    picture: tuple[int, int, int] | None = None
    for name, child in trainer.module.named_children():
        if isinstance(child, LINEAR):
            found.append(Weighted(name, name, child.weight, child.bias, picture))
            picture = None
        elif name == "encoder":
            parameters = child.named_parameters()
            found += [Weighted(name, f"{name}.{part}", p, None) for part, p in parameters if p.ndim >= 2]
        elif isinstance(child, nn.Flatten):
            picture = _picture_before(trainer)
    return found


def _picture_before(trainer: Trainer) -> tuple[int, int, int] | None:
    """The shape of the maps that the Flatten layer gets."""
    before, _ = part_of(trainer, "train", 1)
    with inspecting(trainer.module):
        seen, _ = run_through(trainer.module, before)
    for name, child in trainer.module.named_children():
        if isinstance(child, nn.Flatten):
            return picture_shape(before)
        before = seen[name]
    return None


def weights(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """layers: names; weights: (out, in) each, or tiles (out, in, h, w); biases: (out,) each, empty where there is none.

    groups: to which layer each belongs, from 1. columns, rows: the names of what goes into each layer and of what comes
    out. norms: of each batch or layer norm name, weight (units,), bias (units,). At most 256 x 256 weights and 32 x 16
    tiles of a layer are told.
    """
    layers = weighted_layers(trainer)
    names = list(dict.fromkeys(entry.layer for entry in layers))
    before = _input_names(trainer)
    columns: list[list[str]] = []
    rows: list[list[str]] = []
    for entry in layers:
        outputs, inputs = entry.weight.shape[:2]
        columns.append(before if len(before) == inputs else [str(i + 1) for i in range(inputs)])
        number = entry.layer.lstrip("abcdefghijklmnopqrstuvwxyz")
        rows.append([f"{number}.{unit}" if number else str(unit) for unit in range(1, outputs + 1)])
        before = rows[-1]
    classes = list(trainer.dataset.class_names)
    outputs = layers[-1].weight.shape[0]
    rows[-1] = classes if len(classes) == outputs else ["output"] if outputs == 1 else rows[-1]
    shown = [_shown(entry) for entry in layers]
    return {
        "layers": [entry.name for entry in layers],
        "groups": [names.index(entry.layer) + 1 for entry in layers],
        "inputs": _input_names(trainer),
        "columns": [part[:MAX_SIDE] for part in columns],
        "rows": [part[:MAX_SIDE] for part in rows],
        "weights": shown,
        "biases": [np.zeros(0, np.float32) if e.bias is None else _numpy(e.bias)[:MAX_SIDE] for e in layers],
        "norms": [
            {"name": name, "weight": _numpy(child.weight), "bias": _numpy(child.bias)}
            for name, child in trainer.module.named_children()
            if isinstance(child, NORMS)
        ],
    }


def _input_names(trainer: Trainer) -> list[str]:
    experiment = trainer.experiment
    if isinstance(experiment, PointsExperiment):
        return list(experiment.active_inputs)
    return list(trainer.dataset.feature_names)


def _shown(entry: Weighted) -> NDArray[np.float32]:
    weight = entry.weight
    if weight.ndim == 2 and entry.picture is not None:
        weight = weight.view(-1, *entry.picture)
    if weight.ndim == 3:
        weight = weight[:, :, None]
    if weight.ndim == 4:
        return _numpy(weight[: MAX_TILES[0], : MAX_TILES[1]])
    return _numpy(weight[:MAX_SIDE, :MAX_SIDE])


def histograms(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """options: of = "weights", "activations" or "gradients"; -> layers: names; counts: (B,) each; edges: (B + 1,) each.

    Activations are those of the first 512 train samples (raw outputs in the last layer), gradients those of the train
    loss over the same samples with respect to the weights, without penalties and without dropout.
    """
    of = options.get("of")
    layers = weighted_layers(trainer)
    names = [entry.name for entry in layers]
    if of == "activations":
        activations = layer_activations(trainer)
        names, values = list(activations), list(activations.values())
    elif of == "gradients":
        values = weight_gradients(trainer)
    else:
        of, values = "weights", [entry.weight for entry in layers]
    binned = [_histogram(_numpy(value)) for value in values]
    return {
        "of": of,
        "layers": names,
        "counts": [counts for counts, _ in binned],
        "edges": [edges for _, edges in binned],
    }


def layer_activations(trainer: Trainer) -> dict[str, Tensor]:
    """What each layer with weights says after its activation, over at most 512 train samples."""
    X, _ = part_of(trainer, "train", SAMPLES)
    with torch.no_grad(), inspecting(trainer.module), recording(trainer.module) as seen:
        trainer.module(X)
    found: dict[str, Tensor] = {}
    for name in dict.fromkeys(entry.layer for entry in weighted_layers(trainer)):
        number = name.lstrip("abcdefghijklmnopqrstuvwxyz")
        found[name] = seen.get(f"activation{number}", seen[name]) if number else seen[name]
    return found


def weight_gradients(trainer: Trainer) -> list[Tensor]:
    """d loss / d weight of every layer over at most 512 train samples, leaving the module's own `.grad` alone."""
    X, y = part_of(trainer, "train", SAMPLES)
    parameters = [entry.weight for entry in weighted_layers(trainer)]
    with torch.enable_grad(), inspecting(trainer.module), torch.backends.cudnn.flags(enabled=False):
        loss = loss_function(trainer.experiment)(trainer.module(X), y)
        return list(torch.autograd.grad(loss, parameters))


def _histogram(values: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    finite = values[np.isfinite(values)].astype(np.float64)
    return np.histogram(finite, BINS)


def _numpy(tensor: Tensor) -> NDArray[np.float32]:
    return tensor.detach().float().cpu().numpy().copy()
