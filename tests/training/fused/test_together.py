"""Steps by several threads: the same numbers, to the last bit, as by one."""

from __future__ import annotations

import gc
import threading
import time
import weakref

import numpy as np
import pytest
import torch

from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.training.closing import at_once
from playground.training.fast import FastPath
from playground.training.fused import team
from playground.training.fused.stepper import FusedStepper, Progress
from playground.training.trainer import Trainer
from tests.training.fused.conftest import layers_of

WIDE = PointsExperiment(
    dataset="spiral4", layers="100-relu_60-tanh", batch_size=600, samples=2_000, learning_rate=0.003, train_share=0.8
)
EXPERIMENTS = {
    "dense": WIDE,
    "dense, all at once": WIDE.model_copy(update={"batch_size": 1_600}),
    "dropout, penalties and clipping": WIDE.model_copy(
        update={
            "layers": PointsExperiment(layers="100-relu-d0.3_60-tanh").layers,
            "l1": 1e-4,
            "l2": 1e-3,
            "clip_norm": 0.5,
        }
    ),
    "regression": PointsExperiment(dataset="plane", layers="100-relu_60-tanh", batch_size=400, samples=1_000),
    "pictures": ImagesExperiment(
        dataset="mnist", samples=300, layers="c8-3-relu_max2_c16-3-relu_avg2_20-tanh", batch_size=100
    ),
}


def stepper_of(trainer: Trainer) -> FusedStepper:
    return FusedStepper(trainer.experiment, layers_of(trainer), trainer.dataset, trainer.flat, trainer.optimizer)


def train(trainer: Trainer, steps: int, threads: int, stepper: FusedStepper | None = None) -> Progress:
    progress = (stepper or stepper_of(trainer)).run(
        trainer.experiment,
        steps=steps,
        rates=trainer.experiment.learning_rate,
        permutation=trainer.order.permutation,
        generator=trainer.order.generator,
        position=trainer.order.position,
        epoch=trainer.epoch,
        randomness=trainer.randomness,
        threads=threads,
    )
    trainer.epoch = progress.epoch
    trainer.order.moved_to(progress.position)
    return progress


@pytest.mark.parametrize("threads", [2, 3, 8])
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_any_number_of_threads_gives_the_same_numbers(name: str, threads: int) -> None:
    experiment = EXPERIMENTS[name]
    data = experiment.load_dataset()
    alone, together = Trainer(experiment, data), Trainer(experiment, data)
    one, many = stepper_of(alone), stepper_of(together)
    steps, recorded = 0, 0
    while steps < 11:  # a call ends early where the memory for dropout is full, or before a long evaluation
        expected, progress = train(alone, 11 - steps, 1, one), train(together, 11 - steps, threads, many)
        assert progress.steps == expected.steps > 0
        assert progress.loss == expected.loss
        np.testing.assert_array_equal(progress.rows, expected.rows)
        steps, recorded = steps + progress.steps, recorded + len(progress.rows)
        if expected.norms is not None and progress.norms is not None:
            np.testing.assert_array_equal(progress.norms, expected.norms)
            assert at_once(many.evaluation(lambda: threads)) == at_once(one.evaluation(lambda: 1))
            recorded += 1
    assert recorded > 1
    assert torch.equal(together.flat.values, alone.flat.values)
    for memory, other in zip(together.optimizer.state.values(), alone.optimizer.state.values(), strict=True):
        assert torch.equal(memory, other)


def test_helpers_really_take_part(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    call = team.Helper.call
    monkeypatch.setattr(team.Helper, "call", lambda *args: (calls.append(args), call(*args)))
    trainer = Trainer(WIDE, WIDE.load_dataset())
    stepper = stepper_of(trainer)
    assert stepper.most_threads > 2
    train(trainer, 3, 3, stepper)
    assert len(calls) == 2
    memory = calls[0][2]
    gathered = [array for array in memory._kept if array.dtype == np.float32]
    end = time.monotonic() + 60
    while not any(array.any() for array in gathered):  # until the second thread has come in time for a piece
        assert time.monotonic() < end, "no helper ever took a piece"
        train(trainer, 20, 3, stepper)


def test_the_number_of_threads_may_change_from_call_to_call() -> None:
    data = WIDE.load_dataset()
    alone, together = Trainer(WIDE, data), Trainer(WIDE, data)
    stepper = stepper_of(together)
    for threads in (1, 3, 2, 1, 4, 1, 2):
        train(together, 5, threads, stepper)
    train(alone, 35, 1)
    assert torch.equal(together.flat.values, alone.flat.values)


def test_several_leads_at_once_do_not_disturb_each_other() -> None:
    data = WIDE.load_dataset()
    alone = Trainer(WIDE, data)
    train(alone, 60, 1)
    runs = [Trainer(WIDE, data) for _ in range(4)]

    def go(trainer: Trainer) -> None:
        stepper = stepper_of(trainer)
        for _ in range(20):
            train(trainer, 3, 2, stepper)

    threads = [threading.Thread(target=go, args=[run]) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert all(torch.equal(run.flat.values, alone.flat.values) for run in runs)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_run_that_diverges_goes_back_to_its_last_finite_weights(threads: int) -> None:
    experiment = PointsExperiment(
        dataset="plane", layers="100-relu_60-relu", optimizer="sgd", learning_rate=10.0, batch_size=400, samples=1_000
    )
    data = experiment.load_dataset()
    trainer, again = Trainer(experiment, data), Trainer(experiment, data)
    stepper = FusedStepper(experiment, layers_of(trainer), data, trainer.flat, trainer.optimizer)
    progress = train(trainer, 50, threads, stepper)
    assert not progress.finite
    assert bool(torch.isfinite(trainer.flat.values).all())
    assert train(again, progress.steps, 1).finite
    assert torch.equal(again.flat.values, trainer.flat.values)


def test_helpers_keep_no_run_alive() -> None:
    trainer = Trainer(WIDE, WIDE.load_dataset())
    stepper = FusedStepper(WIDE, layers_of(trainer), trainer.dataset, trainer.flat, trainer.optimizer)
    train(trainer, 5, 3, stepper)
    memory = weakref.ref(stepper._memory)
    del stepper
    other = Trainer(WIDE, trainer.dataset)
    for _ in range(5):
        train(other, 1, 3)
    gc.collect()
    assert memory() is None


def test_small_batches_are_for_one_thread() -> None:
    experiment = PointsExperiment()
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    path = FastPath.of(trainer)
    assert path is not None
    assert path._stepper.most_threads == 1
