"""The one value that determines a run: data, network, training and seeds; each kind of data derives its own.

A field name is also the widget key and the URL parameter, and every field takes its value or the text of it, so that
`PointsExperiment(layers="4-tanh_2-tanh", noise="0.1")` is what a URL means. Wrong values give one sentence each.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from playground.data.dataset import Dataset, Task
from playground.experiment.choices import LOSSES, default_loss
from playground.experiment.layer import Layer
from playground.experiment.limits import LIMITS
from playground.experiment.rules import Rule
from playground.experiment.wording import show

LIVE_FIELDS = frozenset({"learning_rate", "l1", "l2", "clip_norm", "schedule", "schedule_epochs"})
"""The fields that may change while a run trains, without a reset."""


class Experiment(BaseModel, ABC):
    """All that was chosen; equal experiments give equal runs. Here are the fields that all kinds of data share.

    Raises: pydantic.ValidationError, which `explain` turns into one sentence for each wrong value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ClassVar[str]
    """The kind of data: its name in `KINDS`, and of its page."""
    rules: ClassVar[Mapping[str, Rule]]
    """What each field takes."""
    task_fields: ClassVar[frozenset[str]] = frozenset({"dataset"})
    """The fields that decide what is to be learned."""

    dataset: str
    train_share: float = 0.5
    seed: int = 7
    """Draws the samples, their split, the order of the batches and dropout."""
    layers: tuple[Layer, ...] = ()
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
        return cls.rules[str(info.field_name)](value)

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        if not self.loss:
            object.__setattr__(self, "loss", default_loss(self.task))
        if self.task not in LOSSES[self.loss].tasks:
            raise conflict(
                "loss",
                f"loss is {self.loss}, which does not fit the {self.task} dataset {self.dataset}. "
                f"Try {default_loss(self.task)}.",
            )
        if self.parameter_count > LIMITS.parameters:
            raise conflict(
                "layers",
                f"layers makes {self.parameter_count:,} parameters, but at most {LIMITS.parameters:,} fit. "
                "Take some neurons away.",
            )
        return self

    @property
    @abstractmethod
    def task(self) -> Task:
        """What is to be learned: one of two classes, one of several, or a number."""

    @property
    @abstractmethod
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes; empty for a regression."""

    @property
    @abstractmethod
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one sample as the network gets it."""

    @property
    @abstractmethod
    def train_count(self) -> int:
        """How many samples the network learns from."""

    @property
    @abstractmethod
    def parameter_count(self) -> int:
        """How many numbers are learned."""

    @property
    @abstractmethod
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""

    @abstractmethod
    def load_dataset(self) -> Dataset:
        """Draw or read the samples, encode and split them."""

    @property
    def output_units(self) -> int:
        """One output, or one a class where the loss compares the classes."""
        if self.task == "multiclass" or self.loss == "cross_entropy":
            return len(self.class_names)
        return 1

    def changed(self, **changes: Any) -> Self:
        """Make a new experiment with some fields changed, each given as its value or as text.

        A loss that does not fit the new dataset's task gives way to the usual one, unless it is among the changes.
        Raises: pydantic.ValidationError, as the constructor.
        """
        values = {**dict(self), **changes}
        if "loss" not in changes and self.task_fields & changes.keys():
            fits = self.model_validate({**values, "loss": ""}).task in LOSSES[self.loss].tasks
            values["loss"] = self.loss if fits else ""
        return self.model_validate(values)

    @property
    def batch_norm_obstacle(self) -> str | None:
        """Why batch norm cannot compare the samples of a batch, if the network has one."""
        if any(layer.norm == "batch" for layer in self.layers):
            if self.batch_size == 1:
                return "Batch norm compares the points of a batch, but a batch is 1 point. Make it 2 or more."
            if self.train_count == 1:
                return "Batch norm compares train points, but there is only 1. Raise the train share or add points."
        return None


def explain(error: ValidationError) -> tuple[str, ...]:
    """Turn the error of a wrong experiment into one sentence for each wrong value."""
    sentences: list[str] = []
    for detail in error.errors(include_url=False):
        if detail["type"] == "extra_forbidden":
            sentences.append(f"{show(detail['loc'][0])} is no setting of an experiment. Take it away.")
        else:
            sentences.append(detail["msg"].removeprefix("Value error, "))
    return tuple(sentences)


def conflict(field: str, sentence: str) -> PydanticCustomError:
    """An error of two values that do not fit together, with the field to blame."""
    return PydanticCustomError("conflict", "{sentence}", {"sentence": sentence, "field": field})
