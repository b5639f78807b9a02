"""The one value that determines a run: data, network, training and seeds.

A field name is also the widget key and the URL parameter, and every field takes its value or the text of it, so that
`Experiment(layers="4-tanh_2-tanh", noise="0.1")` is what a URL means. Wrong values give one sentence each.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from playground.data.dataset import Dataset, Task
from playground.data.features import usable_inputs
from playground.data.own_points import unpack_points
from playground.data.points import DATASETS, load_points, own_task, train_size
from playground.experiment.choices import LOSSES, default_loss
from playground.experiment.layer import Layer
from playground.experiment.limits import LIMITS
from playground.experiment.obstacles import find_obstacle
from playground.experiment.rules import RULES
from playground.experiment.wording import show

LIVE_FIELDS = frozenset({"learning_rate", "l1", "l2", "clip_norm", "schedule", "schedule_epochs"})
"""The fields that may change while a run trains, without a reset."""


class Experiment(BaseModel):
    """All that was chosen; equal experiments give equal runs.

    Raises: pydantic.ValidationError, which `explain` turns into one sentence for each wrong value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str = "circle"
    samples: int = 500
    noise: float = 0.1
    """A fraction from 0 to 0.5, as in TensorFlow Playground."""
    train_share: float = 0.5
    seed: int = 7
    """Draws the points, their split, the order of the batches and dropout."""
    points: str = ""
    """Own points, packed; kept while another dataset is chosen, so that nobody loses a painting."""
    inputs: tuple[str, ...] = ("x1", "x2")
    layers: tuple[Layer, ...] = (Layer(4, "tanh"), Layer(2, "tanh"))
    initialiser: str = "default"
    init_seed: int = 1
    loss: str = ""
    """The usual one of the dataset's task if not given."""
    optimizer: str = "adam"
    learning_rate: float = 0.03
    schedule: str = "constant"
    schedule_epochs: int = 500
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float = 0.0
    """The longest gradient that a step may follow; 0 is off."""
    batch_size: int = 10
    device: str = "cpu"

    @field_validator("*", mode="before")
    @classmethod
    def _check_field(cls, value: object, info: ValidationInfo) -> object:
        return RULES[str(info.field_name)](value)

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if not self.loss:
            object.__setattr__(self, "loss", default_loss(self.task))
        if self.task not in LOSSES[self.loss].tasks:
            raise _conflict(
                "loss",
                f"loss is {self.loss}, which does not fit the {self.task} dataset {self.dataset}. "
                f"Try {default_loss(self.task)}.",
            )
        if self.parameter_count > LIMITS.parameters:
            raise _conflict(
                "layers",
                f"layers makes {self.parameter_count:,} parameters, but at most {LIMITS.parameters:,} fit. "
                "Take some neurons away.",
            )
        return self

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
    def output_units(self) -> int:
        """One output, or one a class where the loss compares the classes."""
        if self.task == "multiclass" or self.loss == "cross_entropy":
            return len(self.class_names)
        return 1

    @property
    def parameter_count(self) -> int:
        """Weights and biases of the Linear layers, and scales and shifts of the norms."""
        widths = [len(self.active_inputs), *(layer.units for layer in self.layers), self.output_units]
        linear = sum((before + 1) * after for before, after in pairwise(widths))
        return linear + sum(2 * layer.units for layer in self.layers if layer.norm != "none")

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
        return find_obstacle(self)

    def changed(self, **changes: Any) -> Experiment:
        """Make a new experiment with some fields changed, each given as its value or as text.

        A loss that does not fit the new dataset's task gives way to the usual one, unless it is among the changes.
        Raises: pydantic.ValidationError, as the constructor.
        """
        values = {**dict(self), **changes}
        if "loss" not in changes and {"dataset", "points"} & changes.keys():
            fits = Experiment.model_validate({**values, "loss": ""}).task in LOSSES[self.loss].tasks
            values["loss"] = self.loss if fits else ""
        return Experiment.model_validate(values)


def explain(error: ValidationError) -> tuple[str, ...]:
    """Turn the error of a wrong experiment into one sentence for each wrong value."""
    sentences: list[str] = []
    for detail in error.errors(include_url=False):
        if detail["type"] == "extra_forbidden":
            sentences.append(f"{show(detail['loc'][0])} is no setting of an experiment. Take it away.")
        else:
            sentences.append(detail["msg"].removeprefix("Value error, "))
    return tuple(sentences)


def _conflict(field: str, sentence: str) -> PydanticCustomError:
    return PydanticCustomError("conflict", "{sentence}", {"sentence": sentence, "field": field})
