"""Under the journey of a row: all rows with their answers, each column as numbers, or a row of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import streamlit as st

from playground.data.column_encoding import ColumnEncoding
from playground.data.table import RawTable
from playground.data.table_encoding import TableDataset
from playground.experiment.tables import TablesExperiment
from playground.inspection.frame_format import decode_frame
from playground.ui import session
from playground.ui.services import services
from playground.ui.session import Session
from playground.ui.table_rows import rows_view
from playground.ui.tables_panel import encoded, tables_of
from playground.worker.runner import RunnerError

_VIEWS = {
    "rows": ":material/table_rows: Rows and answers",
    "columns": ":material/view_column: Columns as numbers",
    "own": ":material/edit_note: Your own row",
}
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
            rows_view(now)


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
        with st.container(horizontal=True, vertical_alignment="center"):
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
