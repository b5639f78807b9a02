"""One column of a table turned into inputs of a network, and what was done to it, in numbers and in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from playground.data.numbers_in_text import parse_number
from playground.data.own_points import show
from playground.data.table import Column, Kind, write_number

Scaling = Literal["standard", "minmax", "none"]
Missing = Literal["drop", "mean", "most frequent"]

MAX_NUMBER = 1e30
"""Larger numbers are refused: their squares would leave the range of float32 and soon that of float64."""


MAX_SCALED = 1e6


def spread(values: NDArray[np.float64]) -> float:
    """The standard deviation, or 0 if the values differ by no more than rounding."""
    std = float(values.std())
    return std if std > max(1e-12 * abs(float(values.mean())), 1e-30) else 0.0


@dataclass(frozen=True)
class ColumnEncoding:
    """How one column became inputs of the network, in numbers and in a sentence."""

    name: str
    kind: Kind
    unit: str
    scaling: Scaling
    start: int
    """Its first input; X[:, start:stop] is this column."""
    stop: int
    feature_names: tuple[str, ...]
    missing: int
    """Values that are missing in the rows that are used."""
    fill: float | str | None
    """What stands for a missing value, or None if there is none in the training rows and none is allowed."""
    mean: float = 0.0
    std: float = 1.0
    low: float = 0.0
    high: float = 1.0
    categories: tuple[str, ...] = ()
    """Those of the training rows; any other is all zeros."""

    def encode_numbers(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scale numbers (N,); a row far beyond all training rows stops at a million."""
        if self.scaling == "none":
            return values
        shift, scale = self.shift_and_scale
        return np.clip((values - shift) / scale, -MAX_SCALED, MAX_SCALED)

    @property
    def shift_and_scale(self) -> tuple[float, float]:
        """What is subtracted from a number, and by what the rest is divided."""
        if self.scaling == "none":
            return 0.0, 1.0
        shift, scale = (self.mean, self.std) if self.scaling == "standard" else (self.low, self.high - self.low)
        return shift, scale or 1.0

    def encode_value(self, value: object) -> NDArray[np.float64]:
        """Encode one value that a person gives: (stop - start,).

        Raises: ValueError with one sentence if it is missing and must not be, is no number, or is no known category.
        """
        text = "" if value is None else str(value).strip()
        if text == "" or (isinstance(value, float) and math.isnan(value)):
            if self.fill is None:
                raise ValueError(f"{show(self.name)} is empty, but every column is needed. Give {self._example()}.")
            value, text = self.fill, str(self.fill)
        if self.kind == "numeric":
            number = parse_number(text)
            if number is None or abs(number) > MAX_NUMBER:
                raise ValueError(f"{show(self.name)} is {show(text)}, which is no number. Give {self._example()}.")
            return self.encode_numbers(np.array([number]))
        if text not in self.categories:
            some = ", ".join(show(category) for category in self.categories[:8])
            raise ValueError(
                f"{show(self.name)} is {show(text)}, but the network has only seen {some}. Choose one of them."
            )
        return np.array([float(category == text) for category in self.categories])

    def _example(self) -> str:
        if self.kind == "category":
            return f"one of its categories, such as {show(self.categories[0])}"
        return f"a number, such as {write_number(float(f'{self.mean:.3g}'))}"

    @property
    def sentence(self) -> str:
        """What was done to this column, for people."""
        unit = f" {self.unit}" if self.unit else ""
        if self.kind == "category":
            what = f"{len(self.categories)} categories, an input each: 1 for the one that it is, 0 for the others."
        elif self.scaling == "standard":
            what = f"Minus the mean {self.mean:.4g}{unit}, over the standard deviation {self.std:.4g}{unit}."
        elif self.scaling == "minmax":
            what = f"From {self.low:.4g}{unit} to {self.high:.4g}{unit}, squeezed into 0 to 1."
        else:
            what = f"As it is, from {self.low:.4g}{unit} to {self.high:.4g}{unit}."
        if self.missing and self.fill is not None:
            fill = f"{self.fill:.4g}{unit}" if isinstance(self.fill, float) else show(self.fill)
            missing = "1 missing value was" if self.missing == 1 else f"{self.missing} missing values were"
            what += f" {missing} replaced by {fill}."
        return what


def fit_columns(
    inputs: list[Column],
    train_rows: NDArray[np.int64],
    used_rows: NDArray[np.int64],
    scaling: Scaling,
    missing: Missing,
) -> tuple[ColumnEncoding, ...]:
    """Measure the columns on the training rows, and give each its inputs, one after the other.

    Raises: ValueError with one sentence if a column has no value there.
    """
    encodings: list[ColumnEncoding] = []
    start = 0
    for column in inputs:
        encoding = _fit(column, train_rows, used_rows, scaling, missing, start)
        encodings.append(encoding)
        start = encoding.stop
    return tuple(encodings)


def _fit(
    column: Column,
    train_rows: NDArray[np.int64],
    used_rows: NDArray[np.int64],
    scaling: Scaling,
    missing: Missing,
    start: int,
) -> ColumnEncoding:
    """Measure a column on the training rows."""
    known = column.values[train_rows][~column.missing[train_rows]]
    gaps = int(column.missing[used_rows].sum())
    if not len(known):
        raise ValueError(f"{show(column.name)} has no value in the training rows. Leave the column out.")
    values, counts = np.unique(known, return_counts=True)
    frequent = values[counts.argmax()]
    if column.kind == "category":
        categories = tuple(column.categories[code] for code in values)
        names = tuple(f"{column.name} = {category}" for category in categories)
        fill = None if missing == "drop" else column.categories[frequent]
        return ColumnEncoding(
            column.name, "category", "", scaling, start, start + len(names), names, gaps, fill, categories=categories
        )
    number = {"drop": None, "mean": float(known.mean()), "most frequent": float(frequent)}[missing]
    filled = np.concatenate([known, np.full(len(train_rows) - len(known), number or 0.0)])  # what the network will see
    return ColumnEncoding(
        column.name,
        "numeric",
        column.unit,
        scaling,
        start,
        start + 1,
        (column.name,),
        gaps,
        number,
        mean=float(filled.mean()),
        std=spread(filled) or 1.0,
        low=float(filled.min()),
        high=float(filled.max() if spread(filled) else filled.min()),
    )


def encode_columns(
    inputs: list[Column], encodings: tuple[ColumnEncoding, ...], rows: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Encode these rows: (N, D) float32, column after column."""
    parts: list[NDArray[Any]] = []
    for column, encoding in zip(inputs, encodings, strict=True):
        values, gaps = column.values[rows], column.missing[rows]
        if column.kind == "numeric":
            filled = np.where(gaps, encoding.fill if encoding.fill is not None else 0.0, values)
            parts.append(encoding.encode_numbers(filled.astype(np.float64))[:, None])
        else:
            codes = [column.categories.index(category) for category in encoding.categories]
            if encoding.fill is not None:
                values = np.where(gaps, column.categories.index(str(encoding.fill)), values)
            parts.append(values[:, None] == np.array(codes))
    return np.concatenate(parts, axis=1).astype(np.float32)
