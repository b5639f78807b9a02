"""Data files inside installed packages, read without importing the packages: some of them take seconds to import."""

from __future__ import annotations

import importlib.util
from pathlib import Path


def packaged_file(package: str, path: str, install: str) -> Path:
    """Find the file of an installed package.

    package: the name that one imports. path: the file below it. install: the name that one installs.
    Raises: ValueError with one sentence if it is not there.
    """
    found = importlib.util.find_spec(package)
    for directory in (found.submodule_search_locations or []) if found else []:
        file = Path(directory) / path
        if file.is_file():
            return file
    raise ValueError(
        f"This data comes with the package {install}, which is missing here or has another version. "
        f"Install it again with: pip install {install}."
    )
