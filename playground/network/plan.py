"""The children of an experiment's network, one after the other, by name, PyTorch text and shape. No torch here.

`shapes` describes this plan, `source` writes it as text, and `module` builds it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from playground.experiment.choices import ACTIVATIONS, ENCODERS, NORMS, POOLINGS
from playground.experiment.encoders import encoder_parameters
from playground.experiment.experiment import Experiment
from playground.experiment.layer import AnyLayer, Convolution, Layer, Pooling, Shape
from playground.experiment.text import TextExperiment
from playground.experiment.wording import short

Argument = int | float | str | bool

ENCODER_MODULES: dict[str, str] = {
    "mean": "MeanOfTokens",
    "cnn": "TokenCNN",
    "rnn": "LastState",
    "gru": "LastState",
    "lstm": "LastState",
    "attention": "SelfAttention",
}
"""The class in `network.modules` for each encoder."""


@dataclass(frozen=True)
class Piece:
    """One child of the network: the tensor that goes in, the one that comes out, and what it learns.

    Shapes are without the batch.
    """

    name: str
    """As in the module: conv1, norm1, activation1, pool2, dropout2, flatten, linear3, embedding, encoder, output."""
    module: str
    """The class: "nn.Linear", or one of `network.modules`."""
    shape_in: Shape
    shape_out: Shape
    parameters: int
    title: str
    """What people call it."""
    args: tuple[Argument, ...] = ()
    kwargs: Mapping[str, Argument] = field(default_factory=dict)
    linear: bool = False
    """Is it a linear function with weights, as Linear and convolution are?"""

    @property
    def source(self) -> str:
        """The child as PyTorch text: "nn.Linear(2, 4)"."""
        arguments = [_written(value) for value in self.args]
        arguments += [f"{name}={_written(value)}" for name, value in self.kwargs.items()]
        return f"{self.module}({', '.join(arguments)})"


def plan_network(experiment: Experiment) -> tuple[Piece, ...]:
    """Plan the network; without inputs it begins with a shape of (0,)."""
    return tuple(_pieces(experiment))


def _pieces(experiment: Experiment) -> Iterator[Piece]:
    shape = experiment.input_shape
    every: Shape = ()  # what stands before a vector of each token
    if isinstance(experiment, TextExperiment):
        every = shape if experiment.writes else ()
        for piece in _reading(experiment):
            yield piece
            shape = piece.shape_out
    for i, layer in enumerate(experiment.layers, start=1):
        flat = not isinstance(layer, Layer) or len(shape) == 1 or bool(every)
        if not flat:
            yield _flatten(shape)
            shape = (math.prod(shape),)
        for piece in _hidden(i, layer, shape):
            yield piece
            shape = piece.shape_out
    if len(shape) > 1 and not every:
        yield _flatten(shape)
        shape = (math.prod(shape),)
    yield _linear("output", shape, experiment.output_units, "Output")


def _reading(experiment: TextExperiment) -> Iterator[Piece]:
    """From ids (T,) to the vectors of the tokens, and to one vector of the text, or one at each of its places."""
    length, width, units = experiment.length, experiment.embedding, experiment.units
    size = experiment.vocabulary_size
    args = (size, width)
    yield Piece(
        "embedding", "nn.Embedding", (length,), (length, width), size * width, "Embedding", args, {"padding_idx": 0}
    )
    encoder = experiment.encoder
    shape_out = (*((length,) if experiment.writes else ()), *experiment.features_shape)
    args_of: dict[str, tuple[Argument, ...]] = {
        "mean": (),
        "cnn": (width, units),
        "attention": (length, width, units),
    }
    yield Piece(
        "encoder",
        ENCODER_MODULES[encoder],
        (length, width),
        shape_out,
        encoder_parameters(encoder, length, width, units),
        ENCODERS[encoder].title,
        args_of.get(encoder, (f"{encoder.upper()}", width, units)),
        {"causal": True} if experiment.writes else {},
    )


def _hidden(i: int, layer: AnyLayer, shape: Shape) -> Iterator[Piece]:
    if isinstance(layer, Pooling):
        yield _pool(i, layer, shape)
        return
    if isinstance(layer, Convolution):
        yield _convolution(i, layer, shape)
        shape, units = layer.shape_after(shape), layer.channels
    else:
        yield _linear(f"linear{i}", shape, layer.units, f"Linear {i}")
        shape, units = (*shape[:-1], layer.units), layer.units
    if layer.norm != "none":
        module, args = _norm(layer, shape)
        yield Piece(f"norm{i}", module, shape, shape, 2 * units, NORMS[layer.norm].title, args)  # scale and shift
    activation = ACTIVATIONS[layer.activation]
    yield Piece(f"activation{i}", activation.module, shape, shape, 0, activation.title)
    if layer.dropout:
        yield Piece(f"dropout{i}", "nn.Dropout", shape, shape, 0, "Dropout", (layer.dropout,))


def _linear(name: str, shape: Shape, units: int, title: str) -> Piece:
    """A Linear layer works on the last dimension, so a text has the same one at each of its places."""
    units_in = shape[-1]
    return Piece(
        name, "nn.Linear", shape, (*shape[:-1], units), (units_in + 1) * units, title, (units_in, units), linear=True
    )


def _convolution(i: int, layer: Convolution, shape: Shape) -> Piece:
    options: dict[str, Argument] = {}
    if layer.stride != 1:
        options["stride"] = layer.stride
    if layer.padding:
        options["padding"] = layer.padding
    window: int = shape[0] * layer.kernel ** (len(shape) - 1)
    return Piece(
        f"conv{i}",
        f"nn.Conv{len(shape) - 1}d",
        shape,
        layer.shape_after(shape),
        (window + 1) * layer.channels,
        f"Convolution {i}",
        (shape[0], layer.channels, layer.kernel),
        options,
        linear=True,
    )


def _pool(i: int, layer: Pooling, shape: Shape) -> Piece:
    kind = {"max": "Max", "avg": "Avg"}[layer.pooling]
    title = f"{POOLINGS[layer.pooling].title} pooling {i}"
    return Piece(
        f"pool{i}", f"nn.{kind}Pool{len(shape) - 1}d", shape, layer.shape_after(shape), 0, title, (layer.size,)
    )


def _norm(layer: Layer | Convolution, shape: Shape) -> tuple[str, tuple[Argument, ...]]:
    """The class and its arguments. Layer norm of channels is a group norm of one group: all places count together."""
    if isinstance(layer, Layer):
        return NORMS[layer.norm].module, (layer.units,)
    if layer.norm == "batch":
        return f"nn.BatchNorm{len(shape) - 1}d", (layer.channels,)
    return "nn.GroupNorm", (1, layer.channels)


def _flatten(shape: Shape) -> Piece:
    return Piece("flatten", "nn.Flatten", shape, (math.prod(shape),), 0, "Flatten")


def _written(value: Argument) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return short(value) if isinstance(value, float) else str(value)
