"""Convolutions of the fused path against autograd, and against SciPy in float64."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import signal, special
from torch import Tensor, nn

from playground.data.dataset import Dataset
from playground.experiment.choices import OPTIMIZERS
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.training.checkpoint import Checkpoint
from playground.training.flat import FlatState
from playground.training.fused.network import read_network
from playground.training.fused.stepper import FusedStepper, Progress
from playground.training.fused.view import FusedView
from playground.training.losses import loss_function
from playground.training.optimizers import add_penalties, build_optimizer, clip_gradients
from playground.training.order import OwnRandomness
from playground.training.trainer import Trainer
from tests.training.fused.conftest import advance, view_of

LIMITS = {1: 5e-6, 100: 5e-5}  # of the distance between the weights, relative to their size
TASKS = {"binary": ("circle", "bce", 1), "many": ("rings5", "cross_entropy", 5), "curve": ("curve", "mse", 1)}
ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "linear": nn.Identity,
    "leakyrelu": nn.LeakyReLU, "elu": nn.ELU, "gelu": nn.GELU, "silu": nn.SiLU,
}  # fmt: skip


class Run:
    """A module of any shape with data of its own, trained by autograd or by the kernel."""

    def __init__(
        self,
        module: nn.Sequential,
        X: NDArray[np.float32],
        task: str = "many",
        *,
        batch_size: int = 16,
        optimizer: str = "sgd",
        learning_rate: float = 0.01,
        **settings: Any,
    ) -> None:
        dataset, loss, _ = TASKS[task]
        self.experiment = PointsExperiment(
            dataset=dataset, loss=loss, batch_size=batch_size, optimizer=optimizer, learning_rate=learning_rate,
            **settings,
        )  # fmt: skip
        self.module = copy.deepcopy(module)
        self.flat = FlatState(self.module)
        self.optimizer = build_optimizer(self.experiment, self.module, self.flat)
        random = np.random.default_rng(5)
        y = random.integers(0, max(TASKS[task][2], 2), len(X))
        y = y.astype(np.float32) if task == "curve" else y
        points = np.zeros((0, 2), np.float32)
        self.dataset = Dataset(
            X_train=X, y_train=y, X_test=X[:3], y_test=y[:3], task=self.experiment.task, class_names=("a", "b"),
            feature_names=(), raw_train=points, raw_test=points, dims=2,
        )  # fmt: skip
        network = read_network(self.module, X.shape[1:])
        assert network is not None
        self.stepper = FusedStepper(self.experiment, network, self.dataset, self.flat, self.optimizer)
        self.view = FusedView(self.experiment, network, self.dataset, self.flat)
        self.generator = torch.Generator().manual_seed(3)
        self.permutation = torch.randperm(len(X), generator=self.generator)
        self.randomness = OwnRandomness(torch.device("cpu"), 7)
        self.position = self.epoch = 0

    def by_kernel(self, steps: int) -> Progress:
        progress = None
        while steps:
            progress = self.stepper.run(
                self.experiment, steps=steps, rates=self.experiment.learning_rate, permutation=self.permutation,
                generator=self.generator, position=self.position, epoch=self.epoch, randomness=self.randomness,
            )  # fmt: skip
            self.position, self.epoch = progress.position, progress.epoch
            steps -= progress.steps
            if not progress.finite:
                break
        assert progress is not None
        return progress

    def by_autograd(self, steps: int) -> None:
        loss_of, X = loss_function(self.experiment), torch.from_numpy(self.dataset.X_train)
        y = torch.from_numpy(self.dataset.y_train)
        for _ in range(steps):
            batches = self.permutation.split(self.experiment.batch_size)
            batch = batches[self.position]
            with self.randomness.drawing():
                logits = self.module(X[batch])
            self.flat.backward(loss_of(logits, y[batch]))
            add_penalties(self.flat, l1=self.experiment.l1, l2=self.experiment.l2)
            if self.experiment.clip_norm:
                clip_gradients(self.flat, self.experiment.clip_norm)
            self.optimizer.step()
            self.position += 1
            if self.position == len(batches):
                self.permutation, self.position = torch.randperm(len(X), generator=self.generator), 0
                self.epoch += 1

    def weights(self) -> Tensor:
        return self.flat.values


def distance(a: Tensor, b: Tensor) -> float:
    return float((a - b).norm() / b.norm())


def assert_agree(module: nn.Sequential, X: NDArray[np.float32], steps: int, limit: float, **options: Any) -> None:
    fused, plain = Run(module, X, **options), Run(module, X, **options)
    fused.by_kernel(steps)
    plain.by_autograd(steps)
    assert distance(fused.weights(), plain.weights()) < limit
    assert torch.equal(fused.permutation, plain.permutation)
    for name, memory in plain.optimizer.state.items():
        assert float((fused.optimizer.state[name] - memory).norm()) <= 50 * limit * float(memory.norm()) + 1e-12, name
    logits = fused.module.eval()(torch.from_numpy(X)).detach()
    torch.testing.assert_close(fused.view.logits(torch.from_numpy(X)), logits, rtol=1e-4, atol=1e-5)
    y = torch.from_numpy(fused.dataset.y_train)
    assert fused.view.evaluate()[0] == pytest.approx(float(loss_function(fused.experiment)(logits, y)), rel=1e-4)


def pictures(*shape: int, seed: int = 0) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def lenet(channels: int, size: int, activation: str, outputs: int = 5) -> nn.Sequential:
    act = ACTIVATIONS[activation]
    torch.manual_seed(1)
    side = size // 2 // 2
    return nn.Sequential(
        nn.Conv2d(channels, 6, 3, padding=1), act(), nn.MaxPool2d(2),
        nn.Conv2d(6, 5, 5, padding=2), act(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(5 * side * side, 9), act(), nn.Dropout(0.2), nn.Linear(9, outputs),
    )  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_agree_with_autograd(optimizer: str) -> None:
    for steps, limit in LIMITS.items():
        assert_agree(lenet(1, 8, "tanh"), pictures(50, 1, 8, 8), steps, limit, optimizer=optimizer, learning_rate=0.002)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_agree_with_autograd(activation: str) -> None:
    for steps, limit in LIMITS.items():
        assert_agree(lenet(3, 9, activation), pictures(40, 3, 9, 9), steps, limit)


@pytest.mark.parametrize(("task", "outputs"), [("binary", 1), ("many", 5), ("curve", 1)])
def test_losses_agree_with_autograd(task: str, outputs: int) -> None:
    for steps, limit in LIMITS.items():
        assert_agree(lenet(2, 7, "elu", outputs), pictures(40, 2, 7, 7), steps, limit, task=task, batch_size=9)


@st.composite
def networks(draw: st.DrawFn) -> tuple[nn.Sequential, tuple[int, ...]]:
    """Convolutions of any odd or even size that fit, with and without pooling, and a head."""
    dims = draw(st.sampled_from([2, 2, 2, 1]))
    channels = draw(st.sampled_from([1, 2, 3]))
    sizes = [draw(st.integers(3, 13)) for _ in range(dims)]
    shape = (channels, *sizes)
    children: list[nn.Module] = []
    torch.manual_seed(draw(st.integers(0, 99)))
    Conv, Max, Avg = (nn.Conv2d, nn.MaxPool2d, nn.AvgPool2d) if dims == 2 else (nn.Conv1d, nn.MaxPool1d, nn.AvgPool1d)
    for _ in range(draw(st.integers(1, 3))):
        kernel = [draw(st.sampled_from([k for k in (1, 2, 3, 5) if k <= size + 1])) for size in sizes]
        padding = [draw(st.integers(max(0, k - size), k - 1)) for k, size in zip(kernel, sizes, strict=True)]
        outputs = draw(st.integers(1, 9))
        children.append(Conv(channels, outputs, tuple(kernel), padding=tuple(padding)))
        channels, sizes = outputs, [s + 2 * p - k + 1 for s, p, k in zip(sizes, padding, kernel, strict=True)]
        if draw(st.booleans()):
            children.append(ACTIVATIONS[draw(st.sampled_from(["tanh", "silu", "elu", "sigmoid"]))]())
        window = draw(st.sampled_from([0, 2, 3]))
        if window and min(sizes) >= window:
            children.append(draw(st.sampled_from([Max, Avg]))(window))
            sizes = [size // window for size in sizes]
    children += [nn.Flatten(), nn.Linear(channels * int(np.prod(sizes)), 5)]
    return nn.Sequential(*children), shape


@settings(max_examples=60, deadline=None)
@given(
    networks(),
    st.integers(1, 45),
    st.sampled_from([1, 2, 7, 16, 17, 32, 40]),
    st.integers(1, 6),
    st.sampled_from([0.0, 0.01]),
    st.sampled_from([0.0, 0.5]),
)
def test_any_network_agrees_with_autograd(
    network: tuple[nn.Sequential, tuple[int, ...]], samples: int, batch_size: int, steps: int, l2: float, clip: float
) -> None:
    module, shape = network
    X = pictures(samples, *shape)
    assert_agree(module, X, steps, LIMITS[1 if steps == 1 else 100], batch_size=batch_size, l2=l2, clip_norm=clip)


@pytest.mark.parametrize("pooling", [nn.MaxPool2d(2), nn.AvgPool2d(2)])
def test_equal_values_in_a_window_are_pooled_as_in_pytorch(pooling: nn.Module) -> None:
    torch.manual_seed(2)
    module = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.Tanh(), pooling, nn.Conv2d(4, 4, 1), nn.ReLU(), pooling, nn.Flatten(), nn.Linear(16, 5)
    )
    X = np.repeat(np.repeat(pictures(33, 1, 3, 3), 4, axis=2), 4, axis=3)[:, :, :10, :10]  # flat squares
    X[::2] = 1.0
    for steps, limit in LIMITS.items():
        assert_agree(module, X.copy(), steps, limit)


def test_a_batch_in_many_pieces() -> None:
    torch.manual_seed(2)
    module = nn.Sequential(
        nn.Conv2d(3, 20, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(20 * 12 * 12, 5)
    )
    assert_agree(module, pictures(120, 3, 24, 24), 4, LIMITS[100], batch_size=100)


# ---- against float64


def scipy_loss(flat: NDArray[np.float64], X: NDArray[Any], y: NDArray[Any], pooling: str) -> float:
    """The loss of a 3x3 convolution of 2 channels to 3, tanh, a pooling of 2x2, and a Linear layer for 5 classes."""
    W, b, rest = flat[:54].reshape(3, 2, 3, 3), flat[54:57], flat[57:]
    z = np.array(
        [
            [sum(signal.correlate2d(x[c], W[o, c], mode="same") for c in range(2)) + b[o] for o in range(3)]
            for x in X.astype(float)
        ]
    )
    windows = np.tanh(z[:, :, :4, :4]).reshape(len(X), 3, 2, 2, 2, 2)
    pooled = windows.max(axis=(3, 5)) if pooling == "max" else windows.mean(axis=(3, 5))
    head = rest[:60].reshape(5, 12)
    logits = pooled.reshape(len(X), 12) @ head.T + rest[60:]
    return float(np.mean(special.logsumexp(logits, axis=1) - logits[np.arange(len(y)), y]))


@pytest.mark.parametrize("pooling", ["max", "avg"])
def test_gradients_are_finite_differences(pooling: str) -> None:
    torch.manual_seed(4)
    module = nn.Sequential(
        nn.Conv2d(2, 3, 3, padding=1),
        nn.Tanh(),
        nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(12, 5),
    )
    X = pictures(20, 2, 5, 5)  # a side that two do not divide
    run = Run(module, X, batch_size=20, learning_rate=1.0)
    before = run.weights().numpy().astype(float)
    progress = run.by_kernel(1)
    gradient = before - run.weights().numpy()
    y = run.dataset.y_train
    assert progress.loss == pytest.approx(scipy_loss(before, X, y, pooling), rel=2e-6)
    step = 1e-6
    for i in range(len(before)):
        nudge = np.zeros_like(before)
        nudge[i] = step
        slope = (scipy_loss(before + nudge, X, y, pooling) - scipy_loss(before - nudge, X, y, pooling)) / (2 * step)
        assert gradient[i] == pytest.approx(slope, abs=3e-6, rel=1e-4)


# ---- as part of a trainer

SPREAD: list[dict[str, Any]] = [
    {"layers": "c8-3-relu_max2_c16-3-relu_max2"},
    {"layers": "c6-5-tanh_avg2_c8-3p0-gelu_12-silu-d0.3", "optimizer": "adamw", "l2": 0.1, "batch_size": 10},
    {"layers": "c4-3-elu_c4-3-leakyrelu_max2", "optimizer": "momentum", "schedule": "cosine", "clip_norm": 0.5},
    {"dataset": "faces", "layers": "c4-5-sigmoid_avg3", "l1": 0.001, "batch_size": 100},
]


def trainers(changes: dict[str, Any], count: int) -> list[Trainer]:
    experiment = ImagesExperiment(**({"samples": 150, "learning_rate": 0.002} | changes))
    data = experiment.load_dataset()
    return [Trainer(experiment, data, fast=number > 0) for number in range(count)]


def assert_alike(slow: Trainer, fast: Trainer) -> None:
    assert fast.fast is not None
    assert slow.fast is None
    assert (fast.epoch, fast.step_count, fast.order.position) == (slow.epoch, slow.step_count, slow.order.position)
    assert torch.equal(fast.order.permutation, slow.order.permutation)
    assert distance(fast.flat.values, slow.flat.values) < 1e-4


@pytest.mark.parametrize("changes", SPREAD, ids=lambda changes: changes["layers"])
def test_a_run_may_change_paths_at_any_step(changes: dict[str, Any]) -> None:
    slow, fast, resumed = trainers(changes, 3)
    slow.train_steps(30)
    fast.train_steps(7)
    for _ in range(5):
        fast.step()  # a single step is always autograd's
    resumed.restore(Checkpoint.from_bytes(fast.checkpoint().to_bytes()))
    fast.train_steps(18)
    resumed.train_steps(18)
    assert_alike(slow, fast)
    assert torch.equal(fast.flat.values, resumed.flat.values), "resumed on the same path it is the same to the bit"
    ours, theirs = fast.history.as_arrays(), slow.history.as_arrays()
    for name, column in theirs.items():
        np.testing.assert_allclose(ours[name], column, rtol=2e-3, atol=2e-5, err_msg=name)
    assert view_of(fast).evaluate() == pytest.approx(tuple(slow.evaluate()), rel=1e-3, abs=1e-5)


def test_stops_before_the_numbers_end_and_goes_on_from_there() -> None:
    plain, fused = trainers({"layers": "c4-3-relu_max2_c4-3-linear", "optimizer": "sgd", "learning_rate": 10.0}, 2)
    progress = advance(fused, 60)
    for _ in range(60):
        plain.step()
    assert plain.diverged
    assert not progress.finite
    assert fused.step_count == plain.step_count
    assert bool(torch.isfinite(fused.flat.values).all())


def test_a_run_that_diverges_keeps_its_last_finite_weights() -> None:
    _, trainer = trainers({"layers": "c4-3-relu_avg2", "optimizer": "sgd", "learning_rate": 10.0, "batch_size": 8}, 2)
    trainer.train_steps(2_000)
    assert torch.isfinite(trainer.flat.values).all()
    assert np.isfinite(trainer.evaluate().train_loss)


def test_paintings_stay_on_autograd() -> None:
    """Their targets are three numbers, a colour."""
    experiment = ImagesExperiment(dataset=next(name for name in ImagesExperiment.presets if name.startswith("paint-")))
    trainer = Trainer(experiment, experiment.load_dataset(), fast=True)
    assert trainer.fast is None
