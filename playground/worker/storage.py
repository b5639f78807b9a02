"""Checkpoints on disk, one file a run, never half written.

A file is b"NNPS" | uint32 LE length | JSON (the experiment and how the run was) | the checkpoint in safetensors format.
"""

from __future__ import annotations

import json
import os
import re
import struct
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from playground.experiment.experiment import Experiment
from playground.experiment.url import from_json, to_json
from playground.worker.messages import DEFAULT_SPEED, SPEEDS

MAGIC = b"NNPS"
SUFFIX = ".nnp"
MAX_AGE = 30 * 24 * 3600.0  # seconds
MAX_FILES = 2_000
MAX_HEADER = 1_000_000
_RUN_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")


@dataclass(frozen=True)
class Saved:
    """A run as it was when it was saved."""

    experiment: Experiment
    speed: str
    checkpoint: bytes


class DamagedFileError(Exception):
    """The file of a run is there, but it cannot be read."""


def valid_run_id(run_id: object) -> bool:
    """Is this 8 to 64 letters, digits, "_" and "-", and so safe as a file name?"""
    return isinstance(run_id, str) and _RUN_ID.fullmatch(run_id) is not None


def home_directory() -> Path:
    """Where runs are kept: PLAYGROUND_HOME, the user's data directory, or a temporary one if neither can be written."""
    chosen = os.environ.get("PLAYGROUND_HOME")
    candidates = [
        Path(chosen) if chosen else platformdirs.user_data_path("neural-network-playground", appauthor=False),
        Path(tempfile.gettempdir()) / f"neural-network-playground-{_user()}",
    ]
    for directory in candidates:
        with suppress(OSError):
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            if sys.platform != "win32" and directory.stat().st_uid != os.getuid():
                continue  # somebody else made it, and could put files there
            with tempfile.TemporaryFile(dir=directory):
                return directory
    return Path(tempfile.mkdtemp(prefix="neural-network-playground-"))


def _user() -> str:
    return str(os.getuid()) if sys.platform != "win32" else "user"


class Storage:
    """The saved runs of one directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def save(self, run_id: str, saved: Saved, *, durable: bool) -> None:
        """Replace the run's file at once or not at all; `durable` survives a power cut too.

        Raises: OSError when the disk is full or gone.
        """
        path = self._path(run_id)
        header = json.dumps({"experiment": to_json(saved.experiment), "speed": saved.speed}).encode()
        descriptor, name = tempfile.mkstemp(dir=self.directory, prefix=f"{run_id}.", suffix=".part")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"".join([MAGIC, struct.pack("<I", len(header)), header, saved.checkpoint]))
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(name)
            raise

    def load(self, run_id: str) -> Saved | None:
        """The saved run, None if there is none.

        Raises: DamagedFileError.
        """
        try:
            data = self._path(run_id).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise DamagedFileError(str(error)) from error
        start = len(MAGIC) + 4
        try:
            if data[: len(MAGIC)] != MAGIC:
                raise ValueError("it does not begin with NNPS")
            (length,) = struct.unpack_from("<I", data, len(MAGIC))
            if length > MAX_HEADER:
                raise ValueError("its header is too long")
            header = json.loads(data[start : start + length])
            speed = header["speed"] if header["speed"] in SPEEDS else DEFAULT_SPEED
            return Saved(from_json(header["experiment"]), speed, data[start + length :])
        except (ValueError, KeyError, TypeError, struct.error) as error:
            raise DamagedFileError(str(error)) from error

    def remove(self, run_id: str) -> None:
        """Forget the run."""
        self._path(run_id).unlink(missing_ok=True)

    def tidy(self, now: float | None = None) -> None:
        """Remove files older than 30 days, and the oldest beyond 2,000; unfinished ones of dead processes too."""
        now = time.time() if now is None else now
        aged: list[tuple[float, Path]] = []
        for path in self.directory.iterdir():
            with suppress(OSError):
                age = now - path.stat().st_mtime
                if age > MAX_AGE or (path.suffix == ".part" and age > 3600):
                    path.unlink()
                elif path.suffix == SUFFIX:
                    aged.append((age, path))
        for _, path in sorted(aged, key=lambda pair: pair[0])[MAX_FILES:]:
            with suppress(OSError):
                path.unlink()

    def _path(self, run_id: str) -> Path:
        if not valid_run_id(run_id):
            raise ValueError("A run's id is 8 to 64 letters, digits, _ and -.")
        return self.directory / f"{run_id}{SUFFIX}"
