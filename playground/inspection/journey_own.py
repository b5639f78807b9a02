"""Own samples: a drawing, a text, a sound or a row, encoded by the dataset exactly as its own samples were.

They come from a browser or from the page, so anything may be in them; what cannot be read is a ValueError of one
sentence.
"""

from __future__ import annotations

import binascii
import math
from base64 import b64decode
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.images import IMAGES, ImageDataset
from playground.data.images_own import prepare_image
from playground.data.own_photos import SIDE
from playground.data.photos import PhotoDataset
from playground.data.sequences import SequenceDataset
from playground.data.sound import SoundDataset
from playground.data.sound_own import fit_clip
from playground.data.spectrogram import SAMPLE_RATE
from playground.data.table_encoding import TableDataset
from playground.data.text import GeneratorDataset, TextDataset
from playground.data.tokens import BEGIN, UNKNOWN_ID
from playground.data.transfer import TransferDataset
from playground.experiment.experiment import Experiment
from playground.inspection.journey_sample import Own, Shown
from playground.network.pretrained import look_at

MAX_SIDE = 1024  # pixels of a drawing
MAX_TEXT = 500  # characters
MAX_SECONDS = 60
MAX_COLUMNS, MAX_CELL = 1_000, 200
LARGEST = 1e6  # of a signal's values

Command = Mapping[str, Any]


def read_own(experiment: Experiment, dataset: Dataset, command: Command) -> Own:
    """The sample in a command "own": "pixels" (base64) with "size", "text", or "values" as array, mapping or text.

    Raises: ValueError with one sentence.
    """
    return _read(dataset, experiment, command)


@singledispatch
def _read(dataset: Dataset, experiment: Experiment, command: Command) -> Own:
    raise ValueError("This kind of data takes no samples of your own here. Choose one of the set.")


@_read.register
def _(dataset: ImageDataset, experiment: Experiment, command: Command) -> Own:
    pixels = _pixels(command)
    channels, height, width = dataset.shape
    if pixels.shape[:2] != (height, width) or pixels.ndim != dataset.raw_train.ndim - 1:
        kind = IMAGES[experiment.dataset]
        pixels = prepare_image(pixels, (height, width), channels, kind.invert, ink_box=kind.ink_box)
    return Own(dataset.encode(pixels), Shown(arrays={"pixels": pixels}))


@_read.register
def _(dataset: TransferDataset, experiment: Experiment, command: Command) -> Own:
    pixels = _pixels(command)
    if pixels.shape != (SIDE, SIDE, 3) or pixels.dtype != np.uint8:
        pixels = prepare_image(pixels, (SIDE, SIDE), 3, "no")
    return Own(look_at(pixels).features.numpy(), Shown(arrays={"pixels": pixels}))


@_read.register
def _(dataset: PhotoDataset, experiment: Experiment, command: Command) -> Own:
    place = _numbers(command.get("values"), 2, "A place is x and y, two numbers from -1 to 1. Choose one on the photo.")
    if len(place) != 2 or np.abs(place).max() > 1:
        raise ValueError("A place is x and y, two numbers from -1 to 1. Choose one on the photo.")
    height, width = dataset.photo.shape[:2]
    row, column = ((place[::-1] + 1) / 2 * (height, width)).astype(int).clip(0, (height - 1, width - 1)).tolist()
    words = {"row": str(row), "column": str(column)}
    return Own(dataset.encode(place[None])[0], Shown(words=words))


@_read.register
def _(dataset: TextDataset, experiment: Experiment, command: Command) -> Own:
    text = _text(command)
    encoded = dataset.encode(text)
    if not encoded.tokens:
        raise ValueError("There is no token in this text. Write a word.")
    tokens = [{"token": token[:MAX_CELL], "id": number} for token, number in encoded.rows]
    return Own(encoded.ids, Shown(text, tokens))


@_read.register
def _(dataset: GeneratorDataset, experiment: Experiment, command: Command) -> Own:
    text = _text(command, empty=True)  # nothing yet: what does a text begin with?
    encoder, ids = dataset.encoder, dataset.vocabulary.ids
    pieces = [BEGIN, *encoder.split(text)][: encoder.max_length]
    tokens = [{"token": piece[:MAX_CELL], "id": ids.get(piece, UNKNOWN_ID)} for piece in pieces]
    return Own(encoder.look_up([pieces])[0], Shown(text, tokens))


