"""A table: columns of numbers and of categories, before anything is encoded."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from playground.data.dataset import Task
from playground.data.own_points import show

Kind = Literal["numeric", "category"]


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table: numbers, or categories."""

    name: str
    kind: Kind
    values: NDArray[Any]
    """(N,) float64 with NaN where missing, or int32 places in `categories` with -1 where missing."""
    categories: tuple[str, ...] = ()
    unit: str = ""

    @property
    def missing(self) -> NDArray[np.bool_]:
        """(N,) where a value is missing."""
        return np.isnan(self.values) if self.kind == "numeric" else self.values < 0

    def text(self, row: int) -> str:
        """One value as people write it; "" where it is missing."""
        value = self.values[row]
        if self.kind == "category":
            return self.categories[value] if value >= 0 else ""
        return "" if math.isnan(value) else write_number(float(value))


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as people see it, before anything is encoded."""

    name: str
    title: str
    columns: tuple[Column, ...]
    target: str
    """The column that a network is to answer."""
    source: str = ""
    licence: str = ""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.columns[0].values) if self.columns else 0

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all columns."""
        return tuple(column.name for column in self.columns)

    @property
    def task(self) -> Task:
        """What answering the target is: a regression for numbers, else the choice of a class."""
        return task_of(self.column(self.target))

    def column(self, name: str) -> Column:
        """Find a column.

        Raises: ValueError with one sentence if there is none of this name.
        """
        for column in self.columns:
            if column.name == name:
                return column
        some = ", ".join(show(known) for known in self.names[:8])
        raise ValueError(f"The table has no column {show(name)}. Choose one of its {len(self.columns)}: {some}.")

    def row(self, index: int) -> dict[str, str]:
        """One row as people write it."""
        return {column.name: column.text(index) for column in self.columns}

    def with_kind(self, name: str, kind: Kind) -> RawTable:
        """Take a column as numbers or as categories.

        Raises: ValueError with one sentence if its values are no numbers.
        """
        changed = as_category(self.column(name)) if kind == "category" else as_numeric(self.column(name))
        columns = tuple(changed if column.name == name else column for column in self.columns)
        return replace(self, columns=columns)


def task_of(target: Column) -> Task:
    """Tell what answering this column is."""
    if target.kind == "numeric":
        return "regression"
    return "binary" if len(target.categories) == 2 else "multiclass"


def as_category(column: Column) -> Column:
    """Take every different number as a category of its own, in ascending order."""
    if column.kind == "category":
        return column
    known = ~np.isnan(column.values)
    numbers, places = np.unique(column.values[known], return_inverse=True)
    codes = np.full(len(column.values), -1, dtype=np.int32)
    codes[known] = places
    return replace(column, kind="category", values=codes, categories=tuple(write_number(x) for x in numbers.tolist()))


def as_numeric(column: Column) -> Column:
    """Take categories that are all numbers as numbers.

    Raises: ValueError with one sentence that names the first that is none.
    """
    if column.kind == "numeric":
        return column
    numbers: list[float] = []
    for category in column.categories:
        try:
            number = float(category)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            raise ValueError(
                f"{show(column.name)} has the value {show(category)}, which is no number. Keep it as a category."
            )
        numbers.append(number)
    values = np.append(numbers, math.nan)[column.values]  # -1 is the last one
    return replace(column, kind="numeric", values=values, categories=())


def numeric_column(name: str, values: Iterable[float], unit: str = "") -> Column:
    """Make a column of numbers; NaN is missing."""
    return Column(name, "numeric", np.array(list(values), dtype=np.float64), unit=unit)


def category_column(name: str, values: Sequence[str | None]) -> Column:
    """Make a column of categories in the order of the alphabet; None is missing."""
    categories = tuple(sorted({value for value in values if value is not None}))
    place = {category: index for index, category in enumerate(categories)}
    codes = np.array([-1 if value is None else place[value] for value in values], dtype=np.int32)
    return Column(name, "category", codes, categories)


def write_number(value: float) -> str:
    """Write a number as short as it can be read back: 3, 0.25, 1e-05."""
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else repr(value)
