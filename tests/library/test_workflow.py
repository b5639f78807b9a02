"""The lines of the workflow rail, run one after the other, build and train the experiment's own network."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.sound import SoundExperiment
from playground.experiment.tables import TablesExperiment
from playground.experiment.text import TextExperiment
from playground.library.workflow import WORKFLOW
from playground.network import modules
from playground.network.module import build_module
from playground.training.losses import loss_function, metric_function, target_dtype
from playground.training.optimizers import build_optimizer

EXPERIMENTS: dict[str, Experiment] = {
    "points": PointsExperiment(),
    "penalties": PointsExperiment(l1=0.01, l2=0.02, clip_norm=1.0, optimizer="nesterov", initialiser="he"),
    "adamw": PointsExperiment(dataset="spiral3", optimizer="adamw", l2=0.1, loss="squared"),
    "squared": PointsExperiment(loss="squared", batch_size=1),
    "curve": PointsExperiment(dataset="curve", loss="huber"),
    "images": ImagesExperiment(samples=200),
    "photo": ImagesExperiment(dataset="paint-rocket", fourier=4),
    "text": TextExperiment(),
    "writer": TextExperiment(dataset="surnames-generator"),
    "lstm": TextExperiment(encoder="lstm"),
    "attention": TextExperiment(encoder="attention", l2=0.01),
    "sound": SoundExperiment(samples=96),
    "tables": TablesExperiment(),
}


def prelude(experiment: Experiment) -> dict[str, Any]:
    """What the lines take for granted: imports, and the encoded samples with their split."""
    data = experiment.load_dataset()
    order = np.arange(len(data.X_train) + len(data.X_test))
    y = np.concatenate([data.y_train, data.y_test])
    names: dict[str, Any] = {"np": np, "torch": torch, "nn": nn, "F": F, "math": math}
    names |= {name: getattr(modules, name) for name in dir(modules) if not name.startswith("_")}
    names |= {
        "inputs": np.concatenate([data.X_train, data.X_test]),
        "P": np.concatenate([data.raw_train, data.raw_test]),
        "y": torch.from_numpy(y).to(target_dtype(experiment) if y.ndim == 1 else torch.from_numpy(y).dtype),
        "train": torch.from_numpy(order[: len(data.X_train)][:256]),
        "test": torch.from_numpy(order[len(data.X_train) :][:256]),
    }
    return names


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_the_lines_are_the_experiment(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = EXPERIMENTS[name]
    monkeypatch.chdir(tmp_path)
    names = prelude(experiment)

    def run(step: str) -> None:
        exec(compile(WORKFLOW[step].code(experiment), step, "exec"), names)

    run("data")
    data = experiment.load_dataset()
    np.testing.assert_allclose(names["X_train"].numpy(), data.X_train[:256], rtol=1e-6)
    assert tuple(names["X"].shape[1:]) == experiment.input_shape

    run("model")
    ours = build_module(experiment)
    for mine, shown in zip(ours.parameters(), names["model"].parameters(), strict=True):
        torch.testing.assert_close(mine, shown)

    run("loss")
    built = build_optimizer(experiment, ours)
    assert type(names["optimizer"]).__name__ in (
        type(built).__name__,
        type(getattr(built, "optimizer", built)).__name__,
    )
    assert names["optimizer"].param_groups[0]["lr"] == experiment.learning_rate
    names["model"].eval()
    with torch.no_grad():
        logits = names["model"](names["X_train"])
        expected = loss_function(experiment)(logits, names["y_train"])
        torch.testing.assert_close(names["loss_function"](logits, names["y_train"]), expected)
    names["model"].train()

    for _ in range(2):
        run("train")
    with torch.no_grad():
        names["model"].eval()
        assert names["loss_function"](names["model"](names["X_train"]), names["y_train"]) < expected

    run("predict")
    if experiment.task != "regression":
        assert names["answers"].min() >= 0
        assert names["answers"].max() <= 1
    run("evaluate")
    measure = {"accuracy": "accuracy", "r2": "r2", "psnr": "decibels", "bits": "bits"}[experiment.metric]
    metric = metric_function(experiment)(names["logits"], names["y_test"])
    torch.testing.assert_close(names[measure], metric, rtol=1e-3, atol=1e-4)
    run("improve")
    assert names["optimizer"].param_groups[0]["lr"] < experiment.learning_rate
    run("save")


@pytest.mark.filterwarnings("ignore:The tensor attributes")  # torch speaks so of its own recurrent layers
@pytest.mark.parametrize("name", ["points", "images", "text", "lstm", "attention", "sound"])
def test_the_exported_network_answers_without_this_program(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = EXPERIMENTS[name]
    monkeypatch.chdir(tmp_path)
    names = prelude(experiment)
    for step in ("data", "model", "deploy"):
        exec(compile(WORKFLOW[step].code(experiment), step, "exec"), names)
    again = torch.export.load("network.pt2").module()
    batch = names["X_test"][: 1 if name == "lstm" else 5]  # another number of samples than at the export
    torch.testing.assert_close(again(batch), names["model"].eval()(batch), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", sorted(EXPERIMENTS))
def test_every_step_is_told_in_two_sentences(name: str) -> None:
    for step in WORKFLOW.values():
        words = step.say(EXPERIMENTS[name])
        assert words.endswith(".")
        assert words.count(". ") == 1, words
        assert "{" not in words
