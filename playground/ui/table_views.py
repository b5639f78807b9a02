"""Under the journey of a row: all rows with the wrong ones marked, each column as numbers, a row of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from playground.data.column_encoding import ColumnEncoding
from playground.data.table import RawTable
from playground.data.table_encoding import TableDataset
from playground.data.table_export import write_csv
from playground.experiment.tables import TablesExperiment
from playground.inspection.frame_format import decode_frame
from playground.ui import session
from playground.ui.services import services
from playground.ui.session import Session
from playground.ui.shown_sample import Shown
from playground.ui.tables_panel import encoded, tables_of
from playground.worker.runner import RunnerError

MOST_ROWS = 400
"""Rows that are shown at once; the download has all."""
_VIEWS = {
    "rows": ":material/table_rows: Rows and answers",
    "columns": ":material/view_column: Columns as numbers",
    "own": ":material/edit_note: Your own row",
}
_ROWS_EVERY = 2.0  # seconds between two looks while the network learns
_ANSWER_EVERY = 1.0
_LARGEST_WHOLE = 1e15  # browsers count no further in whole numbers
_ACROSS = 5  # fields of a row beside each other


def table_views(now: Session) -> None:
    """Rows with their answers, columns as numbers, or a form for a row of one's own."""
    experiment = tables_of(now.experiment)
    data = encoded(experiment)
    if data is None:
        return
    with st.container(border=True, key="table-views"):
        view = st.segmented_control(
            "Table",
            list(_VIEWS),
            default="rows",
            required=True,
            format_func=_VIEWS.__getitem__,
            label_visibility="collapsed",
            persist_state="session",
            key="table-view",
        )
        if view == "columns":
            _columns_view(data)
        elif view == "own":
            _own_view(now, experiment, data)
        else:
            _rows_view(now, now.sample.shown)


# ---- rows and answers


