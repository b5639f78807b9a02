"""The step that a CUDA graph records, done eagerly on the CPU: the same results as autograd, whatever is asked for."""

from __future__ import annotations

import math
from time import perf_counter

import numpy as np
import pytest
import torch

from playground.experiment.choices import OPTIMIZERS
from playground.experiment.experiment import Experiment
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.text import TextExperiment
from playground.training.graph import GraphPath
from playground.training.losses import LOSSES
from playground.training.static_step import masked_loss
from playground.training.trainer import NO_GRAPH, Trainer


def trainer_of(experiment: Experiment) -> Trainer:
    return Trainer(experiment, experiment.load_dataset())


def path_of(trainer: Trainer) -> GraphPath:
    """The path without a device: what would be recorded is done."""
    return GraphPath(trainer, lambda work, rehearsal: work)


def assert_alike(one: Trainer, other: Trainer, limit: float = 1e-5) -> None:
    assert (one.epoch, one.step_count, one.order.position) == (other.epoch, other.step_count, other.order.position)
    assert one.optimizer.step_count == other.optimizer.step_count
    assert torch.equal(one.order.permutation, other.order.permutation)
    assert float((one.flat.storage - other.flat.storage).norm() / other.flat.storage.norm()) < limit
    for name, memory in other.optimizer.state.items():
        torch.testing.assert_close(one.optimizer.state[name], memory, rtol=1e-3, atol=1e-6)
    ours, theirs = one.history.as_arrays(), other.history.as_arrays()
    for name, column in theirs.items():
        np.testing.assert_allclose(ours[name], column, rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "changes",
    [
        {"batch_size": 8},
        {"batch_size": 10, "l1": 0.001, "l2": 0.01, "clip_norm": 0.3, "schedule": "cosine", "schedule_epochs": 4},
        {"batch_size": 100, "dataset": "spiral3", "loss": "cross_entropy"},
    ],
    ids=["tail", "regularised", "one large batch"],
)
def test_the_step_agrees_with_autograd(optimizer: str, changes: dict[str, object]) -> None:
    changes = {"dataset": "moons", "layers": "6-tanh_4-gelu", "samples": 70, "learning_rate": 0.01, **changes}
    experiment = PointsExperiment(optimizer=optimizer, **changes)
    one, other = trainer_of(experiment), trainer_of(experiment)
    assert path_of(one).advance(5 * one.steps_per_epoch + 2, math.inf)
    other.train_steps(one.step_count)
    assert_alike(one, other)
    assert not one.flat.gradients.any()


@pytest.mark.parametrize(
    "experiment",
    [
        PointsExperiment(dataset="ripple", samples=70, batch_size=9, loss="huber", learning_rate=0.01),
        PointsExperiment(dataset="blobs3", samples=70, batch_size=9, loss="squared", layers="5-relu-layer"),
        # Not Adam: the gradient of a bias before batch norm is rounding alone, which Adam blows up.
        PointsExperiment(samples=80, batch_size=10, layers="5-relu-batch_4-tanh-d0.3", optimizer="sgd"),
        ImagesExperiment(dataset="digits", batch_size=64, learning_rate=0.001),
        TextExperiment(batch_size=30, learning_rate=0.001),
    ],
    ids=["huber", "squared", "batch norm and dropout, no tail", "images", "text"],
)
def test_other_networks_agree_too(experiment: Experiment) -> None:
    one, other = trainer_of(experiment), trainer_of(experiment)
    path_of(one).advance(2 * one.steps_per_epoch + 1, math.inf)
    other.train_steps(one.step_count)
    assert_alike(one, other)


def test_a_run_may_change_paths_and_settings_at_any_step() -> None:
    experiment = PointsExperiment(dataset="moons", samples=70, batch_size=10)
    one, other = trainer_of(experiment), trainer_of(experiment)
    path = path_of(one)
    path.advance(6, math.inf)
    one.train_steps(3)
    changed = experiment.changed(learning_rate=0.003, l2=0.02, clip_norm=0.1, schedule="step", schedule_epochs=9)
    one.apply(changed)
    path.advance(12, math.inf)
    other.train_steps(9)
    other.apply(changed)
    other.train_steps(12)
    assert_alike(one, other)


