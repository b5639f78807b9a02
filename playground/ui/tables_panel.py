"""The native widgets of the tables page: which table, what is asked, and from which columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import streamlit as st

from playground.data.table import RawTable
from playground.data.table_encoding import TableDataset, default_inputs
from playground.data.tables import TABLES
from playground.experiment.choices import MISSING, SCALINGS
from playground.experiment.experiment import Experiment
from playground.experiment.tables import TablesExperiment
from playground.ui import session
from playground.ui.controls import RESTARTS, data_note, select, split_fields
from playground.ui.dialogs import open_dialog
from playground.ui.session import Session
from playground.ui.table_dialog import keep_table, table_dialog

_NETWORKS: Mapping[str, str] = {"linear": "none", "mlp": "16-relu_16-relu", "deep": "32-relu_32-relu_32-relu_32-relu"}
_OWN = "Your own table"


def tables_of(experiment: Experiment) -> TablesExperiment:
    """The experiment of the tables page."""
    assert isinstance(experiment, TablesExperiment)
    return experiment


def networks_of(experiment: TablesExperiment) -> Mapping[str, str]:
    """The networks to choose from by name, as the text of their layers; the MLP is the one that suits the table."""
    suits = TablesExperiment.presets.get(experiment.dataset, {}).get("layers", _NETWORKS["mlp"])
    return {**_NETWORKS, "mlp": suits}


def encoded(experiment: TablesExperiment) -> TableDataset | None:
    """The rows as the network gets them; None where the choices leave none, and the picture says why."""
    try:
        dataset = experiment.load_dataset()
    except ValueError:
        return None
    return dataset if isinstance(dataset, TableDataset) else None


def tables_panel(now: Session) -> None:
    """Which table, the column to answer, the columns to answer it from, and how the rows are shared out."""
    experiment = tables_of(now.experiment)
    st.selectbox(
        "Table ↻",
        [*TABLES, "own"],
        key="dataset",
        on_change=_choose_table,
        format_func=lambda name: TABLES[name].title if name in TABLES else _OWN,
        help=f"What the network learns from. {RESTARTS}",
    )
    table = _table(experiment)
    if table is not None:
        _note(experiment, table)
    st.button(
        "Paste or upload",
        icon=":material/upload_file:",
        on_click=open_dialog,
        args=(table_dialog,),
        width="stretch",
        type="secondary" if table is not None else "primary",
        help="Bring a table of your own: CSV or Excel, or pasted text.",
    )
    if table is None:
        return
    _target(experiment, table)
    _columns(experiment, table)
    select("scaling", "Scaling ↻", SCALINGS, "stretch", restarts=True)
    select("missing", "Missing values ↻", MISSING, "stretch", restarts=True)
    split_fields("rows")


def inputs_of(experiment: TablesExperiment, table: RawTable) -> tuple[str, ...]:
    """The columns that the network gets."""
    data = encoded(experiment)
    if data is not None:
        return tuple(encoding.name for encoding in data.encodings)
    return experiment.columns or default_inputs(table, target_of(experiment, table))


def target_of(experiment: TablesExperiment, table: RawTable) -> str:
    """The column that is asked for."""
    return experiment.target or table.target


def _table(experiment: TablesExperiment) -> RawTable | None:
    try:
        return experiment.load_table()
    except ValueError:
        return None


def _note(experiment: TablesExperiment, table: RawTable) -> None:
    size = f"{table.rows:,} rows, {len(table.columns)} columns"
    if experiment.dataset == "own":
        st.caption(f"{table.title}: {size}. It is kept on this server, so the link to it works on this server only.")
    else:
        chosen = TABLES[experiment.dataset]
        data_note(chosen.description, size, chosen.source, chosen.licence)


def _target(experiment: TablesExperiment, table: RawTable) -> None:
    target = target_of(experiment, table)
    names = list(table.names)
    key = f"target-{experiment.dataset}-{experiment.table}-{target}"
    st.selectbox(
        "Target ↻",
        names,
        index=names.index(target) if target in names else None,
        key=key,
        on_change=partial(_choose_target, key, target),
        help="The column that the network is to answer: of categories, which one it is; of numbers, how much. "
        f"{RESTARTS}",
    )


def _columns(experiment: TablesExperiment, table: RawTable) -> None:
    """Which columns the network gets, and which of all are categories."""
    inputs, target = inputs_of(experiment, table), target_of(experiment, table)
    offered = [name for name in table.names if name != target]
    known = [name for name in inputs if name in offered]
    categories = [column.name for column in table.columns if column.kind == "category"]
    with st.popover(f"Columns ({len(known)} of {len(offered)})", icon=":material/view_column:", width="stretch"):
        key = f"columns-{experiment.table}-{target}-{','.join(known)}"
        st.multiselect(
            "The network gets ↻",
            offered,
            default=known,
            key=key,
            on_change=partial(_choose_columns, key, known),
            help=f"A column that is left out cannot be relied on. {RESTARTS}",
        )
        key = f"categories-{experiment.dataset}-{experiment.table}"
        st.multiselect(
            "Categories ↻",
            list(table.names),
            default=categories,
            key=key,
            on_change=partial(_choose_categories, key),
            help="A category becomes an input for each of its values, 1 or 0; all other columns are numbers. A number "
            f"that only names something, such as a year or a code, may be better as a category. {RESTARTS}",
        )


def _choose_table() -> None:
    name = session.chosen("dataset")
    if name is None:
        return
    session.sample().forget_own()
    session.change({"dataset": name, "target": "", "columns": ()})
    if name == "own" and not tables_of(session.current().experiment).table:
        open_dialog(table_dialog)


def _choose_target(key: str, shown: str) -> None:
    target = session.other(key, shown)
    experiment = tables_of(session.current().experiment)
    if target is not None:
        session.sample().forget_own()
        session.change({"target": target, "columns": tuple(name for name in experiment.columns if name != target)})


def _choose_columns(key: str, shown: list[str]) -> None:
    chosen = session.other(key, shown)
    if isinstance(chosen, list | tuple):
        if chosen:
            session.change({"columns": tuple(chosen)})
        else:
            session.complain("No column is chosen, but a network needs at least one. Choose a column.")


def _choose_categories(key: str) -> None:
    """Take columns as categories or as numbers: the table is kept anew, with other kinds."""
    chosen = session.widget_value(key)
    experiment = tables_of(session.current().experiment)
    if not isinstance(chosen, list | tuple):
        return
    try:
        before = experiment.load_table()
        after = before
        for column in before.columns:
            after = after.with_kind(column.name, "category" if column.name in chosen else "numeric")
        target = target_of(experiment, before)
        keep_table(replace(after, target=target), target, experiment.columns)
    except ValueError as error:
        session.complain(str(error))
