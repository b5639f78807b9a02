"""The evaluation that ends an epoch, in parts: the same records, whatever comes between, and never a long wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from time import perf_counter

import numpy as np
import pytest
import torch

from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.text import TextExperiment
from playground.training import evaluation
from playground.training.checkpoint import Checkpoint
from playground.training.closing import Closing
from playground.training.fused import stepper
from playground.training.fused.compile import wait_for_kernel
from playground.training.losses import loss_function, metric_function
from playground.training.trainer import Trainer
from playground.worker.datasets import Datasets

POINTS = PointsExperiment(dataset="spiral4", layers="8-tanh", samples=2_000, batch_size=100, train_share=0.6)
DIGITS = ImagesExperiment(samples=700, layers="c4-3-relu_max2", batch_size=100)
BOTH_PATHS = pytest.mark.parametrize("fast", [False, True], ids=["autograd", "fused"])


def trainer_of(experiment: PointsExperiment | ImagesExperiment, fast: bool) -> Trainer:
    if fast:
        wait_for_kernel()
    trainer = Trainer(experiment, experiment.load_dataset(), fast=fast)
    assert (trainer.fast is not None) == fast
    return trainer


@pytest.fixture(autouse=True)
def many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small data sets have many parts too: the smallest that there are, and 50 samples through PyTorch."""
    monkeypatch.setattr(stepper, "MOST_OPERATIONS", 1)
    monkeypatch.setitem(evaluation.MOST_NUMBERS, "cpu", 50 * (8 + 4))


def to_an_open_epoch(trainer: Trainer) -> None:
    """Train until an epoch has ended whose evaluation is not complete."""
    end = perf_counter() + 60
    while not trainer.closing:
        assert perf_counter() < end
        trainer.train_for(0)


def test_parts_are_done_until_the_time_is_over_and_at_least_one() -> None:
    done: list[int] = []

    def work() -> Iterator[None]:
        for part in range(3):
            if part:
                yield
            done.append(part)

    closing = Closing()
    assert closing.go_on(0.0)
    closing.begin(work())
    assert closing
    assert not done
    assert not closing.go_on(0.0)
    assert done == [0]
    assert closing.go_on(math.inf)
    assert done == [0, 1, 2]
    assert not closing


def test_a_part_that_fails_is_not_tried_again() -> None:
    def work() -> Iterator[None]:
        raise RuntimeError("no memory")
        yield

    closing = Closing()
    closing.begin(work())
    with pytest.raises(RuntimeError, match="no memory"):
        closing.go_on()
    assert closing.go_on()


