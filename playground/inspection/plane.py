"""The plane of the points as the network sees it: the surface of its output, and the grid bent by each layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from playground.experiment.points import points_of
from playground.inspection.answers import class_probabilities, predictions
from playground.inspection.forward import device_of, inputs_at, layer_outputs, outputs_at
from playground.inspection.view import PLANE
from playground.training.trainer import Trainer

SURFACE = 60  # points a side
LINES, LINE_POINTS = 13, 61  # grid lines each way at whole numbers, and points on each
MAX_POINTS = 2_000  # drawn points: more cannot be told apart


def surface(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """x, y: (S,) ascending; z over them, row = y: the probability of the positive class or the value (S, S), the
    probability of every class (C, S, S), or of a curve the value along x (S,).

    points (N, 2), labels, predicted (N,), and train (N,) bool, of at most 2,000 points.
    """
    data, experiment = trainer.dataset, points_of(trainer.experiment)
    x0, x1, y0, y1 = PLANE
    x, y = np.linspace(x0, x1, SURFACE, dtype=np.float32), np.linspace(y0, y1, SURFACE, dtype=np.float32)
    if data.dims == 1:
        points = np.stack([x, np.zeros_like(x)], axis=1)
    else:
        points = np.stack([np.tile(x, SURFACE), np.repeat(y, SURFACE)], axis=1)
    outputs = outputs_at(trainer, inputs_at(points, experiment.active_inputs, device_of(trainer)))
    shape = (SURFACE,) if data.dims == 1 else (SURFACE, SURFACE)
    if experiment.task == "regression":
        z = outputs[:, 0].cpu().numpy().reshape(shape)
    else:
        chances = class_probabilities(experiment, outputs).cpu().numpy()
        z = chances[:, 1].reshape(shape) if experiment.task == "binary" else chances.T.reshape(-1, *shape)
    samples = trainer.samples
    shown = _shown(len(samples.y))
    return {
        "x": x,
        "y": y,
        "z": z,
        "points": np.concatenate([data.raw_train, data.raw_test])[shown],
        "labels": np.concatenate([data.y_train, data.y_test])[shown],
        "predicted": predictions(experiment, outputs_at(trainer, samples.X[shown])),
        "train": shown < samples.train_count,
    }


def bent(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """Where the grid lines of the plane lie after a hidden layer. options: layer = 0 (the inputs) to the number of
    hidden layers.

    lines (L, P, 2), points (N, 2) of the train set, labels (N,); width: units of the layer; layers: how many hidden
    layers there are; share: of the variance that two axes can show. A layer of two units is shown as it is, one unit on
    a line, more on the two principal components of the train points' activations.
    """
    data, layers = trainer.dataset, len(trainer.experiment.layers)
    layer = options.get("layer")
    layer = min(max(layer, 0), layers) if isinstance(layer, int) and not isinstance(layer, bool) else layers
    grid = _grid_lines(data.dims)  # (L, P, 2)
    samples = trainer.samples
    shown = _shown(samples.train_count)
    seen = _activations(trainer, layer, samples.X[: samples.train_count])  # (N, H)
    inputs = inputs_at(grid.reshape(-1, 2), points_of(trainer.experiment).active_inputs, device_of(trainer))
    lines = _activations(trainer, layer, inputs)
    centre, axes, share = two_axes(seen)
    return {
        "layer": layer,
        "layers": layers,
        "width": seen.shape[1],
        "share": share,
        "lines": ((lines - centre) @ axes).reshape(*grid.shape[:2], 2),
        "points": ((seen - centre) @ axes)[shown],
        "labels": samples.y[: samples.train_count].cpu().numpy()[shown],
    }


def _activations(trainer: Trainer, layer: int, X: Tensor) -> NDArray[np.float32]:
    """The values after a hidden layer, (N, H); layer 0 is the inputs themselves."""
    values = X if layer == 0 else layer_outputs(trainer, X, [layer - 1])[0]
    return values.cpu().numpy()


def two_axes(values: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """values: (N, H) -> the centre (H,) and the axes (H, 2) of the picture, and the share of variance they show."""
    width = values.shape[1]
    if width <= 2:
        return np.zeros(width, np.float32), np.eye(width, 2, dtype=np.float32), 1.0
    centre = values.mean(axis=0, dtype=np.float64)
    centred = np.nan_to_num(values - centre, posinf=0.0, neginf=0.0)
    variance, directions = np.linalg.eigh(centred.T @ centred)  # ascending
    axes = directions[:, [-1, -2]]
    largest = np.take_along_axis(axes, np.abs(axes).argmax(axis=0)[None], axis=0)
    axes = axes * np.where(largest < 0, -1, 1)  # a component's sign is arbitrary: fixed, so that pictures do not flip
    total = float(variance.sum())
    share = float(variance[-2:].sum()) / total if total > 0 else 1.0
    return centre.astype(np.float32), axes.astype(np.float32), share


def _grid_lines(dims: int) -> NDArray[np.float32]:
    """The grid lines of the plane, (L, P, 2): first those along x2, then those along x1. A curve has one."""
    x0, x1, y0, y1 = PLANE
    along = np.linspace(x0, x1, LINE_POINTS, dtype=np.float32)
    if dims == 1:
        return np.stack([along, np.zeros_like(along)], axis=1)[None]
    up = np.linspace(y0, y1, LINE_POINTS, dtype=np.float32)
    upright = [np.stack([np.full_like(up, x), up], axis=1) for x in np.linspace(x0, x1, LINES)]
    level = [np.stack([along, np.full_like(along, y)], axis=1) for y in np.linspace(y0, y1, LINES)]
    return np.stack([*upright, *level])


def _shown(count: int) -> NDArray[np.intp]:
    return np.linspace(0, count - 1, min(count, MAX_POINTS)).astype(np.intp)
