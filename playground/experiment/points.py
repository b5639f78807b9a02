"""Points on the plane, or of a curve: which ones, and what the network sees of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, cast

import numpy as np

from playground.data.dataset import Dataset, Task
from playground.data.features import FEATURES, usable_inputs
from playground.data.own_points import pack_points, unpack_points
from playground.data.points import DATASETS, load_points, own_task, train_size
from playground.experiment.experiment import Experiment
from playground.experiment.layer import Layer
from playground.experiment.limits import LIMITS
from playground.experiment.rules import COMMON_RULES, Rule, choice, number
from playground.experiment.wording import check_choice, show

NO_INPUTS = "none"


def _inputs(value: object) -> object:
    if value in ("", NO_INPUTS):
        return ()
    if isinstance(value, str):
        value = value[:200].split("_")
    if not isinstance(value, list | tuple):
        raise ValueError(f"inputs is {show(value)}, which is not a list of inputs. Try x1_x2.")
    names = cast("Sequence[object]", value)
    for name in names:
        check_choice("One of inputs", name, FEATURES)
    return tuple(name for name in FEATURES if name in names)  # one order, so that equal choices are equal experiments


def _points(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f"points is {show(value)}, which is not packed points. Paint new points.")
    points, labels = unpack_points(value)
    if len(points) > LIMITS.samples:
        raise ValueError(
            f"points holds {len(points):,} points, but at most {LIMITS.samples:,} fit. "
            f"Take {len(points) - LIMITS.samples:,} away."
        )
    return pack_points(np.asarray(points), labels)  # one spelling of the same points


class PointsExperiment(Experiment):
    """Points, and a network that sees their coordinates and what is computed from them."""

    kind: ClassVar[str] = "points"
    rules: ClassVar[Mapping[str, Rule]] = {
        **COMMON_RULES,
        "dataset": choice("dataset", DATASETS),
        "samples": number("samples"),
        "noise": number("noise"),
        "points": _points,
        "inputs": _inputs,
    }
    task_fields: ClassVar[frozenset[str]] = frozenset({"dataset", "points"})

    dataset: str = "circle"
    samples: int = 500
    noise: float = 0.1
    """A fraction from 0 to 0.5, as in TensorFlow Playground."""
    points: str = ""
    """Own points, packed; kept while another dataset is chosen, so that nobody loses a painting."""
    inputs: tuple[str, ...] = ("x1", "x2")
    layers: tuple[Layer, ...] = (Layer(4, "tanh"), Layer(2, "tanh"))

    @property
    def task(self) -> Task:
        """What is to be learned: one of two classes, one of several, or a number."""
        return own_task(self.points)[0] if self.dataset == "own" else DATASETS[self.dataset].task

    @property
    def class_names(self) -> tuple[str, ...]:
        """The classes by the names of their colours; empty for a regression."""
        return own_task(self.points)[1] if self.dataset == "own" else DATASETS[self.dataset].class_names

    @property
    def dims(self) -> int:
        """The input coordinates of a sample: 2, or 1 for a curve."""
        return DATASETS[self.dataset].dims

    @property
    def active_inputs(self) -> tuple[str, ...]:
        """The chosen inputs that the dataset has."""
        return usable_inputs(self.inputs, self.dims)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """One number an active input."""
        return (len(self.active_inputs),)

    @property
    def train_count(self) -> int:
        """How many points the network learns from."""
        samples = self.samples
        if self.dataset == "own":
            samples = len(unpack_points(self.points)[0])
        return train_size(samples, self.train_share)

    def load_dataset(self) -> Dataset:
        """Draw the points, or unpack own ones, and split them."""
        return load_points(
            self.dataset,
            samples=self.samples,
            noise=self.noise,
            train_share=self.train_share,
            seed=self.seed,
            inputs=self.inputs,
            points=self.points,
        )

    @property
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""
        if self.dataset == "own" and (obstacle := _obstacle_in_points(self.points)):
            return obstacle
        if not self.inputs:
            return "No inputs are chosen, so the network has nothing to look at. Switch on x₁ or x₂."
        if not self.active_inputs:
            return "The curve has one coordinate, and none of the chosen inputs looks at it. Switch on x₁."
        if self.has_batch_norm and self.train_count == 1:
            return "Batch norm compares train points, but there is only 1. Raise the train share or add points."
        return self._batch_norm_obstacle


def points_of(experiment: Experiment) -> PointsExperiment:
    """Take an experiment as one of points, where nothing else can be shown.

    Raises: TypeError if it is of another kind.
    """
    if not isinstance(experiment, PointsExperiment):
        raise TypeError(f"This is about points, but the experiment is about {experiment.kind}.")
    return experiment


def _obstacle_in_points(text: str) -> str | None:
    points, labels = unpack_points(text)
    if not len(points):
        return "There are no points yet. Paint some of each of two classes, or paste a table."
    if np.all(labels == labels[0]):
        return "All points belong to one class, so there is nothing to tell apart. Paint some of another class."
    if np.all(points == points[0]):
        return "All points are at the same place, so nothing can tell them apart. Paint some elsewhere."
    return None
