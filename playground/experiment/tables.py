"""Tables: which one, the column to answer, and how the others become numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar, cast

from playground.data.dataset import Dataset, Task
from playground.data.own_store import get, read_key
from playground.data.table import RawTable, task_of
from playground.data.table_encoding import TableDataset, default_inputs, encode_table
from playground.data.table_file import table_from_bytes
from playground.data.tables import TABLES, load_table
from playground.experiment.choices import MISSING, SCALINGS
from playground.experiment.experiment import Experiment
from playground.experiment.layer import Layer
from playground.experiment.rules import COMMON_RULES, Rule, choice
from playground.experiment.wording import show

MAX_COLUMNS = 200
MAX_NAME = 200
"""Letters of a column's name."""


def join_columns(columns: Sequence[str]) -> str:
    """Write names of columns as one text, parted by commas."""
    return ",".join(name.replace("%", "%25").replace(",", "%2C") for name in columns)


def split_columns(text: str) -> tuple[str, ...]:
    """Read what `join_columns` wrote."""
    return tuple(part.replace("%2C", ",").replace("%25", "%") for part in text.split(",") if part)


def _columns(value: object) -> object:
    if isinstance(value, str):
        value = split_columns(value[: MAX_COLUMNS * MAX_NAME])
    if not isinstance(value, list | tuple):
        raise ValueError(f"columns is {show(value)}, which is not a list of columns. Leave it out to take all.")
    names = cast("Sequence[object]", value)
    if len(names) > MAX_COLUMNS:
        raise ValueError(f"columns has {len(names):,} names, but at most {MAX_COLUMNS} fit. Leave some out.")
    return tuple(dict.fromkeys(str(_name("One of columns", name)) for name in names if name != ""))


def _name(field: str, value: object) -> object:
    if not isinstance(value, str) or len(value) > MAX_NAME or not value.isprintable():
        raise ValueError(f"{field} is {show(value)}, which is no name of a column. Leave it out.")
    return value


class TablesExperiment(Experiment):
    """Rows of a table, of which one column is to be answered from the others."""

    kind: ClassVar[str] = "tables"
    rules: ClassVar[Mapping[str, Rule]] = {
        **COMMON_RULES,
        "dataset": choice("dataset", (*TABLES, "own")),
        "table": lambda value: read_key("table", value),
        "target": lambda value: _name("target", value),
        "columns": _columns,
        "scaling": choice("scaling", SCALINGS),
        "missing": choice("missing", MISSING),
    }
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "penguins-mass": {"learning_rate": 0.003, "l2": 0.03},
        # Iris, wine, gapminder and diabetes by cross-validation within the train rows.
        "iris": {"l2": 0.03},
        "wine": {"learning_rate": 0.003, "l2": 0.003},
        "gapminder": {"layers": "32-relu_32-relu_16-relu", "learning_rate": 0.003, "batch_size": 128, "l2": 0.001},
        "tips": {"learning_rate": 0.003, "l2": 0.1},
        "diabetes": {"learning_rate": 0.001, "l2": 0.1},
    }
    task_fields: ClassVar[frozenset[str]] = frozenset({"dataset", "table", "target", "columns", "missing"})

    dataset: str = "penguins-species"
    table: str = ""
    """The key of an own table in `data.own_store`; kept while another dataset is chosen."""
    target: str = ""
    """The column to answer; the table's own if not given."""
    columns: tuple[str, ...] = ()
    """What the network gets; all that suit if none is given."""
    scaling: str = "standard"
    missing: str = "drop"
    train_share: float = 0.8
    layers: tuple[Layer, ...] = (Layer(16, "relu"), Layer(16, "relu"))
    schedule_epochs: int = 100
    learning_rate: float = 0.01
    batch_size: int = 16

    @property
    def task(self) -> Task:
        """Which class a row is of, or a number."""
        encoded = _encoded(self._data)
        if isinstance(encoded, TableDataset):
            return encoded.task
        try:
            table = self.load_table()
            return task_of(table.column(self.target or table.target))
        except ValueError:
            return "regression"

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of the classes; empty for a regression."""
        encoded = _encoded(self._data)
        if isinstance(encoded, TableDataset):
            return encoded.class_names
        return {"binary": ("first", "second"), "multiclass": ("first", "second", "third")}.get(self.task, ())

    @property
    def input_shape(self) -> tuple[int, ...]:
        """One number a column of numbers, and one a category."""
        encoded = _encoded(self._data)
        return (len(encoded.feature_names) if isinstance(encoded, TableDataset) else 0,)

    @property
    def obstacle(self) -> str | None:
        """The one sentence why this experiment cannot train, with the remedy; None if it can."""
        encoded = _encoded(self._data)
        if isinstance(encoded, str):
            return encoded
        if self.has_batch_norm and len(encoded.X_train) == 1:
            return "Batch norm compares train rows, but there is only 1. Raise the train share."
        return self._batch_norm_obstacle

    def load_table(self) -> RawTable:
        """The table as people see it.

        Raises: ValueError with one sentence if it is not here.
        """
        return _table(self.dataset, self.table if self.dataset == "own" else "")

    def load_dataset(self) -> Dataset:
        """Read the table, split its rows and turn them into numbers.

        Raises: ValueError with one sentence if that cannot be done.
        """
        encoded = _encoded(self._data)
        if isinstance(encoded, str):
            raise ValueError(encoded)
        return encoded

    @property
    def _data(self) -> tuple[tuple[str, Any], ...]:
        """What decides the numbers, without which network learns from them."""
        names = ("dataset", "table", "target", "columns", "scaling", "missing", "train_share", "seed")
        values = ((name, getattr(self, name)) for name in names)
        return tuple((name, "" if name == "table" and self.dataset != "own" else value) for name, value in values)


@lru_cache(maxsize=16)
def _table(dataset: str, key: str) -> RawTable:
    if dataset != "own":
        return load_table(dataset)
    if not key:
        raise ValueError("There is no table yet. Upload or paste one.")
    return table_from_bytes(get(key))


def _encoded(data: tuple[tuple[str, Any], ...]) -> TableDataset | str:
    """The dataset, or the sentence why there is none."""
    try:
        return _encode(data)
    except ValueError as error:
        return str(error)


@lru_cache(maxsize=16)  # which keeps no errors: what is missing now may be uploaded later
def _encode(data: tuple[tuple[str, Any], ...]) -> TableDataset:
    chosen = dict(data)
    table = _table(chosen["dataset"], chosen["table"])
    target = chosen["target"] or table.target
    columns = chosen["columns"]
    if not columns:
        known = TABLES.get(chosen["dataset"])
        columns = known.inputs if known and known.target == target else default_inputs(table, target)
    return encode_table(
        table,
        columns=columns,
        target=target,
        scaling=chosen["scaling"],
        missing=chosen["missing"].replace("_", " "),
        train_share=chosen["train_share"],
        seed=chosen["seed"],
    )
