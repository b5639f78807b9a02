from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.metrics import confusion_matrix

from playground.inspection.distributions import weight_gradients
from playground.inspection.study import STUDIES, study
from playground.training.losses import loss_function
from playground.training.trainer import Trainer

Make = Callable[..., Trainer]


def raw_outputs(trainer: Trainer, X: Any) -> torch.Tensor:
    trainer.module.eval()
    with torch.no_grad():
        outputs = trainer.module(torch.from_numpy(X))
    trainer.module.train()
    return outputs


@pytest.mark.parametrize("name", STUDIES)
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"dataset": "curve", "inputs": "x1"},
        {"dataset": "spiral3", "layers": "1-relu_5-tanh-batch"},
        {"layers": "none"},
        {"dataset": "plane"},
    ],
    ids=str,
)
def test_every_study_of_every_kind_of_network(trained: Make, name: str, fields: dict[str, Any]) -> None:
    trainer = trained(steps=30, **fields)
    before = {key: tensor.clone() for key, tensor in trainer.module.state_dict().items()}
    gradients = [parameter.grad.clone() for parameter in trainer.module.parameters() if parameter.grad is not None]
    random_state = torch.get_rng_state()
    for options in ({}, {"of": "activations", "layer": 1, "split": "train"}, {"of": "gradients", "layer": "x"}):
        result = study(trainer, name, options)
        assert result["task"] == trainer.experiment.task
        assert result["step"] == 30
        for value in result.values():
            for array in value if isinstance(value, list) else [value]:
                if isinstance(array, np.ndarray) and array.dtype.kind == "f" and name not in ("loss", "gradients"):
                    assert np.isfinite(array).all()
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(tensor, before[key]) for key, tensor in trainer.module.state_dict().items())
    after = [parameter.grad for parameter in trainer.module.parameters() if parameter.grad is not None]
    assert all(torch.equal(one, other) for one, other in zip(gradients, after, strict=True))


def test_an_unknown_study_is_named(trained: Make) -> None:
    with pytest.raises(ValueError, match="magic"):
        study(trained(), "magic", {})


def test_loss_and_gradient_norms_are_the_history(trained: Make) -> None:
    trainer = trained(steps=60)
    arrays = trainer.history.as_arrays()
    loss = study(trainer, "loss", {})
    np.testing.assert_array_equal(loss["epochs"], [0, 1, 2])
    np.testing.assert_array_equal(loss["test_loss"], arrays["test_loss"])
    norms = study(trainer, "gradients", {})
    assert norms["layers"] == ["linear1", "linear2", "output"]
    np.testing.assert_array_equal(norms["norms"], arrays["gradient_norms"])


def test_weights_are_the_modules_with_names(trained: Make) -> None:
    trainer = trained(dataset="spiral3", layers="3-relu-batch_2-tanh", inputs="x1_x2sq")
    weights = study(trainer, "weights", {})
    assert weights["layers"] == ["linear1", "linear2", "output"]
    assert weights["columns"][0] == weights["inputs"] == ["x1", "x2sq"]
    assert weights["rows"][2] == list(trainer.dataset.class_names)
    for matrix, bias, rows, columns in zip(
        weights["weights"], weights["biases"], weights["rows"], weights["columns"], strict=True
    ):
        assert matrix.shape == (len(rows), len(columns))
        assert bias.shape == (len(rows),)
    np.testing.assert_array_equal(weights["weights"][1], trainer.module.linear2.weight.detach())
    assert [norm["name"] for norm in weights["norms"]] == ["norm1"]
    trainer.step()
    assert not np.array_equal(weights["weights"][1], trainer.module.linear2.weight.detach())  # a copy, not a view


def test_histograms_count_every_value(trained: Make) -> None:
    trainer = trained(layers="4-tanh_3-relu", train_share=0.5, samples=200)
    for of, sizes in (("weights", [8, 12, 3]), ("activations", [400, 300, 100]), ("gradients", [8, 12, 3])):
        result = study(trainer, "histograms", {"of": of})
        assert result["of"] == of
        assert [int(counts.sum()) for counts in result["counts"]] == sizes
        for counts, edges in zip(result["counts"], result["edges"], strict=True):
            assert len(edges) == len(counts) + 1
    hidden = np.tanh(
        trainer.dataset.X_train @ trainer.module.linear1.weight.detach().numpy().T
        + trainer.module.linear1.bias.detach().numpy()
    )
    counts, edges = (study(trainer, "histograms", {"of": "activations"})[key][0] for key in ("counts", "edges"))
    expected = np.histogram(hidden, len(counts), (edges[0], edges[-1]))[0]
    assert np.abs(counts - expected).sum() <= 2  # a value on an edge may fall on either side


