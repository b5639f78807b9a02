"""Hundreds of files that are no tables, or broken ones: each a preview or one sentence, soon, and in little memory."""

from __future__ import annotations

import io
import random
import struct
import time
import zipfile
from collections.abc import Iterator

import numpy as np
import openpyxl
import pytest

from benchmarks.upload_files import grid
from playground.data.table_reading import MAX_BYTES, read_table
from playground.data.table_values import MAX_CELLS
from tests.data.memory import added_megabytes

SECONDS = 2.0
MEGABYTES = 50


def good_excel() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["a", "b"], [1, "x"], [2, "y"], [3, "x"]):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return file.getvalue()


def excel_with(**changes: bytes) -> bytes:
    """A workbook in which parts are replaced; the names are those after the last slash, without their endings."""
    with zipfile.ZipFile(io.BytesIO(good_excel())) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    for name in parts:
        short = name.rpartition("/")[2].partition(".")[0]
        if short in changes:
            parts[name] = changes[short]
    return archive(parts)


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def texts() -> Iterator[tuple[str, bytes]]:
    table = "name;size;colour\n" + "".join(f"n{i};{i},5;red\n" for i in range(30))
    yield "empty", b""
    for blank in (b"\n", b" ", b"\r\n\r\n", b"\t\t", b"\0\0\0", b"\xef\xbb\xbf", b"\xff\xfe", b",,,\n,,,\n"):
        yield f"blank {blank!r}", blank
    for word in (
        "hello",
        "a,b",
        "a,b\n",
        "a;b;c\n\n\n",
        "1",
        "=1+1",
        '"',
        "'",
        "-",
        "1e999",
        "a\nb\nc",
        "<html></html>",
    ):
        yield f"text {word!r}", word.encode()
    yield (
        "prose",
        b"Call me Ishmael. Some years ago, never mind how long, having little money.\n" * 40,
    )
    yield "json", b'{"a": [1, 2, 3], "b": {"c": null}}'
    yield "html", b"<html><table><tr><td>1</td><td>2</td></tr></table></html>" * 5
    yield "formulas", b"a,b\n=cmd|' /C calc'!A0,1\n+1+1,2\n@SUM(A1),3\n-1-1,4\n"
    yield "infinities", b"a,b\n1e999,x\ninf,y\n-inf,x\nnan,y\n1e308,x\n-1e999,y\n"
    yield "ragged", "".join(",".join("1" * (i % 7 + 1)) + "\n" for i in range(50)).encode()
    yield "growing", "".join("1," * i + "1\n" for i in range(1, 150)).encode()
    yield "only quotes", b'"' * 10_000
    yield "quotes and commas", b'",' * 10_000
    yield "unclosed quote", b'a,b\n1,"' + b"x,y\n" * 5_000
    yield "control signs", bytes(range(32)) * 100
    yield "nul in a cell", b"a,b\n1,x\0y\n2,z\n"
    yield "lone surrogate", "a,b\n1,\ud800\n2,x\n".encode("utf-8", "surrogatepass")
    yield "half an utf-16", "a,b\n1,2\n".encode("utf-16")[:-1]
    yield "utf-16 mark on text", b"\xff\xfe" + b"a,b\n1,2\n" * 3
    yield "utf-8 cut in a letter", "größe,b\n1,2\nß".encode()[:-1]
    yield "utf-7", b"a,b\n+AGE-,2\n"
    yield "very long name", ("a" * 150_000 + ",b\n1,2\n").encode()
    yield "very long line", ("1," * 150_000).encode()
    yield "300 columns", (",".join(f"c{i}" for i in range(300)) + "\n" + ",".join("1" * 300) + "\n").encode()
    yield "names alike", b"a,a,a,a\n1,2,3,x\n4,5,6,y\n"
    yield "no names", b",,\n1,2,3\n4,5,6\n"
    yield "vertical tabs", b"a\x0bb\n1\x0b2\n"
    yield "mac line ends", b"a,b\r1,2\r3,4\r"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1", "utf-16-le", "utf-16-be"):
        whole = table.encode(encoding)
        for cut in np.linspace(1, len(whole) - 1, 6).astype(int):
            yield f"{encoding} cut at {cut}", whole[:cut]
    rng = random.Random(1)
    for number in range(120):
        broken = bytearray(table.encode())
        for _ in range(rng.choice((1, 3, 20))):
            broken[rng.randrange(len(broken))] = rng.choice(b'\0"\n\r;,\t\xff\xe9 9=')
        yield f"changed text {number}", bytes(broken)
    for number in range(40):
        yield f"noise {number}", rng.randbytes(rng.choice((1, 2, 10, 1_000, 50_000)))
    for number in range(40):
        letters = rng.choices('abc019 .,;|\t"\n\r-+eE%€\u00a0', k=rng.choice((5, 50, 500)))
        yield f"any letters {number}", "".join(letters).encode()


