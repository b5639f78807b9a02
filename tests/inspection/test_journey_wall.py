"""What a journey shows of many samples costs little while it trains."""

from __future__ import annotations

import numpy as np
import pytest

from playground.inspection.journey_wall import add_wall, losses_of
from playground.inspection.kept import Kept
from playground.training.fused.compile import wait_for_kernel
from playground.training.trainer import Trainer
from tests.inspection.journeys import fresh
from tests.inspection.test_kept import Clock


def test_the_fused_kernel_paints_the_wall_where_it_trains() -> None:
    wait_for_kernel()
    trainer = fresh("digits-mlp")
    fused = Trainer(trainer.experiment, trainer.dataset, fast=True)
    for either in (trainer, fused):
        either.train_steps(20)
    assert fused.fast is not None
    expected, wall = (add_wall(either, Kept(), 0, False) for either in (trainer, fused))
    np.testing.assert_allclose(wall["confidence"].astype(int), expected["confidence"], atol=1)
    np.testing.assert_array_equal(wall["predicted"], expected["predicted"])


def test_while_it_plays_short_epochs_need_no_other_look_at_all_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    trainer, kept = fresh("digits"), Kept(clock)
    looks: list[int] = []
    monkeypatch.setattr(trainer, "evaluate", lambda: looks.append(trainer.step_count) or Trainer.evaluate(trainer))

    def shown() -> float:
        clock.now += 1.1
        return float(losses_of(trainer, kept, trainer.step_count, True)["train_loss"])

    trainer.step()
    shown()
    assert looks == [1]
    for epochs in range(1, 4):
        trainer.finish_epoch()
        looks.clear()
        trainer.step()
        assert shown() == trainer.history.last.train_loss
        assert looks == []
        assert trainer.epoch == epochs
    trainer.step()  # a second later, and still no other record
    now = shown()
    assert looks == [trainer.step_count]
    assert now == trainer.evaluate().train_loss != trainer.history.last.train_loss
