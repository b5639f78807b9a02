"""A table as bytes and back: how an own table is kept once its reading has been confirmed.

A line of JSON says what the table is called, one line a column what it is; then come the values of each column as they
lie in memory, so that neither way ever holds them as anything larger.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from playground.data.table import Column, RawTable

MARK = "table 1"
"""The first word of the file, with the number of its format."""
DAMAGED = "This table is damaged. Upload it again."
_TYPES: dict[str, np.dtype[Any]] = {"numeric": np.dtype("<f8"), "category": np.dtype("<i4")}
_ALIGNED = 8
"""The values of each column begin at such a place, as processors like it."""


def table_to_bytes(table: RawTable) -> bytes:
    """Write names, kinds, units, categories and values; a missing value is NaN, or -1."""
    title = {"format": MARK, "title": table.title, "target": table.target}
    lines = [json.dumps(title | {"rows": table.rows, "columns": len(table.columns)})]
    for column in table.columns:
        named = {"name": column.name, "kind": column.kind, "unit": column.unit, "categories": column.categories}
        lines.append(json.dumps(named))
    head = ("\n".join(lines) + "\n").encode("ascii")
    parts: list[bytes | memoryview] = [head, b"\0" * _gap(len(head))]
    for column in table.columns:
        values = np.ascontiguousarray(column.values, dtype=_TYPES[column.kind])
        parts += [values.data.cast("B"), b"\0" * _gap(values.nbytes)]
    return b"".join(parts)


def table_from_bytes(content: bytes) -> RawTable:
    """Read what `table_to_bytes` wrote. The values stay where they are in `content`.

    Raises: ValueError with one sentence if it is something else.
    """
    try:
        return _table(content)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(DAMAGED) from error


def _gap(length: int) -> int:
    """How many bytes are missing to the next place where values may begin."""
    return -length % _ALIGNED


def _table(content: bytes) -> RawTable:
    line, at = _line(content, 0)
    title, target, rows = str(line["title"]), str(line["target"]), int(line["rows"])
    count = int(line["columns"])
    if line["format"] != MARK or not 0 < count <= len(content) or not 0 <= rows <= len(content):
        raise ValueError(DAMAGED)
    heads: list[Any] = []
    for _ in range(count):
        head, at = _line(content, at)
        heads.append(head)
    at += _gap(at)
    columns: list[Column] = []
    for head in heads:
        values = np.frombuffer(content, _TYPES[head["kind"]], rows, at)
        at += values.nbytes + _gap(values.nbytes)
        columns.append(_column(head, values))
    table = RawTable("own", title, tuple(columns), target, "You", "")
    if target not in table.names or len(set(table.names)) < count:
        raise ValueError(DAMAGED)
    return table


def _line(content: bytes, at: int) -> tuple[Any, int]:
    """The JSON of the line that begins at a place, and where the next one begins."""
    end = content.index(b"\n", at)
    return json.loads(content[at:end]), end + 1


def _column(head: Any, values: Any) -> Column:
    name, unit = str(head["name"]), str(head["unit"])
    if head["kind"] == "numeric":
        if np.isinf(values).any():
            raise ValueError(DAMAGED)
        return Column(name, "numeric", values, unit=unit)
    categories = tuple(str(category) for category in head["categories"])
    if values.size and (values.min() < -1 or values.max() >= len(categories)):
        raise ValueError(DAMAGED)
    return Column(name, "category", values, categories, unit)
