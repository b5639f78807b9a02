"""How the figures call layers, neurons, inputs and classes, and which layers a choice means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.data.features import FEATURES
from playground.figures.options import FigureError


def layer_title(index: int, count: int) -> str:
    """Name of Linear number `index` of `count`: "Layer 1" ... "Output"."""
    return "Output" if index == count - 1 else f"Layer {index + 1}"


def layer_titles(layers: Sequence[object]) -> list[str]:
    """Titles of all Linear layers."""
    return [layer_title(i, len(layers)) for i in range(len(layers))]


def chosen_layers(choice: str, count: int) -> list[int]:
    """Indices of the Linear layers that `choice` ("all" or a number from 1) means.

    Raises:
        FigureError: the network has no such layer.
    """
    if choice == "all":
        return list(range(count))
    if not 1 <= int(choice) <= count:
        raise FigureError(f"layer is {choice}, but this network has {count} with its output. Choose another layer.")
    return [int(choice) - 1]


def class_names(study: Mapping[str, Any], count: int) -> list[str]:
    """Names of `count` classes, numbers where the dataset has no names."""
    names = [str(name) for name in study.get("class_names") or ()]
    return names if len(names) == count else [f"class {i + 1}" for i in range(count)]


def titled(names: Sequence[object]) -> list[str]:
    """Names of inputs as people write them (x1² for x1sq); other names as they are."""
    return [FEATURES[str(name)].title if str(name) in FEATURES else str(name) for name in names]
