from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from playground.experiment.choices import ACTIVATIONS, INITIALISERS, LOSSES, NORMS, OPTIMIZERS, SCHEDULES
from playground.experiment.points import PointsExperiment
from playground.network.module import build_module
from playground.training.checkpoint import Checkpoint
from playground.training.devices import available_devices
from playground.training.trainer import PHASES, Trainer

from .conftest import dataset_of, make_trainer
from .test_losses import task_of
from .test_optimizers import torch_optimizer
from .test_schedules import RATE, TORCH

BUSY = {"layers": "6-tanh-batch-d0.3_4-relu-layer", "l1": 0.001, "l2": 0.01, "clip_norm": 1.0}


def losses_of(trainer: Trainer) -> np.ndarray:
    """(K, 2): train and test loss after each epoch."""
    arrays = trainer.history.as_arrays()
    return np.column_stack([arrays["train_loss"], arrays["test_loss"]])


# ---- the same as plain PyTorch


def plain_losses(experiment: PointsExperiment, epochs: int) -> np.ndarray:
    """(K, 2): what a script by PyTorch alone gives, with the place of a DataLoader taken by a permutation."""
    data = dataset_of(experiment)
    X, y, X_test, y_test = map(torch.from_numpy, (data.X_train, data.y_train, data.X_test, data.y_test))
    loss_fn: dict[str, Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = {
        "bce": lambda z, t: nn.BCEWithLogitsLoss()(z[:, 0], t.float()),
        "cross_entropy": nn.CrossEntropyLoss(),
        "mse": lambda z, t: nn.MSELoss()(z[:, 0], t),
    }
    module = build_module(experiment)
    weights = [layer.weight for layer in module if isinstance(layer, nn.Linear)]
    optimizer = torch_optimizer(experiment, module)
    steps_per_epoch = math.ceil(len(X) / experiment.batch_size)
    scheduler = TORCH[experiment.schedule](optimizer, experiment.schedule_epochs, steps_per_epoch)
    has_batch_norm = any(isinstance(layer, nn.BatchNorm1d) for layer in module)

    def evaluate() -> list[float]:
        module.eval()
        with torch.no_grad():
            return [loss_fn[experiment.loss](module(A), b).item() for A, b in ((X, y), (X_test, y_test))]

    torch.manual_seed(experiment.seed)
    order = torch.Generator().manual_seed(experiment.seed)
    losses = [evaluate()]
    for _ in range(epochs):
        module.train()
        for rows in torch.randperm(len(X), generator=order).split(experiment.batch_size):
            if has_batch_norm and len(rows) == 1:
                continue
            penalty = experiment.l1 * sum(weight.abs().sum() for weight in weights)
            if experiment.optimizer != "adamw":
                penalty = penalty + experiment.l2 / 2 * sum(weight.square().sum() for weight in weights)
            optimizer.zero_grad()
            (loss_fn[experiment.loss](module(X[rows]), y[rows]) + penalty).backward()
            if experiment.clip_norm:
                torch.nn.utils.clip_grad_norm_(module.parameters(), experiment.clip_norm)
            optimizer.step()
            if scheduler.last_epoch < experiment.schedule_epochs * steps_per_epoch - 1:
                scheduler.step()
        losses.append(evaluate())
    return np.array(losses)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_gives_the_losses_of_a_plain_script(optimizer: str) -> None:
    trainer = make_trainer(optimizer=optimizer, learning_rate=0.01, noise=0.3, **BUSY)
    for _ in range(10):
        trainer.finish_epoch()
    np.testing.assert_allclose(losses_of(trainer), plain_losses(trainer.experiment, 10), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"dataset": "circle", "samples": 200},
        {"schedule": "onecycle", "schedule_epochs": 4, "learning_rate": RATE},
        {"schedule": "cosine", "schedule_epochs": 4, "learning_rate": RATE},
        {"schedule": "step", "schedule_epochs": 6},
        {"schedule": "warmup", "schedule_epochs": 20},
        {"dataset": "spiral3", "samples": 90, "layers": "8-gelu-layer"},
        {"dataset": "curve", "layers": "8-silu_8-elu-d0.1"},
        {"dataset": "plane", "layers": "none"},
        {"samples": 42, "layers": "4-relu-batch"},  # 21 train samples: the last batch of one is left out
    ],
)
def test_experiments_give_the_losses_of_a_plain_script(changes: dict[str, Any]) -> None:
    trainer = make_trainer(**changes)
    for _ in range(10):
        trainer.finish_epoch()
    np.testing.assert_allclose(losses_of(trainer), plain_losses(trainer.experiment, 10), atol=1e-5, rtol=1e-5)


