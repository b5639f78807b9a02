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


def damaged() -> list[bytes]:
    whole = json.loads(table_to_bytes(read_table(TEXT).table))
    column = whole["columns"][1]
    wrong: list[object] = [
        None,
        [],
        {},
        {**whole, "columns": []},
        {**whole, "columns": [3]},
        {**whole, "target": "nowhere"},
        {**whole, "columns": [*whole["columns"], {**column, "values": [0]}]},
        {**whole, "columns": [{**column, "values": [99] * 4}]},
        {**whole, "columns": [{**column, "values": [-7] * 4}]},
        {**whole, "columns": [{**column, "values": [10**30] * 4}]},
        {**whole, "columns": [{**column, "kind": "numeric", "values": ["x"] * 4}]},
    ]
    return [b"", b"\xff", b"{", b"[" * 100_000, *(json.dumps(value).encode() for value in wrong)]


@pytest.mark.parametrize("content", damaged())
def test_other_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"^This table is damaged\. Upload it again\.$"):
        table_from_bytes(content)
