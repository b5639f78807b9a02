from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import special

from playground.experiment.points import PointsExperiment
from playground.inspection.forward import layer_outputs
from playground.training.trainer import Trainer
from tests.training.fused.conftest import advance, view_of

FUNCTIONS = {
    "tanh": np.tanh,
    "sigmoid": special.expit,
    "elu": lambda z: np.where(z > 0, z, np.expm1(z)),
    "silu": lambda z: z * special.expit(z),
    "gelu": lambda z: z * special.ndtr(z),
    "relu": lambda z: np.maximum(z, 0),
    "leakyrelu": lambda z: np.where(z > 0, z, np.float32(0.01) * z),
    "linear": lambda z: z,
}


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_activations_are_exact_to_the_last_digits(activation: str) -> None:
    experiment = PointsExperiment(layers=f"1-{activation}", inputs="x1")
    trainer = Trainer(experiment, experiment.load_dataset())
    trainer.flat.values.copy_(torch.tensor([1.0, 0.0, 1.0, 0.0]))  # z = x
    x = np.concatenate([np.linspace(-30, 30, 200_001), np.geomspace(1e-12, 1, 10_000), -np.geomspace(1e-12, 1, 10_000)])
    x = x.astype(np.float32)
    hidden, _ = view_of(trainer).layer_outputs(torch.from_numpy(x[:, None]))
    exact = FUNCTIONS[activation](x.astype(float))
    # In units of the last place of the value; where a function rounds a number near 1 or 0, of the terms it is made of.
    scale = (
        np.spacing(np.abs(exact).astype(np.float32))
        if activation in ("tanh", "elu")
        else np.spacing(
            np.maximum(np.abs(exact), np.minimum(np.abs(x), 0.25) if activation in ("gelu", "silu") else 0.25).astype(
                np.float32
            )
        )
    )
    assert np.max(np.abs(hidden[:, 0].numpy() - exact) / scale) < 3


@pytest.mark.parametrize("layers", ["none", "4-tanh_2-tanh", "33-relu_17-gelu-d0.3_5-sigmoid"])
@pytest.mark.parametrize(("dataset", "loss"), [("circle", "bce"), ("rings5", "cross_entropy"), ("plane", "mse")])
def test_sees_what_the_module_computes(layers: str, dataset: str, loss: str) -> None:
    experiment = PointsExperiment(layers=layers, dataset=dataset, loss=loss)
    trainer = Trainer(experiment, experiment.load_dataset())
    view = view_of(trainer)
    for count in (1, 31, 400):
        advance(trainer, 10)
        X = torch.randn(count, 2, generator=torch.Generator().manual_seed(count))
        expected = layer_outputs(trainer, X)
        seen = view.layer_outputs(X)
        assert len(seen) == len(expected)
        for a, b in zip(seen, expected, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-5)
        torch.testing.assert_close(view.logits(X), expected[-1], rtol=1e-5, atol=1e-5)
        assert view.evaluate() == pytest.approx(tuple(trainer.evaluate()), rel=1e-4, abs=1e-6)

        thumbnails = view.thumbnails(X)
        first = 0
        for layer, scale in zip(expected, thumbnails.scales, strict=True):
            assert scale == pytest.approx(max(1.0, float(layer.abs().max())), rel=1e-5)
            pictures = thumbnails.pictures[first : first + layer.shape[1]]
            assert np.abs(pictures - layer.t().numpy() * (127 / scale)).max() <= 0.501
            first += layer.shape[1]
        assert first == len(thumbnails.pictures)


def test_thumbnails_of_overflowing_sums_are_numbers() -> None:
    experiment = PointsExperiment(layers="2-linear_2-linear")
    trainer = Trainer(experiment, experiment.load_dataset())
    trainer.flat.values.fill_(3e38)
    pictures = view_of(trainer).thumbnails(torch.ones(40, 2))
    assert set(np.unique(pictures.pictures)) == {127}


def test_evaluation_of_an_empty_test_set_is_nan() -> None:
    experiment = PointsExperiment()
    data = experiment.load_dataset()
    object.__setattr__(data, "X_test", data.X_test[:0])
    object.__setattr__(data, "y_test", data.y_test[:0])
    trainer = Trainer(experiment, data)
    train_loss, test_loss, train_metric, test_metric = view_of(trainer).evaluate()
    assert np.isfinite([train_loss, train_metric]).all()
    assert np.isnan([test_loss, test_metric]).all()


def test_sees_what_was_written_into_the_same_tensor() -> None:
    trainer = Trainer(PointsExperiment(), PointsExperiment().load_dataset())
    view, X = view_of(trainer), torch.zeros(40, 2)
    before = view.logits(X)
    X += 1
    assert not torch.equal(view.logits(X), before)
    torch.testing.assert_close(view.logits(X), view.logits(X.clone()))
