"""The race: rows of whatever ways there are, measured in pieces."""

from __future__ import annotations

import json
from time import thread_time

import pytest

from playground.training.race import BATCHES, CPU_WIDTHS, PIECE, WIDTHS, cell_count, measured, race, ways_to_train
from playground.training.trainer import Trainer

CPU = {"CPU": lambda experiment, dataset: Trainer(experiment, dataset, "cpu")}


def test_a_device_that_is_not_here_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match=r"^The device tpu is not present .* Choose cpu"):
        race("tpu")


def test_rows_are_plain_data_of_every_cell() -> None:
    rows = [row for row in measured(CPU, seconds=0.001, longest=60.0) if row]
    assert [(row["width"], row["batch_size"]) for row in rows] == [(w, b) for w in WIDTHS for b in BATCHES]
    assert json.loads(json.dumps(rows)) == rows
    assert rows[0]["parameters"] == 2 * 8 + 8 + 2 * (8 * 8 + 8) + 8 + 1
    assert 0 < rows[0]["ms"]["CPU"] < rows[-1]["ms"]["CPU"]


def test_a_slow_machine_leaves_cells_out() -> None:
    rows = [row for row in measured(CPU, seconds=0.001, longest=0.0) if row]
    assert len(rows) == 1


def test_the_worker_gets_its_turn_between_short_pieces() -> None:
    pieces: list[float] = []
    race = measured(CPU, widths=(8,), seconds=0.2, longest=60.0)
    start = thread_time()
    for _ in race:
        pieces.append(thread_time() - start)
        start = thread_time()
    assert len(pieces) > 8 * len(BATCHES), "40 on a machine that does nothing else"
    assert sorted(pieces)[len(pieces) // 2] < 3 * PIECE


def test_the_cpu_alone_races_its_kernel_against_plain_pytorch() -> None:
    assert list(ways_to_train("cpu")) == ["CPU, fused kernel", "CPU, plain PyTorch"]
    assert cell_count("cpu") == len(CPU_WIDTHS) * len(BATCHES)
    assert list(ways_to_train("cuda")) == ["CPU", "GPU, step by step", "GPU, recorded"]
    assert list(ways_to_train("mps")) == ["CPU", "GPU, step by step"]


def test_without_the_kernel_no_time_of_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.training.trainer.kernel_ready", lambda: False)
    rows = [row for row in measured(ways_to_train("cpu"), widths=(8,), seconds=0.001) if row]
    assert [list(row["ms"]) for row in rows] == [["CPU, plain PyTorch"]] * len(BATCHES)
