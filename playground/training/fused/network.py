"""A module as the kernel sees it: Linear layers, each with an activation and dropout after it."""

from __future__ import annotations

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


def dense_layers(module: nn.Module) -> tuple[Dense, ...] | None:
    """The layers of a plain dense network that ends with a Linear layer and is not too large; None for any other."""
    if not isinstance(module, nn.Sequential):
        return None
    layers: list[Dense] = []
    open_for = 0  # what may still follow the last Linear layer: 2 an activation or dropout, 1 dropout, 0 neither
    for number, child in enumerate(module):
        if isinstance(child, nn.Flatten) and number == 0:
            continue
        if isinstance(child, nn.Linear) and child.bias is not None and child.weight.device.type == "cpu":
            layers.append(Dense(child.in_features, child.out_features))
            open_for = 2
        elif open_for == 2 and (name := _activation(child)):
            layers[-1] = replace(layers[-1], activation=name)
            open_for = 1
        elif open_for and isinstance(child, nn.Dropout):
            layers[-1] = replace(layers[-1], dropout=child.p)
            open_for = 0
        else:
            return None
    if not layers or layers[-1] != Dense(layers[-1].inputs, layers[-1].outputs):
        return None
    is_float = all(parameter.dtype == torch.float32 for parameter in module.parameters())
    return tuple(layers) if is_float and sum(p.numel() for p in module.parameters()) <= LARGEST else None


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
