"""How a text file holds its table: encoding, separator, decimal mark, and whether the first row names the columns."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, TextIOWrapper
from itertools import islice

from playground.data.numbers_in_text import Decimal, is_missing, read_number

SEPARATORS = {";": "semicolon", "\t": "tab", "|": "bar", ",": "comma"}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1")

MAX_LINE = 200_000
"""Characters in one line."""
MAX_LINES = 200_000
"""Lines in all, blank ones too: more cannot be 20,000 rows."""
SAMPLE_LINES = 400
SAMPLE_LETTERS = 400_000

Record = tuple[int, list[str] | str]
"""The line where a row starts, counted from 1, and its cells; or a sentence that says why it cannot be read."""

_BOMS = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"))
_KNOWN_FILES = (
    (b"%PDF", "a PDF", "Copy the table out of it, or save it as CSV."),
    (b"\x89PNG", "a picture", "Choose a CSV or Excel file."),
    (b"\xff\xd8\xff", "a picture", "Choose a CSV or Excel file."),
    (b"GIF8", "a picture", "Choose a CSV or Excel file."),
    (b"\x1f\x8b", "a packed file", "Unpack it first."),
    (b"Rar!", "a packed file", "Unpack it first."),
    (b"7z\xbc\xaf", "a packed file", "Unpack it first."),
    (b"BZh", "a packed file", "Unpack it first."),
    (b"PAR1", "a Parquet file", "Save it as CSV."),
    (b"SQLite format", "a database", "Save one table as CSV."),
    (b"{\\rtf", "a text document", "Save the table as CSV."),
)
_NOT_TEXT = bytes(code for code in range(32) if code not in b"\t\n\r\f\x1a\x1b\x0b")


def detect_encoding(data: bytes) -> str:
    """Tell how the bytes of a text file stand for characters.

    Raises: ValueError with one sentence if they are not text.
    """
    for start, what, remedy in _KNOWN_FILES:
        if data.startswith(start):
            raise ValueError(f"This file is {what}, not a table. {remedy}")
    for bom, name in _BOMS:
        if data.startswith(bom):
            return _checked(data, name)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _checked(data, "utf-16")
    head = data[:4096]
    if 0 in head:
        pairs = max(len(head) // 2, 1)
        if head[1::2].count(0) > 0.6 * pairs and head[::2].count(0) < 0.1 * pairs:
            return _checked(data, "utf-16-le")
        if head[::2].count(0) > 0.6 * pairs and head[1::2].count(0) < 0.1 * pairs:
            return _checked(data, "utf-16-be")
    if len(data) - len(data.translate(None, _NOT_TEXT)) > len(data) // 2_000 or 0 in data:
        raise ValueError("This file is not text, so it is no table. Choose a CSV or Excel file.")
    for name in ("utf-8", "cp1252"):
        if _decodes(data, name):
            return name
    return "latin-1"


def _checked(data: bytes, encoding: str) -> str:
    if not _decodes(data, encoding):
        raise ValueError(f"This file is not complete {encoding} text. Save it again as CSV with the encoding UTF-8.")
    return encoding


def _decodes(data: bytes, encoding: str) -> bool:
    """Decode piece by piece, so that the whole text never lies in memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    try:
        for start in range(0, len(data), 1 << 16):
            decoder.decode(view[start : start + (1 << 16)])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def read_lines(data: bytes, encoding: str) -> Iterator[str]:
    """Yield the lines with their ends.

    Raises: ValueError with one sentence if a line, or their number, is beyond all tables, or cannot be decoded.
    """
    stream = TextIOWrapper(BytesIO(data), encoding=encoding, newline="")
    count = 0
    try:
        while line := stream.readline(MAX_LINE + 1):
            count += 1
            if len(line) > MAX_LINE:
                raise ValueError(
                    f"Line {count:,} has more than {MAX_LINE:,} characters, so this is no table. "
                    "Choose a file with one row a line."
                )
            if count > MAX_LINES:
                raise ValueError(f"This file has more than {MAX_LINES:,} lines. Keep the first 20,000 rows.")
            yield line
    except UnicodeDecodeError as error:
        raise ValueError(
            f"Near line {count + 1:,} is something that is not text in {encoding}. Choose another encoding."
        ) from error


