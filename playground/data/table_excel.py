"""Excel files as rows of text, with a guard against files that unfold to something huge."""

from __future__ import annotations

import math
from datetime import date, datetime, time
from io import BytesIO
from sys import getsizeof
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from playground.data.own_points import show
from playground.data.table import write_number
from playground.data.table_sniffing import Record

MAX_CELLS = 200_000
"""Reading Excel takes some 5 microseconds a cell."""
MAX_TAGS = 1_000_000
"""Of all parts: a cell has four, and each takes 2 microseconds."""
MAX_XML_BYTES = {b"worksheet": 24_000_000, b"sst": 4_000_000, b"styleSheet": 500_000}
"""Unfolded, by a word at the start of the part: a sheet, the texts of all cells, the styles."""
MAX_OTHER_BYTES = 1_000_000
MAX_PARTS = 2_000
MAX_TEXTS = 40_000
"""Different texts of all cells: openpyxl takes 15 microseconds for each."""
MAX_LETTERS = 16_000
"""Of one cell; it is measured in bytes without a tag, of which a letter may take four."""
MAX_TEXT_BYTES = 16_000_000
"""That all cells take in memory as texts."""
KEPT_LETTERS = 400
"""Of one cell: more than a name of a column or a category may have."""
BLOCK = 1 << 16
MAX_EXCEL_ROWS = 200_000
MAX_EXCEL_COLUMNS = 1_000

_TOO_MANY_CELLS = f"This Excel file has more than {MAX_CELLS:,} cells, which takes too long to read. Save it as CSV."
_TOO_MUCH_TEXT = "This Excel file holds more text than can be read. Leave columns of names and remarks out."
_DAMAGED = "This Excel file is damaged, so it cannot be read. Save it again as .xlsx or as CSV."


def looks_like_zip(data: bytes) -> bool:
    """An .xlsx file is a ZIP archive."""
    return data.startswith(b"PK")


def looks_like_old_excel(data: bytes) -> bool:
    """The format of .xls, .doc and encrypted .xlsx files."""
    return data.startswith(b"\xd0\xcf\x11\xe0")


def read_excel(data: bytes, sheet: str = "") -> tuple[list[Record], str, tuple[str, ...]]:
    """Read one sheet: its rows as text, its name, and the names of all sheets.

    sheet: "" for the first that is not empty.
    Raises: ValueError with one sentence if it cannot be read, is too large, or has no such sheet.
    """
    _check_parts(data)
    try:
        import openpyxl  # type: ignore[import-untyped]
    except ImportError as error:
        raise ValueError(
            "Excel files need the package openpyxl. Install it with: pip install openpyxl, or save the table as CSV."
        ) from error
    try:
        workbook = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        names = tuple(str(found.title) for found in workbook.worksheets)
        if sheet and sheet not in names:
            raise _RefusedError(f"There is no sheet {show(sheet)}. Choose one of {', '.join(map(show, names[:8]))}.")
        for found in workbook.worksheets:
            if sheet in ("", found.title):
                records = _rows(found)
                if records or sheet:
                    return records, str(found.title), names
    except _RefusedError:
        raise
    except Exception as error:  # openpyxl lets through whatever a broken file sets off, from KeyError to ParseError
        raise ValueError(_DAMAGED) from error
    raise ValueError("All sheets of this Excel file are empty. Choose another file.")


class _RefusedError(ValueError):
    """A sentence of our own, not to be covered by the one for damaged files."""


def _check_parts(data: bytes) -> None:
    """Look at all parts of the archive before openpyxl unfolds them, by content and not by name."""
    if data.count(b"PK\x01\x02") > MAX_PARTS:
        raise ValueError("This Excel file has far too many parts. Save it again as .xlsx or as CSV.")
    try:
        with ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "xl/workbook.xml" not in names:
                opened = "an OpenDocument file" if "content.xml" in names else "a ZIP archive"
                remedy = "Save it as .xlsx or as CSV." if "content.xml" in names else "Unpack it first."
                raise _RefusedError(f"This file is {opened}, not a table. {remedy}")
            tags = sum(_check_part(archive, part) for part in parts)
    except _RefusedError:
        raise
    except Exception as error:  # a broken archive sets off zlib.error, struct.error, BadZipFile and others
        raise ValueError(_DAMAGED) from error
    if tags > MAX_TAGS:
        raise ValueError(_TOO_MANY_CELLS)


def _check_part(archive: ZipFile, part: ZipInfo) -> int:
    """Count the tags of one part, if it is XML of a size that fits."""
    if part.flag_bits & 1:
        raise _RefusedError("This Excel file is locked with a password. Save it without one.")
    if part.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _RefusedError(_DAMAGED)
    with archive.open(part) as stream:
        head = stream.read(2_048)
        start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
        if start and not start.startswith(b"<"):
            return 0  # a picture or the like, which no XML reader gets beyond
        limit = next((size for root, size in MAX_XML_BYTES.items() if root in head), MAX_OTHER_BYTES)
        if part.file_size > limit:
            raise _RefusedError(
                f"This Excel file unfolds to {part.file_size / 1e6:,.1f} MB in one part, but at most "
                f"{limit / 1e6:.1f} MB fit. Save the table as CSV."
            )
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise _RefusedError(_DAMAGED)  # no Excel file declares entities; bombs do
        tags, texts = head.count(b"<"), head.count(b"<si>")
        holds_cells = b"worksheet" in head or b"sst" in head
        while block := stream.read(BLOCK):
            found = block.count(b"<")
            if not found and holds_cells and len(block) == BLOCK:
                raise _RefusedError(
                    f"A cell of this Excel file holds more than {MAX_LETTERS:,} letters, which is a document and no "
                    "value. Leave its column out."
                )
            tags += found
            texts += block.count(b"<si>")
        if texts > MAX_TEXTS:
            raise _RefusedError(_TOO_MUCH_TEXT)
    return tags


def _rows(sheet: Any) -> list[Record]:
    sheet.reset_dimensions()  # what the file says about its size is often wrong
    records: list[Record] = []
    cells_read = held = 0
    for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        last = max((place for place, value in enumerate(row, start=1) if value is not None), default=0)
        cells_read += last
        if last > MAX_EXCEL_COLUMNS:
            raise _RefusedError(f"Row {line:,} has {last:,} cells, which is far too many. Leave some columns out.")
        if cells_read > MAX_CELLS or line > MAX_EXCEL_ROWS:
            raise _RefusedError(_TOO_MANY_CELLS)
        if last:
            cells = [_text(value) for value in row[:last]]
            held += sum(map(getsizeof, cells))
            if held > MAX_TEXT_BYTES:
                raise _RefusedError(_TOO_MUCH_TEXT)
            if any(cells):
                records.append((line, cells))
    width = max((len(cells) for _, cells in records), default=0)
    for _, filled in records:
        if isinstance(filled, list):
            filled.extend([""] * (width - len(filled)))  # a sheet is a rectangle: empty cells at the end are cells too
    return records


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return write_number(float(value)) if math.isfinite(value) else "1e999"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    text = str(value).strip()[:KEPT_LETTERS]
    return "" if text.startswith("#") and text.endswith(("!", "?", "/A")) else text  # #DIV/0!, #NAME?, #N/A
