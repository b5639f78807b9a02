"""Arrays that are slow to make, kept on disk so that the next load takes milliseconds."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[np.generic]]


def cache_directory() -> Path | None:
    """Where data is kept: "data" in PLAYGROUND_HOME or the user's data directory; None if it cannot be written."""
    chosen = os.environ.get("PLAYGROUND_HOME")
    if chosen:
        home = Path(chosen)
    else:
        import platformdirs

        home = platformdirs.user_data_path("neural-network-playground", appauthor=False)
    directory = home / "data"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return directory if os.access(directory, os.W_OK | os.X_OK) else None


def write_whole(path: Path, content: bytes) -> None:
    """Write beside the final name first, so that nobody ever reads half a file."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def cached_arrays(name: str, version: int, make: Callable[[], Arrays]) -> Arrays:
    """Read the arrays that `make` returned before, or make them now and keep them.

    A new `version` makes them again. Without a place to write, or with a damaged file, they are simply made.
    """
    directory = cache_directory()
    path = directory / f"{name}-v{version}.npz" if directory else None
    if path and (found := _read(path)):
        return found
    arrays = make()
    if path:
        with suppress(OSError):  # a full disk costs time, never the data
            file = io.BytesIO()
            np.savez(file, **arrays)  # type: ignore[arg-type]
            write_whole(path, file.getvalue())
    return arrays


def is_cached(name: str, version: int) -> bool:
    """Tell whether arrays of this name and version are on disk."""
    directory = cache_directory()
    return directory is not None and (directory / f"{name}-v{version}.npz").is_file()


def _read(path: Path) -> Arrays | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except Exception:  # a file cut short raises one of a dozen errors; all mean that it must be made again
        return None
