"""Hundreds of damaged files of every format: a result or one sentence, soon, and never anything else."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from benchmarks.upload_files import SHEET, changed, excel, picture, row, sound
from benchmarks.upload_reader import READERS

LINES = "".join(f"{i},5;{i % 7};{'cat' if i % 2 else 'dog'}\n" for i in range(60))
GOOD = {
    "csv": ("tables", f"size;weight;kind\n{LINES}".encode()),
    "csv, UTF-16": ("tables", f"size;weight;kind\n{LINES}".encode("utf-16")),
    "xlsx": ("tables", excel(SHEET % "".join(row([f"{i}.5", str(i % 7)]) for i in range(60)))),
    "png": ("images", picture("PNG", (60, 40))),
    "png, transparent": ("images", picture("PNG", (60, 40), "RGBA")),
    "jpeg": ("images", picture("JPEG", (60, 40))),
    "jpeg, progressive": ("images", picture("JPEG", (60, 40), progressive=True)),
    "gif": ("images", picture("GIF", (60, 40))),
    "webp": ("images", picture("WEBP", (60, 40))),
    "bmp": ("images", picture("BMP", (60, 40))),
    "wav": ("sound", sound("WAV", 8_000, 8_000)),
    "wav, float": ("sound", sound("WAV", 8_000, 8_000, subtype="FLOAT")),
    "flac": ("sound", sound("FLAC", 8_000, 8_000)),
    "ogg": ("sound", sound("OGG", 8_000, 8_000)),
    "mp3": ("sound", sound("MP3", 8_000, 8_000)),
    "lines": ("text", "".join(f"{'cat' if i % 2 else 'dog'}\ttext {i}\n" for i in range(60)).encode()),
    "points": ("points", b"x,y,label\n" + b"".join(b"%d,%d,%d\n" % (i % 6, i % 5, i % 2) for i in range(60))),
}
SOON = 2.0  # seconds


def damaged(data: bytes) -> Iterator[bytes]:
    """The file cut, with wrong bytes, with a piece twice, without a piece, with pieces exchanged, and in another."""
    rng = random.Random(len(data))
    for _ in range(5):
        a, b = sorted(rng.sample(range(1, len(data)), 2))
        yield data[:a]
        yield data[a:]
        yield data[:a] + data[b:]
        yield data[:b] + data[a:]
        yield data[a:b] + data[:a] + data[b:]
        yield data[:a] + bytes([data[a] ^ 1 << rng.randrange(8)]) + data[a + 1 :]
        yield data[:a] + b"\xff" * (b - a) + data[b:]
        yield changed(data[:a]) + data[a:]
    yield from (data + data, b"\xef\xbb\xbf" + data, b"\n" + data, data.replace(b"\n", b"\r"), data[::-1])


def sentence(kind: str, data: bytes) -> str:
    """Why the file is refused, "" if it is not. Anything but a plain ValueError is a fault."""
    try:
        READERS[kind](data)
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        return str(error)
    return ""


@pytest.mark.parametrize("form", GOOD)
def test_a_damaged_file_is_read_or_refused_in_a_sentence(form: str) -> None:
    kind, good = GOOD[form]
    assert READERS[kind](good)
    refused = 0
    for number, data in enumerate(damaged(good)):
        began = time.process_time()
        said = sentence(kind, data)
        refused += bool(said)
        assert not said or (said[:1].isupper() and said.endswith((".", "?"))), (number, said)
        assert time.process_time() - began < SOON, number
    assert number == 44
    assert refused > 0
