from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from playground.data.text_own import MAX_LINES, read_lines, read_plain_lines

GOOD = "yes\tgood\nno\tbad\n" * 5


def test_reads_labels_and_texts() -> None:
    texts, labels, names = read_lines("no\tbad day, really; so\nyes\tגוד 😀\n\n" * 4)
    assert names == ("no", "yes")
    assert texts[:2] == ("bad day, really; so", "גוד 😀")
    assert labels.dtype == np.int64
    assert labels.tolist() == [0, 1] * 4


@pytest.mark.parametrize(
    "text",
    [
        "yes,good\nno,bad\n" * 3,
        "yes;good\nno;bad\n" * 3,
        "label\ttext\n" + "yes\tgood\nno\tbad\n" * 3,
        '"yes","good"\r\n"no","bad"\r\n' * 3,
        ("yes\tgood\nno\tbad\n" * 3).encode("utf-8-sig"),
        ("yes\tgood\nno\tbad\n" * 3).encode("utf-16"),
        "yes\tgood\rno\tbad\r" * 3,
    ],
)
def test_other_ways_of_writing(text: str | bytes) -> None:
    texts, labels, names = read_lines(text)
    assert texts == ("good", "bad") * 3
    assert labels.tolist() == [1, 0] * 3
    assert names == ("no", "yes")


def test_a_separator_inside_the_text_is_kept() -> None:
    assert read_lines("a,one, two; three\nb,four\n" * 3)[0][0] == "one, two; three"
    assert read_lines('a;"say ""hi"""\nb;four\n' * 3)[0][0] == 'say "hi"'


def bad_texts() -> Iterator[tuple[str, str | bytes, str]]:
    yield "empty", "", "no lines"
    yield "blank", " \n\t\n", "no lines"
    yield "one label", "a\tb\n" * 50, "two classes"
    yield "few", "a\tb\na\tc\na\td\nb\tc\n", "1 line"
    yield "no separator", "hello\nworld", "first line"
    yield "ragged", GOOD + "oops", "Line 11 has no tab"
    yield "no text", GOOD + "yes\t", "Line 11 has no text"
    yield "no label", GOOD + "\tgood", "Line 11: the label"
    yield "long label", GOOD + "y" * 41 + "\tgood", "Line 11: the label"
    yield "long text", GOOD + "yes\t" + "a" * 501, "Line 11 has a text of 501"
    yield "classes", "".join(f"{i}\ttext\n" for i in range(100)), "Line 21 has the label"
    yield "too many", "a\tb\nb\tc\n" * MAX_LINES, "Line 20001 is one too many"
    yield "huge", b"a\tb\n" * 2_500_000, "10.0 MB"
    yield "huge line", "a\t" + "b" * 4_000_000, "Line 1 has"
    yield "huge accents", "a\t" + "\u0301\u0316" * 1_000_000, "Line 1 has"
    yield "NUL", "a\tb\x00c\n" * 9, "not text"
    yield "UTF-16 without mark", GOOD.encode("utf-16-le"), "not text"
    yield "Latin-1", "a\tMüller\nb\tx\n".encode("latin-1") * 3, "UTF-8"
    yield "zip", b"PK\x03\x04" + bytes(range(256)) * 40, "UTF-8"
    yield "half a character", GOOD + "yes\t\ud800", "not text"
    yield "odd UTF-16", b"\xff\xfea", "UTF-8"
    rng = np.random.default_rng(0)
    for i in range(150):
        yield f"noise {i}", rng.bytes(int(rng.integers(1, 4000))), ""
    for i in range(50):
        noise = "".join(map(chr, rng.integers(1, 0xD7FF, 300)))
        yield f"characters {i}", noise, ""


def test_every_bad_text_gets_one_sentence_quickly() -> None:
    cases = list(bad_texts())
    assert len(cases) > 200
    for name, text, words in cases:
        started = time.perf_counter()
        with pytest.raises(ValueError) as caught:
            read_lines(text)
        message = str(caught.value)
        assert type(caught.value) is ValueError, name
        assert words in message, f"{name}: {message}"
        assert len(message) < 250, name
        assert message.endswith("."), name
        assert "\n" not in message, name
        assert time.perf_counter() - started < 2, name


def test_plain_lines() -> None:
    assert read_plain_lines("one\ntwo\n" * 5) == ("one", "two") * 5
    with pytest.raises(ValueError, match="at least 10"):
        read_plain_lines("one")
