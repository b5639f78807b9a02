from __future__ import annotations

import gc
from typing import Any

import pytest

from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.text import TextExperiment
from playground.inspection.data_key import NOT_DATA, data_key, version_of
from playground.worker.datasets import Datasets, size_of


def test_runs_of_the_same_data_share_it_whatever_their_network() -> None:
    datasets = Datasets()
    first = datasets.load(ImagesExperiment(samples=100))
    assert datasets.load(ImagesExperiment(samples=100, layers="8-relu", learning_rate=0.1, init_seed=4)) is first
    assert datasets.load(ImagesExperiment(samples=101)) is not first
    assert datasets.load(ImagesExperiment(samples=100, seed=8)) is not first


def test_what_nobody_uses_is_kept_within_limits() -> None:
    datasets = Datasets(kept=2)
    used = datasets.load(ImagesExperiment(samples=100))
    key = id(datasets.load(ImagesExperiment(samples=101)))
    for seed in range(3):
        datasets.load(PointsExperiment(seed=seed))
    gc.collect()
    assert datasets.load(ImagesExperiment(samples=100)) is used  # a run still has it
    assert len(datasets._latest) == 2
    assert len(datasets._alive) == 2
    assert key
    small = Datasets(kept_bytes=1000)
    kept = small.load(ImagesExperiment(samples=100))
    assert size_of(kept) > 1000
    assert not small._latest
    assert small.load(ImagesExperiment(samples=100)) is kept


@pytest.mark.parametrize("fields", [{"encoder": "gru"}, {"embedding": 3}, {"units": 5}, {"batch_size": 7}])
def test_the_network_does_not_change_the_samples(fields: dict[str, Any]) -> None:
    assert data_key(TextExperiment(**fields)) == data_key(TextExperiment())
    assert version_of(TextExperiment(**fields)) == version_of(TextExperiment())


@pytest.mark.parametrize(
    "fields", [{"length": 5}, {"tokens": "word"}, {"vocabulary": 30}, {"samples": 50}, {"seed": 1}]
)
def test_every_choice_of_data_changes_the_version(fields: dict[str, Any]) -> None:
    assert version_of(TextExperiment(**fields)) != version_of(TextExperiment())


def test_fields_that_are_not_data_exist() -> None:
    assert set(TextExperiment.model_fields) >= NOT_DATA
