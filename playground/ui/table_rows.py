"""The rows of a table with what is right and what the network answers, the worst first; a click shows a row's way."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from playground.data.table_encoding import TableDataset
from playground.data.table_export import write_csv
from playground.ui import session
from playground.ui.services import services
from playground.ui.session import Session
from playground.ui.shown_sample import Shown, ShownSample
from playground.ui.tables_panel import encoded, tables_of
from playground.worker.runner import RunnerError

MOST_ROWS = 400
"""Rows that are shown at once; the download has all."""
_EVERY = 2.0  # seconds between two looks while the network learns
_NO_MARK: dict[str, Any] = {"selection": {"rows": [], "columns": [], "cells": []}}


def rows_view(now: Session) -> None:
    """The rows, looked at again while the network learns."""
    _rows(now, now.sample.shown, now.sample.left)


@st.fragment(run_every=_EVERY)
def _rows(now: Session, shown_before: Shown, left_before: bool) -> None:
    """shown_before, left_before: as the page was drawn; a click on a row changes that, and the page draws anew."""
    if (now.sample.shown, now.sample.left) != (shown_before, left_before):
        session.draw_again()
    data = encoded(tables_of(now.experiment))
    if data is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        split = st.segmented_control(
            "Rows",
            ["test", "train"],
            default="test",
            required=True,
            format_func={"test": "Test rows", "train": "Train rows"}.__getitem__,
            key="rows-split",
            help="Rows that the network has never seen, or those that it learns from.",
        )
        only = st.toggle("Only the wrong ones" if data.class_names else "Only those far off", key="rows-wrong")
        try:
            study = services().runner.study(now.run_id, "confusion", {"split": split})
        except RunnerError as error:
            study = {"message": str(error)}
        if "message" in study:
            st.info(study["message"])
            return
        answers = answered_rows(data, study, split == "train")
        wrong = answers["wrong"].to_numpy()
        verdict = "wrong" if data.class_names else "worse than the mean"
        st.download_button(  # not at the right end, where the table's own buttons appear
            "Download CSV",
            partial(_csv, answers),
            f"{split}_answers.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="rows-csv",
        )
        st.markdown(f"**{int(wrong.sum()):,} of {len(wrong):,} {verdict}**", width="stretch")
    shown = (answers[wrong] if only else answers).head(MOST_ROWS)
    table = f"rows-of-{split}-{'wrong' if only else 'all'}"  # each keeps a mark of its own
    samples = shown["sample"].tolist()
    _keep_mark_true(now.sample, table, split, samples)
    st.dataframe(
        _tinted(shown),
        hide_index=True,
        height=320,
        key=table,
        on_select=partial(_show_row, table, split, samples),
        selection_mode="single-cell",
        column_config={
            "wrong": st.column_config.TextColumn("", width=80, pinned=True),
            "sample": st.column_config.NumberColumn("#", width=50, pinned=True, help="Its number above the table"),
            "row": st.column_config.NumberColumn("row", width=60, help="Its row in the whole table"),
        },
    )
    st.caption(f"{_meaning(data)} Click a row to follow it in the picture. {_how_many(len(shown), len(wrong), only)}")


def _show_row(table: str, split: str, samples: list[int]) -> None:
    """Let the picture show the row that was clicked. samples: the rows as they stood there, counted from 1."""
    row = _marked_row(session.chosen(table))
    if row is not None and row < len(samples):
        session.sample().show(split, samples[row] - 1)


def _keep_mark_true(sample: ShownSample, table: str, split: str, samples: list[int]) -> None:
    """Take the mark from a row that the picture no longer shows: a click on a marked cell would tell nothing."""
    row = _marked_row(session.widget_value(table))
    if row is None or (row < len(samples) and sample.shows(split, samples[row] - 1)):
        return
    if not sample.left:  # the rows have moved under the mark
        sample.leave()
        session.draw_again()  # only a drawing of the whole page has a number by which an echo is told from a click
    session.current().fields.tell(table, _NO_MARK)
    session.set_widget(table, _NO_MARK)


def _marked_row(state: object) -> int | None:
    """The row in which a cell is marked."""
    cells = state["selection"]["cells"] if isinstance(state, Mapping) else []
    return int(cells[0][0]) if cells else None


def answered_rows(data: TableDataset, study: Mapping[str, Any], train: bool) -> pd.DataFrame:
    """Rows of the table with what is right, what the network answers, and whether that is wrong; the worst first.

    study: the confusion of this split. Numbers are in the unit of the target.
    """
    raw = data.raw_train if train else data.raw_test
    first = 0 if train else len(data.raw_train)
    places = np.asarray(study["indices"]) - first if "indices" in study else np.arange(len(study["true"]))
    rows = raw[places]
    true, predicted = np.asarray(study["true"]), np.asarray(study["predicted"])
    columns: dict[str, Any] = {"wrong": is_wrong(data, true, predicted), "sample": places + 1, "row": rows + 1}
    if data.class_names:
        names = np.array(data.class_names)
        columns |= {"right": names[true], "answer": names[predicted]}
    else:
        columns |= {"right": true, "answer": predicted, "off by": predicted - true}
    for encoding in data.encodings:
        column = data.table.column(encoding.name)
        values = column.values[rows]
        if column.kind == "category":
            values = np.array([*column.categories, ""], dtype=object)[values]
        name = encoding.name
        while name in columns:
            name += " "
        columns[name] = values
    answers = pd.DataFrame(columns)
    error = answers["wrong"] if data.class_names else answers["off by"].abs()
    return answers.loc[error.sort_values(ascending=False, kind="stable").index]


def is_wrong(data: TableDataset, true: Any, predicted: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Another class; or a number that is further off than the mean of the train rows would be."""
    if data.class_names:
        return np.asarray(true != predicted)
    return np.asarray(np.abs(predicted - true) > np.abs(data.target_mean - true))


def _meaning(data: TableDataset) -> str:
    if data.class_names:
        return "A row is wrong where the network answers another class."
    unit = f" {data.target_unit}" if data.target_unit else ""
    return (
        "A row is marked where the network is further off than somebody who always says the mean of the train rows, "
        f"{data.target_mean:,.4g}{unit}."
    )


def _how_many(shown: int, rows: int, only: bool) -> str:
    return f"The worst {shown:,} are shown, the download has all {rows:,}." if shown == MOST_ROWS and not only else ""


def _tinted(rows: pd.DataFrame) -> Any:
    """The rows with the wrong ones tinted and numbers as short as they are."""
    numbers = [name for name in rows.columns if rows[name].dtype.kind == "f"]
    tint = "background-color: rgba(245, 147, 34, 0.22)"
    mark = "✗ far off" if "off by" in numbers else "✗ wrong"
    signs = rows.assign(wrong=np.where(rows["wrong"], mark, "✓"))
    tinted = signs.style.apply(lambda row: [tint if row["wrong"] != "✓" else ""] * len(row), axis=1)
    digits: dict[Any, Any] = dict.fromkeys(numbers, "{:.6g}") | dict.fromkeys(
        {"answer", "off by"} & set(numbers), "{:.4g}"
    )
    return tinted.format(digits, na_rep="")


def _csv(answers: pd.DataFrame) -> str:
    columns = [answers[name].tolist() for name in answers.columns]
    return write_csv([name.strip() for name in answers.columns], zip(*columns, strict=True))