def large() -> Iterator[tuple[str, bytes]]:
    yield "beyond the limit", b"a,b\n" + b"1,2\n" * (MAX_BYTES // 4)
    size = MAX_BYTES - 10
    yield "zeros", bytes(size)
    yield "newlines", b"\n" * size
    yield "one line", b"a" * size
    yield "one line of commas", b"," * size
    yield "quotes", b'"' * size
    yield "too many rows", b"a,b\n" + b"1,2\n" * (size // 4 - 1)
    yield "too many wide rows", (b"1," * 99 + b"1\n") * (size // 200)
    yield "noise", np.random.default_rng(1).integers(0, 256, size, dtype=np.uint8).tobytes()
    yield "emoji", ("😀,😀\n" * (size // 10)).encode()
    yield "nothing but different words", "".join(f"{i:x}a,{i:x}b,{i:x}c\n" for i in range(400_000)).encode()[:size]
    words = (",".join(f"{row:x}q{column:x}z" for column in range(60)) + "\n" for row in range(19_000))
    yield "too many different words", "".join(words).encode()[:size]


def archives() -> Iterator[tuple[str, bytes]]:
    whole = good_excel()
    yield "zip named csv", archive({"table.csv": b"a,b\n1,2\n"})
    yield "empty zip", archive({})
    yield "opendocument", archive({"content.xml": b"<x/>", "mimetype": b"x"})
    yield "word", archive({"word/document.xml": b"<x/>"})
    yield "only a workbook", archive({"xl/workbook.xml": b"<x/>"})
    yield "old excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000)
    yield "not a zip", b"PK\x03\x04" + bytes(1_000)
    yield "many parts", archive({f"p{i}": b"" for i in range(3_000)})
    yield "lzma", archive({"xl/workbook.xml": bytes(1_000_000)}, zipfile.ZIP_LZMA)
    yield "bz2", archive({"xl/workbook.xml": bytes(1_000_000)}, zipfile.ZIP_BZIP2)
    for name in ("sheet1", "workbook", "styles", "sharedStrings", "theme1", "rels"):
        for what, content in (
            ("blanks", b" " * 30_000_000),
            ("nothing", b""),
            ("noise", bytes(range(256)) * 10),
            ("open tags", b"<a>" * 100_000),
            ("another root", b"<x/>"),
        ):
            yield f"{name}: {what}", excel_with(**{name: content})
    yield "rows without end", excel_with(sheet1=SHEET % (b"<row r='1'/>" * 1_900_000))
    yield "comments", excel_with(sheet1=SHEET % (b"<!-- -->" * 2_900_000))
    yield "far cell", excel_with(sheet1=SHEET % b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")
    yield "far row", excel_with(sheet1=SHEET % b"<row r='9999999999'><c r='A9999999999'><v>1</v></c></row>")
    yield (
        "long cell",
        excel_with(
            sheet1=SHEET % (b"<row r='1'><c r='A1' t='inlineStr'><is><t>" + b"x" * 20_000_000 + b"</t></is></c></row>")
        ),
    )
    yield (
        "wrong values",
        excel_with(
            sheet1=SHEET
            % b"<row r='1'><c r='A1' t='s'><v>99</v></c><c r='B1' t='n'><v>x</v></c><c t='d'><v/></c></row>"
        ),
    )
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (97 + i, b"&%c;" % (96 + i) * 10) for i in range(1, 12)
    )
    yield "a billion laughs", excel_with(sheet1=laughs + b"]>" + SHEET % b"<row><c><v>&l;</v></c></row>")
    rng = random.Random(2)
    for cut in np.linspace(3, len(whole) - 1, 12).astype(int):
        yield f"cut at {cut}", whole[:cut]
    for number in range(60):
        broken = bytearray(whole)
        for _ in range(5):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        yield f"changed {number}", bytes(broken)
    directory = whole.rfind(b"PK\x01\x02")
    lying = bytearray(whole)
    lying[directory + 24 : directory + 28] = struct.pack("<I", 4_000_000_000)
    yield "a size that lies", bytes(lying)


CORPUS = {"texts": texts, "archives": archives}


@pytest.mark.parametrize("corpus", CORPUS)
def test_each_file_is_a_preview_or_one_sentence(corpus: str) -> None:
    sentences: list[str] = []
    count = 0
    for name, data in CORPUS[corpus]():
        count += 1
        start = time.thread_time()
        try:
            preview = read_table(data, "upload.csv")
        except ValueError as error:
            sentences.append(str(error))
        else:
            assert preview.table.rows > 0, name
            assert all(np.isfinite(c.values[~c.missing]).all() for c in preview.table.columns), name
            sentences += [*preview.notes, *(problem.sentence for problem in preview.problems)]
        assert time.thread_time() - start < SECONDS, name
    assert count >= 120
    for sentence in sentences:
        assert sentence.endswith((".", "?")), sentence
        assert "\n" not in sentence
        assert len(sentence) < 400
        assert not any(letter in sentence for letter in "<>`\0"), sentence


def test_large_files_are_refused_soon_and_in_little_memory() -> None:
    for name, data in large():
        start = time.thread_time()
        with pytest.raises(ValueError, match=r"\.$"):
            read_table(data)
        assert time.thread_time() - start < SECONDS, name
        assert added_megabytes(lambda data=data: read_table(data)) < MEGABYTES, name  # type: ignore[misc]


def test_the_largest_table_fits_into_little_memory() -> None:
    data = grid(20_000, MAX_CELLS // 20_000, 8)
    assert read_table(data).table.rows == 20_000
    assert added_megabytes(lambda: read_table(data)) < 35  # 8 MB of it are the table itself


def test_a_table_of_too_many_cells_is_told_how_many_rows_fit() -> None:
    with pytest.raises(ValueError, match=r"of 200 columns at most 5,000 rows fit\. Leave columns or rows out\.$"):
        read_table(grid(20_000, 200, 1))
    with pytest.raises(ValueError, match="more than 100 cells: of 3 columns at most 33 rows"):
        read_table("a,b,c\n" + "1,2,3\n" * 40, max_cells=100)
    assert read_table("a,b,c\n" + "1,2,3\n" * 33, max_cells=100).table.rows == 33


def test_remarks_are_cut_and_that_is_said() -> None:
    preview = read_table("a,b\n" + "".join(f"{i},{'long ' * 50}{i % 2}\n" for i in range(10)))
    assert max(map(len, preview.table.column("b").categories)) == 100
    assert "Texts of more than 100 letters were cut, in 'b'." in preview.notes
    assert not any("cut" in note for note in read_table("a,b\n1,x\n2,y\n3,x\n4,y\n").notes)


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a\tb\n1\t2\n", "größe;b\n1,5;2\n", "a,b\n1,\ud800\n2,x\n"])
def test_pasted_text_goes_the_same_way(text: str) -> None:
    assert read_table(text).table.rows >= 1
