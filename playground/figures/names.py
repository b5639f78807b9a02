"""How the figures call layers, neurons, inputs and classes, and which layers a choice means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.data.features import FEATURES
from playground.experiment.experiment import Experiment
from playground.figures.options import FigureError
from playground.network.plan import plan_network

_KINDS = {"linear": "Layer", "conv": "Convolution", "output": "Output", "encoder": "Encoder", "embedding": "Embedding"}


def layer_title(name: str) -> str:
    """What people call a child of the module: linear1 is Layer 1, encoder.weight_ih is Encoder weight_ih."""
    child, _, part = name.partition(".")
    kind = child.rstrip("0123456789")
    words = (_KINDS.get(kind, kind.capitalize()), child[len(kind) :], part)
    return " ".join(word for word in words if word)


def layer_titles(names: Sequence[object]) -> list[str]:
    """Titles of the children of the module that have weights."""
    return [layer_title(str(name)) for name in names]


def weighted_layers(experiment: Experiment) -> list[str]:
    """The names of the children of the network that have weights to look at, in order."""
    pieces = plan_network(experiment)
    return [piece.name for piece in pieces if piece.linear or (piece.name == "encoder" and piece.parameters)]


def chosen_layers(choice: str, groups: Sequence[int]) -> list[int]:
    """Indices of the weights that `choice` means: "all", or the number of a layer from 1.

    groups: to which layer each of the weights belongs. Raises: FigureError if the network has no such layer.
    """
    if choice == "all":
        return list(range(len(groups)))
    chosen = [i for i, group in enumerate(groups) if group == int(choice)]
    if not chosen:
        count = len(set(groups))
        raise FigureError(f"layer is {choice}, but this network has {count} with its output. Choose another layer.")
    return chosen


def class_names(study: Mapping[str, Any], count: int) -> list[str]:
    """Names of `count` classes, numbers where the dataset has no names."""
    names = [str(name) for name in study.get("class_names") or ()]
    return names if len(names) == count else [f"class {i + 1}" for i in range(count)]


def titled(names: Sequence[object]) -> list[str]:
    """Names of inputs as people write them (x1² for x1sq); other names as they are."""
    return [FEATURES[str(name)].title if str(name) in FEATURES else str(name) for name in names]