def test_gradients_are_those_of_finite_differences(trained: Make) -> None:
    trainer = trained(layers="4-tanh_2-tanh-d0.5", samples=100)
    gradients = weight_gradients(trainer)
    module = trainer.module.double().eval()
    X, y = torch.from_numpy(trainer.dataset.X_train).double(), torch.from_numpy(trainer.dataset.y_train)
    loss, step = loss_function(trainer.experiment), 1e-6
    for name, gradient in zip(("linear1", "linear2", "output"), gradients, strict=True):
        weight = module.get_submodule(name).weight
        index = tuple(np.unravel_index(int(gradient.abs().argmax()), gradient.shape))
        with torch.no_grad():
            weight[index] += step
            up = float(loss(module(X), y))
            weight[index] -= 2 * step
            down = float(loss(module(X), y))
            weight[index] += step
        assert float(gradient[index]) == pytest.approx((up - down) / (2 * step), rel=1e-3, abs=1e-7)


@pytest.mark.parametrize("dataset", ["circle", "spiral4"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_confusion_agrees_with_scikit_learn(trained: Make, dataset: str, split: str) -> None:
    trainer = trained(steps=40, dataset=dataset, noise=0.3)
    data = trainer.dataset
    X, y = (data.X_train, data.y_train) if split == "train" else (data.X_test, data.y_test)
    logits = raw_outputs(trainer, X).numpy()
    predicted = (logits[:, 0] > 0).astype(int) if logits.shape[1] == 1 else logits.argmax(1)
    result = study(trainer, "confusion", {"split": split})
    classes = range(len(data.class_names))
    np.testing.assert_array_equal(result["counts"], confusion_matrix(y, predicted, labels=list(classes)))
    np.testing.assert_array_equal(result["predicted"], predicted)
    assert result["first"] == (0 if split == "train" else len(data.X_train))


def test_confusion_of_a_regression_is_predicted_against_true(trained: Make) -> None:
    trainer = trained(dataset="plane", samples=8000)
    result = study(trainer, "confusion", {"split": "test"})
    assert len(result["true"]) == len(result["predicted"]) == 2000
    shown = result["indices"] - len(trainer.dataset.X_train)
    np.testing.assert_array_equal(result["true"], trainer.dataset.y_test[shown])
    expected = raw_outputs(trainer, trainer.dataset.X_test[shown])[:, 0]
    np.testing.assert_allclose(result["predicted"], expected, atol=1e-5)


def test_surface_is_the_module_over_the_plane(trained: Make) -> None:
    trainer = trained()
    result = study(trainer, "surface", {})
    x, y = result["x"][13], result["y"][44]
    logit = raw_outputs(trainer, np.array([[x, y]], np.float32))[0, 0]
    assert result["z"][44, 13] == pytest.approx(float(torch.sigmoid(logit)), abs=1e-5)
    assert len(result["points"]) == len(result["labels"]) == len(result["predicted"]) == len(result["train"]) == 500
    assert result["train"].sum() == len(trainer.dataset.X_train)
    several = study(trained(dataset="blobs3"), "surface", {})
    assert several["z"].shape == (3, 60, 60)
    np.testing.assert_allclose(several["z"].sum(axis=0), 1, atol=1e-5)
    assert study(trained(dataset="curve"), "surface", {})["z"].shape == (60,)


def test_bent_space_of_two_units_is_shown_as_it_is(trained: Make) -> None:
    trainer = trained()
    flat = study(trainer, "bent", {"layer": 0})
    assert flat["lines"].shape == (26, 61, 2)
    np.testing.assert_array_equal(flat["points"], trainer.dataset.raw_train)
    assert flat["lines"][0, :, 0] == pytest.approx(-6)
    bent = study(trainer, "bent", {"layer": 2})
    assert (bent["share"], bent["width"], bent["layers"]) == (1.0, 2, 2)
    place = torch.from_numpy(flat["lines"][20, 33][None])
    with torch.no_grad():
        expected = trainer.module[:4](place)[0]
    assert bent["lines"][20, 33] == pytest.approx(expected.numpy(), abs=1e-5)
    np.testing.assert_array_equal(bent["labels"], trainer.dataset.y_train)


def test_bent_space_of_many_units_is_on_the_principal_components(trained: Make) -> None:
    trainer = trained(layers="6-tanh_1-tanh")
    bent = study(trainer, "bent", {"layer": 1})
    with torch.no_grad():
        activations = trainer.module[:2](torch.from_numpy(trainer.dataset.X_train)).numpy()
    components = PCA(2).fit(activations)
    assert bent["share"] == pytest.approx(components.explained_variance_ratio_.sum(), abs=1e-4)
    np.testing.assert_allclose(np.abs(bent["points"]), np.abs(components.transform(activations)), atol=1e-3)
    line = study(trainer, "bent", {"layer": 2})
    assert (line["width"], line["share"]) == (1, 1.0)
    assert (line["points"][:, 1] == 0).all()


def test_bent_space_of_a_curve_is_one_line(trained: Make) -> None:
    bent = study(trained(dataset="curve", inputs="x1"), "bent", {"layer": 1})
    assert bent["lines"].shape == (1, 61, 2)
    assert bent["points"].shape[1] == 2


def test_a_split_without_points_says_so(trained: Make) -> None:
    trainer = trained(steps=0)
    data = trainer.dataset
    without = replace(data, X_test=data.X_test[:0], y_test=data.y_test[:0], raw_test=data.raw_test[:0])
    result = study(Trainer(trainer.experiment, without), "confusion", {"split": "test"})
    assert "no test points" in result["message"]