@st.fragment(run_every=_ROWS_EVERY)
def _rows_view(now: Session, shown_before: Shown) -> None:
    """shown_before: what the picture shows; a click on a row changes that, and the picture is drawn by the page."""
    if now.sample.shown != shown_before:
        st.rerun(scope="app")
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
            label_visibility="collapsed",
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
    st.dataframe(
        _marked(shown),
        hide_index=True,
        height=320,
        key=table,
        on_select=partial(_show_row, table, split, shown["sample"].tolist()),
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
    row = _clicked_row(table)
    if session.sample().mark(table, row) and row is not None and row < len(samples):
        session.sample().show(split, samples[row] - 1)


def _clicked_row(table: str) -> int | None:
    """The row in which a cell is marked."""
    try:
        state = session.widget_value(table)
    except KeyError:  # the table has not been drawn yet
        return None
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


def _marked(rows: pd.DataFrame) -> Any:
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


# ---- columns as numbers


def _columns_view(data: TableDataset) -> None:
    table = data.table
    st.dataframe(
        [_column_row(encoding, table) for encoding in data.encodings],
        hide_index=True,
        key="columns-as-numbers",
        column_config={"what is done": st.column_config.TextColumn(width="large")},
    )
    st.markdown(tensor_words(data))


def _column_row(encoding: ColumnEncoding, table: RawTable) -> dict[str, str | int]:
    column = table.column(encoding.name)
    inputs = str(encoding.start) if encoding.stop == encoding.start + 1 else f"{encoding.start} to {encoding.stop - 1}"
    return {
        "column": encoding.name,
        "kind": "category" if encoding.kind == "category" else "number",
        "such as": next((text for text in map(column.text, range(column.values.size)) if text), ""),
        "missing": int(column.missing.sum()),
        "inputs": inputs,
        "what is done": encoding.sentence,
    }


def tensor_words(data: TableDataset) -> str:
    """The tensors that the rows become, and what the target is, in words."""
    (rows, inputs), tests = data.X_train.shape, len(data.X_test)
    if data.class_names:
        y = "`y` is `int64`: " + ", ".join(f"{i} for {name}" for i, name in enumerate(data.class_names[:8]))
    else:
        unit = f" {data.target_unit}" if data.target_unit else ""
        y = (
            f"`y` is `float32`: {data.target} minus its mean {data.target_mean:,.4g}{unit}, over its standard "
            f"deviation {data.target_std:,.4g}{unit}; the answer goes the same way back"
        )
    gaps = {0: "no row is left out", 1: "1 row with a gap is left out"}
    dropped = gaps.get(data.dropped, f"{data.dropped:,} rows with a gap are left out")
    return (
        f"{len(data.encodings)} columns become **{inputs} numbers a row**: `X_train` is `float32` of shape "
        f"**({rows:,}, {inputs})**, `X_test` ({tests:,}, {inputs}), and {dropped}. {y}. Means, ranges and categories "
        "are measured on the train rows alone: the test rows have to stay unknown."
    )


# ---- a row of one's own


def _own_view(now: Session, experiment: TablesExperiment, data: TableDataset) -> None:
    """A field a column, and the answer, which follows every change and goes on changing while the network learns."""
    form = f"own-row-{experiment.dataset}-{experiment.table}"
    fields, answer = st.columns([3, 1], gap="medium")
    with fields:
        with st.container(horizontal=True):
            st.button(
                "Ask the network",
                icon=":material/question_answer:",
                type="primary",
                on_click=_ask,
                args=(form, data),
                help="What would the network answer for this row? The picture above shows its whole way.",
            )
            st.caption("Every change asks again. An empty field is a missing value.", width="stretch")
        for start in range(0, len(data.encodings), _ACROSS):
            for place, encoding in zip(st.columns(_ACROSS), data.encodings[start : start + _ACROSS], strict=False):
                with place:
                    _field(form, encoding, data)
    with answer:
        if now.sample.problem:
            st.error(now.sample.problem)
        _own_answer(now)


def _field(form: str, encoding: ColumnEncoding, data: TableDataset) -> None:
    key = f"{form}-{encoding.name}"
    ask: dict[str, Any] = {"on_change": _ask, "args": (form, data)}
    label = escaped(encoding.name) + (f" ({escaped(encoding.unit)})" if encoding.unit else "")
    if encoding.kind == "category":
        session.prefill(key, encoding.categories[0])
        st.selectbox(label, list(encoding.categories), index=None, placeholder="missing", key=key, **ask)
        return
    step, digits = step_of(encoding.std)
    start = round(encoding.mean, digits)
    if digits == 0 and abs(start) < _LARGEST_WHOLE:
        session.prefill(key, int(start))
        look: dict[str, Any] = {"step": int(step)}
    else:
        session.prefill(key, start)
        look = {"step": step, "format": f"%.{digits}f" if digits else "%.6g"}
    st.number_input(label, value=None, placeholder="missing", key=key, **look, **ask)


def step_of(std: float) -> tuple[float, int]:
    """The step of a field whose column has this standard deviation, about a fifth of it, and the digits to show."""
    power = max(-9, min(12, math.floor(math.log10(max(std, 1e-12) / 3))))
    return float(f"1e{power}"), max(0, -power)


def _ask(form: str, data: TableDataset) -> None:
    session.show_own({encoding.name: session.widget_value(f"{form}-{encoding.name}") for encoding in data.encodings})


@st.fragment(run_every=_ANSWER_EVERY)
def _own_answer(now: Session) -> None:
    if not isinstance(now.sample.own, Mapping):
        st.markdown("Fill in a row, and ask what the network makes of it.")
        return
    try:
        reply = services().runner.exchange(now.run_id, {"command": None, "view": {"sample": {"source": "own"}}})
    except RunnerError as error:
        st.info(str(error))
        return
    header = decode_frame(reply).header
    sample = header["sample"]
    if sample is None or sample["source"] != "own" or not sample["answer"]:
        st.markdown("Ask the network about this row.")
        return
    st.markdown(f"#### {escaped(sample['answer'])}")
    chances = sorted(zip(sample["probabilities"], header["class_names"], strict=False), reverse=True)
    for chance, name in chances[:6]:
        st.progress(min(1.0, max(0.0, chance or 0.0)), f"{escaped(name)}: {chance or 0:.0%}")
    epochs = "1 epoch" if header["epoch"] == 1 else f"{header['epoch']:,} epochs"
    st.caption(f"After {epochs}. What is right, nobody knows here.")


def escaped(text: str) -> str:
    """A text in which Markdown finds nothing."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]$:~#<>|!" else letter for letter in text)
