"""What the frozen network made of each photo, kept under the photo's content: no photo goes through it twice.

The network itself belongs to the training process; everybody may read what it found.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from playground.data.cache import cache_directory, write_whole

FEATURES = 1_280
"""Numbers that EfficientNet-Lite0 makes of a photo."""
MOST_FILES = 10_000
"""5 kB each."""

_VERSION = b"efficientnet-lite0-1"
_MOST_IN_MEMORY = 1_000
_latest: OrderedDict[str, NDArray[np.float32]] = OrderedDict()


def find_features(photo: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The features of a photo (224, 224, 3), (1280,); None if the network has not seen it."""
    key = _key(photo)
    found = _latest.get(key)
    if found is None and (directory := _directory()):
        with suppress(OSError):
            content = (directory / key).read_bytes()
            if len(content) == 4 * FEATURES:
                found = np.frombuffer(content, dtype="<f4").astype(np.float32)
                _remember(key, found)
    return found


def keep_features(photo: NDArray[np.uint8], features: NDArray[np.float32]) -> None:
    """Keep what the network made of a photo, on disk too where there is a place for it."""
    key = _key(photo)
    _remember(key, features)
    if directory := _directory():
        with suppress(OSError):  # a full disk costs time, never a photo
            write_whole(directory / key, features.astype("<f4").tobytes())
            _make_room(directory)


def _key(photo: NDArray[np.uint8]) -> str:
    return hashlib.sha256(_VERSION + np.ascontiguousarray(photo).tobytes()).hexdigest()[:32]


def _remember(key: str, features: NDArray[np.float32]) -> None:
    features.flags.writeable = False
    _latest[key] = features
    if len(_latest) > _MOST_IN_MEMORY:
        _latest.popitem(last=False)


def _directory() -> Path | None:
    cache = cache_directory()
    if cache is None:
        return None
    directory = cache / "features"
    try:
        directory.mkdir(exist_ok=True)
    except OSError:
        return None
    return directory


def _make_room(directory: Path) -> None:
    """Delete the older half once there are too many: it takes milliseconds to make one again."""
    if len(os.listdir(directory)) <= MOST_FILES:
        return
    files = sorted(directory.iterdir(), key=lambda path: path.stat().st_mtime)
    for path in files[: MOST_FILES // 2]:
        path.unlink(missing_ok=True)
