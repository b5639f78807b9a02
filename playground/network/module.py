"""An Experiment's network as a real nn.Sequential, with its first weights."""

from __future__ import annotations

import ast
from collections import OrderedDict
from typing import Any

import torch
from torch import nn

from playground.experiment.choices import ACTIVATIONS, INITIALISERS, NORMS
from playground.experiment.experiment import Experiment


def build_module(experiment: Experiment) -> nn.Sequential:
    """(N, D) inputs -> (N, output_units) raw logits; the first weights are those under torch.manual_seed(init_seed).

    Children of hidden layer i from 1: linear{i}, norm{i} if any, activation{i}, dropout{i} if any; last: output. All
    layers are made first, then the initialiser goes over the Linear layers in order. The global random state is left as
    it was. Raises: ValueError without any input.
    """
    before = torch.get_rng_state()
    torch.default_generator.manual_seed(experiment.init_seed)
    try:
        module = nn.Sequential(_layers(experiment))
        _initialise(module, experiment.initialiser)
    finally:
        torch.set_rng_state(before)
    return module


def _layers(experiment: Experiment) -> OrderedDict[str, nn.Module]:
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    units_in = experiment.input_shape[0]
    if not units_in:
        raise ValueError(experiment.obstacle)
    for i, layer in enumerate(experiment.layers, start=1):
        layers[f"linear{i}"] = nn.Linear(units_in, layer.units)
        if layer.norm != "none":
            layers[f"norm{i}"] = _make(NORMS[layer.norm].module, layer.units)
        activation = ACTIVATIONS[layer.activation]
        layers[f"activation{i}"] = _make(activation.module, **_keywords(activation.args))
        if layer.dropout:
            layers[f"dropout{i}"] = nn.Dropout(layer.dropout)
        units_in = layer.units
    layers["output"] = nn.Linear(units_in, experiment.output_units)
    return layers


def _make(name: str, *args: Any, **kwargs: Any) -> nn.Module:
    """The layer that a registry names as PyTorch text, such as "nn.ReLU"."""
    layer: type[nn.Module] = getattr(nn, name.removeprefix("nn."))
    return layer(*args, **kwargs)


def _keywords(args: str) -> dict[str, Any]:
    """The keyword arguments in a registry's text, such as "negative_slope=0.1"."""
    call = ast.parse(f"f({args})", mode="eval").body
    assert isinstance(call, ast.Call)
    return {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in call.keywords}


def _initialise(module: nn.Sequential, name: str) -> None:
    initialiser = INITIALISERS[name]
    if not initialiser.function:
        return
    for layer in module:
        if isinstance(layer, nn.Linear):
            getattr(nn.init, initialiser.function)(layer.weight, **initialiser.kwargs)
            nn.init.zeros_(layer.bias)
