"""Larger data sets that people may fetch once: by name, with progress, checked, and kept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playground.data.cache import cache_directory

Progress = Callable[[int, int], None]
"""Called with the bytes that have arrived and the bytes of all (0 while unknown)."""

MAX_BYTES = 200_000_000
"""No file here comes near it: a server that sends more is not the one that was meant."""


@dataclass(frozen=True)
class Download:
    """Files of one data set, with their MD5 sums as published."""

    title: str
    base: str
    files: tuple[tuple[str, str], ...]
    """(file name, MD5)"""


DOWNLOADS: dict[str, Download] = {
    "mnist-full": Download(
        "MNIST",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        (
            ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
            ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
            ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
            ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
        ),
    ),
    "fashion-mnist": Download(
        "Fashion-MNIST",
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        (
            ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
            ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
            ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
            ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
        ),
    ),
}


def fetch_files(name: str, progress: Progress | None = None) -> tuple[Path, ...]:
    """Fetch what is not here yet, and return where the files are.

    Raises: ValueError with one sentence if there is no way to the server, it has no such file, or the file is another.
    """
    return fetch(DOWNLOADS[name], _directory(), progress)


def is_fetched(name: str) -> bool:
    """Tell whether all files are here; each was checked before it got its name."""
    download = DOWNLOADS[name]
    place = _place(download, _directory())
    return all((place / file).is_file() for file, _ in download.files)


def fetch(download: Download, directory: Path, progress: Progress | None = None) -> tuple[Path, ...]:
    """Fetch the files of a download into a directory of their own below `directory`."""
    try:
        import pooch  # type: ignore[import-untyped]
        import requests
    except ImportError as error:
        raise ValueError(
            f"{download.title} has to be downloaded, which needs the package pooch. Install it with: pip install pooch."
        ) from error
    pooch.get_logger().setLevel("ERROR")
    place = _place(download, directory)
    paths: list[Path] = []
    for file, md5 in download.files:
        bar = _Bar(progress, download.title) if progress else _Bar(lambda done, total: None, download.title)
        fetcher = pooch.HTTPDownloader(progressbar=bar, chunk_size=1 << 16, timeout=15)
        try:
            found = pooch.retrieve(download.base + file, f"md5:{md5}", fname=file, path=place, downloader=fetcher)
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else "nothing"
            raise ValueError(
                f"{download.title} is no longer where it used to be (the server answers {status}). "
                "Choose one of the data sets that need no download."
            ) from error
        except requests.RequestException as error:
            raise ValueError(
                f"{download.title} could not be downloaded, because there is no way to its server. "
                "Check the connection and try again, or choose a data set that needs no download."
            ) from error
        except OSError as error:
            raise ValueError(
                f"{download.title} could not be stored on this disk. Make some room and try again."
            ) from error
        except ValueError as error:
            if isinstance(error, _TooLargeError):
                raise
            raise ValueError(
                f"{download.title} arrived damaged (its checksum is wrong) and was thrown away. Try again later."
            ) from error
        paths.append(Path(found))
    return tuple(paths)


def _directory() -> Path:
    return cache_directory() or Path(tempfile.gettempdir())


def _place(download: Download, directory: Path) -> Path:
    return directory / download.title.lower()


class _TooLargeError(ValueError):
    """The server sends more than the data set can be."""


class _Bar:
    """What pooch wants of a progress bar, passed on as two numbers."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._title = title
        self._done = 0
        self.total = 0

    def update(self, count: int) -> None:
        self._done += count
        if self._done > MAX_BYTES:
            raise _TooLargeError(
                f"{self._title} is larger than the {MAX_BYTES // 1_000_000} MB that it may be. Choose another data set."
            )
        self._progress(min(self._done, self.total) if self.total else self._done, self.total)

    def reset(self) -> None:
        self._done = 0

    def close(self) -> None:
        pass
