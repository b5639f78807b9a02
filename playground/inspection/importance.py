"""How much a network needs each column: how far its metric falls when the column's values are shuffled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.inspection.forward import module_outputs, part_of
from playground.inspection.journey_explain import column_names, columns_of
from playground.training.losses import metric_function
from playground.training.trainer import Trainer

REPEATS = 10
MAX_SAMPLES = 1_000
SEED = 0  # the same shuffles each time, so that a bar moves only because the network did


def importance(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """options: split = "train" or "test".

    columns: names (D,); falls: (D, R), how far the metric falls in each of R shuffles of that column; baseline: the
    metric with nothing shuffled. Source: L. Breiman, Random Forests, 2001, as in scikit-learn's permutation_importance.
    """
    data, experiment = trainer.dataset, trainer.experiment
    split = "train" if options.get("split") == "train" else "test"
    inputs, targets = part_of(trainer, split, MAX_SAMPLES)
    if inputs.dim() != 2 or not inputs.is_floating_point():
        return {"message": "The inputs of this network are no columns that could be shuffled one by one."}
    if not len(inputs):
        return {"message": "There are no test rows. Lower the train share to keep some for testing."}
    metric = metric_function(experiment)

    def measure(inputs: Tensor) -> float:
        return float(metric(module_outputs(trainer, inputs), targets))

    baseline = measure(inputs)
    falls = permutation_falls(measure, inputs, columns_of(data), baseline, repeats=REPEATS, seed=SEED)
    return {
        "split": split,
        "metric": experiment.metric,
        "columns": column_names(data),
        "baseline": baseline,
        "falls": falls,
        "samples": len(inputs),
    }


def permutation_falls(
    measure: Callable[[Tensor], float], X: Tensor, columns: Sequence[slice], baseline: float, *, repeats: int, seed: int
) -> NDArray[np.float64]:
    """(D, R): the baseline minus what `measure` says of X (N, D) with the rows of one column shuffled."""
    rng = np.random.default_rng(seed)
    falls = np.zeros((len(columns), repeats))
    for i, column in enumerate(columns):
        for repeat in range(repeats):
            shuffled = X.clone()
            shuffled[:, column] = X[torch.from_numpy(rng.permutation(len(X))).to(X.device), column]
            falls[i, repeat] = baseline - measure(shuffled)
    return falls