# ---- every choice learns


def falls(**changes: Any) -> None:
    trainer = make_trainer(**{"learning_rate": 0.01, **changes})
    for _ in range(15):
        trainer.finish_epoch()
    first, last = losses_of(trainer)[[0, -1], 0]
    assert trainer.diverged is None
    assert last < 0.8 * first
    twin = make_trainer(**{"learning_rate": 0.01, **changes})
    twin.restore(Checkpoint.from_bytes(trainer.checkpoint().to_bytes()))
    assert twin.evaluate() == trainer.evaluate()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("norm", NORMS)
def test_every_activation_and_norm_learns_and_is_saved(activation: str, norm: str) -> None:
    falls(layers=f"8-{activation}-{norm}" if norm != "none" else f"8-{activation}")


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_learns_and_is_saved(loss: str) -> None:
    falls(loss=loss, dataset="gauss" if "binary" in LOSSES[loss].tasks else task_of(loss))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns_and_is_saved(optimizer: str) -> None:
    falls(optimizer=optimizer, learning_rate=0.1 if optimizer in ("sgd", "adagrad") else 0.01)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_learns_and_is_saved(schedule: str) -> None:
    falls(schedule=schedule, schedule_epochs=15)


@pytest.mark.parametrize("initialiser", [name for name in INITIALISERS if name != "zeros"])
def test_every_initialiser_but_zeros_learns(initialiser: str) -> None:
    falls(initialiser=initialiser)


def test_zeros_keep_the_neurons_of_a_layer_alike() -> None:
    trainer = make_trainer(initialiser="zeros")
    trainer.finish_epoch()
    weights = trainer.module.linear1.weight
    assert (weights == weights[0]).all()


# ---- one run, whatever the way


def test_the_same_experiment_gives_the_same_history() -> None:
    one, two = make_trainer(**BUSY), make_trainer(**BUSY)
    for _ in range(3):
        one.finish_epoch()
        two.finish_epoch()
        torch.rand(7)
    np.testing.assert_array_equal(losses_of(one), losses_of(two))
    different = make_trainer(**BUSY, seed=8)
    different.finish_epoch()
    assert not np.array_equal(losses_of(different)[1], losses_of(one)[1])


def test_a_run_leaves_the_random_numbers_of_others_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(4)
    torch.manual_seed(3)
    make_trainer(**BUSY).finish_epoch()
    assert torch.equal(torch.rand(4), expected)


def test_five_phases_are_a_step() -> None:
    slow, fast = make_trainer(**BUSY), make_trainer(**BUSY)
    for _ in range(9):
        assert [slow.advance_phase() for _ in PHASES] == list(PHASES)
        fast.step()
    for ours, theirs in zip(slow.module.state_dict().values(), fast.module.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)
    np.testing.assert_array_equal(losses_of(slow), losses_of(fast))
    assert slow.step_count == fast.step_count == 9


@pytest.mark.parametrize("done", [1, 2, 3, 4])
def test_a_step_finishes_what_slow_motion_has_begun(done: int) -> None:
    slow, fast = make_trainer(**BUSY), make_trainer(**BUSY)
    for _ in range(done):
        slow.advance_phase()
    slow.step()
    fast.step()
    assert torch.equal(slow.flat.values, fast.flat.values)
    assert (slow.step_count, slow.phase) == (1, None)


def test_slow_motion_shows_its_phase_its_batch_and_its_gradient() -> None:
    trainer = make_trainer()
    assert trainer.phase is None
    assert trainer.batch is None
    order = torch.randperm(35, generator=torch.Generator().manual_seed(7)).numpy()
    for phase in PHASES:
        before = trainer.flat.values.clone()
        assert trainer.advance_phase() == trainer.phase == phase
        np.testing.assert_array_equal(trainer.batch, order[:10])
        assert trainer.flat.gradients.any() == (phase in ("backward", "step"))
        assert torch.equal(before, trainer.flat.values) == (phase != "step")
    trainer.advance_phase()
    np.testing.assert_array_equal(trainer.batch, order[10:20])


def test_every_sample_is_seen_once_an_epoch() -> None:
    trainer = make_trainer()
    for _ in range(2):
        seen = []
        for _ in range(trainer.steps_per_epoch):
            for _ in PHASES:
                trainer.advance_phase()
            seen.extend(trainer.batch)
        assert sorted(seen) == list(range(35))
    assert trainer.epoch == 2


# ---- history and evaluation


