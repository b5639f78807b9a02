"""An experiment's network as PyTorch source text, without torch: what `module.build_module` builds."""

from __future__ import annotations

import json

from playground.experiment.choices import INITIALISERS
from playground.experiment.experiment import Experiment
from playground.network.plan import Piece, plan_network
from playground.network.shapes import batch_shape


def module_source(experiment: Experiment) -> str:
    """Write the network as one expression of nn.Sequential, its children named as in the module."""
    lines = [
        f'    ("{piece.name}", {piece.source}),  # {batch_shape(piece.shape_out)}' for piece in plan_network(experiment)
    ]
    return "\n".join(["nn.Sequential(OrderedDict([", *lines, "]))"])


def initialiser_source(experiment: Experiment) -> str:
    """Write the statement that draws the first weights of `model`; empty where PyTorch's own draw stays."""
    initialiser = INITIALISERS[experiment.initialiser]
    if not initialiser.function:
        return ""
    arguments = "".join(f", {name}={json.dumps(value)}" for name, value in initialiser.kwargs.items())
    lines = [
        f"for layer in {'model.modules()' if _is_nested(experiment) else 'model'}:",
        f"    if isinstance(layer, {linear_classes(experiment)}):",
        f"        nn.init.{initialiser.function}(layer.weight{arguments})",
        "        nn.init.zeros_(layer.bias)",
    ]
    if initialiser.embedding != 1 and any(piece.module == "nn.Embedding" for piece in plan_network(experiment)):
        scale = json.dumps(initialiser.embedding)
        lines.append(f"model.embedding.weight.data.mul_({scale})  # <pad> stays 0")
    return "\n".join(lines)


def weights_source(experiment: Experiment) -> str:
    """Write the list of the weights that L1 and L2 act on, those of Linear layers and convolutions of `model`."""
    layers = "model.modules()" if _is_nested(experiment) else "model"
    return f"[layer.weight for layer in {layers} if isinstance(layer, {linear_classes(experiment)})]"


def linear_classes(experiment: Experiment) -> str:
    """Write the classes of layers with weights that the network has: "nn.Linear", or several in brackets."""
    pieces = plan_network(experiment)
    classes = sorted({piece.module for piece in pieces if piece.linear} | set(_inside(pieces)))
    return classes[0] if len(classes) == 1 else f"({', '.join(classes)})"


def own_classes(experiment: Experiment) -> tuple[str, ...]:
    """The names of the classes of `network.modules` that the network needs."""
    return tuple(piece.module for piece in plan_network(experiment) if not piece.module.startswith("nn."))


def _is_nested(experiment: Experiment) -> bool:
    """Are there layers with weights inside a child?"""
    return bool(_inside(plan_network(experiment)))


def _inside(pieces: tuple[Piece, ...]) -> list[str]:
    inside = {"TokenCNN": "nn.Conv1d", "SelfAttention": "nn.Linear"}
    return [inside[piece.module] for piece in pieces if piece.module in inside]
