"""A table as bytes and back: how an own table is kept once its reading has been confirmed."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

from playground.data.table import Column, RawTable, numeric_column

DAMAGED = "This table is damaged. Upload it again."


def table_to_bytes(table: RawTable) -> bytes:
    """Write names, kinds, units and values; a missing value is null."""
    columns = [
        {"name": column.name, "kind": column.kind, "unit": column.unit, "categories": column.categories}
        | {
            "values": [
                None if gap else value for value, gap in zip(column.values.tolist(), column.missing, strict=True)
            ]
        }
        for column in table.columns
    ]
    whole = {"title": table.title, "target": table.target, "columns": columns}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def table_from_bytes(content: bytes) -> RawTable:
    """Read what `table_to_bytes` wrote.

    Raises: ValueError with one sentence if it is something else.
    """
    try:
        whole: Any = json.loads(content)
        columns = tuple(_column(values) for values in whole["columns"])
        table = RawTable("own", str(whole["title"]), columns, str(whole["target"]), "You", "")
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(DAMAGED) from error
    if not columns or len({len(column.values) for column in columns}) > 1 or table.target not in table.names:
        raise ValueError(DAMAGED)
    return table


def _column(values: Any) -> Column:
    name, unit = str(values["name"]), str(values["unit"])
    if values["kind"] == "numeric":
        numbers = [math.nan if value is None else float(value) for value in values["values"]]
        column = numeric_column(name, numbers, unit)
    else:
        categories = tuple(str(category) for category in values["categories"])
        codes = np.array([-1 if value is None else int(value) for value in values["values"]], dtype=np.int32)
        if codes.size and (codes.min() < -1 or codes.max() >= len(categories)):
            raise ValueError(DAMAGED)
        column = Column(name, "category", codes, categories, unit)
    column.values.flags.writeable = False  # shared by all who open it
    return column