def test_each_epoch_leaves_one_record_and_epoch_0_is_untrained() -> None:
    trainer = make_trainer(schedule="warmup", schedule_epochs=10)
    first = trainer.history.last
    assert (first.epoch, first.step) == (0, 0)
    assert all(math.isnan(norm) for norm in first.gradient_norms)
    trainer.finish_epoch()
    trainer.step()
    trainer.finish_epoch()
    assert [record.epoch for record in trainer.history.records] == [0, 1, 2]
    last = trainer.history.last
    assert last.step == 8
    assert last[2:6] == tuple(trainer.evaluate())
    assert last.learning_rate == trainer.learning_rate > first.learning_rate
    assert len(last.gradient_norms) == 3
    assert all(norm > 0 for norm in last.gradient_norms)


def test_evaluation_is_in_eval_mode_and_leaves_no_trace() -> None:
    trainer = make_trainer(layers="6-tanh-batch-d0.5")
    trainer.step()
    before = trainer.flat.storage.clone()
    assert trainer.evaluate() == trainer.evaluate()
    assert trainer.module.training
    assert torch.equal(before, trainer.flat.storage)
    trainer.module.eval()
    logits = trainer.module(torch.from_numpy(trainer.dataset.X_train))[:, 0]
    y = torch.from_numpy(trainer.dataset.y_train)
    expected = nn.functional.binary_cross_entropy_with_logits(logits, y.float())
    assert trainer.evaluate().train_loss == pytest.approx(expected.item(), rel=1e-6)
    assert trainer.evaluate().train_metric == pytest.approx(((logits > 0) == y).float().mean().item())


def test_train_for_takes_at_least_one_step_and_about_its_time() -> None:
    trainer = make_trainer()
    trainer.train_for(0.0)
    assert trainer.step_count == 1
    trainer.train_for(0.05)
    assert trainer.step_count > 5


# ---- divergence


def exploding(**changes: Any) -> Trainer:
    return make_trainer(
        **{"dataset": "plane", "layers": "4-linear_4-linear", "optimizer": "sgd", "learning_rate": 10, **changes}
    )


@pytest.mark.parametrize(
    "how", [Trainer.step, Trainer.finish_epoch, lambda t: t.train_for(0.01), Trainer.advance_phase]
)
def test_a_run_that_diverges_stops_with_finite_weights(how: Callable[[Trainer], object]) -> None:
    trainer = exploding()
    for _ in range(200):
        how(trainer)
        assert trainer.flat.is_finite()
        if trainer.diverged:
            break
    assert trainer.diverged == (
        f"The loss is no longer a finite number (epoch {trainer.epoch}), so training stopped and the last finite "
        "weights were kept. Lower the learning rate (now 10) or switch on gradient clipping."
    )
    assert math.isfinite(trainer.evaluate().train_loss)
    assert np.isfinite(losses_of(trainer)[:, 0]).all()
    steps, values = trainer.step_count, trainer.flat.values.clone()
    how(trainer)
    assert trainer.step_count == steps
    assert torch.equal(values, trainer.flat.values)
    assert trainer.phase is None
    assert trainer.advance_phase() == ""


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_whatever_the_optimizer_weights_and_memory_stay_finite(optimizer: str) -> None:
    trainer = exploding(optimizer=optimizer, layers="8-linear-batch_8-relu_8-linear", initialiser="normal")
    trainer.edit("output.weight", (0, 0), 1e6)
    trainer.edit("linear2.weight", (0, 0), -1e6)
    for _ in range(60):
        trainer.step()
        assert trainer.flat.is_finite()
        if trainer.diverged:
            assert all(torch.isfinite(memory).all() for memory in trainer.optimizer.state.values())
            break
    Checkpoint.from_bytes(trainer.checkpoint().to_bytes())


def test_a_diverged_run_goes_on_with_a_lower_rate() -> None:
    trainer = exploding()
    trainer.finish_epoch()
    assert trainer.diverged
    trainer.apply(trainer.experiment.changed(learning_rate=1e-5, clip_norm=0.1))
    assert trainer.diverged is None
    steps = trainer.step_count
    trainer.step()
    assert trainer.step_count == steps + 1
    trainer.diverged = "again"
    trainer.edit("output.bias", (0,), 0.0)
    assert trainer.diverged is None


def test_with_clipping_the_remedy_is_to_clip_more() -> None:
    trainer = exploding(clip_norm=5.0)
    trainer._diverge()
    assert trainer.diverged is not None
    assert trainer.diverged.endswith("Lower the learning rate (now 10) or the clipping norm (now 5).")


# ---- changes by hand


