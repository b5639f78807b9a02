"""One hidden layer, and the text form of a stack of them: "4-tanh_2-relu-batch-d0.2"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from playground.experiment.choices import ACTIVATIONS, NORMS
from playground.experiment.limits import LIMITS
from playground.experiment.wording import as_integer, as_number, check_choice, check_range, short, show

MAX_DROPOUT = 0.9
NO_LAYERS = "none"


@dataclass(frozen=True)
class Layer:
    """A Linear layer of some neurons, then a norm, an activation and a dropout.

    Raises: ValueError with one sentence if a value is out of its range or no known name.
    """

    units: int
    activation: str
    norm: str = "none"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        units = as_integer("The number of neurons in a layer", self.units, 4)
        dropout = as_number("The dropout of a layer", self.dropout, 0.2)
        check_range("The number of neurons in a layer", units, 1, LIMITS.width, 4)
        check_range("The dropout of a layer", dropout, 0, MAX_DROPOUT, 0.2)
        check_choice("The activation of a layer", self.activation, ACTIVATIONS)
        check_choice("The norm of a layer", self.norm, NORMS)
        object.__setattr__(self, "units", units)
        object.__setattr__(self, "dropout", dropout)

    def __str__(self) -> str:
        norm = "" if self.norm == "none" else f"-{self.norm}"
        dropout = f"-d{short(self.dropout)}" if self.dropout else ""
        return f"{self.units}-{self.activation}{norm}{dropout}"


_LAYER = re.compile(
    r"(?P<units>\d{1,9})-(?P<activation>[a-z]{1,20})(-(?P<norm>(?!d[\d.])[a-z]{1,20}))?(-d(?P<dropout>[\d.e-]{1,24}))?",
    re.ASCII,
)


def format_layers(layers: Sequence[Layer]) -> str:
    """Write hidden layers as text; without any it is "none"."""
    return "_".join(str(layer) for layer in layers) or NO_LAYERS


def parse_layers(text: str) -> tuple[Layer, ...]:
    """Read what `format_layers` wrote.

    Raises: ValueError with one sentence that names the first wrong layer, or the number of layers.
    """
    if text in ("", NO_LAYERS):
        return ()
    _check_count(text.count("_") + 1)
    return tuple(_parse_layer(number, part) for number, part in enumerate(text.split("_"), start=1))


def as_layers(value: object) -> tuple[Layer, ...]:
    """Take layers as text, or as a list of layers, mappings or texts.

    Raises: ValueError with one sentence.
    """
    if isinstance(value, str):
        return parse_layers(value)
    if not isinstance(value, list | tuple):
        raise ValueError(f"layers is {show(value)}, which is not a list of layers. Try 4-tanh_2-tanh.")
    items = cast("Sequence[object]", value)
    _check_count(len(items))
    return tuple(_as_layer(number, item) for number, item in enumerate(items, start=1))


def _check_count(count: int) -> None:
    if count > LIMITS.layers:
        raise ValueError(
            f"layers has {count:,} hidden layers, but at most {LIMITS.layers} fit. Take {count - LIMITS.layers:,} away."
        )


def _parse_layer(number: int, text: str) -> Layer:
    match = _LAYER.fullmatch(text)
    if match is None:
        raise ValueError(
            f"Layer {number} is {show(text)}, but a layer is written as neurons and activation. Try 4-tanh."
        )
    norm, dropout = match["norm"] or "none", match["dropout"] or 0.0
    return _as_layer(number, {**match.groupdict(), "norm": norm, "dropout": dropout})


def _as_layer(number: int, value: object) -> Layer:
    if isinstance(value, Layer):
        return value
    if isinstance(value, str):
        return _parse_layer(number, value)
    try:
        return Layer(**cast("Mapping[str, Any]", value))
    except TypeError as error:
        raise ValueError(
            f"Layer {number} is {show(value)}, but a layer has units, activation, norm and dropout. Try 4-tanh."
        ) from error
    except ValueError as error:
        raise ValueError(f"Layer {number}: {error}") from error
