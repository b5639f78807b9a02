"""The fused path against an independent loop over torch.optim, the trainer's own autograd, and float64 arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from playground.experiment.choices import ACTIVATIONS, OPTIMIZERS
from playground.experiment.layer import Layer
from playground.experiment.points import PointsExperiment
from playground.training.trainer import Trainer
from tests.training.fused.conftest import advance

TASKS = [
    ("plane", "mse"),
    ("ripple", "huber"),
    ("circle", "bce"),
    ("circle", "squared"),
    ("circle", "cross_entropy"),
    ("spiral3", "cross_entropy"),
    ("rings5", "squared"),
]
LIMITS = {1: 5e-6, 100: 5e-5}  # of the distance between the weights, relative to their size

TORCH_OPTIMIZERS: dict[str, Any] = {
    "sgd": lambda p, lr: torch.optim.SGD(p, lr),
    "momentum": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9),
    "nesterov": lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True),
    "adam": torch.optim.Adam,
    "adamw": lambda p, lr: torch.optim.AdamW(p, lr, weight_decay=0.0),
    "rmsprop": torch.optim.RMSprop,
    "adagrad": torch.optim.Adagrad,
}


def torch_loss(name: str, logits: Tensor, y: Tensor) -> Tensor:
    if name == "mse":
        return ((logits[:, 0] - y) ** 2).mean()
    if name == "huber":
        return F.smooth_l1_loss(logits[:, 0], y, beta=1.0)
    if name == "bce":
        return F.binary_cross_entropy(torch.sigmoid(logits[:, 0]), y.to(logits.dtype))
    if name == "cross_entropy":
        return F.nll_loss(F.log_softmax(logits, 1), y.long())
    classes = logits.shape[1]
    right = y[:, None].double() if classes == 1 else F.one_hot(y.long(), classes)
    return (0.5 * (torch.tanh(logits) - (2 * right - 1)) ** 2).mean()


def torch_weights(experiment: PointsExperiment, module: nn.Module, steps: int, optimizer: Any) -> Tensor:
    """The weights after so many steps of the loop that a beginner writes, with the documented order of the data."""
    data = experiment.load_dataset()
    X, y = torch.from_numpy(data.X_train), torch.from_numpy(data.y_train)
    generator = torch.Generator().manual_seed(experiment.seed)
    done = 0
    while True:
        for batch in torch.randperm(len(X), generator=generator).split(experiment.batch_size):
            if done == steps:
                return torch.cat([p.detach().reshape(-1) for p in module.parameters()])
            optimizer.zero_grad()
            torch_loss(experiment.loss, module(X[batch]), y[batch]).backward()
            optimizer.step()
            done += 1


def distance(a: Tensor, b: Tensor) -> float:
    return float((a - b).norm() / b.norm())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_agrees_with_a_plain_torch_loop(activation: str, optimizer: str) -> None:
    for dataset, loss in TASKS:
        experiment = PointsExperiment(
            dataset=dataset,
            loss=loss,
            layers=f"7-{activation}_4-{activation}",
            optimizer=optimizer,
            learning_rate=0.002,
            samples=100,
        )
        for steps, limit in LIMITS.items():
            trainer = Trainer(experiment, experiment.load_dataset())
            module = Trainer(experiment, experiment.load_dataset()).module
            expected = torch_weights(
                experiment, module, steps, TORCH_OPTIMIZERS[optimizer](module.parameters(), experiment.learning_rate)
            )
            assert advance(trainer, steps).steps == steps
            assert distance(trainer.flat.values, expected) < limit, (dataset, loss, steps)


layers = st.lists(
    st.builds(Layer, units=st.integers(1, 40), activation=st.sampled_from(list(ACTIVATIONS)),
              dropout=st.sampled_from([0.0, 0.0, 0.3])),
    max_size=4,
)  # fmt: skip


@st.composite
def experiments(draw: st.DrawFn) -> PointsExperiment:
    dataset, loss = draw(st.sampled_from(TASKS))
    return PointsExperiment(
        dataset=dataset,
        loss=loss,
        layers=tuple(draw(layers)),
        inputs=tuple(
            draw(st.sets(st.sampled_from(["x1", "x2", "x1sq", "x2sq", "x1x2", "sinx1", "sinx2"]), min_size=1))
        ),
        samples=draw(st.integers(20, 300)),
        train_share=draw(st.sampled_from([0.3, 0.5, 0.8])),
        seed=draw(st.integers(0, 99)),
        batch_size=draw(st.sampled_from([1, 2, 7, 8, 9, 10, 15, 16, 17, 30, 32, 33, 64, 100, 256])),
        optimizer=draw(st.sampled_from(list(OPTIMIZERS))),
        learning_rate=draw(st.sampled_from([0.001, 0.003])),
        schedule=draw(st.sampled_from(["constant", "cosine", "onecycle"])),
        l1=draw(st.sampled_from([0.0, 0.001])),
        l2=draw(st.sampled_from([0.0, 0.01])),
        clip_norm=draw(st.sampled_from([0.0, 0.5])),
    )


def assert_same(a: Trainer, b: Trainer, limit: float) -> None:
    assert distance(a.flat.values, b.flat.values) < limit
    for name, memory in b.optimizer.state.items():
        assert float((a.optimizer.state[name] - memory).norm()) <= 50 * limit * float(memory.norm()) + 1e-12, name
    assert (a.step_count, a.epoch, a.order.position) == (b.step_count, b.epoch, b.order.position)
    assert a.optimizer.step_count == b.optimizer.step_count
    assert torch.equal(a.order.permutation, b.order.permutation)
    assert np.array_equal(a.order.state, b.order.state)
    assert np.array_equal(a.randomness.state, b.randomness.state)


@settings(max_examples=60, deadline=None)
@given(experiments(), st.integers(1, 12), st.integers(0, 5))
def test_agrees_with_the_trainer_for_any_experiment(experiment: PointsExperiment, steps: int, by_autograd: int) -> None:
    """Whichever path does which steps: autograd, fused, autograd again."""
    data = experiment.load_dataset()
    fused, plain = Trainer(experiment, data), Trainer(experiment, data)
    for _ in range(by_autograd):
        fused.step()
    advance(fused, steps)
    for _ in range(by_autograd):
        fused.step()
    for _ in range(2 * by_autograd + steps):
        plain.step()
    assert_same(fused, plain, LIMITS[1] if steps + 2 * by_autograd == 1 else LIMITS[100])


def test_checkpoint_of_one_path_goes_on_with_the_other() -> None:
    experiment = PointsExperiment(layers="9-tanh-d0.2_5-silu", optimizer="adam", batch_size=16, schedule="cosine")
    data = experiment.load_dataset()
    fused, plain, other = (Trainer(experiment, data) for _ in range(3))
    advance(fused, 20)
    other.restore(type(fused.checkpoint()).from_bytes(fused.checkpoint().to_bytes()))
    for _ in range(7):
        other.step()
    for _ in range(27):
        plain.step()
    assert_same(other, plain, LIMITS[100])
    assert other.optimizer.state_dict()["state"][0]["step"] == 27


def test_large_layers_and_batches() -> None:
    """Several pieces a batch, the last of them not full."""
    experiment = PointsExperiment(
        dataset="spiral4", layers="200-relu_130-tanh", batch_size=600, samples=2_000, learning_rate=0.001
    )
    data = experiment.load_dataset()
    fused, plain = Trainer(experiment, data), Trainer(experiment, data)
    advance(fused, 5)
    for _ in range(5):
        plain.step()
    assert_same(fused, plain, LIMITS[100])


# ---- against float64


def numpy_loss(experiment: PointsExperiment, flat: Any, X: Any, y: Any) -> Any:
    """The loss of the whole train set by NumPy in float64."""
    from scipy.special import erf, expit, logsumexp

    functions: dict[str, Any] = {
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
        "sigmoid": expit,
        "linear": lambda z: z,
        "leakyrelu": lambda z: np.where(z > 0, z, 0.01 * z),
        "elu": lambda z: np.where(z > 0, z, np.expm1(z)),
        "gelu": lambda z: 0.5 * z * (1 + erf(z / np.sqrt(2))),
        "silu": lambda z: z * expit(z),
    }
    a = X.astype(float)
    at = 0
    names = [*(layer.activation for layer in experiment.layers), "linear"]
    widths = [*(layer.units for layer in experiment.layers), experiment.output_units]
    for name, units in zip(names, widths, strict=True):
        W = flat[at : at + units * a.shape[1]].reshape(units, -1)
        at += W.size
        a = functions[name](a @ W.T + flat[at : at + units])
        at += units
    if experiment.loss == "mse":
        return np.mean((a[:, 0] - y) ** 2)
    if experiment.loss == "huber":
        error = np.abs(a[:, 0] - y)
        return np.mean(np.where(error < 1, error**2 / 2, error - 0.5))
    if experiment.loss == "bce":
        return np.mean(np.logaddexp(0, a[:, 0]) - y * a[:, 0])
    if experiment.loss == "cross_entropy":
        return np.mean(logsumexp(a, axis=1) - a[np.arange(len(y)), y])
    right = y[:, None] if a.shape[1] == 1 else np.eye(a.shape[1])[y]
    return np.mean((np.tanh(a) - (2 * right - 1)) ** 2 / 2)


@pytest.mark.parametrize(
    ("activation", "task"), [(name, TASKS[2]) for name in ACTIVATIONS] + [("tanh", task) for task in TASKS]
)
def test_gradients_are_finite_differences(activation: str, task: tuple[str, str]) -> None:
    experiment = PointsExperiment(
        dataset=task[0], loss=task[1], layers=f"5-{activation}_3-{activation}", optimizer="sgd", learning_rate=1.0,
        batch_size=50, samples=100,
    )  # fmt: skip
    trainer = Trainer(experiment, experiment.load_dataset())
    before = trainer.flat.values.numpy().astype(float)
    progress = advance(trainer, 1)
    gradient = before - trainer.flat.values.numpy()
    X, y = trainer.dataset.X_train, trainer.dataset.y_train
    assert progress.loss == pytest.approx(numpy_loss(experiment, before, X, y), rel=2e-6)
    step = 1e-6
    for i in range(len(before)):
        nudge = np.zeros_like(before)
        nudge[i] = step
        slope = (numpy_loss(experiment, before + nudge, X, y) - numpy_loss(experiment, before - nudge, X, y)) / (
            2 * step
        )
        assert gradient[i] == pytest.approx(slope, abs=3e-6, rel=1e-4)


def test_history_rows_are_the_trainers_records() -> None:
    for dataset, loss in TASKS:
        experiment = PointsExperiment(
            dataset=dataset, loss=loss, batch_size=30, clip_norm=0.1, l2=0.01, learning_rate=0.003
        )
        data = experiment.load_dataset()
        fused, plain = Trainer(experiment, data), Trainer(experiment, data)
        steps = 3 * plain.steps_per_epoch + 2
        rows = advance(fused, steps).rows
        for _ in range(steps):
            plain.step()
        arrays = plain.history.as_arrays()
        expected = np.column_stack([array[1:] for array in arrays.values()])
        assert rows.shape == expected.shape == (3, 7 + 3)
        np.testing.assert_allclose(rows, expected, rtol=1e-4, atol=1e-6)


def test_history_rows_on_a_stride_and_the_last() -> None:
    experiment = PointsExperiment(batch_size=100)
    trainer = Trainer(experiment, experiment.load_dataset())
    rows = advance(trainer, 3 * 11 + 1, record_every=4).rows
    assert rows[:, 0].tolist() == [4, 8, 11]
    assert rows[:, 1].tolist() == [12, 24, 33]


@pytest.mark.parametrize("layers", ["8-relu_8-relu", "7-relu_5-relu"])
def test_stops_before_the_numbers_end(layers: str) -> None:
    experiment = PointsExperiment(dataset="plane", layers=layers, optimizer="sgd", learning_rate=10.0)
    data = experiment.load_dataset()
    fused, plain = Trainer(experiment, data), Trainer(experiment, data)
    progress = advance(fused, 50)
    for _ in range(50):
        plain.step()
    assert plain.diverged
    assert not progress.finite
    assert fused.step_count == plain.step_count
    assert bool(torch.isfinite(fused.flat.values).all())
    again = Trainer(experiment, data)
    assert advance(again, progress.steps).finite
    assert torch.equal(again.flat.values, fused.flat.values)


@pytest.mark.parametrize("samples", [1, 2, 7, 250, 1000])
def test_order_is_torch_randperm(samples: int) -> None:
    experiment = PointsExperiment(samples=max(2 * samples, 10), batch_size=samples)
    trainer = Trainer(experiment, experiment.load_dataset())
    count = len(trainer.dataset.X_train)
    generator = torch.Generator().manual_seed(experiment.seed)
    torch.randperm(count, generator=generator)
    for _ in range(4):
        advance(trainer, trainer.steps_per_epoch)
        assert torch.equal(trainer.order.permutation, torch.randperm(count, generator=generator))
    assert np.array_equal(trainer.order.state, generator.get_state().numpy())
