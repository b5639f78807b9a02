from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from playground.data.points import load_points
from playground.experiment.points import PointsExperiment
from playground.training.trainer import Trainer

MakeTrainer = Callable[..., Trainer]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def trained() -> MakeTrainer:
    """A trainer after a few steps."""

    def make(steps: int = 7, **fields: Any) -> Trainer:
        experiment = PointsExperiment(**fields)
        dataset = load_points(
            experiment.dataset,
            samples=experiment.samples,
            noise=experiment.noise,
            train_share=experiment.train_share,
            seed=experiment.seed,
            inputs=experiment.inputs,
            points=experiment.points,
        )
        trainer = Trainer(experiment, dataset)
        for _ in range(steps):
            trainer.step()
        return trainer

    return make
