"""Paint a picture: a network that gets a place (x, y) and answers with the colour of a photo there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.packaged import packaged_file
from playground.data.points import train_size

HEIGHT, WIDTH = 64, 96
"""Photos are made so small that they fit into 64 x 96 pixels: 6,144 samples."""


@dataclass(frozen=True)
class Photo:
    """A photo to paint."""

    name: str
    title: str
    description: str
    source: str
    licence: str
    file: str


PHOTOS: dict[str, Photo] = {
    photo.name: photo
    for photo in (
        Photo(
            "astronaut",
            "Astronaut",
            "A portrait: the large shapes come soon, the face and the small letters late or never.",
            "scikit-image, data.astronaut: Eileen Collins, NASA Great Images",
            "Public domain",
            "astronaut.png",
        ),
        Photo(
            "chelsea",
            "Chelsea the cat",
            "Fur and whiskers: fine lines in all directions, which a plain network blurs.",
            "scikit-image, data.chelsea: Stéfan van der Walt",
            "CC0 1.0",
            "chelsea.png",
        ),
        Photo(
            "coffee",
            "Cup of coffee",
            "Smooth china on rough wood: the round edges are easy, the grain of the wood is not.",
            "scikit-image, data.coffee: Rachel Michetti, Pikolo Espresso Bar",
            "CC0 1.0",
            "coffee.png",
        ),
        Photo(
            "rocket",
            "Rocket launch",
            "A dark sky with one bright flame: most of it is learned at once, the thin towers take their time.",
            "scikit-image, data.rocket: SpaceX Photos, launch of DSCOVR",
            "Public domain",
            "rocket.jpg",
        ),
    )
}


@dataclass(frozen=True, eq=False)
class PhotoDataset(Dataset):
    """Places as a network sees them, X (N, D) float32, their colours y (N, 3) float32 from 0 to 1, and the photo.

    raw_train, raw_test: (N, 2) int64, the row and the column of each pixel.
    """

    photo: NDArray[np.uint8]
    """(H, W, 3)"""
    frequencies: NDArray[np.float32] | None
    """(2, D / 2) of the Fourier features, or None if the network gets x and y themselves."""

    def encode(self, places: NDArray[Any]) -> NDArray[np.float32]:
        """Turn places (N, 2), x and y from -1 to 1, into what the network sees: (N, D) float32."""
        if self.frequencies is None:
            return np.asarray(places, dtype=np.float32)
        return apply_frequencies(places, self.frequencies)

    def all_pixels(self, scale: int = 1) -> NDArray[np.float32]:
        """What the network sees of every pixel, row by row: (H * scale * W * scale, D) float32."""
        height, width = self.photo.shape[:2]
        return self.encode(pixel_places(height * scale, width * scale).reshape(-1, 2))

    def paint(self, outputs: NDArray[Any], scale: int = 1) -> NDArray[np.uint8]:
        """Turn the outputs for `all_pixels` into a picture: (H * W, 3) -> (H, W, 3) uint8."""
        height, width = self.photo.shape[:2]
        return to_colours(outputs).reshape(height * scale, width * scale, 3)

    def answer(self, output: NDArray[Any], probabilities: NDArray[Any] | None = None) -> str:
        """Say in words which colour the network answers: "Colour red 200, green 31, blue 4"."""
        if not np.all(np.isfinite(output)):
            return "No answer, because the output is not a finite number"
        red, green, blue = to_colours(output).reshape(3)
        return f"Colour red {red}, green {green}, blue {blue}"


def load_photo(name: str) -> NDArray[np.uint8]:
    """Read a photo, made so small that it fits into 64 x 96 pixels: (H, W, 3) uint8.

    Raises: ValueError with one sentence if it is not installed.
    """
    import PIL.Image

    with PIL.Image.open(packaged_file("skimage", f"data/{PHOTOS[name].file}", "scikit-image")) as image:
        scale = min(HEIGHT / image.height, WIDTH / image.width)
        size = (round(image.width * scale), round(image.height * scale))
        return np.array(image.convert("RGB").resize(size, PIL.Image.Resampling.BOX))


def load_painting(
    photo: str | NDArray[np.uint8],
    *,
    train_share: float,
    seed: int,
    fourier: int = 0,
    scale: float = 3.0,
) -> PhotoDataset:
    """Make the regression (x, y) -> (red, green, blue) of a photo, by name or as (H, W, 3) uint8.

    Pixels are split by chance: the network never sees those of the test, and has to guess them from their neighbours.
    fourier: so many random frequencies, each with a sine and a cosine; 0 leaves x and y as they are.
    scale: the standard deviation of the frequencies, in waves over half the picture.
    """
    pixels = load_photo(photo) if isinstance(photo, str) else photo
    height, width = pixels.shape[:2]
    places = pixel_places(height, width).reshape(-1, 2)
    frequencies = draw_frequencies(fourier, scale, seed) if fourier else None
    X = apply_frequencies(places, frequencies) if frequencies is not None else places
    y = pixels.reshape(-1, 3).astype(np.float32) / 255
    raw = np.stack(np.divmod(np.arange(height * width), width), axis=1)
    order = np.random.default_rng(seed).permutation(len(X))
    split = train_size(len(X), train_share)
    train, test = order[:split], order[split:]
    return PhotoDataset(
        X_train=X[train],
        y_train=y[train],
        X_test=X[test],
        y_test=y[test],
        task="regression",
        class_names=(),
        feature_names=feature_names(frequencies),
        raw_train=raw[train],
        raw_test=raw[test],
        dims=0,
        photo=pixels,
        frequencies=frequencies,
    )


def pixel_places(height: int, width: int) -> NDArray[np.float32]:
    """Place the middle of every pixel: (H, W, 2), x to the right and y downwards, each from -1 to 1."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width * 2 - 1
    y = (np.arange(height, dtype=np.float32) + 0.5) / height * 2 - 1
    return np.stack(np.meshgrid(x, y), axis=2)


