"""Points that people make themselves: packed into a URL, or read from a small CSV."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import lru_cache
from io import StringIO

import numpy as np
from numpy.typing import ArrayLike, NDArray

MAX_CLASSES = 5
EXTENT = 6.0
"""Points lie in [-6, 6] in both directions."""

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
STEPS = 4094
"""Even and below 2^12, so that two characters hold a coordinate and 0 is kept exactly."""

MAX_TEXT = 400_000
"""Longer texts are refused before they are read: 100,000 points."""

MAX_CSV = 1_000_000
"""Bytes of a file, or characters of a text, with points."""

REMEDY = "Write one point a row, such as: 1.5, -2, blue."


def pack_points(points: ArrayLike, labels: ArrayLike) -> str:
    """Write points (N, 2) and labels (N,) as URL-safe text, four characters a point, in steps of 0.003.

    The points of class 0 come first, then a dot, then those of class 1, and so on; in a class they keep their order.
    """
    points, labels = np.asarray(points, dtype=np.float64).reshape(-1, 2), np.asarray(labels, dtype=np.int64)
    steps = np.rint((np.clip(points, -EXTENT, EXTENT) + EXTENT) / (2 * EXTENT) * STEPS).astype(np.int64)
    digits = np.stack([steps[:, 0] >> 6, steps[:, 0] & 63, steps[:, 1] >> 6, steps[:, 1] & 63], axis=1)
    text = np.array(list(ALPHABET))[digits]  # (N, 4) characters
    classes = int(labels.max()) + 1 if len(labels) else 0
    return ".".join("".join(text[labels == label].ravel()) for label in range(classes))


@lru_cache(maxsize=64)
def _unpack(text: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    blocks = text.split(".")
    if len(blocks) > MAX_CLASSES:
        raise ValueError(f"points has {len(blocks)} classes, but at most {MAX_CLASSES} fit. Use fewer classes.")
    characters = "".join(blocks)
    broken = "points is not a list of packed points. Open the link again from where it was copied, or paint new points."
    if any(len(block) % 4 for block in blocks) or not re.fullmatch(r"[A-Za-z0-9_-]*", characters):
        raise ValueError(broken)
    value = np.zeros(128, dtype=np.int64)
    value[[ord(letter) for letter in ALPHABET]] = np.arange(64)
    digits = value[np.frombuffer(characters.encode("ascii"), dtype=np.uint8)].reshape(-1, 2)
    steps = (digits[:, 0] * 64 + digits[:, 1]).reshape(-1, 2)
    if np.any(steps > STEPS):
        raise ValueError(broken)
    labels = np.repeat(np.arange(len(blocks), dtype=np.int64), [len(block) // 4 for block in blocks])
    points = (steps * (2 * EXTENT / STEPS) - EXTENT).astype(np.float64)
    points.flags.writeable = labels.flags.writeable = False  # shared by all who ask for this text
    return points, labels


def unpack_points(text: str) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Read what `pack_points` wrote: points (N, 2) and labels (N,), both read-only.

    Raises: ValueError with one sentence if the text is something else.
    """
    if len(text) > MAX_TEXT:
        raise ValueError(f"points is {len(text):,} characters long, but at most {MAX_TEXT:,} fit. Use fewer points.")
    return _unpack(text)


def count_classes(text: str) -> int:
    """Tell how many classes packed points span: the highest class in use, counted from 1."""
    labels = unpack_points(text)[1]
    return int(labels.max()) + 1 if len(labels) else 0


