"""Rows of text turned into columns of numbers and categories, and the rows that do not fit named."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from playground.data.numbers_in_text import Decimal, is_missing, read_number
from playground.data.own_points import show
from playground.data.table import Column, Kind
from playground.data.table_sniffing import Record

MAX_ROWS = 20_000
MAX_NUMBER = 1e30
"""Larger numbers are refused: their squares leave the range of float32."""
MAX_CELLS = 1_000_000
"""Rows times columns."""
MAX_TEXT = 100
"""Letters of a category: longer ones are remarks, which no network can take as categories."""
MAX_TEXTS = 50_000
"""Different texts in all columns of categories: more would fill the memory, and no network learns from them."""
MAX_PROBLEMS = 100
"""Those beyond are counted, not told."""
SHOWN_ROWS = 50
CHUNK_CELLS = 20_000
CHUNK_LETTERS = 1_000_000
SURE = 1_000
"""So many texts, and more than numbers, make a column one of categories."""


@dataclass(frozen=True)
class Problem:
    """Why a row was left out."""

    line: int
    """As an editor counts, from 1."""
    column: str
    """The name of the column, or "" if the whole row is wrong."""
    sentence: str


@dataclass(frozen=True)
class Layout:
    """How the rows have to look."""

    records: Callable[[], Iterator[Record]]
    """Starts over at each call."""
    names: tuple[str, ...]
    header_line: int
    """0 without a header."""
    decimal: Decimal


@dataclass(frozen=True, eq=False)
class Values:
    """What a file holds, with the rows that fit alone."""

    columns: tuple[Column, ...]
    shown: tuple[tuple[str, ...], ...]
    """The first rows, as written in the file."""
    lines: NDArray[np.int32]
    """(N,) the line of each row."""
    problems: tuple[Problem, ...]
    bad_rows: int
    cut: tuple[str, ...]
    """The columns in which texts were too long to be kept whole."""


@dataclass
class _Problems:
    """The first problems, and the number of all."""

    told: list[Problem] = field(default_factory=list)
    count: int = 0

    def add(self, line: int, column: str, sentence: str) -> None:
        self.count += 1
        if len(self.told) < 2 * MAX_PROBLEMS:
            self.told.append(Problem(line, column, sentence))


Chunk = list[tuple[int, list[str]]]


def convert(layout: Layout, max_cells: int = MAX_CELLS) -> Values:
    """Read the rows twice: once to see what each column is, and once to take its values.

    Raises: ValueError with one sentence if there are too many rows, too few that fit, or too many different texts.
    """
    kinds = _find_kinds(layout, max_cells)
    problems = _Problems()
    columns = [_Values(name, kind, layout.decimal) for name, kind in zip(layout.names, kinds, strict=True)]
    shown: list[tuple[str, ...]] = []
    lines: list[int] = []
    for chunk in _chunks(layout, problems, max_cells):
        bad = np.zeros(len(chunk), dtype=bool)
        for column, cells in zip(columns, zip(*(row for _, row in chunk), strict=True), strict=True):
            for place in column.read(cells):
                if not bad[place]:
                    problems.add(chunk[place][0], column.name, column.complain(chunk[place][0], cells[place]))
                bad[place] = True
        if sum(len(column.codes) for column in columns) > MAX_TEXTS:
            raise ValueError(
                f"This table has more than {MAX_TEXTS:,} different texts. Leave columns of names and remarks out."
            )
        for column in columns:
            column.keep(~bad)
        fitting = [row for row, wrong in zip(chunk, bad, strict=True) if not wrong]
        lines.extend(line for line, _ in fitting)
        shown.extend(tuple(cells) for _, cells in fitting[: SHOWN_ROWS - len(shown)])
    told = tuple(sorted(problems.told, key=lambda problem: problem.line)[:MAX_PROBLEMS])
    if not lines and not told:
        raise ValueError("There is no row below the names of the columns. Add some rows.")
    if problems.count > len(lines):
        raise ValueError(f"Most rows do not fit the table, so it cannot be read. {told[0].sentence}")
    finished = [column.finish() for column in columns]
    kept = tuple(column for column in finished if not (column.name.startswith("column ") and np.all(column.missing)))
    if len(kept) < 2:
        raise ValueError("Fewer than two columns have values, but a table needs two or more. Choose another file.")
    cut = tuple(column.name for column in columns if column.cut)
    return Values(kept, tuple(shown), np.array(lines, dtype=np.int32), told, problems.count, cut)


def _find_kinds(layout: Layout, max_cells: int) -> list[Kind]:
    """Tell for each column whether it holds numbers; a few texts among many numbers are mistakes, not categories."""
    numbers: Counter[int] = Counter()
    texts: Counter[int] = Counter()
    for chunk in _chunks(layout, _Problems(), max_cells):
        for place, cells in enumerate(zip(*(row for _, row in chunk), strict=True)):
            if texts[place] > max(SURE, numbers[place]):
                continue  # mostly texts so far: no need to look at the rest
            if (values := _all_numbers(cells, layout.decimal)) is not None:
                numbers[place] += int(np.count_nonzero(np.abs(values) <= MAX_NUMBER))
                continue
            for text, count in Counter(cells).items():
                if math.isnan(number := _number(text, layout.decimal)):
                    texts[place] += 0 if is_missing(text) else count
                elif abs(number) <= MAX_NUMBER:
                    numbers[place] += count
    kinds: list[Kind] = []
    for place in range(len(layout.names)):
        allowed = max(0.1 * (numbers[place] + texts[place]), 1 if numbers[place] >= 4 else 0)
        kinds.append("numeric" if numbers[place] and texts[place] <= allowed else "category")
    return kinds


def _all_numbers(cells: tuple[str, ...], decimal: Decimal) -> NDArray[np.float64] | None:
    """Read cells that are all numbers, or "nan", ten times as fast as one by one; None if they are not."""
    if decimal == ",":
        return None
    try:
        return np.array(list(map(float, cells)), dtype=np.float64)
    except ValueError:
        return None


def _number(text: str, decimal: Decimal) -> float:
    """Read a number; NaN if it is none, infinite if it is beyond all numbers."""
    if decimal == "." and text.isascii() and "_" not in text:
        try:
            number = float(text)  # ten times as fast as the pattern, and right for nearly all cells
        except ValueError:
            pass
        else:
            if math.isfinite(number):
                return number
    found = read_number(text, decimal)
    if found is None:
        # "inf" is the mark of a number gone wrong, not the name of a category
        return math.inf if text.lower().lstrip("+-") in ("inf", "infinity", "1.#inf") else math.nan
    return found


def _chunks(layout: Layout, problems: _Problems, max_cells: int) -> Iterator[Chunk]:
    """Yield the rows that have the right number of cells, many at a time; tell of the others.

    Raises: ValueError with one sentence if there are more than 20,000 rows, or too many cells.
    """
    width = len(layout.names)
    chunk: Chunk = []
    count = letters = 0
    for line, cells in layout.records():
        if line == layout.header_line:
            continue
        count += 1
        if count > MAX_ROWS:
            raise ValueError(f"This table has more than {MAX_ROWS:,} rows. Keep {MAX_ROWS:,} of them, by chance.")
        if count * width > max_cells:
            raise ValueError(
                f"This table has more than {max_cells:,} cells: of {width} columns at most {max_cells // width:,} rows "
                "fit. Leave columns or rows out."
            )
        if isinstance(cells, str):
            problems.add(line, "", cells)
            continue
        if len(cells) > width and not any(cells[width:]):
            cells = cells[:width]  # separators at the end of the line
        if len(cells) == width:
            chunk.append((line, cells))
            letters += sum(map(len, cells))
        else:
            number = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
            cause = "Is a text with a separator not in quotes?" if len(cells) > width else "Is a cell missing?"
            problems.add(line, "", f"Line {line:,} has {number}, but the table has {width} columns. {cause}")
        if len(chunk) * width >= CHUNK_CELLS or letters >= CHUNK_LETTERS:
            yield chunk
            chunk, letters = [], 0
    if chunk:
        yield chunk


class _Values:
    """The values of one column, chunk by chunk."""

    def __init__(self, name: str, kind: Kind, decimal: Decimal) -> None:
        self.name = name
        self.kind: Kind = kind
        self.codes: dict[str, int] = {}
        """The place of every different text, of a column of categories."""
        self.cut = False
        """Was a text too long to be kept whole?"""
        self._decimal: Decimal = decimal
        self._chunks: list[NDArray[np.float64] | NDArray[np.int32]] = []

    def read(self, cells: tuple[str, ...]) -> list[int]:
        """Take the cells of a chunk, and return the places of those that are wrong."""
        if self.kind == "category":
            if max(map(len, cells)) > MAX_TEXT:
                self.cut = True
                cells = tuple(text[: MAX_TEXT - 1] + "…" if len(text) > MAX_TEXT else text for text in cells)
            for text in set(cells):
                if text not in self.codes and not is_missing(text):
                    self.codes[text] = len(self.codes)
            self._chunks.append(np.array([self.codes.get(text, -1) for text in cells], dtype=np.int32))
            return []
        values = _all_numbers(cells, self._decimal)
        if values is None:
            numbers = {text: self._read_number(text) for text in set(cells)}
            values = np.array([numbers[text] for text in cells], dtype=np.float64)
        values[np.abs(values) > MAX_NUMBER] = math.inf
        self._chunks.append(values)
        return [int(place) for place in np.flatnonzero(np.isinf(values))]

    def _read_number(self, text: str) -> float:
        """NaN if it is missing, infinite if it is wrong."""
        if is_missing(text):
            return math.nan
        number = _number(text, self._decimal)
        return math.inf if math.isnan(number) else number

    def complain(self, line: int, cell: str) -> str:
        """Say what is wrong with a cell."""
        number = _number(cell, self._decimal)
        rule = "not a number as the others are" if math.isnan(number) else "too large for a number"
        return f"Line {line:,}: {show(self.name)} is {show(cell)}, which is {rule}. Correct it, or drop the row."

    def keep(self, fits: NDArray[np.bool_]) -> None:
        """Keep these rows of the latest chunk."""
        self._chunks[-1] = self._chunks[-1][fits]

    def finish(self) -> Column:
        """Make the column, with its categories in the order of the alphabet and only those that occur."""
        chunks, self._chunks = self._chunks, []  # so that no two columns lie in memory twice
        if self.kind == "numeric":
            return Column(self.name, "numeric", np.concatenate([*chunks, np.zeros(0)]))
        codes = np.concatenate([*chunks, np.zeros(0, dtype=np.int32)]).astype(np.int32)
        texts = list(self.codes)
        self.codes = {}
        present = sorted(np.unique(codes[codes >= 0]).tolist(), key=lambda code: texts[code])
        places = np.full(len(texts) + 1, -1, dtype=np.int32)  # the last place is for missing ones
        places[present] = np.arange(len(present))
        return Column(self.name, "category", places[codes], tuple(texts[code] for code in present))
