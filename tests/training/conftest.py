from __future__ import annotations

import pytest
import torch

from playground.data.dataset import Dataset
from playground.data.points import load_points
from playground.experiment.points import PointsExperiment
from playground.training.trainer import Trainer


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


def dataset_of(experiment: PointsExperiment) -> Dataset:
    return load_points(
        experiment.dataset,
        samples=experiment.samples,
        noise=experiment.noise,
        train_share=experiment.train_share,
        seed=experiment.seed,
        inputs=experiment.active_inputs,
        points=experiment.points,
    )


def make_trainer(**changes: object) -> Trainer:
    """A trainer of a small experiment: two blobs of points, 35 train samples in batches of 10, the last of 5."""
    experiment = PointsExperiment(**{"dataset": "gauss", "samples": 70, "noise": 0.0, **changes})  # type: ignore[arg-type]
    return Trainer(experiment, dataset_of(experiment))
