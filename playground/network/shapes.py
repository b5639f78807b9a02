"""The shapes and parameter counts of an experiment's network, by arithmetic, before anything is allocated."""

from __future__ import annotations

from dataclasses import dataclass

from playground.experiment.choices import ACTIVATIONS, NORMS
from playground.experiment.experiment import Experiment


@dataclass(frozen=True)
class LayerShape:
    """One child of the network: the tensor that goes in, the one that comes out, and what it learns."""

    name: str
    """As in the module: linear1, norm1, activation1, dropout1, ..., output."""
    module: str
    """The PyTorch class, such as "nn.Linear"."""
    units_in: int
    units_out: int
    parameters: int

    @property
    def text(self) -> str:
        """The shapes of a batch of N samples: "(N, 2) → (N, 4)"."""
        return f"(N, {self.units_in}) → (N, {self.units_out})"


@dataclass(frozen=True)
class NetworkShape:
    """The whole network, child by child in the order of the forward pass."""

    layers: tuple[LayerShape, ...]

    @property
    def parameters(self) -> int:
        """How many numbers are learned."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def text(self) -> str:
        """The way of a batch of N samples from Linear layer to Linear layer: "(N, 2) → (N, 4) → (N, 1)"."""
        linears = [layer for layer in self.layers if layer.module == "nn.Linear"]
        return " → ".join([f"(N, {linears[0].units_in})", *(f"(N, {layer.units_out})" for layer in linears)])


def describe_network(experiment: Experiment) -> NetworkShape:
    """Describe the network that an experiment builds; without inputs it begins with (N, 0)."""
    layers: list[LayerShape] = []
    units_in = experiment.input_shape[0]
    for i, layer in enumerate(experiment.layers, start=1):
        units = layer.units
        layers.append(_linear(f"linear{i}", units_in, units))
        if layer.norm != "none":
            layers.append(LayerShape(f"norm{i}", NORMS[layer.norm].module, units, units, 2 * units))  # scale and shift
        layers.append(LayerShape(f"activation{i}", ACTIVATIONS[layer.activation].module, units, units, 0))
        if layer.dropout:
            layers.append(LayerShape(f"dropout{i}", "nn.Dropout", units, units, 0))
        units_in = units
    layers.append(_linear("output", units_in, experiment.output_units))
    return NetworkShape(tuple(layers))


def _linear(name: str, units_in: int, units_out: int) -> LayerShape:
    return LayerShape(name, "nn.Linear", units_in, units_out, (units_in + 1) * units_out)
