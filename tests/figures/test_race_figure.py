"""The chart of the race and its sentence, from rows as `training.race` makes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from playground.figures.layout import Canvas
from playground.figures.palette import DARK, LIGHT
from playground.figures.race import race_figure, race_sentence

WIDTHS, BATCHES = (8, 32, 128, 512), (10, 100, 1000)


def rows(**times: Callable[[int, int], float | None]) -> list[dict[str, Any]]:
    """A row a cell; a way whose time is None lacks it."""
    found = []
    for width in WIDTHS:
        for batch in BATCHES:
            ms = {way.replace("_", " "): time(width, batch) for way, time in times.items()}
            known = {way: value for way, value in ms.items() if value is not None}
            found.append({"width": width, "batch_size": batch, "parameters": width * width, "ms": known})
    return found


def gpu_rows(cpu: Callable[[int, int], float | None], recorded: float) -> list[dict[str, Any]]:
    ways = {"CPU": cpu, "GPU, step by step": lambda w, b: 0.5, "GPU, recorded": lambda w, b: recorded}
    return rows(**ways)


def work(width: int, batch: int) -> float:
    return width * batch / 100_000


def test_there_is_a_line_for_each_way_and_batch_on_a_log_axis() -> None:
    figure = race_figure(gpu_rows(work, 0.2), Canvas(LIGHT))
    lines = {trace["name"]: trace for trace in figure["data"] if trace["x"] != [None]}
    assert len(lines) == 9
    assert lines["CPU, batch 100"]["x"] == list(WIDTHS)
    assert lines["CPU, batch 100"]["y"] == [work(width, 100) for width in WIDTHS]
    assert figure["layout"]["yaxis"]["type"] == figure["layout"]["xaxis"]["type"] == "log"
    legend = [trace["name"] for trace in figure["data"] if trace.get("showlegend", True)]
    assert legend == ["CPU", "GPU, step by step", "GPU, recorded", "batch 10", "batch 100", "batch 1,000"]
    assert json.loads(json.dumps(figure)) == figure
    assert race_figure(gpu_rows(work, 0.2), Canvas(DARK)) != figure


def test_a_way_that_a_row_lacks_has_no_point_there() -> None:
    found = rows(**{"CPU, fused kernel": lambda w, b: 0.01 if w < 512 else None, "CPU, plain PyTorch": work})
    lines = {trace["name"]: trace["x"] for trace in race_figure(found, Canvas(LIGHT))["data"]}
    assert lines["CPU, fused kernel, batch 10"] == [8, 32, 128]
    assert lines["CPU, plain PyTorch, batch 10"] == [8, 32, 128, 512]


def test_the_sentence_names_the_width_from_which_on_the_gpu_wins() -> None:
    assert race_sentence(gpu_rows(work, 0.2)) == (
        "On this machine, with batches of 1,000 the GPU is faster from 32 neurons a layer on, "
        "and with batches of 100 the GPU is faster from 512 neurons a layer on, "
        "and with batches of 10 the CPU keeps up or wins at every width that was raced."
    )


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        (9.0, "On this machine, with batches of 10, 100 and 1,000 the CPU keeps up or wins everywhere in this race."),
        (0.0, "On this machine, with batches of 10, 100 and 1,000 the GPU is faster from 8 neurons a layer on."),
    ],
)
def test_one_side_may_win_everywhere(recorded: float, said: str) -> None:
    slow = gpu_rows(lambda width, batch: 0.1, recorded)
    assert race_sentence(slow) == said


def test_a_gpu_that_wins_in_the_middle_only_does_not_win_from_there_on() -> None:
    found = gpu_rows(lambda width, batch: 1.0 if width == 32 else 0.1, 0.2)
    assert "CPU keeps up or wins everywhere" in race_sentence(found)


def test_the_cpu_alone_says_what_the_asking_costs() -> None:
    found = rows(**{"CPU, fused kernel": lambda w, b: 0.0006, "CPU, plain PyTorch": lambda w, b: 0.18})
    assert race_sentence(found).startswith(
        "With 8 neurons a layer and batches of 10 a step takes 0.6 µs in the fused kernel and 180 µs in plain PyTorch, "
        "300 times as long"
    )
    level = rows(**{"CPU, fused kernel": lambda w, b: 0.2, "CPU, plain PyTorch": lambda w, b: 0.18})
    assert race_sentence(level).endswith("180 µs in plain PyTorch."), "no reason is given for what is not there"


def test_without_the_kernel_the_sentence_says_so() -> None:
    assert "fused kernel is not ready" in race_sentence(rows(**{"CPU, plain PyTorch": work}))