def fourier_features(places: NDArray[Any], count: int, scale: float, seed: int) -> NDArray[np.float32]:
    """Turn places (N, 2) into waves of `count` random frequencies: (N, 2 * count) float32.

    Source: M. Tancik and others, Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
    Domains, 2020, https://arxiv.org/abs/2006.10739
    """
    return apply_frequencies(places, draw_frequencies(count, scale, seed))


def draw_frequencies(count: int, scale: float, seed: int) -> NDArray[np.float32]:
    """Draw normally distributed frequencies (2, count)."""
    return (scale * np.random.default_rng(seed).standard_normal((2, count))).astype(np.float32)


def apply_frequencies(places: NDArray[Any], frequencies: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compute [cos(2 pi p B), sin(2 pi p B)]: p (N, 2), B (2, F) -> (N, 2 F) float32."""
    # Half a wave more or less over the picture of width 2 is a frequency of 1 / 2, as in the paper's unit square.
    angles = np.pi * np.asarray(places, dtype=np.float32) @ frequencies
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


def feature_names(frequencies: NDArray[np.float32] | None) -> tuple[str, ...]:
    """Name the inputs: x and y, or the waves."""
    if frequencies is None:
        return ("x", "y")
    count = frequencies.shape[1]
    return tuple(f"{wave} {i}" for wave in ("cos", "sin") for i in range(1, count + 1))


def to_colours(outputs: NDArray[Any]) -> NDArray[np.uint8]:
    """Turn brightness from 0 to 1 into 0 to 255; what is not finite turns black."""
    levels = np.nan_to_num(np.asarray(outputs, dtype=np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    return np.rint(255 * np.clip(levels, 0, 1)).astype(np.uint8)


def peak_signal_to_noise(outputs: NDArray[Any], targets: NDArray[Any]) -> float:
    """Measure how close a painted picture is, in decibels: 20 is recognisable, 30 good; infinite if it is exact."""
    error = float(np.mean((np.asarray(outputs, dtype=np.float64) - np.asarray(targets, dtype=np.float64)) ** 2))
    return float("inf") if error == 0 else float(-10 * np.log10(error))
