"""The one value that determines a run: data, network, training and seeds; each kind of data derives its own.

A field name is also the widget key and the URL parameter, and every field takes its value or the text of it, so that
`PointsExperiment(layers="4-tanh_2-tanh", noise="0.1")` is what a URL means. Wrong values give one sentence each.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from playground.data.dataset import Dataset, Task
from playground.experiment.choices import LOSSES, default_loss
from playground.experiment.layer import AnyLayer, Pooling, Shape, follow_shapes
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
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """What suits a dataset better than the defaults of the fields: dataset -> field -> value."""
    task_fields: ClassVar[frozenset[str]] = frozenset({"dataset"})
    """The fields that decide what is to be learned."""

    dataset: str
    train_share: float = 0.5
    seed: int = 7
    """Draws the samples, their split, the order of the batches and dropout."""
    layers: tuple[AnyLayer, ...] = ()
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

    @model_validator(mode="before")
    @classmethod
    def _suit_dataset(cls, values: object) -> object:
        """What is not given is what suits the dataset, and else the field's default."""
        if not isinstance(values, Mapping):
            return values
        dataset = values.get("dataset", cls.model_fields["dataset"].default)
        return {**cls.presets.get(str(dataset), {}), **values}

    @model_validator(mode="after")
    def _check_together(self) -> Self:
        self._check_kind()
        if not self.loss:
            object.__setattr__(self, "loss", default_loss(self.task))
        if self.task not in LOSSES[self.loss].tasks:
            raise conflict(
                "loss",
                f"loss is {self.loss}, which does not fit the {self.task} dataset {self.dataset}. "
                f"Try {default_loss(self.task)}.",
            )
        try:
            shapes = follow_shapes(self.layers, self.features_shape)
        except ValueError as error:
            raise conflict("layers", str(error)) from error
        self._check_parameters(self._most_parameters)
        self._check_batch(sum(map(math.prod, shapes)), self._operations(shapes))
        return self

    def _check_kind(self) -> None:
        """Refuse what does not fit together in the fields of one kind of data."""

    def _check_parameters(self, most: int) -> None:
        if most > LIMITS.parameters:
            raise conflict(
                "layers",
                f"layers makes {most:,} parameters, but at most {LIMITS.parameters:,} fit. Take some neurons away.",
            )

    def _check_batch(self, activations: int, operations: int) -> None:
        """Refuse a batch that would take more memory or time than a step may, of so many for one sample."""
        for count, limit, words in (
            (activations, LIMITS.activations, "numbers in the layers"),
            (operations, LIMITS.operations, "multiplications a step"),
        ):
            if count * self.batch_size > limit:
                fits = limit // count
                field, remedy = ("batch_size", f"Try {fits}.") if fits else ("layers", "Take some layers away.")
                raise conflict(
                    field,
                    f"batch_size is {self.batch_size:,}, which makes {count * self.batch_size:,} {words}, but at most "
                    f"{limit:,} fit. {remedy}",
                )

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
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""

    @abstractmethod
    def load_dataset(self) -> Dataset:
        """Draw or read the samples, encode and split them."""

    @property
    def train_count(self) -> int:
        """How many samples the network learns from."""
        return len(self.load_dataset().X_train)

    @property
    def metric(self) -> str:
        """What tells people how good the network is: a name in `training.losses.METRICS`."""
        return "r2" if self.task == "regression" else "accuracy"

    @property
    def output_units(self) -> int:
        """One output, or one a class where the loss compares the classes."""
        if self.task == "multiclass" or self.loss == "cross_entropy":
            return len(self.class_names)
        return 1

    @property
    def features_shape(self) -> tuple[int, ...]:
        """The shape of what the first hidden layer gets of one sample."""
        return self.input_shape

    @property
    def parameter_count(self) -> int:
        """How many numbers are learned."""
        return self._parameters(self.output_units)

    @property
    def smallest_batch(self) -> int:
        """Smaller batches are left out of an epoch: batch norm cannot compare a single sample with others."""
        return 2 if self.has_batch_norm else 1

    @property
    def has_batch_norm(self) -> bool:
        """Does a hidden layer have batch norm?"""
        return any(not isinstance(layer, Pooling) and layer.norm == "batch" for layer in self.layers)

    def changed(self, **changes: Any) -> Self:
        """Make a new experiment with some fields changed, each given as its value or as text.

        With another dataset, the fields that are as the old one suggests become as the new one does, and a loss that is
        the usual one, or does not fit the new task, becomes the usual one.
        Raises: pydantic.ValidationError, as the constructor.
        """
        values = {**dict(self), **changes}
        if self.presets and changes.get("dataset", self.dataset) != self.dataset:
            before, after = (self.model_validate({"dataset": name}) for name in (self.dataset, changes["dataset"]))
            old = dict(before)
            values |= {
                name: value
                for name, value in after
                if name not in changes and name not in ("dataset", "loss") and values[name] == old[name]
            }
        if "loss" not in changes and self.task_fields & changes.keys():
            fits = self.model_validate({**values, "loss": ""}).task in LOSSES[self.loss].tasks
            values["loss"] = self.loss if fits and self.loss != default_loss(self.task) else ""
        return self.model_validate(values)

    def _parameters(self, outputs: int) -> int:
        """The parameters of the hidden layers and of a last Linear layer of so many outputs."""
        shapes = follow_shapes(self.layers, self.features_shape)
        hidden = sum(layer.parameters(shape) for layer, shape in zip(self.layers, shapes, strict=False))
        return hidden + (math.prod(shapes[-1]) + 1) * outputs

    @property
    def _most_parameters(self) -> int:
        """At least as many as there are, found without loading the data."""
        return self.parameter_count

    def _operations(self, shapes: tuple[Shape, ...]) -> int:
        """Multiplications of the hidden layers for one sample, which takes these shapes."""
        return sum(layer.operations(shape) for layer, shape in zip(self.layers, shapes, strict=False))

    @property
    def _batch_norm_obstacle(self) -> str | None:
        if self.has_batch_norm and self.batch_size == 1:
            return "Batch norm compares the points of a batch, but a batch is 1 point. Make it 2 or more."
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


def changed_fields(before: Experiment, after: Experiment) -> list[str]:
    """The names of the fields in which two experiments differ."""
    return [name for name in type(before).model_fields if getattr(before, name) != getattr(after, name, None)]