def read_points_csv(
    text: str | bytes, max_points: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], tuple[str, ...]]:
    """Read rows of x1, x2, label: separated by commas, semicolons, tabs or blanks, with or without a header.

    Returns points (N, 2), labels (N,) counted from 0, and the class names in that order: sorted as numbers if all are
    numbers, else by the alphabet.
    Raises: ValueError with one sentence that names the row, the value, the rule and the remedy.
    """
    if len(text) > MAX_CSV:
        size = f"{len(text) / 1e6:.1f} MB, but at most {MAX_CSV / 1e6:g} MB fit"
        raise ValueError(f"This file has {size}. Keep {max_points:,} points or fewer.")
    points: list[tuple[float, float]] = []
    names: list[str] = []
    seen: set[str] = set()
    for row, fields in _rows(_decode(text) if isinstance(text, bytes) else text):
        if len(points) == max_points:
            raise ValueError(f"Row {row} is one point too many: at most {max_points:,} fit. Leave some rows out.")
        points.append((_coordinate(row, "x1", fields[0]), _coordinate(row, "x2", fields[1])))
        name = _label(row, fields[2])
        names.append(name)
        seen.add(name)
        if len(seen) > MAX_CLASSES:
            raise ValueError(
                f"Row {row} has the label {show(name)}, which is class number {len(seen)}, but at most {MAX_CLASSES} "
                "classes are possible. Give rows of the same class the same label."
            )
    if not points:
        raise ValueError(f"There are no points in this text. {REMEDY}")
    numeric = all(_NUMBER.fullmatch(name) for name in seen)
    class_names = tuple(sorted(seen, key=float) if numeric else sorted(seen))
    labels = np.array([class_names.index(name) for name in names], dtype=np.int64)
    return np.array(points), labels, class_names


_NUMBER = re.compile(r"[+-]?(\d{1,40}([.]\d{0,40}|,\d{1,40})?|[.]\d{1,40})([eE][+-]?\d{1,5})?", re.ASCII)
_SEPARATORS = (";", "\t", None, ",")  # None is any run of blanks; the comma is last, since it may be the decimal mark


def show(value: object) -> str:
    """Quote a value from outside in a sentence: short, and without signs that mean something in Markdown or HTML."""
    text = "".join(letter if letter.isalnum() or letter in " .,+-_%'=" else "?" for letter in str(value)[:41])
    return f"'{text[:40]}...'" if len(text) > 40 else f"'{text}'"


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError("This file is not text in UTF-8. Save it as CSV with the encoding UTF-8.") from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the row number, counted from 1 as an editor does, and its three fields, without the header."""
    separator: str | None = None
    may_be_header = True
    started = False
    for row, line in enumerate(StringIO(text.removeprefix("\ufeff"), newline=None), start=1):
        line = line.strip(" \n")
        if not line:
            continue
        if len(line) > 500 or "\x00" in line or "\ufffd" in line:
            raise ValueError(f"Row {row} is too long or not text, so this is not a list of points. {REMEDY}")
        if not started:
            separator = _separator(line)
        fields = _split(line, separator)
        if may_be_header and len(fields) == 3 and not any(_NUMBER.fullmatch(field) for field in fields):
            may_be_header = False
            continue
        if len(fields) != 3:
            count = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
            raise ValueError(f"Row {row} has {count}, but a point has three: x1, x2 and a label. {REMEDY}")
        started, may_be_header = True, False
        yield row, fields


def _separator(line: str) -> str | None:
    """Choose the separator under which the line starts with two numbers, or else the first that makes three fields."""
    splits = [(separator, _split(line, separator)) for separator in _SEPARATORS]
    splits = [(separator, fields) for separator, fields in splits if len(fields) >= 3]
    for separator, fields in splits:
        if _NUMBER.fullmatch(fields[0]) and _NUMBER.fullmatch(fields[1]):
            return separator
    named = [separator for separator, fields in splits if separator is not None and len(fields) == 3]
    return named[0] if named else splits[0][0] if splits else ","


def _split(line: str, separator: str | None) -> list[str]:
    fields = line.split(None, 2) if separator is None else line.split(separator)
    return [field.strip().strip('"').strip() for field in fields]


def _coordinate(row: int, column: str, field: str) -> float:
    if not _NUMBER.fullmatch(field):
        raise ValueError(
            f"Row {row}: {column} is {show(field)}, but it must be a number between -6 and 6. Correct it, or leave the "
            "row out."
        )
    value = float(field.replace(",", "."))
    if not -EXTENT <= value <= EXTENT:
        raise ValueError(
            f"Row {row}: {column} is {show(field)}, but it must lie between -6 and 6. Scale the column into that range."
        )
    return value


def _label(row: int, field: str) -> str:
    if not field or len(field) > 40:
        raise ValueError(f"Row {row}: the label is {show(field)}, but it needs 1 to 40 characters. Add or shorten it.")
    if _NUMBER.fullmatch(field):
        number = float(field.replace(",", "."))
        if not math.isfinite(number):
            raise ValueError(f"Row {row}: the label is {show(field)}, which is not finite. Use 0, 1, 2 or a word.")
        return f"{number:g}"  # so that 1, 1.0 and +1 are one class
    return field
