"""Sounds and signals: which ones, and whether the network gets the wave or a picture of its pitches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from playground.data.dataset import Dataset, Task
from playground.data.sequences import SEQUENCES, load_sequences
from playground.data.sound import SOUNDS, Representation, load_sound
from playground.data.spectrogram import SAMPLE_RATE
from playground.experiment.choices import REPRESENTATIONS
from playground.experiment.experiment import Experiment, conflict
from playground.experiment.layer import AnyLayer, as_layers
from playground.experiment.limits import LIMITS
from playground.experiment.rules import COMMON_RULES, Rule, choice, number

NETWORKS: dict[str, dict[str, str]] = {
    "wave": {
        "linear": "none",
        "mlp": "64-relu_32-relu",
        "cnn": "c16-65s8-relu_max4_c32-5-relu_max4",
    },
    "spectrogram": {
        "linear": "none",
        "mlp": "64-relu_32-relu",
        "cnn": "c8-3-relu_max2_c16-3-relu_max2",
    },
}
"""Networks by name for each representation, as the text of their layers.

A wave's first kernels are 65 values long, 8 ms, so that each can find a pitch.
"""

_SIGNALS = {
    "samples": min(5_000, LIMITS.samples),
    "representation": "wave",
    "layers": "c16-5-relu_max2_c32-5-relu_max2",
}


class SoundExperiment(Experiment):
    """Short sounds or signals with a class each."""

    kind: ClassVar[str] = "sound"
    rules: ClassVar[Mapping[str, Rule]] = {
        **COMMON_RULES,
        "dataset": choice("dataset", (*SOUNDS, *SEQUENCES)),
        "samples": number("samples"),
        "noise": number("noise"),
        "representation": choice("representation", REPRESENTATIONS),
        "window": number("window"),
        "hop": number("hop"),
        "mels": number("mels"),
        "layers": as_layers,
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        **dict.fromkeys(SEQUENCES, _SIGNALS),
        "vowels": {"samples": min(2_000, LIMITS.samples), "learning_rate": 0.005},
    }

    dataset: str = "phone-keys"
    samples: int = min(1_200, LIMITS.samples)
    train_share: float = 0.8
    noise: float = 0.1
    """Of the signals only, a fraction from 0 to 0.5; the sounds have a noise of their own."""
    representation: Representation = "spectrogram"
    window: int = 256
    """Values of the wave in one frame of a spectrogram: 256 are 32 ms."""
    hop: int = 128
    """Values from one frame to the next."""
    mels: int = 32
    """Bands of a spectrogram, equally wide to the ear."""
    layers: tuple[AnyLayer, ...] = as_layers(NETWORKS["spectrogram"]["cnn"])
    schedule_epochs: int = 50
    learning_rate: float = 0.01
    batch_size: int = 32

    def _check_kind(self) -> None:
        if self.is_signal and self.representation != "wave":
            raise conflict(
                "representation",
                f"representation is {self.representation}, but a signal of {self.wave_length} values is too short for "
                "pitches. Try wave.",
            )
        if self.representation == "spectrogram" and self.window > self.wave_length:
            raise conflict(
                "window",
                f"window is {self.window}, but a sound of {self.dataset} has only {self.wave_length} values. Try 256.",
            )

    @property
    def is_signal(self) -> bool:
        """Is it a drawn signal, and no sound that can be heard?"""
        return self.dataset in SEQUENCES

    @property
    def wave_length(self) -> int:
        """How many values a wave has."""
        if self.is_signal:
            return SEQUENCES[self.dataset].length
        return round(SOUNDS[self.dataset].seconds * SAMPLE_RATE)

    @property
    def task(self) -> Task:
        """Which class a sound is of."""
        return "multiclass"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes."""
        return SEQUENCES[self.dataset].class_names if self.is_signal else SOUNDS[self.dataset].class_names

    @property
    def input_shape(self) -> tuple[int, ...]:
        """(1, L) of a wave, (1, mels, frames) of a spectrogram."""
        if self.representation == "wave":
            return (1, self.wave_length)
        return (1, self.mels, 1 + self.wave_length // self.hop)

    @property
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""
        return self._batch_norm_obstacle

    def load_dataset(self) -> Dataset:
        """Make the sounds, split them, and turn them into what the network gets."""
        if self.is_signal:
            return load_sequences(
                self.dataset, train_share=self.train_share, seed=self.seed, samples=self.samples, noise=self.noise
            )
        return load_sound(
            self.dataset,
            samples=self.samples,
            representation=self.representation,
            window=self.window,
            hop=self.hop,
            mels=self.mels,
            train_share=self.train_share,
            seed=self.seed,
        )
