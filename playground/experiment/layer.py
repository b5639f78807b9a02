"""Hidden layers, and the text form of a stack of them: "c8-3-relu_max2_32-relu-batch-d0.2".

Shapes are those of one sample, without the batch: (D,) numbers, (C, L) a signal, (C, H, W) a picture.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from playground.experiment.choices import ACTIVATIONS, NORMS, POOLINGS
from playground.experiment.limits import LIMITS
from playground.experiment.wording import as_integer, as_number, check_choice, check_range, short, show

MAX_DROPOUT = 0.9
MAX_KERNEL = 99
MAX_POOLING = 16
NO_LAYERS = "none"

Shape = tuple[int, ...]


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
        _set_whole(self, "units", "The number of neurons in a layer", 1, LIMITS.width, 4)
        _check_ending(self)

    def __str__(self) -> str:
        return f"{self.units}{_ending(self)}"

    def shape_after(self, shape: Shape) -> Shape:
        """The shape that comes out; what goes in is laid flat."""
        return (self.units,)

    def parameters(self, shape: Shape) -> int:
        """Weights and biases, and scales and shifts of the norm."""
        return (math.prod(shape) + 1) * self.units + _norm_parameters(self.norm, self.units)

    def operations(self, shape: Shape) -> int:
        """Multiplications for one sample."""
        return math.prod(shape) * self.units


@dataclass(frozen=True)
class Convolution:
    """Channels that each slide one small kernel over a signal or a picture, then a norm, an activation and a dropout.

    padding: zeros around it; if not given as many as keep the size under an odd kernel and a stride of 1.
    Raises: ValueError with one sentence if a value is out of its range or no known name.
    """

    channels: int
    kernel: int
    activation: str
    norm: str = "none"
    dropout: float = 0.0
    stride: int = 1
    padding: int | None = None

    def __post_init__(self) -> None:
        _set_whole(self, "channels", "The number of channels of a convolution", 1, LIMITS.width, 8)
        _set_whole(self, "kernel", "The kernel of a convolution", 1, MAX_KERNEL, 3)
        _set_whole(self, "stride", "The stride of a convolution", 1, MAX_KERNEL, 1)
        if self.padding is None:
            object.__setattr__(self, "padding", self._same_padding)
        _set_whole(self, "padding", "The padding of a convolution", 0, self.kernel, self._same_padding)
        _check_ending(self)

    @property
    def _same_padding(self) -> int:
        return (self.kernel - 1) // 2

    @property
    def zeros_around(self) -> int:
        """The padding as a number."""
        return self._same_padding if self.padding is None else self.padding

    def __str__(self) -> str:
        stride = f"s{self.stride}" if self.stride != 1 else ""
        padding = f"p{self.padding}" if self.padding != self._same_padding else ""
        return f"c{self.channels}-{self.kernel}{stride}{padding}{_ending(self)}"

    def shape_after(self, shape: Shape) -> Shape:
        """The shape that comes out; a side below 1 means that the kernel does not fit."""
        sides = ((side + 2 * self.zeros_around - self.kernel) // self.stride + 1 for side in shape[1:])
        return (self.channels, *sides)

    def parameters(self, shape: Shape) -> int:
        """Weights and biases, and scales and shifts of the norm."""
        window: int = shape[0] * self.kernel ** (len(shape) - 1)
        return (window + 1) * self.channels + _norm_parameters(self.norm, self.channels)

    def operations(self, shape: Shape) -> int:
        """Multiplications for one sample."""
        window: int = shape[0] * self.kernel ** (len(shape) - 1)
        return window * math.prod(self.shape_after(shape))


@dataclass(frozen=True)
class Pooling:
    """Keeps the largest value or the mean of each small square of a picture, or of each stretch of a signal.

    Raises: ValueError with one sentence if a value is out of its range or no known name.
    """

    pooling: str
    size: int

    def __post_init__(self) -> None:
        check_choice("The pooling of a layer", self.pooling, POOLINGS)
        _set_whole(self, "size", "The size of a pooling", 2, MAX_POOLING, 2)

    def __str__(self) -> str:
        return f"{self.pooling}{self.size}"

    def shape_after(self, shape: Shape) -> Shape:
        """The shape that comes out; a side below 1 means that the pooling does not fit."""
        return (shape[0], *(side // self.size for side in shape[1:]))

    def parameters(self, shape: Shape) -> int:
        """It learns nothing."""
        return 0

    def operations(self, shape: Shape) -> int:
        """One look at each value."""
        return math.prod(shape)


AnyLayer = Layer | Convolution | Pooling

_ENDING = r"-(?P<activation>[a-z]{1,20})(-(?P<norm>(?!d[\d.])[a-z]{1,20}))?(-d(?P<dropout>[\d.e-]{1,24}))?"
_FORMS: tuple[tuple[type[AnyLayer], re.Pattern[str]], ...] = (
    (Layer, re.compile(r"(?P<units>\d{1,9})" + _ENDING, re.ASCII)),
    (
        Convolution,
        re.compile(
            r"c(?P<channels>\d{1,9})-(?P<kernel>\d{1,9})(s(?P<stride>\d{1,9}))?(p(?P<padding>\d{1,9}))?" + _ENDING,
            re.ASCII,
        ),
    ),
    (Pooling, re.compile(r"(?P<pooling>[a-z]{2,10})(?P<size>\d{1,9})", re.ASCII)),
)


def format_layers(layers: Sequence[AnyLayer]) -> str:
    """Write hidden layers as text; without any it is "none"."""
    return "_".join(str(layer) for layer in layers) or NO_LAYERS


def parse_layers(text: str) -> tuple[AnyLayer, ...]:
    """Read what `format_layers` wrote.

    Raises: ValueError with one sentence that names the first wrong layer, or the number of layers.
    """
    if text in ("", NO_LAYERS):
        return ()
    _check_count(text.count("_") + 1)
    return tuple(_parse_layer(number, part) for number, part in enumerate(text.split("_"), start=1))


def as_layers(value: object) -> tuple[AnyLayer, ...]:
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


def as_dense_layers(value: object) -> tuple[Layer, ...]:
    """Take layers of neurons only, as `as_layers` does.

    Raises: ValueError with one sentence.
    """
    layers = as_layers(value)
    dense = tuple(layer for layer in layers if isinstance(layer, Layer))
    if len(dense) < len(layers):
        number, layer = next((i, layer) for i, layer in enumerate(layers, 1) if not isinstance(layer, Layer))
        raise ValueError(
            f"Layer {number} is {layer}, which slides over neighbours in pictures and sounds, but there are none here. "
            "Try 16-relu."
        )
    return dense


def follow_shapes(layers: Sequence[AnyLayer], shape: Shape) -> tuple[Shape, ...]:
    """The shapes on the way through the layers: the one given, then the one after each layer.

    Raises: ValueError with one sentence if a convolution or a pooling does not fit.
    """
    shapes = [shape]
    for number, layer in enumerate(layers, start=1):
        before = shapes[-1]
        if not isinstance(layer, Layer) and len(before) == 1:
            cause = "come after a layer of neurons and" if number > 1 else ""
            raise ValueError(
                f"Layer {number} is {layer}, but the {before[0]} numbers that it gets {cause} have no neighbours. "
                "Put it before all layers of neurons.".replace("  ", " ")
            )
        after = layer.shape_after(before)
        if min(after) < 1 and not isinstance(layer, Layer):
            sides = " × ".join(str(side) for side in before[1:])
            raise ValueError(
                f"Layer {number} is {layer}, but only {sides} is left before it. Make it smaller or take it away."
            )
        shapes.append(after)
    return tuple(shapes)


def _check_count(count: int) -> None:
    if count > LIMITS.layers:
        raise ValueError(
            f"layers has {count:,} hidden layers, but at most {LIMITS.layers} fit. Take {count - LIMITS.layers:,} away."
        )


def _parse_layer(number: int, text: str) -> AnyLayer:
    for form, pattern in _FORMS:
        if match := pattern.fullmatch(text):
            given = {name: part for name, part in match.groupdict().items() if part is not None}
            return _made(number, form, given)
    raise ValueError(f"Layer {number} is {show(text)}, but a layer is written as neurons and activation. Try 4-tanh.")


def _as_layer(number: int, value: object) -> AnyLayer:
    if isinstance(value, AnyLayer):
        return value
    if isinstance(value, str):
        return _parse_layer(number, value)
    if not isinstance(value, Mapping):
        raise ValueError(f"Layer {number} is {show(value)}, but a layer has units and an activation. Try 4-tanh.")
    form = Convolution if "channels" in value else Pooling if "pooling" in value else Layer
    return _made(number, form, cast("Mapping[str, Any]", value))


def _made(number: int, form: type[AnyLayer], fields: Mapping[str, Any]) -> AnyLayer:
    try:
        return form(**fields)
    except TypeError as error:
        raise ValueError(
            f"Layer {number} is {show(fields)}, but a layer has units, activation, norm and dropout. Try 4-tanh."
        ) from error
    except ValueError as error:
        raise ValueError(f"Layer {number}: {error}") from error


def _set_whole(layer: AnyLayer, field: str, words: str, low: int, high: int, example: int) -> None:
    number = as_integer(words, getattr(layer, field), example)
    check_range(words, number, low, high, example)
    object.__setattr__(layer, field, number)


def _check_ending(layer: Layer | Convolution) -> None:
    dropout = as_number("The dropout of a layer", layer.dropout, 0.2)
    check_range("The dropout of a layer", dropout, 0, MAX_DROPOUT, 0.2)
    check_choice("The activation of a layer", layer.activation, ACTIVATIONS)
    check_choice("The norm of a layer", layer.norm, NORMS)
    object.__setattr__(layer, "dropout", dropout)


def _ending(layer: Layer | Convolution) -> str:
    norm = "" if layer.norm == "none" else f"-{layer.norm}"
    dropout = f"-d{short(layer.dropout)}" if layer.dropout else ""
    return f"-{layer.activation}{norm}{dropout}"


def _norm_parameters(norm: str, channels: int) -> int:
    return 0 if norm == "none" else 2 * channels
