"""Tables written for spreadsheets, which take a text that begins with = + - or @ for a formula and run it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV; texts that a spreadsheet would run get an apostrophe in front. None is an empty cell."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow([guarded(name) for name in names])
    writer.writerows([guarded(value) for value in row] for row in rows)
    return stream.getvalue()


def guarded(value: object) -> object:
    """A value that no spreadsheet runs; numbers stay as they are, also those below zero."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA_STARTS) else value
