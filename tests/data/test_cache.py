from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from playground.data.cache import Arrays, cache_directory, cached_arrays, is_cached
from playground.data.packaged import packaged_file


class Maker:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Arrays:
        self.calls += 1
        return {"values": np.arange(5), "names": np.array(["ä", "b"])}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))
    return tmp_path


def test_arrays_are_made_once_and_then_read(home: Path) -> None:
    make = Maker()
    assert not is_cached("set", 1)
    first, second = cached_arrays("set", 1, make), cached_arrays("set", 1, make)
    assert make.calls == 1
    assert is_cached("set", 1)
    for arrays in (first, second):
        np.testing.assert_array_equal(arrays["values"], np.arange(5))
        assert arrays["names"].tolist() == ["ä", "b"]
    assert [path.name for path in (home / "data").iterdir()] == ["set-v1.npz"]


def test_a_new_version_is_made_again(home: Path) -> None:
    make = Maker()
    cached_arrays("set", 1, make)
    cached_arrays("set", 2, make)
    assert make.calls == 2


@pytest.mark.parametrize("keep", [0, 1, 100, -1])
def test_a_damaged_file_is_made_again(home: Path, keep: int) -> None:
    make = Maker()
    cached_arrays("set", 1, make)
    path = home / "data" / "set-v1.npz"
    path.write_bytes(path.read_bytes()[:keep])
    np.testing.assert_array_equal(cached_arrays("set", 1, make)["values"], np.arange(5))
    assert make.calls == 2
    cached_arrays("set", 1, make)
    assert make.calls == 2


def test_without_a_place_to_write_arrays_are_simply_made(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "file").write_text("")
    monkeypatch.setenv("PLAYGROUND_HOME", str(home / "file"))
    assert cache_directory() is None
    make = Maker()
    assert cached_arrays("set", 1, make)["values"].tolist() == [0, 1, 2, 3, 4]


def test_a_full_disk_leaves_no_part_of_a_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    assert cached_arrays("set", 1, Maker())["values"].size == 5
    assert list((home / "data").iterdir()) == []


def test_a_missing_package_is_named() -> None:
    with pytest.raises(ValueError, match="pip install some-thing"):
        packaged_file("no_such_package", "file.csv", "some-thing")
    with pytest.raises(ValueError, match="pip install numpy"):
        packaged_file("numpy", "no/such/file.csv", "numpy")
