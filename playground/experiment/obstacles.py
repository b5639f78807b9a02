"""Why a valid experiment cannot train: the empty states of the page, one sentence each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from playground.data.own_points import unpack_points

if TYPE_CHECKING:
    from playground.experiment.experiment import Experiment


def find_obstacle(experiment: Experiment) -> str | None:
    """Return the sentence with the remedy, or None if the experiment can train."""
    if experiment.dataset == "own" and (obstacle := _obstacle_in_points(experiment.points)):
        return obstacle
    if not experiment.inputs:
        return "No inputs are chosen, so the network has nothing to look at. Switch on x₁ or x₂."
    if not experiment.active_inputs:
        return "The curve has one coordinate, and none of the chosen inputs looks at it. Switch on x₁."
    if any(layer.norm == "batch" for layer in experiment.layers):
        if experiment.batch_size == 1:
            return "Batch norm compares the points of a batch, but a batch is 1 point. Make it 2 or more."
        if experiment.train_count == 1:
            return "Batch norm compares train points, but there is only 1. Raise the train share or add points."
    return None


def _obstacle_in_points(text: str) -> str | None:
    points, labels = unpack_points(text)
    if not len(points):
        return "There are no points yet. Paint some of each of two classes, or paste a table."
    if np.all(labels == labels[0]):
        return "All points belong to one class, so there is nothing to tell apart. Paint some of another class."
    if np.all(points == points[0]):
        return "All points are at the same place, so nothing can tell them apart. Paint some elsewhere."
    return None
