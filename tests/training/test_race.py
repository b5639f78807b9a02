"""The race without a GPU: a plain sentence, and rows of whatever ways there are."""

from __future__ import annotations

import json

import pytest

from playground.training.race import BATCHES, WIDTHS, measured, race
from playground.training.trainer import Trainer


@pytest.mark.parametrize("device", ["cpu", "tpu"])
def test_without_a_gpu_there_is_a_sentence(device: str) -> None:
    with pytest.raises(ValueError, match=r"^This machine has no GPU .*\.$"):
        race(device)


def test_rows_are_plain_data_of_every_cell() -> None:
    rows = list(measured({"CPU": lambda experiment, dataset: Trainer(experiment, dataset, "cpu")}, 0.001, 60.0))
    assert [(row["width"], row["batch_size"]) for row in rows] == [(w, b) for w in WIDTHS for b in BATCHES]
    assert json.loads(json.dumps(rows)) == rows
    assert rows[0]["parameters"] == 2 * 8 + 8 + 2 * (8 * 8 + 8) + 8 + 1
    assert 0 < rows[0]["ms"]["CPU"] < rows[-1]["ms"]["CPU"]


def test_a_slow_machine_leaves_cells_out() -> None:
    rows = list(measured({"CPU": lambda experiment, dataset: Trainer(experiment, dataset, "cpu")}, 0.001, 0.0))
    assert len(rows) == 1