def test_recording_leaves_the_run_as_it_was() -> None:
    trainer = trainer_of(PointsExperiment(samples=70, layers="5-relu-d0.3"))
    trainer.train_steps(5)
    before = trainer.checkpoint().to_bytes()

    def trains_and_fails(work: object, rehearsal: object) -> object:
        rehearsal()  # type: ignore[operator]
        raise RuntimeError("no recording")

    with pytest.raises(RuntimeError):
        GraphPath(trainer, trains_and_fails)  # type: ignore[arg-type]
    assert trainer.checkpoint().to_bytes() == before


def test_it_keeps_to_the_time() -> None:
    trainer = trainer_of(PointsExperiment(samples=200, batch_size=1))
    path = path_of(trainer)
    for _ in range(20):
        began = perf_counter()
        path.advance(2**62, began + 0.02)
        assert perf_counter() - began < 0.5
    assert trainer.epoch >= 1


def test_a_run_that_diverges_is_found_out() -> None:
    experiment = PointsExperiment(dataset="plane", optimizer="sgd", learning_rate=10, layers="8-linear_8-linear")
    trainer = trainer_of(experiment)
    trainer._graph = path_of(trainer)
    trainer.train_steps(2_000)
    assert trainer.diverged is not None
    assert torch.isfinite(trainer.flat.storage).all()


def test_where_nothing_can_be_recorded_steps_are_done_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr("playground.training.trainer.GraphPath", refuse)
    trainer = trainer_of(PointsExperiment(samples=70))
    trainer._may_be_graph = True
    trainer.train_steps(9)
    assert (trainer.step_count, trainer.notice) == (9, NO_GRAPH)


def test_batch_norm_with_a_smaller_last_batch_is_not_recorded() -> None:
    layers = "4-tanh-batch"
    assert not GraphPath.fits(trainer_of(PointsExperiment(samples=70, batch_size=10, layers=layers)))
    assert GraphPath.fits(trainer_of(PointsExperiment(samples=80, batch_size=10, layers=layers)))
    assert GraphPath.fits(trainer_of(PointsExperiment(samples=82, batch_size=10, layers=layers))), "one is left out"
    assert GraphPath.fits(trainer_of(PointsExperiment(samples=70, batch_size=10)))


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("classes", [1, 3])
def test_a_filled_up_batch_has_the_loss_of_what_is_present(name: str, classes: int) -> None:
    if (name == "bce" and classes > 1) or (name == "cross_entropy" and classes == 1):
        pytest.skip("this loss is of other outputs")
    logits = torch.randn(7, classes, generator=torch.Generator().manual_seed(0))
    y = torch.arange(7) % max(classes, 2)
    if name in ("mse", "huber"):
        y = torch.randn(7) if classes == 1 else torch.randn(7, classes)
    present = torch.arange(7) < 4
    expected = LOSSES[name](logits[:4], y[:4])
    torch.testing.assert_close(masked_loss(LOSSES[name], logits, y, present), expected)


def test_a_filled_up_batch_of_texts_that_go_on_counts_tokens() -> None:
    logits = torch.randn(5, 6, 9, generator=torch.Generator().manual_seed(0))
    y = torch.randint(0, 9, (5, 6), generator=torch.Generator().manual_seed(1))
    present = torch.arange(5) < 3
    expected = LOSSES["cross_entropy"](logits[:3], y[:3])
    torch.testing.assert_close(masked_loss(LOSSES["cross_entropy"], logits, y, present), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_recorded_run_on_a_device_agrees_with_one_that_is_not() -> None:
    experiment = PointsExperiment(dataset="moons", samples=70, batch_size=10, device="cuda")
    one, other = (Trainer(experiment, experiment.load_dataset(), fast=fast) for fast in (True, False))
    for trainer in (one, other):
        trainer.train_steps(40)
    assert one.notice is None
    assert one.graph is not None
    assert_alike(one, other, limit=1e-4)
