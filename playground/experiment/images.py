"""Pictures to tell apart, and photos to paint: which ones, and the networks that suit them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from playground.data.dataset import Dataset, Task
from playground.data.images import IMAGES, load_images
from playground.data.photos import PHOTOS, load_painting
from playground.experiment.experiment import Experiment, conflict
from playground.experiment.layer import AnyLayer, as_layers
from playground.experiment.limits import LIMITS
from playground.experiment.rules import COMMON_RULES, Rule, choice, number

PAINT = "paint-"
"""What stands before the name of a photo that is to be painted."""

PAINTINGS = tuple(PAINT + name for name in PHOTOS)
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


class ImagesExperiment(Experiment):
    """Pictures with a class each; or a photo, and a network that gets a place (x, y) and answers with its colour."""

    kind: ClassVar[str] = "images"
    rules: ClassVar[Mapping[str, Rule]] = {
        **COMMON_RULES,
        "dataset": choice("dataset", (*IMAGES, *PAINTINGS)),
        "samples": number("samples"),
        "fourier": number("fourier"),
        "layers": as_layers,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "digits": _DIGITS,
        **dict.fromkeys(PAINTINGS, _PAINTING),
    }

    dataset: str = "digits"
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
        """The names of the classes; empty for a photo."""
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
        """(C, H, W) of a picture; (2,) of a place, or a sine and a cosine of each wave."""
        if self.is_painting:
            return (2 * self.fourier,) if self.fourier else (2,)
        chosen = IMAGES[self.dataset]
        return (chosen.channels, *chosen.size)

    @property
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""
        if not self.is_painting and not IMAGES[self.dataset].ready:
            return f"{IMAGES[self.dataset].title} is not on this machine yet. Download it first."
        return self._batch_norm_obstacle

    def load_dataset(self) -> Dataset:
        """Read the pictures, or the pixels of the photo, and split them.

        Raises: ValueError with one sentence if they are not installed or not downloaded.
        """
        if self.is_painting:
            return load_painting(self.photo, train_share=self.train_share, seed=self.seed, fourier=self.fourier)
        if not IMAGES[self.dataset].ready:
            raise ValueError(self.obstacle)
        return load_images(self.dataset, train_share=self.train_share, seed=self.seed, samples=self.samples)
