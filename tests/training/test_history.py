from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.training.history import CAPACITY, EpochRecord, History


def record(epoch: int) -> EpochRecord:
    return EpochRecord(epoch, 25 * epoch, 1 / (epoch + 1), 0.5, 0.9, 0.8, 0.03, (float(epoch), 2.0))


def filled(epochs: int) -> History:
    history = History(2)
    for epoch in range(epochs):
        history.append(record(epoch))
    return history


def test_what_goes_in_comes_out() -> None:
    history = filled(3)
    assert history.records == (record(0), record(1), record(2))
    assert history.last == record(2)
    assert len(history) == 3


def test_a_gradient_that_is_not_there_yet_stays_nan() -> None:
    history = History(1)
    history.append(record(0)._replace(gradient_norms=(math.nan,)))
    assert math.isnan(history.last.gradient_norms[0])


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5 * CAPACITY))
def test_beyond_the_capacity_every_second_record_is_dropped_and_the_newest_kept(epochs: int) -> None:
    history = filled(epochs)
    kept = history.as_arrays()["epoch"]
    stride = 2 ** max(0, math.ceil(math.log2(epochs / CAPACITY)))
    assert history.stride in (stride, 2 * stride)
    assert len(kept) <= CAPACITY
    assert len(kept) > min(epochs - 1, CAPACITY // 2 - 1)
    assert kept.tolist() == sorted({*range(0, epochs, history.stride), epochs - 1})


@pytest.mark.parametrize("epochs", [0, 1, 100, CAPACITY, CAPACITY + 1, 2 * CAPACITY + 3])
def test_a_history_goes_on_from_its_arrays(epochs: int) -> None:
    history = filled(epochs)
    copy = History.from_arrays(history.as_arrays(), appended=history.appended, stride=history.stride)
    for epoch in range(epochs, epochs + CAPACITY):
        history.append(record(epoch))
        copy.append(record(epoch))
    for name, column in history.as_arrays().items():
        np.testing.assert_array_equal(column, copy.as_arrays()[name])


def test_columns_that_do_not_fit_are_refused() -> None:
    arrays = filled(5).as_arrays()
    for wrong in ({}, {**arrays, "step": arrays["step"][:3]}, {**arrays, "gradient_norms": arrays["step"]}):
        with pytest.raises(ValueError, match="columns do not fit"):
            History.from_arrays(wrong, appended=5, stride=1)
    with pytest.raises(ValueError, match="5 records"):
        History.from_arrays(arrays, appended=500, stride=1)
    with pytest.raises(ValueError, match="5 records"):
        History.from_arrays(arrays, appended=5, stride=0)


def test_the_arrays_are_copies() -> None:
    history = filled(2)
    history.as_arrays()["train_loss"][:] = -1
    assert history.last == record(1)


def test_an_empty_history_has_no_last_record() -> None:
    with pytest.raises(IndexError, match="empty"):
        _ = History(1).last


def test_reading_a_history_or_a_schedule_imports_no_torch() -> None:
    code = "import sys, playground.training.history, playground.training.schedules; print('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
