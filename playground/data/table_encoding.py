"""A table turned into the numbers of a network and back: scaled columns, one-hot categories, and what was done to each.

All that is measured (means, ranges, categories) is measured on the training rows alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from playground.data.column_encoding import (
    MAX_SCALED,
    ColumnEncoding,
    Missing,
    Scaling,
    encode_columns,
    fit_columns,
    spread,
)
from playground.data.dataset import Dataset, Task
from playground.data.own_points import show
from playground.data.points import train_size
from playground.data.split import split_classes
from playground.data.table import Column, RawTable, task_of

MAX_CATEGORIES = 60
"""Of one column: each becomes an input of its own."""
MAX_CLASSES = 20
MAX_FEATURES = 500


@dataclass(frozen=True, eq=False)
class TableDataset(Dataset):
    """Rows as a network sees them, X (N, D) float32, and the table that they come from.

    raw_train, raw_test: (N,) int64, the row of each sample in `table`. A regression target is standardised, and
    `target_value` leads back to its unit.
    """

    table: RawTable
    target: str
    encodings: tuple[ColumnEncoding, ...]
    target_mean: float
    target_std: float
    target_unit: str
    dropped: int
    """Rows that were left out because a value is missing."""

    def encode_row(self, values: Mapping[str, object]) -> NDArray[np.float32]:
        """Turn a person's own row, column name -> value, into what the network sees: (D,) float32.

        Raises: ValueError with one sentence that names the column.
        """
        parts = [encoding.encode_value(values.get(encoding.name)) for encoding in self.encodings]
        return np.concatenate(parts).astype(np.float32)

    def target_value(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Turn the outputs of a regression, or its y, into the unit of the target."""
        return np.asarray(outputs, dtype=np.float64) * self.target_std + self.target_mean

    def answer(self, output: NDArray[Any], probabilities: NDArray[Any] | None = None) -> str:
        """Say in words what the network answers for one row: "Class Gentoo, 98 %" or "body_mass_g: 4,210 g"."""
        if self.task != "regression":
            return super().answer(output, probabilities)
        value = float(self.target_value(np.asarray(output).reshape(-1)[:1])[0])
        if not math.isfinite(value):
            return "No answer, because the output is not a finite number"
        digits = max(0, 2 - math.floor(math.log10(self.target_std)))  # a hundredth of the spread can be seen
        unit = f" {self.target_unit}" if self.target_unit else ""
        return f"{self.target}: {value:,.{min(digits, 12)}f}{unit}"


def encode_table(
    table: RawTable,
    *,
    columns: Sequence[str],
    target: str = "",
    scaling: Scaling = "standard",
    missing: Missing = "drop",
    train_share: float,
    seed: int,
    samples: int | None = None,
) -> TableDataset:
    """Choose the rows, split them, and encode the columns by what the training rows show.

    target: the column to answer, or "" for the table's own. samples: use only so many rows, by chance.
    missing: "drop" leaves rows out; "mean" and "most frequent" fill numbers, and categories by the most frequent one.
    Rows without a target are always left out.
    Raises: ValueError with one sentence if a choice is wrong or too little is left to learn from.
    """
    aim = table.column(target or table.target)
    inputs = _choose_inputs(table, columns, aim)
    _check_choice("scaling", scaling, get_args(Scaling))
    _check_choice("missing", missing, get_args(Missing))
    usable = ~aim.missing
    if missing == "drop":
        for column in inputs:
            usable &= ~column.missing
    rows = np.flatnonzero(usable)
    if len(rows) < 4:
        remedy = "Fill missing values instead, or choose other columns." if missing == "drop" else "Use a longer table."
        raise ValueError(f"Only {len(rows)} rows are complete, but at least 4 are needed. {remedy}")
    y, class_names = _labels(aim, rows)
    train, test = _split(y, bool(class_names), train_share, seed, samples)
    if not len(test):
        raise ValueError(
            f"No row is left to test on, since {show(aim.name)} differs in every row. Choose another target."
        )
    encodings = fit_columns(inputs, rows[train], rows[np.concatenate([train, test])], scaling, missing)
    mean, std = 0.0, 1.0
    if not class_names:
        mean, std = float(y[train].mean()), spread(y[train])
        if std == 0:
            raise ValueError(
                f"{show(aim.name)} is {mean:g} in every row, so there is nothing to learn. Choose another."
            )
        y = np.clip((y - mean) / std, -MAX_SCALED, MAX_SCALED)
    y = y.astype(np.int64 if class_names else np.float32)
    task: Task = "regression" if not class_names else "binary" if len(class_names) == 2 else "multiclass"
    return TableDataset(
        X_train=encode_columns(inputs, encodings, rows[train]),
        y_train=y[train],
        X_test=encode_columns(inputs, encodings, rows[test]),
        y_test=y[test],
        task=task,
        class_names=class_names,
        feature_names=tuple(name for encoding in encodings for name in encoding.feature_names),
        raw_train=rows[train],
        raw_test=rows[test],
        dims=0,
        table=table,
        target=aim.name,
        encodings=encodings,
        target_mean=mean,
        target_std=std,
        target_unit=aim.unit,
        dropped=table.rows - len(rows),
    )


