"""Experiments with own photos: what they are told by their key, and what they say when something is missing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from playground.data.own_photos import PhotoClass, jpeg_of, pack_photos
from playground.data.own_store import put
from playground.data.transfer import NOT_INSTALLED, PIECES
from playground.experiment import images
from playground.experiment.images import TRANSFERS, ImagesExperiment
from playground.experiment.layer import parse_layers
from playground.experiment.url import from_json, parse_query, to_json, to_query
from playground.training.trainer import Trainer
from playground.worker.datasets import Datasets
from playground.worker.messages import Start
from playground.worker.run import Run
from playground.worker.storage import Storage
from playground.worker.times import Times


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))


def kept(*counts: int) -> str:
    photos = [jpeg_of(np.full((224, 224, 3), level, np.uint8)) for level in range(0, 200, 20)]
    return put(pack_photos([PhotoClass(f"thing {i}", tuple(photos[:count])) for i, count in enumerate(counts)]))


def status_of(experiment: ImagesExperiment, directory: Path) -> tuple[str, str | None]:
    run = Run(Start("photos-01", experiment, resume=False), Storage(directory), Times(), Datasets())
    return run.status, run.shown_message


def test_own_photos_decide_the_classes_and_the_task() -> None:
    two, three = (ImagesExperiment(dataset="own", photos=kept(*counts)) for counts in ((4, 5), (2, 2, 3)))
    assert (two.task, two.class_names, two.output_units) == ("binary", ("thing 0", "thing 1"), 1)
    assert (three.task, three.output_units) == ("multiclass", 3)
    assert two.photo_counts == (("thing 0", 4), ("thing 1", 5))
    assert two.input_shape == (1280,)
    assert two.parameter_count == 1281
    assert two.obstacle is None
    assert (two.layers, two.train_share) == ((), 0.7)
    train, test = two.split_photos()
    assert sorted([*train, *test]) == list(range(9))
    assert len(test) == 2
    changed = two.changed(photos=three.photos)
    assert (changed.loss, changed.class_names) == ("cross_entropy", three.class_names)


def test_a_link_and_a_file_hold_the_key() -> None:
    experiment = ImagesExperiment(dataset="own", photos=kept(2, 3), layers=parse_layers("16-relu"))
    opened = parse_query(to_query(experiment), "images")
    assert (opened.experiment, opened.problems) == (experiment, ())
    assert from_json(to_json(experiment)) == experiment
    assert "photos" not in to_query(ImagesExperiment())


@pytest.mark.parametrize("photos", ["../../etc/passwd", "ABC", "x" * 32, 5, None])
def test_a_wrong_key_is_named(photos: object) -> None:
    with pytest.raises(ValueError, match="photos is"):
        ImagesExperiment(dataset="own", photos=photos)  # type: ignore[arg-type]


def test_what_is_missing_is_said_and_the_page_opens(tmp_path: Path) -> None:
    for experiment, sentence in (
        (ImagesExperiment(dataset="own"), "There are no photos yet."),
        (ImagesExperiment(dataset="own", photos="0" * 32), "not on this server any more"),
        (ImagesExperiment(dataset="own", photos=put(b"another upload")), "not on this server any more"),
    ):
        assert sentence in (experiment.obstacle or "")
        with pytest.raises(ValueError, match=sentence):
            experiment.load_dataset()
        status, message = status_of(experiment, tmp_path)
        assert status == "empty"
        assert sentence in (message or "")


@pytest.mark.parametrize("dataset", TRANSFERS)
def test_without_the_pretrained_network_nothing_else_breaks(
    dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> Path:
        raise ValueError(NOT_INSTALLED)

    monkeypatch.setattr(images, "weights_file", missing)
    experiment = ImagesExperiment(dataset=dataset, photos=kept(2, 2))
    assert experiment.obstacle == NOT_INSTALLED
    assert status_of(experiment, tmp_path) == ("empty", NOT_INSTALLED)
    assert ImagesExperiment().obstacle is None
    assert ImagesExperiment().load_dataset().X_train.shape[1:] == (1, 8, 8)


def test_layers_of_the_head_are_dense() -> None:
    with pytest.raises(ValueError, match="no neighbours"):
        ImagesExperiment(dataset="photo-pieces", layers=parse_layers("c8-3-relu"))
    assert ImagesExperiment(dataset="photo-pieces", layers=parse_layers("32-relu")).parameter_count == 41_190


def test_a_few_photos_a_class_are_learned_in_twenty_epochs() -> None:
    experiment = ImagesExperiment(dataset="photo-pieces")
    trainer = Trainer(experiment, Datasets().load(experiment), fast=True)
    assert len(trainer.dataset.X_train) == 4 * len(PIECES)
    for _ in range(20):
        trainer.finish_epoch()
    result = trainer.evaluate()
    assert result.train_metric == 1
    assert result.test_metric >= 11 / 12