def read_records(lines: Iterable[str], separator: str) -> Iterator[Record]:
    """Split lines into rows of cells, with quotes as in RFC 4180; blank rows are left out."""
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=separator != "\t", strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            yield start, _quote_problem(str(error), start)
            continue
        if any(cells):
            yield start, cells


def _quote_problem(message: str, line: int) -> str:
    if "expected after" in message:
        return f"Line {line:,}: a quoted text goes on after its end. Double the quotes inside it, or take them away."
    return f"Line {line:,}: a quote opens a text that never ends. Close it, or take the quote away."


def find_separator(lines: Sequence[str]) -> str:
    """Choose the separator under which the rows are most alike and the most cells are numbers."""
    best, best_score = ",", (0.0, False, 0.0, -1)
    for place, separator in enumerate(SEPARATORS):
        rows = [cells for _, cells in read_records(lines, separator) if isinstance(cells, list)]
        if not rows:
            continue
        width, alike = Counter(len(row) for row in rows).most_common(1)[0]
        if width < 2:
            continue
        cells = [cell for row in rows for cell in row]
        plain = sum(_is_number(cell) for cell in cells) / len(cells)
        score = (round(alike / len(rows), 1), len(rows[0]) == width, plain, -place)
        if score > best_score:
            best, best_score = separator, score
    return best


def _is_number(cell: str) -> bool:
    return read_number(cell, ".") is not None or read_number(cell, ",") is not None


def find_decimal(rows: Sequence[Sequence[str]], separator: str) -> tuple[Decimal, str]:
    """Choose the decimal mark that makes more cells numbers; and name a cell that could be read in two ways, or ""."""
    points = commas = 0
    doubtful = ""
    for row in rows:
        for cell in row:
            if not (("," in cell or "." in cell) and len(cell) < 60):
                continue
            by_point, by_comma = read_number(cell, "."), read_number(cell, ",")
            points += by_point is not None
            commas += by_comma is not None
            if by_point is not None and by_comma is not None and by_point != by_comma:
                doubtful = doubtful or cell
    if points != commas:
        return ("." if points > commas else ","), ""
    # Only cells such as 1.234 or 1,234: a file with commas between cells has no decimal commas, others may.
    decimal: Decimal = "," if doubtful and "," in doubtful and separator != "," else "."
    return decimal, doubtful


def has_header(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row names the columns: no number in it, and it does not look like those below."""
    if len(rows) < 2:
        return bool(rows)
    first, below = rows[0], rows[1:]
    if any(_is_number(cell) for cell in first):
        return False
    if any(_is_number(row[place]) for row in below for place in range(min(len(row), len(first)))):
        return True
    repeated = sum(
        any(len(row) > place and row[place] == cell for row in below)
        for place, cell in enumerate(first)
        if not is_missing(cell)
    )
    return len(set(first)) == len(first) and repeated == 0


def sample_rows(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The rows of a sample of lines that could be read."""
    return [cells for _, cells in read_records(lines, separator) if isinstance(cells, list)]


def sample_lines(data: bytes, encoding: str) -> list[str]:
    """The first lines of a file, without half a row at their end."""
    lines: list[str] = []
    letters = 0
    for line in islice(read_lines(data, encoding), SAMPLE_LINES):
        lines.append(line)
        letters += len(line)
        if letters > SAMPLE_LETTERS:
            break
    return lines


def announced_separator(lines: Sequence[str]) -> str:
    """The separator of a first line such as "sep=;", which spreadsheets write and read; "" without one."""
    found = re.fullmatch(r"\ufeff?sep=([;,|\t])\s*", lines[0], re.IGNORECASE) if lines else None
    return found[1] if found else ""