def default_inputs(table: RawTable, target: str = "") -> tuple[str, ...]:
    """Choose columns that can be inputs: all that vary and have not too many categories, without the target."""
    aim = target or table.target
    return tuple(
        column.name
        for column in table.columns
        if column.name != aim and _varies(column) and len(column.categories) <= MAX_CATEGORIES
    )


def _varies(column: Column) -> bool:
    known = column.values[~column.missing]
    return bool(len(known)) and bool(np.any(known != known[0]))


def _choose_inputs(table: RawTable, columns: Sequence[str], aim: Column) -> list[Column]:
    if not columns:
        raise ValueError("No column is chosen, but a network needs at least one input. Choose a column.")
    if aim.name in columns:
        raise ValueError(f"{show(aim.name)} is the target, so it cannot be an input as well. Leave it out.")
    inputs = [table.column(name) for name in dict.fromkeys(columns)]
    for column in inputs:
        if len(column.categories) > MAX_CATEGORIES:
            raise ValueError(
                f"{show(column.name)} has {len(column.categories):,} categories, but at most {MAX_CATEGORIES} can be "
                "encoded, an input each. Leave the column out."
            )
        if np.all(column.missing):
            raise ValueError(f"{show(column.name)} has no value in any row. Leave the column out.")
    if sum(len(column.categories) or 1 for column in inputs) > MAX_FEATURES:
        raise ValueError(f"These columns make more than {MAX_FEATURES} inputs. Leave some with many categories out.")
    if task_of(aim) != "regression" and len(aim.categories) > MAX_CLASSES:
        raise ValueError(
            f"{show(aim.name)} has {len(aim.categories):,} classes, but at most {MAX_CLASSES} are possible. "
            "Choose another target."
        )
    return inputs


def _check_choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"{name} is {show(value)}, but it must be one of {', '.join(choices)}. Try {choices[0]}.")


def _labels(aim: Column, rows: NDArray[np.int64]) -> tuple[NDArray[Any], tuple[str, ...]]:
    """The targets of these rows: class index among the classes that occur, or numbers and no classes."""
    values = aim.values[rows]
    if aim.kind == "numeric":
        return values, ()
    present, labels = np.unique(values, return_inverse=True)
    if len(present) < 2:
        raise ValueError(
            f"{show(aim.name)} is {show(aim.categories[present[0]])} in every complete row, so there is nothing to "
            "learn. Choose another target."
        )
    return labels, tuple(aim.categories[code] for code in present)


def _split(
    y: NDArray[Any], classes: bool, train_share: float, seed: int, samples: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if classes:
        return split_classes(y, train_share, seed, samples=samples)
    order = np.random.default_rng(seed).permutation(len(y))[: samples or len(y)]
    cut = train_size(len(order), train_share)
    return order[:cut], order[cut:]
