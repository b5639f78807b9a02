"""The shapes and parameter counts of an experiment's network, by arithmetic, before anything is allocated."""

from __future__ import annotations

from dataclasses import dataclass

from playground.experiment.experiment import Experiment
from playground.experiment.layer import Shape
from playground.network.plan import Piece, plan_network


@dataclass(frozen=True)
class LayerShape:
    """One child of the network: the tensor that goes in, the one that comes out, and what it learns."""

    name: str
    """As in the module: linear1, norm1, activation1, dropout1, ..., output."""
    module: str
    """The PyTorch class, such as "nn.Linear"."""
    shape_in: Shape
    """Of one sample, without the batch."""
    shape_out: Shape
    parameters: int
    reshapes: bool
    """May what comes out have another shape? Norms, activations and dropout leave it as it is."""

    @property
    def units_in(self) -> int:
        """The numbers of a vector that goes in."""
        return self.shape_in[-1]

    @property
    def units_out(self) -> int:
        """The numbers of a vector that comes out."""
        return self.shape_out[-1]

    @property
    def text(self) -> str:
        """The shapes of a batch of N samples: "(N, 2) → (N, 4)"."""
        return f"{batch_shape(self.shape_in)} → {batch_shape(self.shape_out)}"


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
        """The way of a batch of N samples, without what leaves its shape as it is: "(N, 2) → (N, 4) → (N, 1)"."""
        shapes = [self.layers[0].shape_in]
        shapes += [layer.shape_out for layer in self.layers if layer.reshapes]
        return " → ".join(map(batch_shape, shapes))


def batch_shape(shape: Shape) -> str:
    """Write the shape of a batch of N samples: "(N, 2)"."""
    return f"(N, {', '.join(map(str, shape))})"


def describe_network(experiment: Experiment) -> NetworkShape:
    """Describe the network that an experiment builds; without inputs it begins with (N, 0)."""
    return NetworkShape(tuple(_describe(piece) for piece in plan_network(experiment)))


def _describe(piece: Piece) -> LayerShape:
    reshapes = not piece.name.startswith(("norm", "activation", "dropout"))
    return LayerShape(piece.name, piece.module, piece.shape_in, piece.shape_out, piece.parameters, reshapes)
