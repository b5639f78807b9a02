"""A module as the kernel sees it: convolutions, each with an activation and a pooling, then Linear layers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import nn

LARGEST = 120_000  # parameters; beyond about 100,000 PyTorch's matrix products are as fast


@dataclass(frozen=True)
class Dense:
    """One Linear layer and what follows it."""

    inputs: int
    outputs: int
    activation: str = "linear"
    dropout: float = 0.0

    @property
    def operations(self) -> int:
        """Multiplications for one sample."""
        return self.inputs * self.outputs


@dataclass(frozen=True)
class Convolution:
    """One convolution with stride 1 and what follows it. Sizes are (height, width); a signal is one pixel high.

    A window of a single pixel is no pooling.
    """

    channels: int
    outputs: int
    size_in: tuple[int, int]
    kernel: tuple[int, int]
    padding: tuple[int, int]
    activation: str = "linear"
    pooling: str = "max"
    window: tuple[int, int] = (1, 1)

    @property
    def inputs(self) -> int:
        """Weights that each channel of the output has."""
        return self.channels * math.prod(self.kernel)

    @property
    def size(self) -> tuple[int, int]:
        """Of the picture after the convolution."""
        height, width = (
            side + 2 * padding - kernel + 1
            for side, padding, kernel in zip(self.size_in, self.padding, self.kernel, strict=True)
        )
        return height, width

    @property
    def operations(self) -> int:
        """Multiplications for one sample."""
        return self.inputs * self.outputs * math.prod(self.size)

    @property
    def size_out(self) -> tuple[int, int]:
        """Of the picture after the pooling, which leaves out what fills no window."""
        return self.size[0] // self.window[0], self.size[1] // self.window[1]


Stage = Dense | Convolution


def read_network(module: nn.Module, shape: Sequence[int]) -> tuple[Stage, ...] | None:
    """The layers of a plain network that takes samples of this shape and ends with a Linear layer; None for any other.

    None too for a network so large that PyTorch is as fast.
    """
    if not isinstance(module, nn.Sequential) or sum(p.numel() for p in module.parameters()) > LARGEST:
        return None
    if any(parameter.dtype != torch.float32 or parameter.device.type != "cpu" for parameter in module.parameters()):
        return None
    stages: list[Stage] = []
    may_follow: set[str] = set()  # the last layer
    flat = len(shape) == 1
    for child in module:
        last = stages[-1] if stages else None
        if isinstance(child, nn.Flatten):
            if (flat and stages) or child.start_dim != 1 or child.end_dim != -1:
                return None
            flat, may_follow = True, set()
        elif isinstance(child, nn.Linear) and child.bias is not None and flat:
            stages.append(Dense(child.in_features, child.out_features))
            may_follow = {"activation", "dropout"}
        elif not flat and (convolution := _convolution(child, last, shape)):
            stages.append(convolution)
            may_follow = {"activation", "pooling"}
        elif last and "activation" in may_follow and (name := _activation(child)):
            stages[-1] = replace(last, activation=name)
            may_follow.remove("activation")
        elif isinstance(last, Dense) and "dropout" in may_follow and isinstance(child, nn.Dropout):
            stages[-1] = replace(last, dropout=child.p)
            may_follow = set()
        elif isinstance(last, Convolution) and "pooling" in may_follow and (pooled := _pooled(child, last)):
            stages[-1] = pooled
            may_follow = set()
        else:
            return None
    ends_plain = bool(stages) and isinstance(stages[-1], Dense) and may_follow == {"activation", "dropout"}
    return tuple(stages) if ends_plain else None


def _convolution(child: nn.Module, last: Stage | None, shape: Sequence[int]) -> Convolution | None:
    """A convolution of what the last one gives, or of the samples."""
    if not isinstance(child, nn.Conv1d | nn.Conv2d) or child.bias is None or child.padding_mode != "zeros":
        return None
    if isinstance(child.padding, str) or len(shape) != len(child.kernel_size) + 1:
        return None
    if any(value != 1 for value in (*child.stride, *child.dilation, child.groups)):
        return None
    before = last.size_out if isinstance(last, Convolution) else _pair(shape[1:], 1)
    read = Convolution(
        channels=child.in_channels,
        outputs=child.out_channels,
        size_in=before,
        kernel=_pair(child.kernel_size, 1),
        padding=_pair(child.padding, 0),
    )
    fits = all(padding < kernel for padding, kernel in zip(read.padding, read.kernel, strict=True))
    return read if fits and min(read.size) > 0 else None


def _pooled(child: nn.Module, last: Convolution) -> Convolution | None:
    """The convolution with the pooling that follows it."""
    if isinstance(child, nn.MaxPool1d | nn.MaxPool2d):
        plain = not child.ceil_mode and not child.return_indices and child.dilation in (1, (1, 1))
        name = "max"
    elif isinstance(child, nn.AvgPool1d | nn.AvgPool2d):
        plain = not child.ceil_mode and getattr(child, "divisor_override", None) is None
        name = "avg"
    else:
        return None
    dims = 1 if isinstance(child, nn.MaxPool1d | nn.AvgPool1d) else 2
    window, stride, padding = (
        tuple(value) if isinstance(value, tuple) else (value,) * dims
        for value in (child.kernel_size, child.stride, child.padding)
    )
    read = replace(last, pooling=name, window=_pair(window, 1))
    return read if plain and stride == window and not any(padding) and min(read.size_out) > 0 else None


def _pair(sizes: Sequence[int], single: int) -> tuple[int, int]:
    """(height, width); of a signal, which has a width only, with `single` as the height."""
    return (sizes[0], sizes[1]) if len(sizes) == 2 else (single, sizes[0])


def _activation(child: nn.Module) -> str | None:
    """The name of an activation with the formula that the kernel has."""
    if isinstance(child, nn.LeakyReLU):
        return "leakyrelu" if child.negative_slope == 0.01 else None
    if isinstance(child, nn.ELU):
        return "elu" if child.alpha == 1.0 else None
    if isinstance(child, nn.GELU):
        return "gelu" if child.approximate == "none" else None
    names: dict[type[nn.Module], str] = {
        nn.Identity: "linear",
        nn.ReLU: "relu",
        nn.Tanh: "tanh",
        nn.Sigmoid: "sigmoid",
        nn.SiLU: "silu",
    }
    return names.get(type(child))
