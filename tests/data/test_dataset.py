"""Answers in words, and the probabilities behind them."""

from __future__ import annotations

import numpy as np
import pytest

from playground.data.dataset import class_probabilities
from playground.data.points import load_points

OPTIONS = {"samples": 20, "noise": 0.1, "train_share": 0.5, "seed": 1, "inputs": ("x1",)}


def answer(dataset: str, output: list[float], probabilities: list[float] | None = None) -> str:
    given = None if probabilities is None else np.array(probabilities)
    return load_points(dataset, **OPTIONS).answer(np.array(output), given)


@pytest.mark.parametrize(
    ("dataset", "output", "words"),
    [
        ("circle", [2.6], "Class blue, 93 %"),
        ("circle", [-2.6], "Class orange, 93 %"),
        ("circle", [0.0, 2.6], "Class blue, 93 %"),
        ("blobs3", [0.0, 0.0, 5.0], "Class green, 99 %"),
        ("plane", [0.25], "Value 0.250"),
        ("curve", [-1.0], "Value -1.000"),
    ],
)
def test_answers_in_words(dataset: str, output: list[float], words: str) -> None:
    assert answer(dataset, output) == words


def test_given_probabilities_go_before_the_logits() -> None:
    assert answer("circle", [3.0], [0.4, 0.6]) == "Class blue, 60 %"


def test_an_infinite_output_is_no_answer() -> None:
    with np.errstate(invalid="ignore"):
        assert answer("circle", [np.nan]) == "No answer, because the output is not a finite number"


def test_probabilities_do_not_overflow() -> None:
    np.testing.assert_allclose(class_probabilities(np.array([1e4])), [0, 1])
    np.testing.assert_allclose(class_probabilities(np.array([-1e4])), [1, 0])
    np.testing.assert_allclose(class_probabilities(np.array([1e4, 1e4])), [0.5, 0.5])
