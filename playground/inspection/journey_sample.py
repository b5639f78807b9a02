"""The one sample whose journey is shown: what the network gets of it, and what a person sees of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.images import ImageDataset
from playground.data.photos import PhotoDataset
from playground.data.sequences import SequenceDataset
from playground.data.sound import SoundDataset
from playground.data.table_encoding import TableDataset
from playground.data.text import GeneratorDataset, TextDataset
from playground.data.tokens import PAD_ID
from playground.data.transfer import TransferDataset
from playground.inspection.data_key import number_of
from playground.inspection.journey_view import JourneyView


@dataclass(frozen=True, eq=False)
class Shown:
    """What people see of one sample."""

    text: str | None = None
    tokens: list[dict[str, Any]] = field(default_factory=list)
    """Of a text: {"token", "id"} each."""
    words: dict[str, str] = field(default_factory=dict)
    """Of a row: column -> value as people write it."""
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    """pixels uint8 (H, W) or (H, W, 3), wave float32 (L,)."""


@dataclass(frozen=True, eq=False)
class Own:
    """A sample that somebody drew, wrote, recorded or filled in."""

    X: NDArray[Any]
    """As the network gets it, without the batch."""
    shown: Shown
    recording: NDArray[np.float32] | None = None
    """All of a sound that is longer than what the network hears at once."""

    @property
    def id(self) -> int:
        """Another one for every other sample."""
        return number_of("own", self.X.tobytes())


@dataclass(frozen=True, eq=False)
class Sample:
    """The chosen sample. X: without the batch; y: None where nobody knows what is right."""

    source: str
    index: int | None
    X: NDArray[Any]
    y: NDArray[Any] | None
    shown: Shown
    id: int


def chosen_sample(dataset: Dataset, version: int, view: JourneyView, own: Own | None) -> Sample:
    """The sample that the view asks for; where there is none like it, the nearest one of the test or train samples."""
    if view.source == "own" and own is not None:
        return Sample("own", None, own.X, None, own.shown, own.id)
    source = "train" if view.source == "train" or not len(dataset.X_test) else "test"
    train = source == "train"
    X, y, raw = (
        (dataset.X_train, dataset.y_train, dataset.raw_train)
        if train
        else (dataset.X_test, dataset.y_test, dataset.raw_test)
    )
    index = min(view.index, len(X) - 1) if view.source != "own" else 0
    shown = show_raw(dataset, raw[index], X[index])
    return Sample(source, index, X[index], np.asarray(y[index]), shown, number_of(version, source, index))


@singledispatch
def show_raw(dataset: Dataset, raw: Any, X: NDArray[Any]) -> Shown:
    """What people see of a sample whose raw form is `raw` and which the network gets as X."""
    return Shown(words={name: f"{value:.3f}" for name, value in zip(dataset.feature_names, X, strict=False)})


@show_raw.register(ImageDataset)
@show_raw.register(TransferDataset)
def _(dataset: Dataset, raw: Any, X: NDArray[Any]) -> Shown:
    return Shown(arrays={"pixels": np.ascontiguousarray(raw, dtype=np.uint8)})


@show_raw.register
def _(dataset: PhotoDataset, raw: Any, X: NDArray[Any]) -> Shown:
    return Shown(words={"row": str(int(raw[0])), "column": str(int(raw[1]))})


@show_raw.register
def _(dataset: TextDataset, raw: Any, X: NDArray[Any]) -> Shown:
    encoded = dataset.encode(str(raw))
    return Shown(str(raw), [{"token": token, "id": number} for token, number in encoded.rows])


@show_raw.register
def _(dataset: GeneratorDataset, raw: Any, X: NDArray[Any]) -> Shown:
    names = dataset.vocabulary.tokens  # a window of the text, so the tokens are read from its ids
    return Shown(str(raw), [{"token": names[i], "id": i} for i in X[X != PAD_ID].tolist()])


@show_raw.register(SoundDataset)
@show_raw.register(SequenceDataset)
def _(dataset: Dataset, raw: Any, X: NDArray[Any]) -> Shown:
    return Shown(arrays={"wave": np.ascontiguousarray(raw, dtype=np.float32)})


@show_raw.register
def _(dataset: TableDataset, raw: Any, X: NDArray[Any]) -> Shown:
    return Shown(words={e.name: dataset.table.column(e.name).text(int(raw)) for e in dataset.encodings})


def target_words(dataset: Dataset, y: NDArray[Any] | None) -> tuple[str | None, int | None]:
    """What is right in words, and the class index if it is a class. y of a text to write: the next ids, (T,)."""
    if y is None:
        return None, None
    if isinstance(dataset, GeneratorDataset):
        places = np.flatnonzero(y != PAD_ID)
        label = int(y[places[-1]]) if len(places) else PAD_ID
        return dataset.class_names[label], label
    if dataset.class_names:
        return dataset.class_names[int(y)], int(y)
    return dataset.answer(np.atleast_1d(y)), None
