"""Dropout for the kernel: the factors of many steps, drawn by PyTorch in the order in which its own layers would."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from playground.training.fused.memory import Memory, aligned_zeros
from playground.training.fused.network import Dense, Stage
from playground.training.order import OwnRandomness

FACTOR_BYTES = 1024 * 1024  # of factors drawn ahead for one call


class Dropout:
    """The dropout of a network; false where it has none.

    most_steps: of one call, for which the factors fit.
    """

    def __init__(self, batch_size: int, network: Sequence[Stage], memory: Memory, lanes: int, samples: int) -> None:
        self._batch_size, self._samples = batch_size, samples
        self._layers: list[tuple[int, int, float]] = []  # first float in a step, units, probability
        floats = 0
        for number, layer in enumerate(network):
            if isinstance(layer, Dense) and layer.dropout:
                self._layers.append((floats, layer.outputs, layer.dropout))
                memory.layers[number]["dropout_at"] = 4 * floats
                floats += (
                    min(self._batch_size, samples) + lanes
                ) * layer.outputs  # lanes beyond a batch are read as well
        self.most_steps = max(FACTOR_BYTES // (4 * floats), 1) if floats else 0
        if floats:
            self._factors = torch.from_numpy(aligned_zeros(self.most_steps * floats).reshape(self.most_steps, floats))
            begin = memory.keep(self._factors.numpy())
            for number, layer in enumerate(network):
                if isinstance(layer, Dense) and layer.dropout:
                    memory.layers[number]["dropout_at"] += begin
            memory.plan["dropout_stride"] = 4 * floats

    def __bool__(self) -> bool:
        return bool(self._layers)

    def draw(self, steps: int, position: int, randomness: OwnRandomness) -> None:
        """The factors of so many steps from batch number `position` on, as F.dropout draws: 0 or 1 / (1 - p)."""
        batches = -(-self._samples // self._batch_size)
        sizes = np.minimum(
            self._samples - self._batch_size * (np.arange(position, position + steps) % batches), self._batch_size
        )
        with randomness.drawing():
            for factors, size in zip(self._factors, sizes.tolist(), strict=False):
                for first, units, probability in self._layers:
                    factors[first : first + size * units].view(size, units).bernoulli_(1 - probability)
        for first, units, probability in self._layers:
            end = first + (min(self._batch_size, self._samples)) * units
            self._factors[:steps, first:end].div_(1 - probability)
