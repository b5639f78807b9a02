"""Bring an own table: paste it or choose a file, see how it was understood, correct that, and confirm it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from playground.data.own_store import put
from playground.data.table import RawTable
from playground.data.table_file import table_to_bytes
from playground.data.table_reading import Preview, read_table
from playground.data.table_sniffing import ENCODINGS, SEPARATORS
from playground.experiment.limits import LIMITS
from playground.ui import session
from playground.ui.dialogs import close_dialog
from playground.ui.plain_text import plain

_EXAMPLE = "height;weight;kind\n1,62;58;cat\n1,71;64;dog"
_TYPES = ("csv", "tsv", "txt", "tab", "dat", "xlsx", "xlsm", "xls", "ods")
_DECIMALS = {".": "point", ",": "comma"}
_HEADERS = {True: "names of the columns", False: "values"}
_read_table = partial(read_table, max_bytes=LIMITS.upload_bytes, max_cells=LIMITS.cells)
_SHOWN = 20
"""Rows of the preview."""
_TOLD = 8
"""Bad rows that are named."""


@st.dialog("Your own table", icon=":material/table_view:", width="large", on_dismiss=close_dialog)
def table_dialog() -> None:
    """A dialog that reads text or a file, shows what it understood, and takes nothing before that is confirmed."""
    st.write(
        "Paste a table with its names in the first row, or choose a CSV or Excel file of at most 20,000 rows and "
        f"{LIMITS.cells:,} cells."
    )
    pasted = st.text_area("Paste here", placeholder=_EXAMPLE, height=110, key="own-table-text")
    uploaded = st.file_uploader(
        "or choose a file", type=list(_TYPES), max_upload_size=LIMITS.upload_bytes // 1_000_000, key="own-table-file"
    )
    data: bytes | str = uploaded.getvalue() if uploaded is not None else pasted or ""
    if not data and uploaded is None:  # of an empty file it is said that it is empty
        return
    name = uploaded.name if uploaded is not None else "Pasted table"
    try:
        preview = _read(data, name)
    except ValueError as error:
        st.error(str(error))
        return
    target = _show(preview)
    if not _accepts_bad_rows(preview):
        return
    if st.button("Use this table", type="primary", icon=":material/check:"):
        _use(replace(preview.table, target=target))


def keep_table(table: RawTable, target: str = "", columns: tuple[str, ...] = ()) -> None:
    """Store a table on this server and make it the data of the page.

    Raises: ValueError with one sentence if there is no place for it.
    """
    session.sample().forget_own()
    session.change({"dataset": "own", "table": put(table_to_bytes(table)), "target": target, "columns": columns})


def _use(table: RawTable) -> None:
    try:
        keep_table(table)
    except ValueError as error:
        st.error(str(error))
        return
    close_dialog()
    session.draw_again()


def _read(data: bytes | str, name: str) -> Preview:
    """Read the table as its choices say, which stand above what came of them.

    Raises: ValueError with one sentence.
    """
    is_excel = isinstance(data, bytes) and data.startswith(b"PK")
    with st.container(horizontal=True, gap="small"):
        if is_excel:
            header = _choice("First row", "header", list(_HEADERS), lambda value: _HEADERS[value])
            preview = _read_table(data, name, header=header)
            sheets = preview.sheets
            sheet = st.selectbox("Sheet", sheets, sheets.index(preview.sheet), key="own-table-sheet", width=200)
            return preview if sheet == preview.sheet else _read_table(data, name, header=header, sheet=str(sheet))
        separator = _choice("Between cells", "separator", list(SEPARATORS), lambda mark: SEPARATORS[mark])
        decimal = _choice("Decimal mark", "decimal", list(_DECIMALS), lambda mark: _DECIMALS[mark])
        encoding = _choice("Encoding", "encoding", list(ENCODINGS), str) if isinstance(data, bytes) else None
        header = _choice("First row", "header", list(_HEADERS), lambda value: _HEADERS[value])
    return _read_table(
        data,
        name,
        separator=separator or "",
        decimal=decimal or "",
        encoding=encoding or "",
        header=header,
    )


def _choice(label: str, name: str, options: list[Any], words: Callable[[Any], str]) -> Any:
    """One thing about how the text holds its table; None leaves it to be found."""
    return st.selectbox(
        label, options, index=None, placeholder="as found", format_func=words, key=f"own-table-{name}", width=165
    )


def understood(preview: Preview) -> str:
    """How a table was read, in one line."""
    parts = [f"{preview.table.rows:,} rows, {len(preview.columns)} columns"]
    if preview.separator:
        parts.append(f"{SEPARATORS[preview.separator]} between cells")
        parts.append(f"decimal {_DECIMALS[preview.decimal]}")
        parts.append(f"encoding {preview.encoding}")
    else:
        parts.append(f"sheet “{preview.sheet}”")
    parts.append(f"the first row holds {_HEADERS[preview.header]}")
    return "Read as: " + " · ".join(parts)


def _show(preview: Preview) -> str:
    """The first rows as they were understood, what was guessed, and the column to answer."""
    table = preview.table
    st.success(understood(preview), icon=":material/rule:")
    for note in preview.notes[:_TOLD]:
        st.caption(note)
    kinds = {"numeric": "number", "category": "category"}
    st.dataframe(
        {
            f"{column.name} ({kinds[column.kind]})": [column.text(row) for row in range(min(table.rows, _SHOWN))]
            for column in table.columns
        },
        hide_index=True,
        height=210,
        key="own-table-preview",
    )
    st.caption(
        f"The first {min(table.rows, _SHOWN)} of {table.rows:,} rows. Empty cells are missing values. "
        "Whether a column is a number or a category can be changed later, under Columns."
    )
    names = list(table.names)
    return str(
        st.selectbox(
            "Target",
            names,
            index=names.index(table.target),
            key="own-table-target-" + " ".join(names)[:100],
            help="The column that the network is to answer from the others. It can be changed later.",
        )
    )


def _accepts_bad_rows(preview: Preview) -> bool:
    """Name the rows that do not fit; True once there are none or they may be dropped."""
    if not preview.bad_rows:
        return True
    count = "1 row does" if preview.bad_rows == 1 else f"{preview.bad_rows:,} rows do"
    sentences = [f"- {problem.sentence}" for problem in preview.problems[:_TOLD]]
    if preview.bad_rows > _TOLD:
        sentences.append(f"- and {preview.bad_rows - _TOLD:,} more.")
    st.warning(
        "\n".join([f"{count} not fit the table:\n", *(sentence[:2] + plain(sentence[2:]) for sentence in sentences)]),
        icon=":material/report:",
    )
    drop = "Drop this row" if preview.bad_rows == 1 else f"Drop these {preview.bad_rows:,} rows"
    return bool(st.checkbox(drop, key="own-table-drop"))
