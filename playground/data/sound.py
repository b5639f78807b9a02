"""The sound sets of the playground: name -> short clips with a label each, and the way to a network's input."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from playground.data.dataset import Dataset
from playground.data.sound_instruments import INSTRUMENTS, instruments
from playground.data.sound_synthesis import (
    CHIRPS,
    KEYS,
    VOWELS,
    Clips,
    Wave,
    chirps,
    phone_keys,
    recorded,
    vowels,
)
from playground.data.spectrogram import SAMPLE_RATE, log_mel_spectrogram
from playground.data.split import split_classes

Representation = Literal["wave", "spectrogram"]

DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
VOICES = ("en-US", "en-GB")
DIGITS_FILE = Path(__file__).with_name("spoken_digits.npz")
"""Made by tools/make_spoken_digits.py."""

FORMULA = "Made by a formula"
FORMULA_LICENCE = "MIT, as this program"
PICO = "The voices of SVOX Pico, recorded with the package py-nanotts 0.1.1"
PICO_LICENCE = "Apache-2.0 (SVOX Pico)"


@dataclass(frozen=True)
class SoundSet:
    """A kind of short clips of equal length."""

    name: str
    title: str
    description: str
    class_names: tuple[str, ...]
    source: str
    licence: str
    seconds: float
    max_samples: int
    """More are not made: what is recorded has an end, and what is made by a formula takes time and memory."""
    second_half_is_test: bool
    """The clips come in two halves that differ, and the split keeps them apart whatever share is asked for."""
    generate: Callable[[int, np.random.Generator], Clips]
    """(samples, rng) -> waveforms (N, L) float32 in [-1, 1], labels (N,) int64: class index."""


SOUNDS: dict[str, SoundSet] = {}


def sound_set(
    name: str,
    title: str,
    classes: tuple[str, ...],
    seconds: float,
    generate: Callable[[int, np.random.Generator], Clips],
    *,
    source: str = FORMULA,
    licence: str = FORMULA_LICENCE,
    max_samples: int = 4000,
    second_half_is_test: bool = False,
) -> None:
    """Register a generator under `name`; its docstring is the description that people read."""
    description = " ".join((inspect.getdoc(generate) or "").split())
    SOUNDS[name] = SoundSet(
        name, title, description, classes, source, licence, seconds, max_samples, second_half_is_test, generate
    )


def spoken_digits(samples: int, rng: np.random.Generator) -> Clips:
    """The digits zero to nine, spoken by two synthetic voices at several speeds and pitches: few clips and long ones,
    so a network soon knows them by heart instead of the words."""
    clips, labels, _ = _spoken(rng)
    return recorded(clips[:samples], rng, noise=(0.01, 0.1)), labels[:samples]


def spoken_digits_accents(samples: int, rng: np.random.Generator) -> Clips:
    """Trained on an American voice and tested on a British one: what was learnt of one speaker holds for another only
    in part, and no test on the first voice would have shown it."""
    clips, labels, voices = _spoken(rng)
    half = min(samples, len(clips)) // 2
    chosen = np.concatenate([np.flatnonzero(voices == voice)[:half] for voice in range(len(VOICES))])
    return recorded(clips[chosen], rng, noise=(0.01, 0.1)), labels[chosen]


def _spoken(rng: np.random.Generator) -> tuple[Wave, NDArray[np.int64], NDArray[np.uint8]]:
    """Read the clips (400, L), labels and voices; the digits take turns, in an order that is drawn."""
    with np.load(DIGITS_FILE, allow_pickle=False) as file:
        clips, labels, voices = file["clips"], file["labels"].astype(np.int64), file["voices"]
    turns = rng.permutation(len(clips) // len(DIGITS))  # how a word is spoken: voice, speed, pitch
    order = np.concatenate([turn * len(DIGITS) + rng.permutation(len(DIGITS)) for turn in turns])
    shifts = rng.integers(-180, 181, len(clips))  # nobody starts on time, and every clip is this quiet at its ends
    moved = np.stack([np.roll(clip, shift) for clip, shift in zip(clips[order], shifts, strict=True)])
    return moved.astype(np.float32) / np.float32(127), labels[order], voices[order]


sound_set("phone-keys", "Telephone keys", KEYS, 0.25, phone_keys, source="Tones of ITU-T Recommendation Q.23")
sound_set(
    "vowels",
    "Vowels",
    VOWELS,
    0.3,
    vowels,
    source="Made by a formula from the averages in G. E. Peterson and H. L. Barney, Control Methods Used in a Study of "
    "the Vowels, JASA 24 (1952), table II",
)
sound_set("instruments", "Instruments", INSTRUMENTS, 0.5, instruments)
sound_set("chirps", "Chirps in noise", CHIRPS, 0.4, chirps)
sound_set(
    "spoken-digits",
    "Spoken digits",
    DIGITS,
    0.6,
    spoken_digits,
    source=PICO,
    licence=PICO_LICENCE,
    max_samples=400,
)
sound_set(
    "spoken-digits-accents",
    "Spoken digits, another accent in the test",
    DIGITS,
    0.6,
    spoken_digits_accents,
    source=PICO,
    licence=PICO_LICENCE,
    max_samples=400,
    second_half_is_test=True,
)


@dataclass(frozen=True, eq=False)
class SoundDataset(Dataset):
    """Clips as a waveform or as a spectrogram.

    X_train, X_test: (N, 1, L) or (N, 1, mels, frames) float32, standardised with the training clips. raw_train,
    raw_test: (N, L) float32 waveforms in [-1, 1].
    """

    representation: Representation
    window: int
    hop: int
    mels: int
    mean: NDArray[np.float32]
    """What is subtracted before the division by `std`: one number, or (mels, 1), one a band."""
    std: NDArray[np.float32]
    sample_rate: int = SAMPLE_RATE

    def features(self, waves: ArrayLike) -> NDArray[np.float32]:
        """Turn waveforms (N, L) into what a person looks at, not yet standardised: themselves, or decibels
        (N, mels, frames)."""
        return _features(np.asarray(waves, dtype=np.float32), self.representation, self.window, self.hop, self.mels)

    def encode(self, waveform: ArrayLike) -> NDArray[np.float32]:
        """Turn one waveform (L,) into what the network gets: (1, L) or (1, mels, frames)."""
        return np.asarray((self.features(np.reshape(waveform, (1, -1))) - self.mean) / self.std, dtype=np.float32)


def load_sound(
    name: str,
    *,
    samples: int = 1200,
    representation: Representation = "spectrogram",
    window: int = 256,
    hop: int = 128,
    mels: int = 32,
    train_share: float = 0.8,
    seed: int = 7,
) -> SoundDataset:
    """Make the clips of a set, split them with every class in its share, and turn them into a network's input.

    At most `max_samples` of the set are made. window, hop: samples of a spectrogram's frame, and between two frames.
    Raises: ValueError if the window is longer than twice a clip.
    """
    chosen = SOUNDS[name]
    rng = np.random.default_rng(seed)
    waves, labels = chosen.generate(min(samples, chosen.max_samples), rng)
    if chosen.second_half_is_test:
        is_test = np.arange(len(labels)) >= len(labels) // 2
        train, test = split_classes(labels, 0.5, seed, published_test=is_test)
    else:
        train, test = split_classes(labels, train_share, seed)
    features = _features(waves, representation, window, hop, mels)
    axes = (0, 1) if representation == "wave" else (0, 2)
    mean = features[train].mean(axis=axes, keepdims=True)[0]
    std = np.maximum(features[train].std(axis=axes, keepdims=True)[0], 1e-3)  # an empty band is constant
    X = ((features - mean) / std)[:, None]
    return SoundDataset(
        X_train=X[train],
        y_train=labels[train],
        X_test=X[test],
        y_test=labels[test],
        task="multiclass",
        class_names=chosen.class_names,
        feature_names=(),
        raw_train=waves[train],
        raw_test=waves[test],
        dims=0,
        representation=representation,
        window=window,
        hop=hop,
        mels=mels,
        mean=mean,
        std=std,
    )


def _features(waves: Wave, representation: Representation, window: int, hop: int, mels: int) -> NDArray[np.float32]:
    return waves if representation == "wave" else log_mel_spectrogram(waves, window, hop, mels)
