"""The part of a script that makes points on the plane and splits them: the app's own code and numbers."""

from __future__ import annotations

import inspect
import textwrap

import numpy as np

from playground.data.features import FEATURES
from playground.data.own_points import unpack_points
from playground.data.points import DATASETS, TF_PLAYGROUND
from playground.experiment.points import PointsExperiment
from playground.experiment.wording import short
from playground.library.script_part import DataPart


def points_part(experiment: PointsExperiment) -> DataPart:
    """From the function that draws the points to tensors."""
    chosen = DATASETS[experiment.dataset]
    origin = f"The data is as in {chosen.source}" if chosen.source == TF_PLAYGROUND else ""
    code = "\n\n".join([_points(experiment), _tensors(experiment)])
    return DataPart(chosen.title, code, origin=origin)


def _points(experiment: PointsExperiment) -> str:
    lines = ["# ---- Data: points on the plane, and what each of them is."]
    if experiment.dataset == "own":
        lines += [*_own_points(experiment.points), f"rng = np.random.default_rng({experiment.seed})"]
    else:
        chosen = DATASETS[experiment.dataset]
        more = "".join(f", {name}={value}" for name, value in chosen.arguments.items())
        call = (
            f"{chosen.function.__name__}(samples={experiment.samples}, noise={short(experiment.noise)}, rng=rng{more})"
        )
        lines += ["", "", _generator_source(experiment.dataset), "", ""]
        lines += [f"rng = np.random.default_rng({experiment.seed})", f"points, labels = {call}  # (N, 2), (N,)"]
    return "\n".join(lines)


def _generator_source(dataset: str) -> str:
    source = textwrap.dedent(inspect.getsource(DATASETS[dataset].function))
    plain = source[source.index("def ") :]  # without the decorator, which only registers the function
    return plain.replace("-> Points:", "-> tuple[np.ndarray, np.ndarray]:").rstrip()


def _own_points(packed: str) -> list[str]:
    points, labels = unpack_points(packed)
    rows = [
        f"({x}, {y}, {label}),"
        for (x, y), label in zip(points.astype(np.float32).astype(str).tolist(), labels.tolist(), strict=True)
    ]
    lines = ["    " + " ".join(rows[start : start + 4]) for start in range(0, len(rows), 4)]
    return [
        "own_points = [  # x1, x2, class",
        *lines,
        "]",
        "points = np.array([row[:2] for row in own_points])  # (N, 2)",
        "labels = np.array([row[2] for row in own_points])  # (N,)",
    ]


def _tensors(experiment: PointsExperiment) -> str:
    columns = ", ".join(FEATURES[name].code for name in experiment.active_inputs)
    dtype = "int64" if experiment.output_units > 1 else "float32"
    inputs = len(experiment.active_inputs)
    return f"""# ---- Numbers to tensors: what the network looks at, and a split into train and test.
P = points.astype(np.float32)
X = torch.from_numpy(np.stack([{columns}], axis=1)).to(DEVICE)  # (N, {inputs})
y = torch.from_numpy(labels.astype(np.{dtype})).to(DEVICE)  # (N,)
order = torch.from_numpy(rng.permutation(len(P)))
train, test = order[:{experiment.train_count}], order[{experiment.train_count}:]
X_train, y_train, X_test, y_test = X[train], y[train], X[test], y[test]"""
