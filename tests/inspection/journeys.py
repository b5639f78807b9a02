"""A small trained network of every kind of data but points, made once for all tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from playground.experiment.kinds import KINDS
from playground.training.trainer import Trainer
from playground.worker.datasets import Datasets

FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "digits": ("images", {"samples": 300, "layers": "c4-3-relu-batch_max2_c6-3-tanh-layer-d0.3_avg2_8-relu"}),
    "digits-mlp": ("images", {"samples": 200, "layers": "8-relu"}),
    "faces": ("images", {"dataset": "faces", "layers": "c3-5s2-relu_max2"}),
    "painting": ("images", {"dataset": "paint-rocket", "fourier": 4, "layers": "8-relu"}),
    "photos": ("images", {"dataset": "photo-pieces", "layers": "6-tanh"}),
    "surnames": ("text", {"samples": 400, "tokens": "character", "encoder": "cnn", "units": 8}),
    "attention": ("text", {"samples": 300, "encoder": "attention", "units": 6, "layers": "5-tanh"}),
    "mean": (
        "text",
        {"dataset": "first-names", "samples": 300, "tokens": "character", "encoder": "mean", "embedding": 2},
    ),
    "lstm": ("text", {"samples": 300, "encoder": "lstm", "units": 5}),
    "writer": ("text", {"dataset": "names-generator", "samples": 300, "units": 8}),
    "writer-attention": ("text", {"dataset": "names-generator", "samples": 200, "encoder": "attention", "units": 8}),
    "keys": ("sound", {"samples": 80, "layers": "c4-3-relu_max2"}),
    "waves": ("sound", {"samples": 80, "representation": "wave", "layers": "c4-9s4-relu_max4"}),
    "signals": ("sound", {"dataset": "signals", "samples": 150, "layers": "c4-5-relu_max2"}),
    "penguins": ("tables", {}),
    "tips": ("tables", {"dataset": "tips", "scaling": "minmax"}),
}


def fresh(name: str, **changes: Any) -> Trainer:
    """A trainer that nobody else uses."""
    kind, fields = FIELDS[name]
    experiment = KINDS[kind].model_validate({**fields, **changes})
    return Trainer(experiment, Datasets().load(experiment))


@cache
def trained(name: str) -> Trainer:
    """A trainer after a few steps, for looking at only."""
    trainer = fresh(name)
    for _ in range(4):
        trainer.step()
    return trainer
