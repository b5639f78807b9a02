"""An Experiment's network as a real nn.Sequential, with its first weights."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn

from playground.experiment.choices import INITIALISERS
from playground.experiment.experiment import Experiment
from playground.network import modules
from playground.network.plan import Piece, plan_network

LINEAR = (nn.Linear, nn.Conv1d, nn.Conv2d)
"""Layers that are linear functions with weights: initialisers and penalties act on these."""


def build_module(experiment: Experiment) -> nn.Sequential:
    """(N, *input_shape) -> (N, output_units) raw logits; the first weights are those under manual_seed(init_seed).

    Its children are those of `plan_network`. All layers are made first, then the initialiser goes over the Linear
    layers and convolutions in order. The global random state is left as it was. Raises: ValueError without any input.
    """
    if 0 in experiment.input_shape:
        raise ValueError(experiment.obstacle)
    pieces = plan_network(experiment)
    before = torch.get_rng_state()
    torch.default_generator.manual_seed(experiment.init_seed)
    try:
        module = nn.Sequential(OrderedDict((piece.name, _build(piece)) for piece in pieces))
        _initialise(module, experiment.initialiser)
    finally:
        torch.set_rng_state(before)
    return module


def _build(piece: Piece) -> nn.Module:
    """The layer that a plan names as PyTorch text, such as "nn.ReLU"."""
    source, name = (nn, piece.module[3:]) if piece.module.startswith("nn.") else (modules, piece.module)
    layer: type[nn.Module] = getattr(source, name)
    return layer(*piece.args, **piece.kwargs)


def _initialise(module: nn.Sequential, name: str) -> None:
    initialiser = INITIALISERS[name]
    if not initialiser.function:
        return
    for layer in module.modules():
        if isinstance(layer, LINEAR):
            getattr(nn.init, initialiser.function)(layer.weight, **initialiser.kwargs)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.Embedding) and initialiser.embedding != 1:
            layer.weight.data.mul_(initialiser.embedding)  # <pad> stays 0
