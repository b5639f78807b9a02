"""Studies of every kind of data, against the module, brute force and scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression
from torch import nn

from playground.data.table_encoding import TableDataset
from playground.figures.registry import figures_for
from playground.inspection.importance import permutation_falls
from playground.inspection.study import study
from playground.network.module import LINEAR
from tests.inspection.journeys import FIELDS, fresh, trained

every_kind = pytest.mark.parametrize("name", FIELDS)


@every_kind
def test_every_figure_of_a_kind_has_its_study(name: str) -> None:
    trainer = trained(name)
    for figure in figures_for(trainer.experiment):
        found = study(trainer, figure.name, {option.name: option.default for option in figure.options})
        assert "message" not in found, (figure.name, found)
        assert found["metric"] == trainer.experiment.metric


@every_kind
def test_weights_are_those_of_the_module(name: str) -> None:
    trainer = trained(name)
    found = study(trainer, "weights", {})
    for layer, weight in zip(found["layers"], found["weights"], strict=True):
        parameter = dict(trainer.module.named_parameters())[
            layer if layer.startswith("encoder.") else f"{layer}.weight"
        ]
        values = parameter.detach().numpy()
        first = weight[0, 0] if weight.ndim == 4 else weight[0]
        np.testing.assert_array_equal(np.ravel(first), np.ravel(values[0])[: first.size])
        assert weight.ndim in (2, 4)
    assert found["layers"][-1] == "output"
    assert found["groups"] == sorted(found["groups"])
    assert len(found["columns"]) == len(found["rows"]) == len(found["weights"]) == len(found["biases"])
    for rows, weight in zip(found["rows"], found["weights"], strict=True):
        assert len(rows) >= len(weight) or weight.ndim == 4
    if trainer.dataset.class_names and trainer.experiment.output_units > 1:
        assert found["rows"][-1] == list(trainer.dataset.class_names)


@every_kind
def test_histograms_count_every_number(name: str) -> None:
    trainer = trained(name)
    for of in ("weights", "activations", "gradients"):
        found = study(trainer, "histograms", {"of": of})
        assert len(found["layers"]) == len(found["counts"]) == len(found["edges"])
        if of == "weights":
            parameters = dict(trainer.module.named_parameters())
            for layer, counts in zip(found["layers"], found["counts"], strict=True):
                key = layer if layer.startswith("encoder.") else f"{layer}.weight"
                assert counts.sum() == parameters[key].numel()
    assert all(parameter.grad is not None for parameter in trainer.module.parameters())  # still the trainer's own


@every_kind
def test_gradient_norms_belong_to_their_layers(name: str) -> None:
    trainer = fresh(name)
    trainer.finish_epoch()
    found = study(trainer, "gradients", {})
    assert found["norms"].shape == (len(found["epochs"]), len(found["layers"]))
    assert len(found["layers"]) == sum(isinstance(layer, LINEAR) for layer in trainer.module.modules())
    assert np.isfinite(found["norms"][-1]).all()


@every_kind
def test_confusion_counts_every_sample(name: str) -> None:
    trainer = trained(name)
    data = trainer.dataset
    if trainer.experiment.task == "next":
        assert "writes" in study(trainer, "confusion", {})["message"]
        return
    if name == "painting":
        return
    found = study(trainer, "confusion", {"split": "train"})
    if trainer.experiment.task == "regression":
        assert isinstance(data, TableDataset)
        np.testing.assert_allclose(found["true"], data.target_value(data.y_train), rtol=1e-5)
        assert (found["target"], found["unit"]) == ("tip", "US$")
    else:
        np.testing.assert_array_equal(
            found["counts"].sum(axis=1), np.bincount(data.y_train, minlength=len(data.class_names))
        )
        right = np.trace(found["counts"]) / len(data.y_train)
        assert right == pytest.approx(trainer.evaluate().train_metric)


def test_permutation_importance_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 4)).astype(np.float32)
    y = X @ np.array([3.0, 0.0, -1.0, 0.5]) + rng.normal(0, 0.1, 300)
    model = LinearRegression().fit(X, y)

    def measure(inputs: torch.Tensor) -> float:
        return float(model.score(inputs.numpy(), y))

    columns = [slice(i, i + 1) for i in range(4)]
    tensor = torch.from_numpy(X)
    ours = permutation_falls(measure, tensor, columns, measure(tensor), repeats=80, seed=1)
    theirs = permutation_importance(model, X, y, n_repeats=80, random_state=2)
    np.testing.assert_allclose(ours.mean(axis=1), theirs.importances_mean, rtol=0.05, atol=1e-4)
    np.testing.assert_allclose(ours.std(axis=1), theirs.importances_std, rtol=0.4, atol=1e-4)
    # And by arithmetic: shuffling x of weight w takes 2 w^2 var(x) / var(y) of R^2.
    np.testing.assert_allclose(ours.mean(axis=1), 2 * np.array([9, 0, 1, 0.25]) / y.var(), atol=0.15)


def test_a_column_of_categories_is_shuffled_as_one() -> None:
    trainer = trained("penguins")
    data: Any = trainer.dataset
    found = study(trainer, "importance", {"split": "test"})
    assert found["columns"] == [encoding.name for encoding in data.encodings]
    assert found["baseline"] == pytest.approx(trainer.evaluate().test_metric)
    assert found["falls"].shape == (len(data.encodings), 10)
    again = study(trainer, "importance", {"split": "test"})
    np.testing.assert_array_equal(found["falls"], again["falls"])
    seen: list[torch.Tensor] = []

    def remember(inputs: torch.Tensor) -> float:
        seen.append(inputs)
        return 0.0

    X = torch.from_numpy(data.X_test)
    columns = [slice(encoding.start, encoding.stop) for encoding in data.encodings]
    permutation_falls(remember, X, columns, 0.0, repeats=1, seed=0)
    island = columns[0]
    assert torch.equal(seen[0][:, island].sum(dim=0), X[:, island].sum(dim=0))
    assert (seen[0][:, island].sum(dim=1) == 1).all()
    assert torch.equal(seen[0][:, island.stop :], X[:, island.stop :])


def test_the_embedding_is_shown_as_it_is_in_two_dimensions() -> None:
    trainer = trained("mean")
    found = study(trainer, "embedding", {})
    embedding: Any = dict(trainer.module.named_children())["embedding"]
    vectors = embedding.weight.detach().numpy()
    np.testing.assert_allclose(found["places"], vectors[1:], atol=1e-6)
    assert found["share"] == 1.0
    assert found["tokens"][0] == "<unk>"
    assert found["chosen"] is None


def test_principal_components_and_neighbours_of_the_embedding() -> None:
    trainer = trained("surnames")
    embedding: Any = dict(trainer.module.named_children())["embedding"]
    data: Any = trainer.dataset
    found = study(trainer, "embedding", {"token": "a"})
    vectors = embedding.weight.detach().numpy()[1:].astype(np.float64)
    centred = vectors - vectors.mean(axis=0)
    spread = np.linalg.svd(centred, compute_uv=False) ** 2
    assert found["share"] == pytest.approx(spread[:2].sum() / spread.sum(), rel=1e-4)
    np.testing.assert_allclose((found["places"] ** 2).sum(axis=0), spread[:2], rtol=1e-3)
    chosen = found["chosen"]
    assert found["tokens"][chosen] == "a"
    cosines = vectors @ vectors[chosen] / np.linalg.norm(vectors, axis=1) / np.linalg.norm(vectors[chosen])
    cosines[chosen] = -2
    np.testing.assert_array_equal(found["neighbours"], np.argsort(-cosines, kind="stable")[:8])
    np.testing.assert_allclose(found["similarity"], np.sort(cosines)[::-1][:8], rtol=1e-5)
    assert found["tokens"][study(trainer, "embedding", {"token": "A"})["chosen"]] == "a"  # as the texts are read
    assert "no token" in study(trainer, "embedding", {"token": "§"})["note"]
    assert len(data.vocabulary) == found["vocabulary"]


def test_other_networks_have_no_embedding_or_columns() -> None:
    assert "message" in study(trained("digits"), "embedding", {})
    assert "message" in study(trained("digits"), "importance", {})
    assert "message" in study(trained("surnames"), "importance", {})
    assert not any(isinstance(child, nn.Embedding) for child in trained("digits").module)
