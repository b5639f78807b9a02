"""The registries: what each choice says to people, and that it exists in torch."""

from __future__ import annotations

import inspect
import re

import pytest
import torch

from playground.experiment import choices
from playground.experiment.choices import ACTIVATIONS, INITIALISERS, LOSSES, NORMS, OPTIMIZERS

REGISTRIES = {
    name: registry for name, registry in vars(choices).items() if name.isupper() and isinstance(registry, dict)
}
ENTRIES = [(registry, name) for registry, entries in REGISTRIES.items() for name in entries]


@pytest.mark.parametrize(("registry", "name"), ENTRIES)
def test_a_choice_has_a_url_safe_name_a_title_and_one_sentence(registry: str, name: str) -> None:
    entry = REGISTRIES[registry][name]
    assert re.fullmatch(r"[a-z_]+", name)
    assert "-" not in name
    assert entry.title
    assert entry.help.endswith(".")
    assert ". " not in entry.help
    assert len(entry.help) <= 120


def test_the_choices_of_the_page_are_all_here() -> None:
    assert " ".join(ACTIVATIONS) == "relu tanh sigmoid linear leakyrelu elu gelu silu"
    assert " ".join(OPTIMIZERS) == "sgd momentum nesterov adam adamw rmsprop adagrad"
    assert " ".join(INITIALISERS) == "default xavier he normal small zeros"
    assert set(LOSSES) == {"mse", "huber", "bce", "cross_entropy", "squared"}


def test_the_torch_names_exist() -> None:
    for activation in ACTIVATIONS.values():
        assert isinstance(eval(f"{activation.module}({activation.args})", {"nn": torch.nn}), torch.nn.Module)
    for norm in NORMS.values():
        assert not norm.module or isinstance(eval(f"{norm.module}(3)", {"nn": torch.nn}), torch.nn.Module)
    for initialiser in INITIALISERS.values():
        if initialiser.function:
            getattr(torch.nn.init, initialiser.function)(torch.empty(3, 2), **initialiser.kwargs)
    for optimizer in OPTIMIZERS.values():
        parameters = inspect.signature(getattr(torch.optim, optimizer.torch_name)).parameters
        assert set(optimizer.kwargs) <= set(parameters)


def test_each_task_has_one_usual_loss() -> None:
    for task in ("binary", "multiclass", "regression", "next"):
        assert sum(task in loss.default_for for loss in LOSSES.values()) == 1
        assert task in LOSSES[choices.default_loss(task)].tasks
