"""Studies as the worker gives them, made up without torch, for each task; and what the tests ask of a figure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from playground.figures.layout import Canvas, Json
from playground.figures.palette import LIGHT
from playground.figures.registry import FIGURES, find_figure, read_options

Study = dict[str, Any]
TASKS = {"binary": ["orange", "blue"], "multiclass": ["blue", "orange", "green"], "regression": [], "curve": []}
UNITS = (2, 4, 3)  # inputs, then hidden layers


def made_up(name: str, task: str, **options: str) -> Study:
    rng = np.random.default_rng(3)
    classes = TASKS[task]
    task, dims = ("regression", 1) if task == "curve" else (task, 2)
    outputs = len(classes) if task == "multiclass" else 1
    units = (*UNITS, outputs)
    layers = ["linear1", "linear2", "output"]
    common = {"task": task, "class_names": classes, "metric": "r2" if task == "regression" else "accuracy"}
    count = 40
    labels = rng.integers(0, len(classes), count) if classes else rng.uniform(-1, 1, count).astype(np.float32)
    epochs = np.arange(50)
    studies: dict[str, Callable[[], Study]] = {
        "loss": lambda: {
            "loss": {"binary": "bce", "multiclass": "cross_entropy", "regression": "mse"}[task],
            "epochs": epochs,
            **{key: rng.uniform(0.01, 1, 50) for key in ("train_loss", "test_loss", "train_metric", "test_metric")},
            "learning_rate": np.full(50, 0.03),
        },
        "weights": lambda: {
            "layers": layers,
            "inputs": ["x1", "x1sq"],
            "columns": [["x1", "x1sq"], ["1.1", "1.2", "1.3", "1.4"], ["2.1", "2.2", "2.3"]],
            "rows": [["1.1", "1.2", "1.3", "1.4"], ["2.1", "2.2", "2.3"], classes if outputs > 1 else ["output"]],
            "weights": [rng.normal(size=(units[i + 1], units[i])).astype(np.float32) for i in range(3)],
            "biases": [rng.normal(size=units[i + 1]).astype(np.float32) for i in range(3)],
        },
        "histograms": lambda: {
            "of": options.get("of", "weights"),
            "layers": layers,
            "counts": [rng.integers(0, 9, 40) for _ in layers],
            "edges": [np.linspace(-1, 1, 41) for _ in layers],
        },
        "gradients": lambda: {"layers": layers, "epochs": epochs, "norms": rng.uniform(0, 1, (50, 3))},
        "confusion": lambda: (
            {
                "split": options.get("split", "test"),
                "counts": rng.integers(0, 30, (len(classes), len(classes))),
                "first": 200,
            }
            if classes
            else {
                "split": "test",
                "true": labels,
                "predicted": labels + 0.1,
                "indices": 200 + np.arange(count),
                "first": 200,
            }
        ),
        "surface": lambda: {
            "x": np.linspace(-6, 6, 20, dtype=np.float32),
            "y": np.linspace(-6, 6, 20, dtype=np.float32),
            "z": rng.uniform(0, 1, (20,) if dims == 1 else (3, 20, 20) if outputs > 1 else (20, 20)).astype(np.float32),
            "points": rng.uniform(-6, 6, (count, 2)).astype(np.float32),
            "labels": labels,
        },
        "bent": lambda: {
            "layer": int(options.get("layer", 0)),
            "layers": 2,
            "width": 4,
            "share": 0.83,
            "lines": rng.normal(size=(1 if dims == 1 else 26, 61, 2)).astype(np.float32),
            "points": rng.normal(size=(count, 2)).astype(np.float32),
            "labels": labels,
        },
        "embedding": lambda: {
            "tokens": ["<unk>", "a", "b", " ", "c"],
            "places": rng.normal(size=(5, 2)).astype(np.float32),
            "share": 0.7,
            "width": 8,
            "vocabulary": 30,
            "chosen": 2,
            "neighbours": np.array([3, 0]),
            "similarity": np.array([0.9, 0.2]),
            "note": None,
        },
        "importance": lambda: {
            "split": options.get("split", "test"),
            "columns": ["x1", "x1sq", "island"],
            "falls": rng.uniform(-0.1, 0.5, (3, 10)),
            "baseline": 0.9,
            "samples": 200,
        },
    }
    return common | studies[name]()


def drawn(name: str, study: Study, canvas: Canvas | None = None, **options: str) -> Json:
    figure = find_figure(name)
    return figure.draw(study, read_options(figure, options), canvas or Canvas(LIGHT))


@pytest.fixture(params=sorted(FIGURES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=sorted(TASKS))
def task(request: pytest.FixtureRequest) -> str:
    return str(request.param)