def test_an_edit_changes_one_number_and_is_noted() -> None:
    trainer = make_trainer(optimizer="adam")
    trainer.step()
    before, memory = trainer.flat.values.clone(), trainer.optimizer.state["exp_avg"].clone()
    trainer.edit("linear1.weight", (2, 1), 0.25)
    assert (before != trainer.flat.values).sum() == 1
    assert trainer.module.linear1.weight[2, 1] == 0.25
    assert torch.equal(memory, trainer.optimizer.state["exp_avg"])
    old = before[5].item()
    expected = {"kind": "weight", "name": "linear1.weight", "index": [2, 1], "from": old, "to": 0.25}
    assert trainer.edited == [{**expected, "epoch": 0, "step": 1}]


@pytest.mark.parametrize(
    ("parameter", "index", "value", "sentence"),
    [
        ("linear9.weight", (0, 0), 1.0, "no parameter 'linear9.weight'. It has linear1.weight"),
        ("linear1.weight", (4, 0), 1.0, r"no entry \[4, 0\]. Its shape is \[4, 2\]"),
        ("linear1.weight", (0, -1), 1.0, "no entry"),
        ("linear1.weight", (0,), 1.0, "no entry"),
        ("linear1.weight", (0, 0, 0), 1.0, "no entry"),
        ("linear1.weight", (0, 0), math.nan, "The value is nan, but it must lie between"),
        ("linear1.weight", (0, 0), math.inf, "The value is inf"),
        ("linear1.weight", (0, 0), -2e6, "The value is -2e"),
    ],
)
def test_a_wrong_edit_is_refused_and_changes_nothing(
    parameter: str, index: tuple[int, ...], value: float, sentence: str
) -> None:
    trainer = make_trainer()
    before = trainer.flat.values.clone()
    with pytest.raises(ValueError, match=sentence):
        trainer.edit(parameter, index, value)
    assert torch.equal(before, trainer.flat.values)
    assert trainer.edited == []


def test_live_fields_change_while_it_trains() -> None:
    trainer = make_trainer(optimizer="adamw")
    trainer.apply(trainer.experiment.changed(l1=0.1))
    assert trainer.edited == []  # nothing was trained yet: a script can do the same
    trainer.step()
    trainer.apply(trainer.experiment.changed(learning_rate=0.5, l2=0.1))
    assert trainer.learning_rate == 0.5
    assert trainer.optimizer.weight_decay == 0.1
    assert trainer.edited == [
        {"kind": "setting", "name": "learning_rate", "from": 0.03, "to": 0.5, "epoch": 0, "step": 1},
        {"kind": "setting", "name": "l2", "from": 0.0, "to": 0.1, "epoch": 0, "step": 1},
    ]


def test_changes_fall_between_two_steps() -> None:
    slow, fast = make_trainer(), make_trainer()
    for _ in range(3):
        slow.advance_phase()
    fast.step()
    for trainer in (slow, fast):
        trainer.edit("output.bias", (0,), 1.0)
        trainer.apply(trainer.experiment.changed(learning_rate=0.1))
        trainer.step()
    assert torch.equal(slow.flat.values, fast.flat.values)
    assert slow.edited == fast.edited


def test_what_is_not_live_is_refused() -> None:
    trainer = make_trainer()
    with pytest.raises(ValueError, match="batch_size cannot change within a run"):
        trainer.apply(trainer.experiment.changed(batch_size=20, learning_rate=0.5))
    assert trainer.learning_rate == 0.03


def test_the_list_of_edits_does_not_grow_for_ever() -> None:
    trainer = make_trainer()
    for i in range(1_005):
        trainer.edit("output.bias", (0,), i)
    assert len(trainer.edited) == 1_000
    assert trainer.edited[-1]["to"] == 1_004


# ---- what cannot train


def test_what_cannot_train_is_said() -> None:
    with pytest.raises(ValueError, match="No inputs are chosen"):
        make_trainer(inputs=())
    with pytest.raises(ValueError, match="Batch norm compares"):
        make_trainer(layers="4-relu-batch", batch_size=1)


def test_a_device_that_is_not_there_is_named_with_the_remedy() -> None:
    present = [device.name for device in available_devices()]
    assert present[0] == "cpu"
    absent = [name for name in ("cuda", "mps") if name not in present]
    if not absent:
        pytest.skip("every device is present")
    with pytest.raises(ValueError, match=f"device is {absent[0]}, but this machine has only .*Choose {present[-1]}."):
        make_trainer(device=absent[0])


def test_the_device_argument_goes_before_the_experiments() -> None:
    experiment = PointsExperiment(device="cuda")
    assert Trainer(experiment, dataset_of(experiment), device="cpu").device == torch.device("cpu")
