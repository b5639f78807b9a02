"""What the figures to study are drawn from: one named dict of arrays and plain values for each of them.

Every study says "task", "class_names", "metric", "epoch" and "step"; what else it says stands at its function. Where a
study makes no sense for this network, it says why: {"message": one sentence}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from playground.data.table_encoding import TableDataset
from playground.inspection.answers import predictions
from playground.inspection.distributions import histograms, weights
from playground.inspection.embedding import embedding
from playground.inspection.forward import module_outputs, part_of
from playground.inspection.importance import importance
from playground.inspection.plane import bent, surface
from playground.network.module import LINEAR
from playground.training.trainer import Trainer

Options = Mapping[str, Any]
Study = dict[str, Any]

NOUNS = {"points": "point", "images": "picture", "text": "text", "sound": "sound", "tables": "row"}
"""What a sample of each kind is called."""

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
        "metric": trainer.experiment.metric,
        "noun": NOUNS[trainer.experiment.kind],
        "epoch": trainer.epoch,
        "step": trainer.step_count,
    }
    return common | STUDIES[name](trainer, options)


def loss(trainer: Trainer, options: Options) -> Study:
    """The history, one value a record (K,): epochs, train_loss, test_loss, train_metric, test_metric, learning_rate."""
    arrays = trainer.history.as_arrays()
    names = ("train_loss", "test_loss", "train_metric", "test_metric", "learning_rate")
    return {"loss": trainer.experiment.loss, "epochs": arrays["epoch"], **{name: arrays[name] for name in names}}


def gradient_layers(trainer: Trainer) -> list[str]:
    """The names of the children whose gradients the history keeps."""
    return [name for name, layer in trainer.module.named_modules() if isinstance(layer, LINEAR)]


def gradients(trainer: Trainer, options: Options) -> Study:
    """The norm of each Linear's gradient over time: layers, epochs (K,), norms (K, L)."""
    arrays = trainer.history.as_arrays()
    layers = gradient_layers(trainer)
    norms = np.asarray(arrays["gradient_norms"]).reshape(-1, len(layers))
    return {"layers": layers, "epochs": arrays["epoch"], "norms": norms}


def confusion(trainer: Trainer, options: Options) -> Study:
    """What the network answers against what is right. options: split = "train" or "test".

    "first" is the index of the split's first sample among all. Classes: counts (C, C), rows = true, columns =
    predicted, and true, predicted (N,). Regression: true, predicted (at most 2,000 of them) and their indices among
    all; of a table in the "unit" of its "target".
    """
    split = "train" if options.get("split") == "train" else "test"
    if trainer.experiment.task == "next":
        return {"message": "A network that writes has no confusion of classes: any letter may follow another."}
    X, y = part_of(trainer, split)
    data, first = trainer.dataset, 0 if split == "train" else len(trainer.dataset.X_train)
    noun = NOUNS[trainer.experiment.kind]
    if not len(X):
        return {"message": f"There are no test {noun}s. Lower the train share to keep some of the {noun}s for testing."}
    predicted, true = predictions(trainer.experiment, module_outputs(trainer, X)), y.cpu().numpy()
    if trainer.experiment.task == "regression":
        unit: Study = {}
        if isinstance(data, TableDataset):
            true, predicted = data.target_value(true), data.target_value(predicted)
            unit = {"target": data.target, "unit": data.target_unit}
        shown = np.linspace(0, len(true) - 1, min(len(true), MAX_POINTS)).astype(int)
        pairs = {"true": true[shown], "predicted": predicted[shown], "indices": shown + first}
        return {"split": split, "first": first, **pairs, **unit}
    true = true.astype(np.int64)
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
    "embedding": embedding,
    "importance": importance,
}
