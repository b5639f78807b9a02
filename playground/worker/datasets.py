"""The datasets in this process: runs of the same data share one, and those used last are kept for the next run."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import fields
from weakref import WeakValueDictionary

import numpy as np

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.inspection.data_key import data_key
from playground.network.pretrained import find_missing_features

KEPT_BYTES = 100_000_000  # of datasets that no run uses any more: MNIST's 5,000 digits are 20 MB
KEPT = 8  # datasets


class Datasets:
    """Loads a dataset once. Nobody writes to its arrays."""

    def __init__(self, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept, self._kept_bytes = kept, kept_bytes
        self._alive: WeakValueDictionary[object, Dataset] = WeakValueDictionary()
        self._latest: OrderedDict[object, Dataset] = OrderedDict()

    def load(self, experiment: Experiment) -> Dataset:
        """The samples that the experiment names.

        Raises: ValueError with one sentence where they cannot be had.
        """
        key = data_key(experiment)
        dataset = self._alive.get(key)
        if dataset is None:
            if isinstance(experiment, ImagesExperiment) and experiment.is_transfer:
                find_missing_features(experiment.load_photos().photos)
            dataset = experiment.load_dataset()
            self._alive[key] = dataset
        self._latest[key] = dataset
        self._latest.move_to_end(key)
        while len(self._latest) > self._kept or sum(map(size_of, self._latest.values())) > self._kept_bytes:
            self._latest.popitem(last=False)
        return dataset


def size_of(dataset: Dataset) -> int:
    """Bytes of its arrays."""
    values = (getattr(dataset, field.name) for field in fields(dataset))
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))
