"""Tables as bytes and back, and other bytes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from playground.data.table import RawTable
from playground.data.table_file import table_from_bytes, table_to_bytes
from playground.data.table_reading import read_table
from playground.data.tables import TABLES, load_table

TEXT = 'size,"a ""b"", ü",empty\n1.5,x,\n,y,2\n1e300,,3\n-0.1,x,4\n'


@pytest.mark.parametrize("table", [*map(load_table, TABLES), read_table(TEXT).table], ids=lambda table: str(table.name))
def test_a_table_comes_back(table: RawTable) -> None:
    back = table_from_bytes(table_to_bytes(table))
    assert (back.title, back.target, back.names, back.rows) == (table.title, table.target, table.names, table.rows)
    for ours, theirs in zip(back.columns, table.columns, strict=True):
        assert (ours.kind, ours.unit, ours.categories) == (theirs.kind, theirs.unit, theirs.categories)
        np.testing.assert_array_equal(ours.values, theirs.values)
        assert ours.values.dtype == theirs.values.dtype


def written(
    columns: list[object], values: bytes = bytes(32), *, title: object = None, rows: object = 4, count: object = None
) -> bytes:
    """A file of such columns; `values` are what stands behind their lines."""
    head = {"format": "table 1", "title": "t", "target": "a", "rows": rows}
    head["columns"] = len(columns) if count is None else count
    lines = [json.dumps(head if title is None else title), *map(json.dumps, columns)]
    text = ("\n".join(lines) + "\n").encode()
    return text + bytes(-len(text) % 8) + values


def damaged() -> list[bytes]:
    numbers = {"name": "a", "kind": "numeric", "unit": "", "categories": []}
    words = {"name": "a", "kind": "category", "unit": "", "categories": ["x", "y"]}
    whole = table_to_bytes(read_table(TEXT).table)
    assert table_from_bytes(written([numbers])).rows == 4
    return [
        b"",
        b"\xff",
        b"{",
        b"[" * 100_000 + b"\n",
        whole[:-1],
        whole[: len(whole) // 2],
        written([]),
        written([3]),
        written([numbers], title=[]),
        written([numbers], title={}),
        written([numbers], rows=-1),
        written([numbers], rows=10**12),
        written([numbers], rows="x"),
        written([numbers], count=2),
        written([numbers], count=10**9),
        written([numbers, numbers], bytes(64)),
        written([{**numbers, "name": "b"}]),
        written([{**numbers, "kind": "object"}]),
        written([numbers], np.full(4, np.inf).tobytes()),
        written([words], np.full(4, 2, dtype=np.int32).tobytes()),
        written([words], np.full(4, -2, dtype=np.int32).tobytes()),
        written([{**words, "categories": None}], bytes(16)),
    ]


@pytest.mark.parametrize("content", damaged())
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^This table is damaged\. Upload it again\.$"):
        table_from_bytes(content)
