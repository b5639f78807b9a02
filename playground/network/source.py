"""An experiment's network as PyTorch source text, without torch: what `module.build_module` builds."""

from __future__ import annotations

import json

from playground.experiment.choices import ACTIVATIONS, INITIALISERS, NORMS
from playground.experiment.experiment import Experiment
from playground.experiment.layer import Layer
from playground.experiment.wording import short


def module_source(experiment: Experiment) -> str:
    """Write the network as one expression of nn.Sequential, its children named as in the module."""
    lines: list[str] = []
    units_in = experiment.input_shape[0]
    for i, layer in enumerate(experiment.layers, start=1):
        for name, child in _hidden_layer(layer, units_in):
            lines.append(f'    ("{name}{i}", {child}),  # (N, {layer.units})')
        units_in = layer.units
    lines.append(f'    ("output", nn.Linear({units_in}, {experiment.output_units})),  # (N, {experiment.output_units})')
    return "\n".join(["nn.Sequential(OrderedDict([", *lines, "]))"])


def initialiser_source(experiment: Experiment) -> str:
    """Write the statement that draws the first weights of `model`; empty where nn.Linear's own draw stays."""
    initialiser = INITIALISERS[experiment.initialiser]
    if not initialiser.function:
        return ""
    arguments = "".join(f", {name}={json.dumps(value)}" for name, value in initialiser.kwargs.items())
    return "\n".join(
        [
            "for layer in model:",
            "    if isinstance(layer, nn.Linear):",
            f"        nn.init.{initialiser.function}(layer.weight{arguments})",
            "        nn.init.zeros_(layer.bias)",
        ]
    )


def _hidden_layer(layer: Layer, units_in: int) -> list[tuple[str, str]]:
    activation = ACTIVATIONS[layer.activation]
    children = [("linear", f"nn.Linear({units_in}, {layer.units})")]
    if layer.norm != "none":
        children.append(("norm", f"{NORMS[layer.norm].module}({layer.units})"))
    children.append(("activation", f"{activation.module}({activation.args})"))
    if layer.dropout:
        children.append(("dropout", f"nn.Dropout({short(layer.dropout)})"))
    return children
