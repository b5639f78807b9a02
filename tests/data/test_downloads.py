from __future__ import annotations

import gzip
import hashlib
import re
import struct
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from playground.data import downloads
from playground.data.downloads import DOWNLOADS, Download, fetch, fetch_files
from playground.data.image_sources import read_idx
from playground.data.images import IMAGES, load_images


def idx(array: NDArray[np.uint8]) -> bytes:
    return gzip.compress(struct.pack(f">4B{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes())


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PLAYGROUND_HOME", str(tmp_path / "home"))
    site = tmp_path / "site"
    site.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site))) as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}/", site
        running.shutdown()
        thread.join()


def publish(site: Path, base: str, parts: dict[str, NDArray[np.uint8]]) -> Download:
    for name, array in parts.items():
        (site / name).write_bytes(idx(array))
    sums = tuple((name, hashlib.md5((site / name).read_bytes()).hexdigest()) for name in parts)
    return Download("Test set", base, sums)


PARTS = {
    "train-images.gz": np.random.default_rng(0).integers(0, 256, (60, 28, 28), dtype=np.uint8),
    "train-labels.gz": (np.arange(60) % 10).astype(np.uint8),
    "test-images.gz": np.random.default_rng(1).integers(0, 256, (20, 28, 28), dtype=np.uint8),
    "test-labels.gz": (np.arange(20) % 10).astype(np.uint8),
}


def test_a_set_is_fetched_once_with_its_progress_told(
    server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, site = server
    monkeypatch.setitem(DOWNLOADS, "fashion-mnist", publish(site, base, PARTS))
    heard: list[tuple[int, int]] = []
    assert not IMAGES["fashion-mnist"].ready
    data = load_images(
        "fashion-mnist", train_share=0.75, seed=1, progress=lambda done, total: heard.append((done, total))
    )
    assert heard
    assert all(0 <= done <= total for done, total in heard)
    assert heard[-1][0] == heard[-1][1]
    assert IMAGES["fashion-mnist"].ready
    assert len(data.X_train) == 60
    assert len(data.X_test) == 20
    assert data.train_index is not None
    np.testing.assert_array_equal(np.sort(data.train_index), np.arange(60))  # its own test part stays apart
    np.testing.assert_array_equal(data.raw_train, PARTS["train-images.gz"][data.train_index])
    for file in site.iterdir():
        file.unlink()
    again = load_images("fashion-mnist", train_share=0.75, seed=1)  # from the disk
    np.testing.assert_array_equal(data.X_train, again.X_train)


def test_files_that_one_process_has_fetched_are_enough_for_another(
    server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, site = server
    monkeypatch.setitem(DOWNLOADS, "fashion-mnist", publish(site, base, PARTS))
    fetch_files("fashion-mnist")
    assert IMAGES["fashion-mnist"].ready
    for file in site.iterdir():
        file.unlink()
    assert len(load_images("fashion-mnist", train_share=0.75, seed=1).X_train) == 60


def test_a_damaged_file_is_thrown_away(server: tuple[str, Path], tmp_path: Path) -> None:
    base, site = server
    download = publish(site, base, PARTS)
    (site / "train-images.gz").write_bytes(b"something else")
    with pytest.raises(ValueError, match="Test set arrived damaged"):
        fetch(download, tmp_path / "data")
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


def test_a_file_that_is_gone_is_told(server: tuple[str, Path], tmp_path: Path) -> None:
    base, _ = server
    with pytest.raises(ValueError, match="the server answers 404"):
        fetch(Download("Test set", base, (("missing.gz", "0" * 32),)), tmp_path)


def test_offline_is_told(server: tuple[str, Path], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no way to its server"):
        fetch(Download("Test set", "http://127.0.0.1:9/", (("file.gz", "0" * 32),)), tmp_path)


def test_a_server_that_never_stops_is_left(
    server: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, site = server
    (site / "huge.gz").write_bytes(bytes(1_000_000))
    monkeypatch.setattr(downloads, "MAX_BYTES", 100_000)
    with pytest.raises(ValueError, match="Test set is larger"):
        fetch(Download("Test set", base, (("huge.gz", "0" * 32),)), tmp_path / "data")
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


def test_a_disk_that_cannot_be_written_is_told(server: tuple[str, Path], tmp_path: Path) -> None:
    base, site = server
    (tmp_path / "file").write_text("")
    with pytest.raises(ValueError, match="could not be stored"):
        fetch(publish(site, base, PARTS), tmp_path / "file")


@pytest.mark.parametrize(
    "content", [b"", b"abc", gzip.compress(b"\0\0\x0d\x01", mtime=0)], ids=["empty", "no gzip", "wrong type"]
)
def test_what_is_no_idx_file_raises(content: bytes) -> None:
    with pytest.raises((ValueError, OSError, EOFError)):
        read_idx(content)


def test_every_sum_is_an_md5_and_every_download_a_set() -> None:
    assert set(DOWNLOADS) == {name for name, image_set in IMAGES.items() if image_set.download}
    for download in DOWNLOADS.values():
        assert [name.split("-")[1] for name, _ in download.files] == ["images", "labels"] * 2
        assert all(re.fullmatch("[0-9a-f]{32}", md5) for _, md5 in download.files)
