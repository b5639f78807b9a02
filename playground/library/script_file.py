"""The data file that lies beside an exported script: raw samples, those of the train part first."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Dataset
from playground.data.photos import PhotoDataset
from playground.data.table_encoding import TableDataset
from playground.data.text import GeneratorDataset, TextDataset
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.sound import SoundExperiment

FILE_NAMES = {"images": "data.npz", "sound": "data.npz", "text": "data.tsv", "tables": "data.csv"}
"""What the file of each kind of data is called; the script of points draws its own."""


def script_file(experiment: Experiment) -> tuple[str, bytes] | None:
    """The name and the content of the file that the script of this experiment reads; None if it needs none.

    Raises: ValueError with one sentence if the data cannot be loaded.
    """
    if isinstance(experiment, ImagesExperiment) and experiment.is_transfer:
        return "data.npz", _photos(experiment)
    dataset = experiment.load_dataset()
    if isinstance(dataset, PhotoDataset):
        return "data.npz", _arrays({"photo": dataset.photo})
    if isinstance(dataset, TextDataset):
        return "data.tsv", "".join(f"{row}\n" for row in _text_rows(dataset)).encode()
    if isinstance(dataset, TableDataset):
        return "data.csv", _table(dataset)
    if isinstance(experiment, ImagesExperiment | SoundExperiment):
        return "data.npz", _samples("images" if isinstance(experiment, ImagesExperiment) else "waves", dataset)
    return None


def _samples(name: str, dataset: Dataset) -> bytes:
    return _arrays(
        {
            f"{name}_train": dataset.raw_train,
            "labels_train": dataset.y_train,
            f"{name}_test": dataset.raw_test,
            "labels_test": dataset.y_test,
        }
    )


def _photos(experiment: ImagesExperiment) -> bytes:
    """The photos themselves: what the pretrained network makes of them is no concern of this process."""
    raw = experiment.load_photos()
    train, test = experiment.split_photos()
    return _arrays(
        {
            "images_train": raw.photos[train],
            "labels_train": raw.labels[train],
            "images_test": raw.photos[test],
            "labels_test": raw.labels[test],
        }
    )


def _arrays(arrays: dict[str, NDArray[np.generic]]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def _text_rows(dataset: TextDataset) -> Iterator[str]:
    """Part, label and text; a text that fills several windows is written once."""
    parts = (
        ("train", dataset.raw_train, dataset.y_train, dataset.X_train),
        ("test", dataset.raw_test, dataset.y_test, dataset.X_test),
    )
    for part, texts, y, X in parts:
        for text, label, ids in zip(texts, y, X, strict=True):
            if not isinstance(dataset, GeneratorDataset):
                yield f"{part}\t{dataset.class_names[label]}\t{text}"
            elif ids[0] == dataset.begin_id:
                yield f"{part}\t\t{text}"


def _table(dataset: TableDataset) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    names = [*(encoding.name for encoding in dataset.encodings), dataset.target]
    columns = [dataset.table.column(name) for name in names]
    writer.writerow(["part", *names])
    for part, rows in (("train", dataset.raw_train), ("test", dataset.raw_test)):
        writer.writerows([part, *(column.text(row) for column in columns)] for row in rows.tolist())
    return file.getvalue().encode()
