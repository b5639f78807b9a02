"""Uploads are kept under a key of their content, and nothing else can be read by one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from playground.data import own_store
from playground.data.own_store import get, is_key, put, read_key


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path))


def test_what_is_put_comes_back() -> None:
    for content in (b"", b"a\tb\n", bytes(range(256)) * 1000):
        key = put(content)
        assert is_key(key)
        assert get(key) == content
        assert put(content) == key
    assert put(b"1") != put(b"2")


@pytest.mark.parametrize("key", ["", "0" * 32, "../../etc/passwd", "0" * 31 + "/", "A" * 32, "\x00" * 32, "٣" * 32])
def test_what_is_not_there_is_one_sentence(key: str) -> None:
    put(b"something")
    with pytest.raises(ValueError, match=r"^The data of this link is not on this server any more\. Upload it again\.$"):
        get(key)


def test_a_field_takes_a_key_or_nothing() -> None:
    assert read_key("table", "") == ""
    assert read_key("table", "a" * 32) == "a" * 32
    for value in ("a" * 33, None, 3, b"a" * 32, "../" * 10):
        with pytest.raises(ValueError, match=r"^table is .*, which is no key of uploaded data\. Upload it again\.$"):
            read_key("table", value)


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(own_store, "MOST_FILES", 3)
    keys = [put(str(i).encode()) for i in range(3)]
    for age, key in enumerate(keys):
        os.utime(tmp_path / "uploads" / key, (1_000 + age, 1_000 + age))
    get(keys[0])  # opened again, so that it is not the oldest any more
    put(b"new")
    assert sorted(path.name for path in (tmp_path / "uploads").iterdir()) == sorted([keys[0], keys[2], put(b"new")])
    monkeypatch.setattr(own_store, "MOST_BYTES", 100)
    assert get(put(b"x" * 1_000)) == b"x" * 1_000  # what has just come stays, however large
    assert len(list((tmp_path / "uploads").iterdir())) == 1


def test_without_a_place_to_write_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("PLAYGROUND_HOME", str(blocked))
    with pytest.raises(ValueError, match=r"no place to keep uploads"):
        put(b"1")
