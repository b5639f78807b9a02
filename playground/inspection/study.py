"""What the figures to study are drawn from: one named dict of arrays and plain values for each of them.

Every study says "task", "class_names", "metric", "epoch" and "step"; what else it says stands at its function. Where a
study makes no sense for this network, it says why: {"message": one sentence}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from playground.inspection.answers import predictions
from playground.inspection.distributions import histograms, weights
from playground.inspection.forward import outputs_at, samples_of
from playground.inspection.plane import bent, surface
from playground.training.trainer import Trainer

Options = Mapping[str, Any]
Study = dict[str, Any]

MAX_POINTS = 2_000  # of a scatter plot: more cannot be told apart


def study(trainer: Trainer, name: str, options: Options) -> Study:
    """The study called `name` of `trainer` now, which is left exactly as it was. Wrong options become the default.

    Raises: ValueError for a name that does not exist.
    """
    if name not in STUDIES:
        raise ValueError(f"There is no study called {name!r}. There are: {', '.join(STUDIES)}.")
    common: Study = {
        "task": trainer.experiment.task,
        "class_names": list(trainer.dataset.class_names),
        "metric": "r2" if trainer.experiment.task == "regression" else "accuracy",
        "epoch": trainer.epoch,
        "step": trainer.step_count,
    }
    return common | STUDIES[name](trainer, options)


def loss(trainer: Trainer, options: Options) -> Study:
    """The history, one value a record (K,): epochs, train_loss, test_loss, train_metric, test_metric, learning_rate."""
    arrays = trainer.history.as_arrays()
    names = ("train_loss", "test_loss", "train_metric", "test_metric", "learning_rate")
    return {"loss": trainer.experiment.loss, "epochs": arrays["epoch"], **{name: arrays[name] for name in names}}


def gradients(trainer: Trainer, options: Options) -> Study:
    """The norm of each Linear's gradient over time: layers, epochs (K,), norms (K, L)."""
    arrays = trainer.history.as_arrays()
    layers = [name for name, _ in trainer.module.named_children() if name.startswith("linear") or name == "output"]
    norms = np.asarray(arrays["gradient_norms"]).reshape(-1, len(layers))
    return {"layers": layers, "epochs": arrays["epoch"], "norms": norms}


def confusion(trainer: Trainer, options: Options) -> Study:
    """What the network answers against what is right. options: split = "train" or "test".

    Classes: counts (C, C), rows = true, columns = predicted, and true, predicted (N,) with "first", the index of the
    split's first point among all points. Regression: true, predicted (at most 2,000 of them) and their indices.
    """
    split = "train" if options.get("split") == "train" else "test"
    samples = samples_of(trainer)
    part = slice(None, samples.train_count) if split == "train" else slice(samples.train_count, None)
    true = samples.y[part].cpu().numpy()
    first = part.start or 0
    if not len(true):
        return {"message": "There are no test points. Lower the train share to keep some of the points for testing."}
    predicted = predictions(trainer.experiment, outputs_at(trainer, samples.X[part]))
    if trainer.experiment.task == "regression":
        shown = np.linspace(0, len(true) - 1, min(len(true), MAX_POINTS)).astype(int)
        return {"split": split, "true": true[shown], "predicted": predicted[shown], "indices": shown + first}
    classes = len(trainer.dataset.class_names)
    counts = np.bincount(true * classes + predicted, minlength=classes * classes).reshape(classes, classes)
    return {"split": split, "counts": counts, "true": true, "predicted": predicted, "first": first}


STUDIES: dict[str, Callable[[Trainer, Options], Study]] = {
    "loss": loss,
    "weights": weights,
    "histograms": histograms,
    "gradients": gradients,
    "confusion": confusion,
    "surface": surface,
    "bent": bent,
}
