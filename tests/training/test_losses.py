from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.special import huber, log_softmax
from sklearn.metrics import accuracy_score, log_loss, r2_score

from playground.data.photos import peak_signal_to_noise
from playground.experiment import choices
from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.text import TextExperiment
from playground.network.module import build_module
from playground.training.losses import LOSSES, accuracy, loss_function, metric_function, r2, target_dtype, token_losses

rng = np.random.default_rng(0)
N = 40
VALUES = rng.normal(size=(N, 1))
LOGITS = rng.normal(size=(N, 3))
LABELS = rng.integers(0, 3, N)
BINARY = rng.integers(0, 2, N)
TARGETS = 2 * rng.normal(size=N)
SIGNS = 2 * (LABELS[:, None] == np.arange(3)) - 1

# name, logits, y, value by NumPy, SciPy or scikit-learn
REFERENCES = [
    ("mse", VALUES, TARGETS, np.mean((VALUES[:, 0] - TARGETS) ** 2)),
    ("huber", VALUES, TARGETS, np.mean(huber(1.0, VALUES[:, 0] - TARGETS))),
    ("bce", VALUES, BINARY, log_loss(BINARY, 1 / (1 + np.exp(-VALUES[:, 0])))),
    ("cross_entropy", LOGITS, LABELS, -np.mean(log_softmax(LOGITS, axis=1)[np.arange(N), LABELS])),
    ("squared", VALUES, BINARY, np.mean(0.5 * (np.tanh(VALUES[:, 0]) - (2 * BINARY - 1)) ** 2)),
    ("squared", LOGITS, LABELS, np.mean(0.5 * (np.tanh(LOGITS) - SIGNS) ** 2)),
]


@pytest.mark.parametrize(("name", "logits", "y", "expected"), REFERENCES)
def test_every_loss_is_its_formula(name: str, logits: np.ndarray, y: np.ndarray, expected: float) -> None:
    loss = LOSSES[name](torch.from_numpy(logits), torch.from_numpy(y))
    assert loss.ndim == 0
    assert loss.item() == pytest.approx(expected, rel=1e-6)


def test_every_choice_has_a_loss() -> None:
    assert set(LOSSES) == set(choices.LOSSES) == {name for name, *_ in REFERENCES}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_of_no_samples_is_nan_and_no_error(name: str) -> None:
    assert math.isnan(LOSSES[name](torch.empty(0, 1 if name in ("mse", "huber", "bce") else 2), torch.empty(0)).item())


def task_of(loss: str) -> str:
    return {"regression": "plane", "binary": "circle"}[choices.LOSSES[loss].tasks[0]]


@pytest.mark.parametrize("activation", choices.ACTIVATIONS)
@pytest.mark.parametrize("loss", choices.LOSSES)
def test_gradients_agree_with_finite_differences(activation: str, loss: str) -> None:
    experiment = PointsExperiment(dataset=task_of(loss), loss=loss, layers=f"3-{activation}_2-{activation}-layer")
    module = build_module(experiment).double()
    X = torch.from_numpy(rng.normal(size=(7, 2)))
    y = torch.from_numpy(rng.normal(size=7) if loss in ("mse", "huber") else rng.integers(0, 2, 7))

    def value() -> float:
        with torch.no_grad():
            return loss_function(experiment)(module(X), y).item()

    loss_function(experiment)(module(X), y).backward()
    for parameter in module.parameters():
        numbers, gradient = parameter.data.view(-1), parameter.grad.view(-1)
        for i in range(len(numbers)):
            kept, h = numbers[i].item(), 1e-6
            numbers[i] = kept + h
            above = value()
            numbers[i] = kept - h
            slope = (above - value()) / (2 * h)
            numbers[i] = kept
            assert gradient[i].item() == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_accuracy_and_r2_agree_with_scikit_learn() -> None:
    y = torch.from_numpy(LABELS)
    assert accuracy(torch.from_numpy(LOGITS), y).item() == pytest.approx(accuracy_score(LABELS, LOGITS.argmax(1)))
    found = accuracy(torch.from_numpy(VALUES), torch.from_numpy(BINARY)).item()
    assert found == pytest.approx(accuracy_score(BINARY, VALUES[:, 0] > 0))
    noisy = TARGETS + rng.normal(size=N)
    for prediction, target in [(noisy, TARGETS), (TARGETS, TARGETS), (noisy, np.ones(N)), (np.ones(N), np.ones(N))]:
        found = r2(torch.from_numpy(prediction[:, None]), torch.from_numpy(target)).item()
        assert found == pytest.approx(r2_score(target, prediction))
    assert metric_function(PointsExperiment(dataset="plane")) is r2
    assert metric_function(PointsExperiment(dataset="blobs3")) is accuracy
    for metric in (accuracy, r2):
        assert math.isnan(metric(torch.empty(0, 1), torch.empty(0)).item())


def test_targets_have_the_dtype_that_the_loss_takes() -> None:
    assert target_dtype(PointsExperiment(dataset="blobs3")) == torch.int64
    assert target_dtype(PointsExperiment(loss="cross_entropy")) == torch.int64
    assert target_dtype(PointsExperiment()) == target_dtype(PointsExperiment(dataset="plane")) == torch.float32


def test_losses_of_several_values_a_sample() -> None:
    logits, y = torch.randn(6, 3), torch.rand(6, 3)
    mse, huber = (loss_function(ImagesExperiment(dataset="paint-coffee", loss=name)) for name in ("mse", "huber"))
    errors = (logits - y).double().numpy().ravel()
    assert mse(logits, y).item() == pytest.approx((errors**2).mean(), rel=1e-6)
    expected = np.where(np.abs(errors) <= 1, errors**2 / 2, np.abs(errors) - 0.5).mean()
    assert huber(logits, y).item() == pytest.approx(expected, rel=1e-6)
    assert target_dtype(ImagesExperiment(dataset="paint-coffee")) == torch.float32


def test_the_next_token_counts_where_there_is_one() -> None:
    """Logits (N, T, V) against each token by itself, without the padding."""
    logits, y = torch.randn(2, 4, 5), torch.tensor([[1, 4, 3, 0], [2, 0, 0, 0]])
    chances = torch.softmax(logits.double(), dim=2)
    surprises = [-chances[n, t, y[n, t]].log().item() for n, t in ((0, 0), (0, 1), (0, 2), (1, 0))]
    experiment = TextExperiment(dataset="names-generator")
    assert loss_function(experiment)(logits, y).item() == pytest.approx(np.mean(surprises), rel=1e-6)
    bits = metric_function(experiment)(logits, y).item()
    assert bits == pytest.approx(np.mean(surprises) / np.log(2), rel=1e-6)
    assert target_dtype(experiment) == torch.int64
    torch.testing.assert_close(
        token_losses(logits, y), torch.tensor([[sum(surprises[:3]), 3], [surprises[3], 1]], dtype=torch.float32)
    )


def test_decibels_are_those_of_the_painted_picture() -> None:
    outputs, y = torch.tensor([[0.5, 1.4, -0.2], [0.1, 0.2, 0.3]]), torch.tensor([[0.5, 1.0, 0.0], [0.1, 0.2, 0.4]])
    psnr = metric_function(ImagesExperiment(dataset="paint-coffee"))
    expected = peak_signal_to_noise(np.clip(outputs.numpy(), 0, 1), y.numpy())
    assert psnr(outputs, y).item() == pytest.approx(expected, rel=1e-6)
    assert psnr(y, y).item() == float("inf")