@BOTH_PATHS
@pytest.mark.parametrize("experiment", [POINTS, DIGITS], ids=["points", "digits"])
def test_slices_give_the_records_of_training_in_one_go(
    experiment: PointsExperiment | ImagesExperiment, fast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sliced = trainer_of(experiment, fast)
    opened = 0
    while sliced.epoch < 3 or sliced.closing:
        sliced.train_for(0)
        opened += bool(sliced.closing)
        assert sliced.history.last.epoch == sliced.epoch - bool(sliced.closing)
    assert opened > 3
    whole = trainer_of(experiment, fast)
    whole.train_steps(sliced.step_count)
    assert _same(whole, sliced)
    monkeypatch.undo()
    at_once = trainer_of(experiment, fast)
    at_once.train_steps(sliced.step_count)
    assert not at_once.closing
    columns = ("train_loss", "test_loss", "train_metric", "test_metric", "learning_rate")
    np.testing.assert_allclose(at_once.history.columns(*columns), sliced.history.columns(*columns), rtol=1e-5)


def _same(one: Trainer, other: Trainer) -> bool:
    """Equal records; those of epoch 0 have no gradient, and NaN is not equal to itself."""
    mine, theirs = one.history.as_arrays(), other.history.as_arrays()
    return all(np.array_equal(mine[name], theirs[name], equal_nan=True) for name in mine)


@BOTH_PATHS
def test_the_parts_are_those_of_the_whole(fast: bool) -> None:
    trainer = trainer_of(POINTS, fast)
    to_an_open_epoch(trainer)
    expected = trainer.evaluate()
    trainer.settle()
    record = trainer.history.last
    assert record.epoch == trainer.epoch
    assert record.step == trainer.step_count
    np.testing.assert_allclose(record[2:6], expected, rtol=1e-6)
    assert all(norm > 0 for norm in record.gradient_norms)


CHANGES: dict[str, Callable[[Trainer], object]] = {
    "an edit": lambda trainer: trainer.edit("output.bias", (0,), 9.0),
    "a setting": lambda trainer: trainer.apply(trainer.experiment.model_copy(update={"learning_rate": 0.5})),
    "a step": Trainer.step,
    "a phase": Trainer.advance_phase,
    "steps": lambda trainer: trainer.train_steps(1),
}


@BOTH_PATHS
@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_network_waits_for_the_record_of_the_epoch(change: str, fast: bool) -> None:
    trainer = trainer_of(POINTS, fast)
    to_an_open_epoch(trainer)
    epoch, expected = trainer.epoch, trainer.evaluate()
    CHANGES[change](trainer)
    assert not trainer.closing
    assert trainer.history.last.epoch == epoch
    np.testing.assert_allclose(trainer.history.last[2:6], expected, rtol=1e-6)


@BOTH_PATHS
def test_a_checkpoint_has_the_record_and_another_one_forgets_what_was_left(fast: bool) -> None:
    trainer = trainer_of(POINTS, fast)
    start = trainer.checkpoint()
    to_an_open_epoch(trainer)
    saved = trainer.checkpoint()
    assert saved.history["epoch"][-1] == saved.epoch == trainer.epoch
    trainer.train_for(0)
    to_an_open_epoch(trainer)
    trainer.restore(start)
    assert not trainer.closing
    trainer.train_steps(saved.step)
    np.testing.assert_array_equal(trainer.history.as_arrays()["train_loss"], saved.history["train_loss"])


@BOTH_PATHS
def test_looking_between_two_parts_changes_nothing(fast: bool) -> None:
    trainer, undisturbed = trainer_of(POINTS, fast), trainer_of(POINTS, fast)
    for either in (trainer, undisturbed):
        to_an_open_epoch(either)
    assert trainer.module.training == undisturbed.module.training
    trainer.evaluate()
    for either in (trainer, undisturbed):
        either.settle()
    assert trainer.history.last == undisturbed.history.last


@BOTH_PATHS
def test_a_loss_that_is_no_number_ends_the_run_when_it_is_found(fast: bool) -> None:
    trainer = trainer_of(POINTS, fast)
    to_an_open_epoch(trainer)
    trainer.flat.values.fill_(3e38)  # finite weights whose sums are not
    trainer.settle()
    assert trainer.diverged is not None
    assert math.isfinite(trainer.evaluate().train_loss)
    assert trainer.history.last.epoch == trainer.epoch - 1


@BOTH_PATHS
def test_an_evaluation_that_failed_is_done_again(fast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = trainer_of(POINTS, fast)
    to_an_open_epoch(trainer)
    epoch = trainer.epoch
    with monkeypatch.context() as patch:
        patch.setattr(trainer.closing, "_parts", _no_memory())
        with pytest.raises(RuntimeError, match="no memory"):
            trainer.train_for(0)
    assert trainer.history.last.epoch == epoch - 1
    trainer.finish_epoch()
    assert trainer.history.as_arrays()["epoch"].tolist() == list(range(epoch + 2))


def _no_memory() -> Iterator[None]:
    raise RuntimeError("no memory")
    yield


@BOTH_PATHS
def test_a_run_that_diverged_at_the_end_of_an_epoch_can_go_on_and_be_saved(fast: bool) -> None:
    fields = {"dataset": "plane", "optimizer": "sgd", "layers": "4-linear_4-linear", "learning_rate": 10.0}
    experiment = PointsExperiment(samples=100, batch_size=50, **fields)  # a step an epoch
    trainer = trainer_of(experiment, fast)
    while trainer.diverged is None:
        trainer.finish_epoch()
    assert trainer.history.last.epoch == trainer.epoch - 1
    trainer.apply(experiment.changed(learning_rate=1e-5, clip_norm=0.1))
    trainer.train_steps(5)
    assert trainer.diverged is None
    assert trainer.history.as_arrays()["epoch"].tolist() == list(range(trainer.epoch + 1))
    saved = Checkpoint.from_bytes(trainer.checkpoint().to_bytes())
    other = trainer_of(saved.experiment, fast)
    other.restore(saved)
    assert _same(other, trainer)


def test_a_writer_is_evaluated_text_by_text() -> None:
    experiment = TextExperiment(dataset="names-generator", samples=120, units=8)
    trainer = Trainer(experiment, Datasets().load(experiment))
    trainer.train_steps(3)
    loss, metric, samples = loss_function(experiment), metric_function(experiment), trainer.samples
    trainer.module.eval()
    with torch.no_grad():
        outputs = trainer.module(samples.X)
    halves = [(samples.part(split, outputs), samples.part(split, samples.y)) for split in ("train", "test")]
    expected = [loss(*half).item() for half in halves] + [metric(*half).item() for half in halves]
    assert len(list(samples.scoring(trainer.module))) > 1
    np.testing.assert_allclose(trainer.evaluate(), expected, rtol=1e-5)