@_read.register
def _(dataset: SoundDataset, experiment: Experiment, command: Command) -> Own:
    wave = _numbers(
        command.get("values"),
        MAX_SECONDS * SAMPLE_RATE,
        f"A sound is at most {MAX_SECONDS} seconds of finite numbers. Record it again.",
    )
    length = dataset.raw_train.shape[1]
    clip = wave if len(wave) == length else fit_clip(wave, length)
    longer = wave if len(wave) > length else None
    return Own(dataset.encode(clip), Shown(arrays={"wave": clip}), longer)


@_read.register
def _(dataset: SequenceDataset, experiment: Experiment, command: Command) -> Own:
    length = dataset.X_train.shape[2]
    signal = _numbers(command.get("values"), length, f"A signal is {length} finite numbers. Draw it again.")
    return Own(dataset.encode(signal), Shown(arrays={"wave": signal}))


@_read.register
def _(dataset: TableDataset, experiment: Experiment, command: Command) -> Own:
    values = command.get("values")
    if not isinstance(values, Mapping) or len(values) > MAX_COLUMNS:
        raise ValueError("A row has a value for each column. Fill in the form.")
    row = {name: _cell(values.get(name)) for name in (encoding.name for encoding in dataset.encodings)}
    X = dataset.encode_row(row)
    return Own(X, Shown(words={name: "" if value is None else str(value) for name, value in row.items()}))


def _cell(value: object) -> object:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("A value of a row is a number or a text. Correct the form.")
    try:
        return value[:MAX_CELL] if isinstance(value, str) else float(value) if abs(value) > 2**53 else value
    except OverflowError:  # an integer of 400 digits
        return str(math.inf)


def _text(command: Command, *, empty: bool = False) -> str:
    text = command.get("text", command.get("values"))
    if not isinstance(text, str):
        raise ValueError("A text is needed. Write a word.")
    if len(text) > MAX_TEXT:
        raise ValueError(f"The text has {len(text):,} characters, but at most {MAX_TEXT} are read. Shorten it.")
    if not text.strip() and not empty:
        raise ValueError("The text is empty. Write a word.")
    return text


def _pixels(command: Command) -> NDArray[np.uint8]:
    """(H, W), (H, W, 3) or (H, W, 4), from base64 with a size, or an array as it is."""
    values, text, size = command.get("values"), command.get("pixels"), command.get("size")
    if isinstance(values, np.ndarray):
        return values  # checked by the dataset
    wrong = 'A drawing is "pixels" in base64 with their "size", height and width. Draw it again.'
    if not isinstance(text, str) or not isinstance(size, list | tuple) or len(size) != 2:
        raise ValueError(wrong)
    if not all(type(side) is int and 1 <= side <= MAX_SIDE for side in size):
        raise ValueError(f"A drawing has 1 to {MAX_SIDE:,} pixels a side. Draw it again.")
    height, width = size
    if len(text) > 6 * height * width + 8:
        raise ValueError(wrong)
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(wrong) from error
    shapes = {height * width * channels: (height, width, channels) for channels in (1, 3, 4)}
    if len(data) not in shapes:
        raise ValueError(f"A drawing of {width} x {height} pixels has {height * width:,} bytes, not {len(data):,}.")
    pixels = np.frombuffer(data, np.uint8).reshape(shapes[len(data)])
    return pixels[:, :, 0] if pixels.shape[2] == 1 else pixels


def _numbers(values: object, most: int, wrong: str) -> NDArray[np.float32]:
    """A line of at least one and at most so many finite numbers."""
    if isinstance(values, list | tuple):
        fits = 0 < len(values) <= most and all(isinstance(value, int | float) for value in values)
    else:
        fits = isinstance(values, np.ndarray) and values.ndim == 1 and 0 < len(values) <= most
    if not fits:
        raise ValueError(wrong)
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (ValueError, TypeError, OverflowError) as error:
        raise ValueError(wrong) from error
    if not np.all(np.isfinite(numbers)) or np.abs(numbers).max() > LARGEST:
        raise ValueError(wrong)
    return numbers.astype(np.float32)
