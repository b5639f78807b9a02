"""Own data that is too large for a link: kept on this server under a key, and the link holds the key.

The key is made of the content, so equal uploads share one file, and what a key stands for never changes.
"""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path

from playground.data.cache import cache_directory, write_whole
from playground.data.own_points import show

MOST_FILES = 500
MOST_BYTES = 1_000_000_000
MISSING = "The data of this link is not on this server any more. Upload it again."

_KEY = re.compile("[0-9a-f]{32}")


def put(content: bytes) -> str:
    """Keep some content, and return its key. Uploads that nobody has opened for the longest time make room.

    Raises: ValueError with one sentence if there is no place to write.
    """
    key = hashlib.sha256(content).hexdigest()[:32]
    directory = _directory()
    if directory is None:
        raise ValueError("This server has no place to keep uploads. Ask its host for a directory that can be written.")
    path = directory / key
    try:
        if not path.is_file():
            write_whole(path, content)
        os.utime(path)
        _make_room(directory)
    except OSError as error:
        raise ValueError("The upload could not be kept, because the disk is full or locked. Try it later.") from error
    return key


def get(key: str) -> bytes:
    """Read the content of a key.

    Raises: ValueError with one sentence if it is not here.
    """
    directory = _directory()
    if directory is None or not is_key(key):
        raise ValueError(MISSING)
    path = directory / key
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(MISSING) from error
    with suppress(OSError):
        os.utime(path)
    return content


def is_key(text: str) -> bool:
    """Tell whether a text can be a key, so that it is safe as the name of a file."""
    return _KEY.fullmatch(text) is not None


def read_key(name: str, value: object) -> str:
    """Take the key of own data, or "" for none.

    Raises: ValueError with one sentence.
    """
    if value == "":
        return ""
    if not isinstance(value, str) or not is_key(value):
        raise ValueError(f"{name} is {show(value)}, which is no key of uploaded data. Upload it again.")
    return value


def _directory() -> Path | None:
    cache = cache_directory()
    if cache is None:
        return None
    directory = cache.parent / "uploads"
    try:
        directory.mkdir(exist_ok=True)
    except OSError:
        return None
    return directory


def _make_room(directory: Path) -> None:
    """Delete the files that were opened the longest time ago, as long as there are too many or too large ones."""
    files = [(path.stat().st_mtime, path.stat().st_size, path) for path in directory.iterdir() if is_key(path.name)]
    count, total = len(files), sum(size for _, size, _ in files)
    for _, size, path in sorted(files)[:-1]:
        if count <= MOST_FILES and total <= MOST_BYTES:
            break
        path.unlink(missing_ok=True)
        count, total = count - 1, total - size
