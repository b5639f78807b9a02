"""Pictures to tell apart, photos to paint, and own photos: which ones, and the networks that suit them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset, Task
from playground.data.images import IMAGES, load_images
from playground.data.own_photos import RawPhotos, raw_photos, unpack_photos, what_is_missing
from playground.data.own_store import get, read_key
from playground.data.photo_features import FEATURES
from playground.data.photos import PHOTOS, load_painting
from playground.data.split import split_classes
from playground.data.transfer import PIECES, PIECES_EACH, load_pieces, load_transfer, weights_file
from playground.experiment.experiment import Experiment, conflict
from playground.experiment.layer import AnyLayer, as_layers
from playground.experiment.limits import LIMITS
from playground.experiment.rules import COMMON_RULES, Rule, choice, number

PAINT = "paint-"
"""What stands before the name of a photo that is to be painted."""

PAINTINGS = tuple(PAINT + name for name in PHOTOS)
TRANSFERS = ("photo-pieces", "own")
"""Photos that the network sees through a pretrained one: pieces of six pictures, as an example, and one's own."""
NETWORKS: dict[str, str] = {
    "linear": "none",
    "mlp": "64-relu_32-relu",
    "cnn": "c8-3-relu_max2_c16-3-relu_max2",
    "lenet": "c6-5-tanh_avg2_c16-5p0-tanh_avg2_120-tanh_84-tanh",
}
"""Well-known networks by name, as the text of their layers; LeNet-5 as in Y. LeCun and others, 1998."""

_DIGITS = {"layers": "c16-3-relu_max2_c32-3-relu_max2", "learning_rate": 0.01, "batch_size": 64}
_PAINTING = {
    "train_share": 0.9,
    "fourier": 64,
    "layers": "64-relu_64-relu",
    "learning_rate": 0.005,
    "batch_size": 256,
}
_TRANSFER = {"train_share": 0.7, "layers": "none", "learning_rate": 0.001, "batch_size": 8}


