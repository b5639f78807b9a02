"""Whatever is done to a run in whatever order, it can be looked at, saved and opened again."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from playground.experiment.points import PointsExperiment
from playground.training.checkpoint import Checkpoint
from playground.training.fused import stepper
from playground.training.fused.compile import wait_for_kernel
from playground.training.trainer import Trainer

FEW = settings(max_examples=25, stateful_step_count=25, deadline=None)


class AnyOrder(RuleBasedStateMachine):
    """A run in one hand and what must be true of it in the other."""

    def __init__(self) -> None:
        super().__init__()
        wait_for_kernel()
        self._at_once, stepper.MOST_OPERATIONS = stepper.MOST_OPERATIONS, 1

    def teardown(self) -> None:
        stepper.MOST_OPERATIONS = self._at_once

    @initialize(
        layers=st.sampled_from(["", "3-tanh", "8-relu-d0.3", "4-tanh-batch_4-relu", "2-linear_2-linear"]),
        optimizer=st.sampled_from(["sgd", "adam", "rmsprop", "momentum"]),
        dataset=st.sampled_from(["circle", "plane", "spiral4"]),
        batch_size=st.sampled_from([3, 50, 400]),
        samples=st.sampled_from([60, 700]),
        fast=st.booleans(),
    )
    def open(self, fast: bool, **fields: object) -> None:
        experiment = PointsExperiment.model_validate(fields)
        self.trainer = Trainer(experiment, experiment.load_dataset(), fast=fast)
        self.saved = self.trainer.checkpoint()

    @rule(seconds=st.sampled_from([0.0, 0.001]))
    def train_for(self, seconds: float) -> None:
        self.trainer.train_for(seconds)

    @rule(steps=st.integers(1, 40))
    def train_steps(self, steps: int) -> None:
        before = self.trainer.step_count
        self.trainer.train_steps(steps)
        if self.trainer.diverged is None:
            assert self.trainer.step_count == before + steps
            assert self.trainer.history.last.epoch == self.trainer.epoch

    @rule()
    def step(self) -> None:
        self.trainer.step()

    @rule(phases=st.integers(1, 7))
    def slow_motion(self, phases: int) -> None:
        for _ in range(phases):
            self.trainer.advance_phase()

    @rule()
    def finish_epoch(self) -> None:
        self.trainer.finish_epoch()

    @rule(rate=st.sampled_from([1e-4, 0.03, 10.0]), clip=st.sampled_from([0.0, 0.1]), l1=st.sampled_from([0.0, 0.01]))
    def set_live(self, rate: float, clip: float, l1: float) -> None:
        self.trainer.apply(self.trainer.experiment.changed(learning_rate=rate, clip_norm=clip, l1=l1))
        assert self.trainer.diverged is None

    @rule(value=st.sampled_from([-1e6, 0.0, 0.5, 1e6]))
    def edit(self, value: float) -> None:
        self.trainer.edit("output.weight", (0, 0), value)

    @rule()
    def save(self) -> None:
        self.saved = Checkpoint.from_bytes(self.trainer.checkpoint().to_bytes())

    @rule(fast=st.booleans())
    def open_again(self, fast: bool) -> None:
        moved = Trainer(self.trainer.experiment, self.trainer.dataset, fast=fast)
        moved.restore(Checkpoint.from_bytes(self.trainer.checkpoint().to_bytes()))
        if self.trainer.phase in (None, "zero_grad"):
            assert torch.equal(moved.flat.storage, self.trainer.flat.storage)
            assert (moved.epoch, moved.step_count) == (self.trainer.epoch, self.trainer.step_count)
        self.trainer = moved

    @rule()
    def go_back(self) -> None:
        self.trainer.restore(self.saved)
        assert self.trainer.step_count == self.saved.step

    @invariant()
    def the_numbers_are_sound(self) -> None:
        trainer = self.trainer
        assert trainer.flat.is_finite()
        assert trainer.optimizer.is_finite()
        epochs = trainer.history.as_arrays()["epoch"]
        assert epochs[0] == 0
        assert np.isfinite(trainer.history.as_arrays()["train_loss"]).all()
        assert trainer.epoch - 1 <= epochs[-1] <= trainer.epoch
        if trainer.history.stride == 1:
            np.testing.assert_array_equal(epochs, np.arange(len(epochs)))


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = FEW
