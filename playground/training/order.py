"""The order in which the samples are seen, and the random numbers of a run that no other run may touch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

REMEDY = "Use a checkpoint that this program saved."


class BatchOrder:
    """The batches of one epoch after another: each epoch a new permutation, drawn in sequence from one generator.

    X: (N, D), y: (N,), train samples. smallest: batches of fewer samples than this are left out of the epoch.
    permutation: (N,) int64, this epoch's order; position: how many of its batches are done. generator: what the
    permutations of the epochs to come are drawn from.
    """

    def __init__(self, X: Tensor, y: Tensor, *, batch_size: int, seed: int, smallest: int = 1) -> None:
        self._X, self._y, self._batch_size, self.smallest = X, y, batch_size, smallest
        self.generator = torch.Generator().manual_seed(seed)
        full, rest = divmod(len(X), batch_size)
        self.steps_per_epoch = full + (rest >= smallest)
        self._draw()

    def _draw(self) -> None:
        self._arrange(torch.randperm(len(self._X), generator=self.generator), position=0)

    def _arrange(self, permutation: Tensor, position: int) -> None:
        self.permutation, self.position = permutation, position
        self._batches: list[tuple[Tensor, Tensor]] | None = None

    def moved_to(self, position: int) -> None:
        """Somebody else has trained up to this batch, and put a later epoch's order into `permutation` in place."""
        self._arrange(self.permutation, position)

    @property
    def batch(self) -> tuple[Tensor, Tensor]:
        """X and y of the current batch."""
        if self._batches is None:  # sort the samples once an epoch, so that a batch is a slice
            order = self.permutation.to(self._X.device)
            X_batches, y_batches = (torch.split(part[order], self._batch_size) for part in (self._X, self._y))
            self._batches = list(zip(X_batches, y_batches, strict=True))
        return self._batches[self.position]

    @property
    def indices(self) -> NDArray[np.int64]:
        """Which samples are in the current batch."""
        start = self.position * self._batch_size
        return to_array(self.permutation[start : start + self._batch_size])

    @property
    def at_last_batch(self) -> bool:
        """Whether the current batch is the last of its epoch."""
        return self.position + 1 == self.steps_per_epoch

    def advance(self) -> None:
        """Go to the next batch, after the last one of an epoch to the first one of the next."""
        if self.at_last_batch:
            self._draw()
        else:
            self.position += 1

    @property
    def state(self) -> NDArray[np.uint8]:
        """The generator's state, from which the permutations of the epochs to come are drawn."""
        return to_array(self.generator.get_state())

    def restore(self, permutation: NDArray[np.int64], position: int, state: NDArray[np.uint8]) -> None:
        """Go on in the middle of an epoch. Raises: ValueError where the order is not that of this data."""
        if len(permutation) != len(self._X) or position >= self.steps_per_epoch:
            raise ValueError(
                f"The checkpoint orders {len(permutation)} samples, but the data has {len(self._X)}. "
                "Use a checkpoint of this data."
            )
        self.generator = generator_from(state, torch.device("cpu"))
        self._arrange(torch.from_numpy(permutation.copy()), position)


class OwnRandomness:
    """The state from which dropout draws: as after torch.manual_seed(seed), and swapped in only while it is used."""

    def __init__(self, device: torch.device, seed: int) -> None:
        self._device = device
        self._source = torch if device.type == "cpu" else torch.get_device_module(device)
        self._state = torch.Generator(device).manual_seed(seed).get_state()

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Within, PyTorch's random numbers are the run's own; after it, everybody's are as they were before."""
        before = self._source.get_rng_state()
        self._source.set_rng_state(self._state)
        try:
            yield
        finally:
            self._state = self._source.get_rng_state()
            self._source.set_rng_state(before)

    @property
    def state(self) -> NDArray[np.uint8]:
        """The state as an array."""
        return to_array(self._state)

    def restore(self, state: NDArray[np.uint8]) -> None:
        """Go on from a state; one of another kind of device cannot be continued, so the seeded state stays."""
        if len(state) == len(self._state):
            self._state = generator_from(state, self._device).get_state()


def generator_from(state: NDArray[np.uint8], device: torch.device) -> torch.Generator:
    """A generator in the given state. Raises: ValueError where PyTorch refuses it."""
    generator = torch.Generator(device)
    try:
        generator.set_state(torch.from_numpy(state.copy()))
    except (RuntimeError, TypeError):
        raise ValueError(f"The checkpoint's random state is damaged. {REMEDY}") from None
    return generator


def to_array(tensor: Tensor) -> NDArray[Any]:
    """A copy of a tensor of any device as an array."""
    return tensor.detach().cpu().numpy().copy()