class ImagesExperiment(Experiment):
    """Pictures with a class each; or a photo, and a network that gets a place (x, y) and answers with its colour.

    Of own photos the network gets what a pretrained one makes of them, and is that one's new last part.
    """

    kind: ClassVar[str] = "images"
    rules: ClassVar[Mapping[str, Rule]] = {
        **COMMON_RULES,
        "dataset": choice("dataset", (*IMAGES, *PAINTINGS, *TRANSFERS)),
        "photos": lambda value: read_key("photos", value),
        "samples": number("samples"),
        "fourier": number("fourier"),
        "layers": as_layers,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "digits": _DIGITS,
        "faces": {"learning_rate": 0.001},  # by cross-validation within the training pictures
        **dict.fromkeys(PAINTINGS, _PAINTING),
        **dict.fromkeys(TRANSFERS, _TRANSFER),
    }
    task_fields: ClassVar[frozenset[str]] = frozenset({"dataset", "photos"})

    dataset: str = "digits"
    photos: str = ""
    """The key of own photos in `data.own_store`; kept while another dataset is chosen."""
    samples: int = min(5_000, LIMITS.samples)
    """At most so many pictures, of all classes alike."""
    train_share: float = 0.8
    fourier: int = 0
    """Random waves that a place is turned into, each with a sine and a cosine; 0 is x and y themselves. Photos only."""
    layers: tuple[AnyLayer, ...] = as_layers(NETWORKS["cnn"])
    schedule_epochs: int = 50
    learning_rate: float = 0.01
    batch_size: int = 64

    def _check_kind(self) -> None:
        if self.fourier and not self.is_painting:
            raise conflict(
                "fourier",
                f"fourier is {self.fourier}, but only a place in a photo can be turned into waves, and {self.dataset} "
                "has pictures. Try 0.",
            )

    @property
    def is_painting(self) -> bool:
        """Is it a photo to paint?"""
        return self.dataset in PAINTINGS

    @property
    def is_transfer(self) -> bool:
        """Does the network see photos through a pretrained one?"""
        return self.dataset in TRANSFERS

    @property
    def photo(self) -> str:
        """The name of the photo to paint."""
        return self.dataset.removeprefix(PAINT)

    @property
    def task(self) -> Task:
        """Which class a picture is of, or, as a regression, the colour of a place."""
        if self.is_painting:
            return "regression"
        return "binary" if len(self.class_names) == 2 else "multiclass"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes; empty for a photo to paint."""
        if self.is_transfer:
            return tuple(name for name, _ in self.photo_counts) or ("first", "second", "third")
        return () if self.is_painting else IMAGES[self.dataset].class_names

    @property
    def metric(self) -> str:
        """How near a painting is to its photo is told in decibels."""
        return "psnr" if self.is_painting else "accuracy"

    @property
    def output_units(self) -> int:
        """Red, green and blue, or what the classes need."""
        return 3 if self.is_painting else super().output_units

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(C, H, W) of a picture; (2,) of a place, or a sine and a cosine of each wave; the features of a photo."""
        if self.is_painting:
            return (2 * self.fourier,) if self.fourier else (2,)
        if self.is_transfer:
            return (FEATURES,)
        chosen = IMAGES[self.dataset]
        return (chosen.channels, *chosen.size)

    @property
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""
        if self.is_transfer:
            return self._photos_missing or self._batch_norm_obstacle
        if not self.is_painting and not IMAGES[self.dataset].ready:
            return f"{IMAGES[self.dataset].title} is not on this machine yet. Download it first."
        return self._batch_norm_obstacle

    def load_dataset(self) -> Dataset:
        """Read the pictures, or the pixels of the photo, and split them.

        Raises: ValueError with one sentence if they are not installed or not downloaded.
        """
        if self.is_painting:
            return load_painting(self.photo, train_share=self.train_share, seed=self.seed, fourier=self.fourier)
        if self.is_transfer:
            return load_transfer(self.load_photos(), *self.split_photos())
        if not IMAGES[self.dataset].ready:
            raise ValueError(self.obstacle)
        return load_images(self.dataset, train_share=self.train_share, seed=self.seed, samples=self.samples)

    def load_photos(self) -> RawPhotos:
        """The photos that are seen through the pretrained network, all of them.

        Raises: ValueError with one sentence if there are none, or the network is not installed.
        """
        if problem := self._photos_missing:
            raise ValueError(problem)
        return load_pieces() if self.dataset != "own" else raw_photos(unpack_photos(get(self.photos)))

    @property
    def photo_counts(self) -> tuple[tuple[str, int], ...]:
        """The classes of the photos, and how many photos each has; empty where there are none."""
        return _photo_counts(self.dataset, self.photos)[0]

    def split_photos(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The places of the photos to learn from, and of those to be tested with."""
        counts = [count for _, count in self.photo_counts]
        return split_classes(
            np.repeat(np.arange(len(counts)), counts), self.train_share, self.seed, samples=self.samples
        )

    @property
    def _photos_missing(self) -> str | None:
        return not_installed() or _photo_counts(self.dataset, self.photos)[1]


def not_installed() -> str | None:
    """The sentence that says how to install the pretrained network; None if it is there."""
    try:
        weights_file()
    except ValueError as error:
        return str(error)
    return None


def _photo_counts(dataset: str, key: str) -> tuple[tuple[tuple[str, int], ...], str | None]:
    """The classes with their numbers of photos, and the sentence of what is wrong with them."""
    if dataset != "own":
        return tuple((name, PIECES_EACH) for name in PIECES), None
    if not key:
        return (), "There are no photos yet. Add a few of two things or more."
    try:
        return _counts_of(key), None
    except ValueError as error:
        return (), str(error)


@lru_cache(maxsize=32)  # which keeps no errors: what is missing now may be uploaded later
def _counts_of(key: str) -> tuple[tuple[str, int], ...]:
    classes = unpack_photos(get(key))
    if problem := what_is_missing(classes):
        raise ValueError(problem)
    return tuple((kind.name, len(kind.photos)) for kind in classes)
