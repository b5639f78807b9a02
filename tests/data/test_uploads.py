"""The largest and the worst uploads, each read in a fresh process; `python -m benchmarks uploads` measures all."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.upload_files import KINDS
from benchmarks.uploads import MOST_MB, SLOWEST_S, measured

WORST = {
    "tables": {
        "20,000 rows of 50 columns",
        "5,000 rows of 200 columns",
        "100,000 columns",
        "Excel, 39,000 different texts",
    },
    "images": {"PNG, the largest, in 10 MB", "PNG with palette and transparency, the largest", "TIFF"},
    "sound": {"WAV, 96 kHz, 8 bits, the longest", "WAV that claims 4 GB", "MP3 of an hour"},
    "text": {"20,000 lines with signs beyond", "zip named txt", "5 MB of line ends"},
    "points": {"10 MB of line ends", "1e999"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_an_upload_is_read_soon_and_in_little_memory(kind: str, tmp_path: Path) -> None:
    path, first = tmp_path / "upload", tmp_path / "first"
    seen: set[str] = set()
    for name, data in KINDS[kind]():
        if not first.exists():
            first.write_bytes(data)
        if name not in WORST[kind]:
            continue
        seen.add(name)
        path.write_bytes(data)
        found = measured(kind, path, first)
        assert "crash" not in found, (name, found)
        assert found["megabytes"] < MOST_MB, (name, found)
        assert found["seconds"] < 2 * SLOWEST_S, (name, found)  # other tests may run beside it
        assert found["read"] or str(found["says"]).endswith((".", "?")), (name, found)
    assert seen == WORST[kind]
