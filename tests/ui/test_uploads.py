"""Large pictures are kept as small ones from their arrival on."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import PIL.Image
import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from playground.data.own_photos import keep_photo, pixels_of
from playground.ui.uploads import LARGE, shrink_pictures


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> MemoryUploadedFileManager:
    monkeypatch.setattr(MemoryUploadedFileManager, "add_file", MemoryUploadedFileManager.add_file)
    shrink_pictures()
    return MemoryUploadedFileManager("/upload")


def photo(side: int = 1600) -> bytes:
    rng, file = np.random.default_rng(2), BytesIO()
    coarse = PIL.Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize((side * 4 // 3, side))
    noisy = np.asarray(coarse) // 2 + rng.integers(0, 64, (side, side * 4 // 3, 3), dtype=np.uint8)
    PIL.Image.fromarray(noisy).save(file, "JPEG", quality=92)
    return file.getvalue()


def kept(manager: MemoryUploadedFileManager) -> bytes:
    [file] = manager.get_files("visitor", ["1"])
    return file.data


def arrive(manager: MemoryUploadedFileManager, data: bytes, kind: str = "image/jpeg") -> None:
    manager.add_file("visitor", UploadedFileRec("1", "a.jpg", kind, data))


def test_a_large_photo_is_kept_small_and_looks_the_same(manager: MemoryUploadedFileManager) -> None:
    data = photo()
    assert len(data) > LARGE
    arrive(manager, data)
    small = kept(manager)
    assert len(small) < LARGE / 2
    assert manager._total_bytes == len(small)
    difference = pixels_of(keep_photo(small)).astype(int) - pixels_of(keep_photo(data))
    assert np.abs(difference).mean() < 3  # of 255 levels


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (photo()[: LARGE + 10], "image/jpeg"),
        (b"\x89PNG" + bytes(LARGE), "image/png"),
        (bytes(LARGE), "text/csv"),
        (photo(100), "image/jpeg"),
    ],
    ids=["truncated", "no picture", "a table", "small"],
)
def test_any_other_file_stays_as_it_came(manager: MemoryUploadedFileManager, data: bytes, kind: str) -> None:
    arrive(manager, data, kind)
    assert kept(manager) == data
