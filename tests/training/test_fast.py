"""The trainer on its fast path: the same results as on autograd, also when it changes between them in mid-run."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.training.checkpoint import Checkpoint
from playground.training.fused.compile import wait_for_kernel
from playground.training.trainer import Trainer

SPREAD = [
    {},
    {
        "dataset": "spiral3",
        "layers": "6-relu_5-gelu",
        "optimizer": "momentum",
        "schedule": "cosine",
        "schedule_epochs": 9,
    },
    {"dataset": "ripple", "layers": "8-silu", "optimizer": "rmsprop", "l1": 0.001, "l2": 0.01, "clip_norm": 0.5},
    {"layers": "8-tanh-d0.2_4-elu", "optimizer": "adamw", "l2": 0.1, "batch_size": 7},
    {"loss": "squared", "optimizer": "adagrad", "layers": "none", "schedule": "onecycle", "schedule_epochs": 5},
    {"dataset": "curve", "layers": "8-sigmoid_8-leakyrelu", "optimizer": "nesterov", "learning_rate": 0.01},
]


@pytest.fixture(scope="module", autouse=True)
def kernel() -> None:
    wait_for_kernel()


def trainers(changes: dict[str, object]) -> tuple[Trainer, Trainer]:
    experiment = PointsExperiment(samples=120, **changes)
    return tuple(Trainer(experiment, experiment.load_dataset(), fast=fast) for fast in (False, True))  # type: ignore[return-value]


def assert_alike(slow: Trainer, fast: Trainer, limit: float = 1e-4) -> None:
    assert fast.fast is not None
    assert slow.fast is None
    assert (fast.epoch, fast.step_count, fast.order.position) == (slow.epoch, slow.step_count, slow.order.position)
    assert torch.equal(fast.order.permutation, slow.order.permutation)
    assert (fast.order.state == slow.order.state).all()
    distance = (fast.flat.values - slow.flat.values).norm() / slow.flat.values.norm()
    assert float(distance) < limit
    assert fast.learning_rate == pytest.approx(slow.learning_rate, rel=1e-6)


@pytest.mark.parametrize("changes", SPREAD, ids=lambda changes: "-".join(map(str, changes.values())) or "default")
def test_both_paths_give_the_same_run(changes: dict[str, object]) -> None:
    slow, fast = trainers(changes)
    for trainer in (slow, fast):
        trainer.train_steps(3 * trainer.steps_per_epoch + 2)
    assert_alike(slow, fast)
    ours, theirs = fast.history.as_arrays(), slow.history.as_arrays()
    for name, column in theirs.items():
        np.testing.assert_allclose(ours[name], column, rtol=2e-3, atol=2e-5, err_msg=name)


@pytest.mark.parametrize("changes", SPREAD, ids=lambda changes: "-".join(map(str, changes.values())) or "default")
def test_a_run_may_change_paths_at_any_step(changes: dict[str, object]) -> None:
    slow, fast = trainers(changes)
    slow.train_steps(40)
    fast.train_steps(11)
    for _ in range(7):
        fast.step()  # a single step is always autograd's
    fast.train_steps(22)
    assert_alike(slow, fast)


@pytest.mark.parametrize("changes", SPREAD, ids=lambda changes: "-".join(map(str, changes.values())) or "default")
def test_a_checkpoint_of_one_path_goes_on_on_the_other(changes: dict[str, object]) -> None:
    slow, fast = trainers(changes)
    slow.train_steps(30)
    fast.train_steps(13)
    saved = Checkpoint.from_bytes(fast.checkpoint().to_bytes())
    on_autograd, again_fast = trainers(changes)
    on_autograd.restore(saved)
    on_autograd.train_steps(17)
    again_fast.restore(saved)
    again_fast.train_steps(17)
    fast.train_steps(17)
    assert_alike(slow, fast)
    assert_alike(on_autograd, again_fast)
    assert torch.equal(again_fast.flat.values, fast.flat.values), "resumed on the same path it is the same to the bit"


def test_training_for_a_time_records_every_epoch_up_to_the_capacity() -> None:
    experiment = PointsExperiment(samples=100)
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    trainer.train_for(0.05)
    epochs = trainer.history.as_arrays()["epoch"]
    assert epochs[0] == 0
    assert epochs[-1] == trainer.epoch
    assert (np.diff(epochs[:-1]) == trainer.history.stride).all()


@pytest.mark.parametrize("steps", [1, 2, 3, 1000])
def test_what_a_diverged_run_keeps_has_a_loss(steps: int) -> None:
    """After two steps the weights are finite, but so large that the loss is not."""
    experiment = PointsExperiment(dataset="plane", optimizer="sgd", learning_rate=10, layers="8-linear_8-linear")
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    for _ in range(10):
        trainer.train_steps(steps)
    assert trainer.diverged is not None
    assert np.isfinite(trainer.evaluate().train_loss)


def test_a_run_that_diverges_keeps_its_last_finite_weights() -> None:
    experiment = PointsExperiment(dataset="plane", optimizer="sgd", learning_rate=10, layers="8-linear_8-linear")
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    trainer.train_for(0.05)
    assert trainer.diverged is not None
    assert torch.isfinite(trainer.flat.values).all()
    assert np.isfinite(trainer.evaluate().train_loss)


def test_networks_with_a_norm_stay_on_autograd() -> None:
    experiment = PointsExperiment(layers="4-tanh-batch", samples=100)
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    trainer.train_steps(10)
    assert trainer.fast is None
    assert trainer.step_count == 10


def test_colours_stay_on_autograd() -> None:
    experiment = ImagesExperiment(dataset="paint-coffee")
    assert Trainer(experiment, experiment.load_dataset(), fast=True).fast is None
