"""Tables that people upload or paste: read with every doubt named, instead of silently wrong.

A row that does not fit is left out and named by line and column; what was guessed (encoding, separator, decimal mark,
header) is told, and can be given instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from playground.data.numbers_in_text import Decimal, read_number
from playground.data.own_points import show
from playground.data.table import Column, RawTable
from playground.data.table_excel import looks_like_old_excel, looks_like_zip, read_excel
from playground.data.table_sniffing import (
    ENCODINGS,
    SEPARATORS,
    Record,
    announced_separator,
    detect_encoding,
    find_decimal,
    find_separator,
    has_header,
    read_lines,
    read_records,
    sample_lines,
    sample_rows,
)
from playground.data.table_values import MAX_CELLS, MAX_TEXT, Layout, Problem, convert

MAX_BYTES = 10_000_000
MAX_COLUMNS = 200
MAX_NAME = 80


@dataclass(frozen=True, eq=False)
class Preview:
    """A table as it was understood, for people to confirm."""

    table: RawTable
    """The rows that fit."""
    rows: tuple[tuple[str, ...], ...]
    """The first of them, as written in the file."""
    lines: NDArray[np.int32]
    """(N,) the line of each row that fits."""
    problems: tuple[Problem, ...]
    bad_rows: int
    """Rows that were left out, also those beyond the problems that are told."""
    notes: tuple[str, ...]
    """What was guessed or changed, a sentence each."""
    separator: str
    """"" for Excel."""
    decimal: Decimal
    encoding: str
    """"" for Excel."""
    header: bool
    sheet: str = ""
    sheets: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.table.names


def read_table(
    data: bytes | str,
    filename: str = "",
    *,
    separator: str = "",
    decimal: str = "",
    encoding: str = "",
    header: bool | None = None,
    sheet: str = "",
    max_bytes: int = MAX_BYTES,
    max_cells: int = MAX_CELLS,
) -> Preview:
    """Read a CSV or Excel file, or pasted text. What is not given is guessed from the content, never from the name.

    Raises: ValueError with one sentence if this is no table, or a larger one than 20,000 rows, 200 columns or
    `max_cells` cells.
    """
    too_large = f"The table is larger than {max_bytes / 1e6:g} MB, which is the limit. Keep fewer rows."
    if len(data) > max_bytes:
        raise ValueError(too_large)
    content = data.encode("utf-8", errors="replace") if isinstance(data, str) else data
    if len(content) > max_bytes:
        raise ValueError(too_large)
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise ValueError("This table is empty. Choose a file with a row of names and some rows below.")
    if looks_like_old_excel(content):
        raise ValueError("This is an old or locked Excel file. Save it as .xlsx without a password, or as CSV.")
    sheets: tuple[str, ...] = ()
    if looks_like_zip(content):
        excel, sheet, sheets = read_excel(content, sheet)
        encoding = separator = ""
        sample = [cells for _, cells in excel[:400] if isinstance(cells, list)]
        mark: Decimal = "."
        doubtful = ""

        def records() -> Iterator[Record]:
            return iter(excel)

    else:
        if encoding and encoding not in ENCODINGS:
            raise ValueError(f"The encoding is {show(encoding)}, but it must be one of {', '.join(ENCODINGS)}.")
        encoding = encoding or detect_encoding(content)
        lines = sample_lines(content, encoding)
        announced = announced_separator(lines)
        skipped = 1 if announced else 0
        if separator and separator not in SEPARATORS:
            raise ValueError(
                f"The separator is {show(separator)}, but it must be a comma, semicolon, tab or bar. Try a comma."
            )
        separator = separator or announced or find_separator(lines)
        sample = sample_rows(lines[skipped:], separator)
        if decimal not in ("", ".", ","):
            raise ValueError(f"The decimal mark is {show(decimal)}, but it must be a point or a comma. Try a point.")
        guessed, doubtful = find_decimal(sample, separator)
        mark = "," if decimal == "," else "." if decimal == "." else guessed

        def records() -> Iterator[Record]:
            found = read_records(islice(read_lines(content, encoding), skipped, None), separator)
            return ((line + skipped, cells) for line, cells in found)

    notes: list[str] = []
    layout, has_names = _lay_out(records, sample, mark, header, notes)
    if doubtful and not decimal:
        meaning = read_number(doubtful, mark)
        notes.append(f"{show(doubtful)} was read as {meaning:g}. If that is wrong, choose the other decimal mark.")
    elif mark == ",":
        notes.append("Numbers were read with a decimal comma.")
    values = convert(layout, max_cells)
    if values.cut:
        notes.append(f"Texts of more than {MAX_TEXT} letters were cut, in {' and '.join(map(show, values.cut[:4]))}.")
    if len(values.columns) < len(layout.names):
        notes.append("Columns without a name and without any value were left out.")
    return Preview(
        table=RawTable("own", filename or "Pasted table", values.columns, _guess_target(values.columns), "You", ""),
        rows=values.shown,
        lines=values.lines,
        problems=values.problems,
        bad_rows=values.bad_rows,
        notes=tuple(notes),
        separator=separator,
        decimal=mark,
        encoding=encoding,
        header=has_names,
        sheet=sheet,
        sheets=sheets,
    )


def _lay_out(
    records: Callable[[], Iterator[Record]],
    sample: list[list[str]],
    decimal: Decimal,
    header: bool | None,
    notes: list[str],
) -> tuple[Layout, bool]:
    """Find the columns and their names."""
    widths = [len(cells) for cells in sample]
    if not sample or max(widths) < 2:
        raise ValueError(
            "There is only one column in this text, but a table needs two or more. "
            "Separate the cells by commas, semicolons or tabs."
        )
    first = next(place for place, width in enumerate(widths) if width > 1)  # a title above the table has one cell
    below = widths[first + 1 :]
    names_rows = bool(below) and below.count(widths[first] + 1) > len(below) / 2  # R leaves out the name of row names
    has_names = has_header(sample[first:]) if header is None else header
    names_rows = names_rows and has_names
    head = (["row", *sample[first]] if names_rows else sample[first]) if has_names else [""] * widths[first]
    if len(head) > MAX_COLUMNS:
        raise ValueError(f"This table has {len(head):,} columns, but at most {MAX_COLUMNS} fit. Leave some out.")
    if not has_names:
        notes.append("The first row holds values, so the columns were numbered.")
    header_line = 0
    if has_names:
        header_line = next(line for line, cells in records() if cells == sample[first])
    return Layout(records, _name_columns(head, has_names, notes), header_line, decimal), has_names


def _name_columns(head: Sequence[str], has_names: bool, notes: list[str]) -> tuple[str, ...]:
    """Give every column one name of its own."""
    names: list[str] = []
    taken: set[str] = set()
    for place, cell in enumerate(head, start=1):
        clean = " ".join("".join(letter if letter.isprintable() else " " for letter in cell[: 2 * MAX_NAME]).split())
        name = clean[:MAX_NAME] or f"column {place}"
        if has_names and not clean:
            notes.append(f"Column {place} has no name, so it is called {show(name)}.")
        copy = 2
        unique = name
        while unique in taken:
            unique, copy = f"{name} {copy}", copy + 1
        if unique != name:
            notes.append(f"Two columns are called {show(name)}, so the later one is called {show(unique)}.")
        taken.add(unique)
        names.append(unique)
    return tuple(names)


def _guess_target(columns: Sequence[Column]) -> str:
    """Choose the last column with a few classes, or else the last of all."""
    classes = [column for column in columns if 2 <= len(column.categories) <= 20]
    return (classes or list(columns))[-1].name
