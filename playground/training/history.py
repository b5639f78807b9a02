"""What a run has gone through: one record an epoch, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

CAPACITY = 4096  # records kept: more than a curve has pixels, and still a small message


class EpochRecord(NamedTuple):
    """The state after an epoch; epoch 0 is the untrained network, which has no gradient yet (NaN)."""

    epoch: int
    step: int
    train_loss: float
    test_loss: float
    train_metric: float
    test_metric: float
    learning_rate: float
    gradient_norms: tuple[float, ...]  # one a Linear layer, of the epoch's last batch, before clipping


COLUMNS = EpochRecord._fields[:-1]


class History:
    """Records in the order of their epochs; beyond 4,096 every second one is dropped, again and again.

    The record of epoch i is kept if i is a multiple of `stride`, and the newest always is.
    """

    def __init__(self, linear_layers: int) -> None:
        self.stride = 1
        self.appended = 0
        self._rows = np.empty((CAPACITY + 2, len(COLUMNS) + linear_layers))  # float64 is exact for steps
        self._kept = 0

    def __len__(self) -> int:
        return self._kept

    def append(self, record: EpochRecord) -> None:
        """Add the record of the newest epoch."""
        self.extend(np.array([[*record[:-1], *record.gradient_norms]]))

    def extend(self, rows: NDArray[np.float64]) -> None:
        """Add many records at once, a row each: an EpochRecord's fields, then its gradient norms.

        Epochs between them that the stride would drop may be missing.
        """
        while len(rows):
            if self.appended and (self.appended - 1) % self.stride:
                self._kept -= 1  # the newest record was kept only for being the newest
            wanted = rows[:, 0] % self.stride == 0
            wanted[-1] = True
            part, rows = np.split(rows[wanted], [CAPACITY + 1 - self._kept])
            self._rows[self._kept : self._kept + len(part)] = part
            self._kept += len(part)
            self.appended = int(part[-1, 0]) + 1
            if self._kept > CAPACITY:
                self._thin()

    def _thin(self) -> None:
        rows = self._rows[: self._kept]
        kept = rows[::2]
        if len(rows) % 2 == 0:
            kept = np.concatenate([kept, rows[-1:]])
        self._rows[: len(kept)] = kept.copy()
        self._kept = len(kept)
        self.stride *= 2

    @property
    def records(self) -> tuple[EpochRecord, ...]:
        """All records that are kept, oldest first."""
        return tuple(self._record(row) for row in self._rows[: self._kept])

    @property
    def last(self) -> EpochRecord:
        """The newest record. Raises: IndexError while there is none."""
        if not self._kept:
            raise IndexError("The history is empty: nothing was recorded yet.")
        return self._record(self._rows[self._kept - 1])

    @staticmethod
    def _record(row: NDArray[np.float64]) -> EpochRecord:
        epoch, step, *rest = row[: len(COLUMNS)].tolist()
        return EpochRecord._make((int(epoch), int(step), *rest, tuple(row[len(COLUMNS) :].tolist())))

    def columns(self, *names: str, start: int = 0, stop: int = CAPACITY + 1) -> NDArray[np.float64]:
        """A copy of some columns side by side, of all records or a part of them: (K, len(names))."""
        return self._rows[start : min(stop, self._kept), [COLUMNS.index(name) for name in names]]

    def as_arrays(self) -> dict[str, NDArray[Any]]:
        """One copied array a column: (K,) each, epoch and step int64, the rest float64; gradient_norms (K, L)."""
        rows = self._rows[: self._kept]
        arrays: dict[str, NDArray[Any]] = {name: rows[:, i].copy() for i, name in enumerate(COLUMNS)}
        arrays["epoch"] = arrays["epoch"].astype(np.int64)
        arrays["step"] = arrays["step"].astype(np.int64)
        arrays["gradient_norms"] = rows[:, len(COLUMNS) :].copy()
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]], *, appended: int, stride: int) -> History:
        """The history that `as_arrays` came from, going on with the same thinning.

        Raises: ValueError where the columns do not fit each other.
        """
        columns = [np.asarray(arrays[name], dtype=np.float64) for name in COLUMNS if name in arrays]
        norms = np.asarray(arrays.get("gradient_norms", np.empty(0)), dtype=np.float64)
        kept = len(columns[0]) if columns else 0
        fits = len(columns) == len(COLUMNS) and all(column.shape == (kept,) for column in columns)
        if not fits or norms.ndim != 2 or len(norms) != kept or kept > CAPACITY:
            raise ValueError("The history's columns do not fit each other. Use a checkpoint that this program saved.")
        if stride < 1 or kept != kept_records(appended, stride):
            raise ValueError(
                f"The history holds {kept} records, but {appended} with stride {stride} leave another number."
            )
        history = cls(norms.shape[1])
        history.appended, history.stride, history._kept = appended, stride, kept
        history._rows[:kept] = np.column_stack([*columns, norms])
        return history


def kept_records(appended: int, stride: int) -> int:
    """How many of `appended` records a stride keeps, the newest included."""
    on_stride = -(-appended // stride)
    return on_stride + (1 if appended and (appended - 1) % stride else 0)
