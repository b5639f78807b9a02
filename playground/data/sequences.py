"""The signal sets of the playground: name -> short signals with a class each, generated in any number."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.split import split_classes

Generator = Callable[[int, float, np.random.Generator], tuple[NDArray[Any], NDArray[Any]]]

MNIST_1D = "After S. Greydanus, Scaling down Deep Learning (MNIST-1D), 2020, https://arxiv.org/abs/2011.14439"
LENGTH = 40
DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class SequenceSet:
    """A kind of signals that can be drawn in any number."""

    name: str
    title: str
    description: str
    class_names: tuple[str, ...]
    length: int
    """T, the values of one signal."""
    source: str
    licence: str
    generate: Generator
    """(samples, noise, rng) -> signals (N, T) float64, labels (N,) int64."""


@dataclass(frozen=True, eq=False)
class SequenceDataset(Dataset):
    """Signals as a network sees them, X (N, 1, T) float32, and as people do, raw (N, T) float32."""

    def encode(self, signal: NDArray[Any]) -> NDArray[np.float32]:
        """Turn a signal (T,) into what the network sees: (1, T) float32.

        Raises: ValueError with one sentence if it has another length or values that are not finite.
        """
        length = self.X_train.shape[2]
        values = np.asarray(signal, dtype=np.float64)
        if values.shape != (length,) or not np.all(np.isfinite(values)):
            raise ValueError(
                f"The signal is an array of shape {values.shape}, but it must be {length} finite numbers. "
                "Draw it again."
            )
        return np.asarray(values[None], dtype=np.float32)


SEQUENCES: dict[str, SequenceSet] = {}


def sequence_set(name: str, title: str) -> Callable[[Generator], Generator]:
    """Register a generator, whose docstring is the description that people read."""

    def register(function: Generator) -> Generator:
        description = inspect.getdoc(function) or ""
        licence = "Generated here; the recipe of MNIST-1D is Apache-2.0"
        SEQUENCES[name] = SequenceSet(name, title, description, DIGITS, LENGTH, MNIST_1D, licence, function)
        return function

    return register


@sequence_set("signals", "Signals")
def signals(samples: int, noise: float, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """Ten small curves, one a digit, stretched, tilted and hidden anywhere in noise: a convolution finds them."""
    shapes = np.array(
        [  # where the pen is, left to right, on its way down through the digit
            [0, 2, 3, 3.5, 4, 4, 4, 4, 3.5, 3, 2, 0],
            [0, -3, -2.5, -2, -1.5, -1, -0.5, 0, 0.5, 1, 0.5, 0],
            [0, 2, 3, 3, 2, 0.5, -1, -2, -3, -3, -2, 0],
            [0, 2, 3, 2.5, 1, 0, 0, 1, 2.5, 3, 2, 0],
            [0, -1, -2, -3, -4, -4, 0, 0.5, 0.5, 0.5, 0.5, 0],
            [0, -3, -3, -3, -3, 0, 2, 3, 3, 2, -1, 0],
            [0, -2, -3, -3.5, -4, -4, -4, -4, -3.5, -3, -2, 0],
            [0, 4, 4, 3.2, 2.4, 1.6, 0.8, 0, -0.8, -1.6, -0.8, 0],
            [0, -2, -3, -2.5, -1, 0, 0, -1, -2.5, -3, -2, 0],
            [0, -2, -3, -3, -2, 0, 0, 0, 0, -0.6, -1.4, 0],
        ]
    )
    shapes = shapes / shapes.std(axis=1, keepdims=True)
    length, points = 72, shapes.shape[1]  # drawn on 72 places, and read at 40 of them
    labels = np.arange(samples) % len(shapes)
    width = points * length / (points + rng.integers(36, 61, samples))  # 12 to 18 of the 72 places
    start = rng.integers(0, 48, samples)
    place = (np.arange(length) - start[:, None]) % length  # (N, 72), circular
    along = place * ((points - 1) / (width - 1))[:, None]  # 0 at the first point of the curve, 11 at the last
    left = np.clip(along.astype(np.int64), 0, points - 2)
    part = along - left
    chosen = shapes[labels]
    curve = np.take_along_axis(chosen, left, 1) * (1 - part) + np.take_along_axis(chosen, left + 1, 1) * part
    curve = curve * rng.uniform(0.8, 1.2, samples)[:, None]
    # Elsewhere is noise that is smooth enough to look like a curve: white noise under a bell of 2 places.
    # All is six times as high as in the paper, so that the standard deviation of a curve is 1.
    bell = np.exp(-(np.arange(-8, 9) ** 2) / 8)
    bell = np.fft.rfft(bell / bell.sum(), length)
    smooth = np.fft.irfft(np.fft.rfft(rng.standard_normal((samples, length))) * bell, length)
    drawn = np.where(along <= points - 1, curve, 15 * noise * smooth) + 1.2 * noise * rng.standard_normal(smooth.shape)
    drawn -= 4.5 * rng.uniform(-0.5, 0.5, samples)[:, None] * np.linspace(-0.5, 0.5, length)  # tilted
    at = np.linspace(0, length - 1, 40)
    left, part = np.minimum(at.astype(np.int64), length - 2), at - np.minimum(at.astype(np.int64), length - 2)
    return drawn[:, left] * (1 - part) + drawn[:, left + 1] * part, labels


@sequence_set("shuffled-signals", "Signals, shuffled")
def shuffled_signals(samples: int, noise: float, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same signals with all places in one other order: the convolution loses its lead, since no shape is left."""
    drawn, labels = signals(samples, noise, rng)
    return drawn[:, np.random.default_rng(40).permutation(drawn.shape[1])], labels


def load_sequences(
    name: str, *, train_share: float, seed: int, samples: int = 5_000, noise: float = 0.1
) -> SequenceDataset:
    """Generate signals, and split every class in the same share.

    noise: a fraction from 0 to 0.5; 0.1 is that of MNIST-1D.
    """
    chosen = SEQUENCES[name]
    drawn, labels = chosen.generate(samples, noise, np.random.default_rng(seed))
    raw = drawn.astype(np.float32)
    y = labels.astype(np.int64)
    train, test = split_classes(y, train_share, seed)
    return SequenceDataset(
        X_train=raw[train, None],
        y_train=y[train],
        X_test=raw[test, None],
        y_test=y[test],
        task="multiclass",
        class_names=chosen.class_names,
        feature_names=tuple(f"t{place}" for place in range(chosen.length)),
        raw_train=raw[train],
        raw_test=raw[test],
        dims=0,
    )
