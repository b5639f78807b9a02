"""Texts that people paste or upload: one line each, its label first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from playground.data.own_points import show
from playground.data.tokens import normalise

MAX_LINES = 20_000
MAX_NUMBER = 200_000
"""Lines in all, blank ones too."""
MAX_BYTES = 5_000_000
MAX_LENGTH = 500
"""Characters of one text."""
MIN_CLASSES, MAX_CLASSES = 2, 20
MIN_LINES_PER_CLASS = 3
"""Fewer cannot be learnt and tested."""

REMEDY = "Write one line a text: its label, a tab, and the text."
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")
HEADERS = frozenset({("label", "text"), ("class", "text"), ("category", "text")})


def read_lines(text: str | bytes) -> tuple[tuple[str, ...], NDArray[np.int64], tuple[str, ...]]:
    """Read lines of a label and a text, parted by a tab; if the first line has none, by its first comma or semicolon.

    Returns texts, labels (N,) counted from 0, and the class names in that order, by the alphabet.
    Raises: ValueError with one sentence that names the line, the value, the rule and the remedy.
    """
    texts: list[str] = []
    names: list[str] = []
    seen: set[str] = set()
    separator = ""
    for number, line in _lines(text):
        first = not separator
        separator = separator or _separator(line)
        name, found, rest = line.partition(separator)
        if not found:
            kind = {"\t": "tab", ",": "comma", ";": "semicolon"}[separator]
            raise ValueError(f"Line {number} has no {kind}, so its label cannot be told from its text. {REMEDY}")
        name, rest = _unquote(name), _unquote(rest)
        if first and (name.casefold(), rest.casefold()) in HEADERS:
            continue
        if not 1 <= len(name) <= 40:
            raise ValueError(f"Line {number}: the label is {show(name)}, but it needs 1 to 40 characters. {REMEDY}")
        texts.append(_checked(number, rest))
        names.append(name)
        seen.add(name)
        if len(seen) > MAX_CLASSES:
            raise ValueError(
                f"Line {number} has the label {show(name)}, which is class number {len(seen)}, but at most "
                f"{MAX_CLASSES} classes are possible. Give lines of the same class the same label."
            )
    _check_classes(names)
    class_names = tuple(sorted(seen))
    index = {name: i for i, name in enumerate(class_names)}
    return tuple(texts), np.array([index[name] for name in names], dtype=np.int64), class_names


def read_plain_lines(text: str | bytes) -> tuple[str, ...]:
    """Read one text a line, without labels: what a generator learns to write.

    Raises: ValueError with one sentence, also if there are fewer than ten lines.
    """
    texts = tuple(_checked(number, line.strip()) for number, line in _lines(text))
    if len(texts) < 10:
        raise ValueError(f"There are {len(texts)} lines, but at least 10 are needed to learn from. Add some lines.")
    return texts


def _lines(text: str | bytes) -> Iterator[tuple[int, str]]:
    """Yield each line that is not blank, with its number counted from 1 as an editor does."""
    if len(text) > MAX_BYTES:
        raise ValueError(
            f"The text has {len(text) / 1e6:.1f} MB, but at most {MAX_BYTES / 1e6:.0f} MB fit. Leave some lines out."
        )
    text = (_decode(text) if isinstance(text, bytes) else text).removeprefix("\ufeff")
    count = 0
    for number, match in enumerate(re.finditer(r"[^\r\n]*(?:\r\n|\r|\n|$)", text), start=1):
        if number > MAX_NUMBER:
            raise ValueError(f"The text has more than {MAX_NUMBER:,} lines. Take blank lines out, or leave some out.")
        line = match.group().rstrip("\r\n")
        if not line.strip():
            continue
        count += 1
        if count > MAX_LINES:
            raise ValueError(f"Line {number} is one too many: at most {MAX_LINES:,} fit. Leave some lines out.")
        if len(line) > MAX_LENGTH + 100:
            raise ValueError(
                f"Line {number} has {len(line):,} characters, but a text has at most {MAX_LENGTH}. Shorten it."
            )
        line = normalise(line)
        if _NOT_TEXT.search(line):
            raise ValueError(f"Line {number} has signs that are not text. Save the file as text in UTF-8.")
        yield number, line


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ValueError("This file is not text in UTF-8. Save it as text with the encoding UTF-8.") from error


def _separator(line: str) -> str:
    if "\t" in line:
        return "\t"
    found = re.search("[,;]", line)
    if found is None:
        raise ValueError(f"The first line is {show(line)}, but it has no tab between a label and a text. {REMEDY}")
    return found.group()


def _unquote(field: str) -> str:
    field = field.strip()
    if len(field) >= 2 and field[0] == field[-1] == '"':
        field = field[1:-1].replace('""', '"').strip()
    return field


def _checked(number: int, text: str) -> str:
    if not 1 <= len(text) <= MAX_LENGTH:
        length = "no text after its label" if not text else f"a text of {len(text)} characters"
        raise ValueError(f"Line {number} has {length}, but a text has 1 to {MAX_LENGTH}. Correct it or leave it out.")
    return text


def _check_classes(names: list[str]) -> None:
    counts = Counter(names)
    if not counts:
        raise ValueError(f"There are no lines in this text. {REMEDY}")
    if len(counts) < MIN_CLASSES:
        raise ValueError(
            f"All lines have the label {show(names[0])}, but a network needs two classes or more. Add another label."
        )
    name, count = min(counts.items(), key=lambda item: item[1])
    if count < MIN_LINES_PER_CLASS:
        lines = "1 line" if count == 1 else f"{count} lines"
        raise ValueError(
            f"The label {show(name)} has {lines}, but each class needs {MIN_LINES_PER_CLASS} or more. Add some lines."
        )
