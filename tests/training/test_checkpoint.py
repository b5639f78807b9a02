from __future__ import annotations

import contextlib
import json
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import numpy as safetensors

from playground.experiment.choices import OPTIMIZERS
from playground.training.checkpoint import Checkpoint
from playground.training.trainer import Trainer

from .conftest import make_trainer

EVERYTHING = {"layers": "6-tanh-batch-d0.3_4-relu-layer", "l1": 0.001, "l2": 0.01, "schedule": "cosine"}


def arrays_of(trainer: Trainer) -> dict[str, np.ndarray]:
    """All numbers of a run."""
    checkpoint = trainer.checkpoint()
    return {**checkpoint.parameters, **checkpoint.optimizer, **checkpoint.history, "order": checkpoint.permutation}


def assert_same(one: Trainer, two: Trainer) -> None:
    assert (one.epoch, one.step_count, one.edited, one.diverged) == (
        two.epoch,
        two.step_count,
        two.edited,
        two.diverged,
    )
    others = arrays_of(two)
    for name, array in arrays_of(one).items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def steps(trainer: Trainer, count: int) -> None:
    for _ in range(count):
        trainer.step()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_to_resume_is_as_if_nothing_had_happened(optimizer: str) -> None:
    whole = make_trainer(optimizer=optimizer, clip_norm=1.0, **EVERYTHING)
    steps(whole, 6)  # in the middle of the second epoch
    saved = whole.checkpoint().to_bytes()
    steps(whole, 11)
    torch.rand(100)  # what others draw must not matter
    resumed = make_trainer(optimizer=optimizer, clip_norm=1.0, **EVERYTHING)
    steps(resumed, 3)
    resumed.restore(Checkpoint.from_bytes(saved))
    assert resumed.step_count == 6
    steps(resumed, 11)
    assert_same(whole, resumed)


@pytest.mark.parametrize("phases", [1, 3, 4, 5])
def test_a_checkpoint_within_a_slow_step_is_that_of_its_beginning(phases: int) -> None:
    whole = make_trainer(**EVERYTHING)
    steps(whole, 2)
    for _ in range(phases):
        whole.advance_phase()
    saved = whole.checkpoint()
    assert saved.step == (3 if phases == 5 else 2)
    resumed = make_trainer(**EVERYTHING)
    resumed.restore(saved)
    steps(whole, 3)
    steps(resumed, whole.step_count - resumed.step_count)
    assert_same(whole, resumed)


def test_live_changes_edits_and_divergence_are_in_the_file() -> None:
    whole = make_trainer(optimizer="sgd", learning_rate=0.1)
    steps(whole, 2)
    whole.apply(whole.experiment.changed(learning_rate=0.05, l2=0.01))
    whole.edit("linear1.weight", (1, 0), 2.0)
    steps(whole, 3)
    whole.diverged = "It diverged."
    resumed = make_trainer(optimizer="sgd", learning_rate=0.1)
    resumed.restore(Checkpoint.from_bytes(whole.checkpoint().to_bytes()))
    assert resumed.experiment == whole.experiment
    assert [record["kind"] for record in resumed.edited] == ["setting", "setting", "weight"]
    assert_same(whole, resumed)


def test_an_untrained_run_can_be_saved() -> None:
    saved = Checkpoint.from_bytes(make_trainer().checkpoint().to_bytes())
    assert (saved.epoch, saved.step, len(saved.history["epoch"])) == (0, 0, 1)


def test_a_checkpoint_of_something_else_is_refused() -> None:
    saved = make_trainer().checkpoint()
    with pytest.raises(ValueError, match="another experiment: its seed differs"):
        make_trainer(seed=8).restore(saved)
    trainer = make_trainer()
    object.__setattr__(saved, "permutation", np.arange(4))
    with pytest.raises(ValueError, match="orders 4 samples, but the data has 35"):
        trainer.restore(saved)


def changed(metadata: dict[str, Any] | None = None, **tensors: np.ndarray | None) -> bytes:
    """The bytes of a right checkpoint with some values exchanged; `__` in a name is a dot; None takes it away."""
    data = make_trainer(layers="3-tanh-batch").checkpoint().to_bytes()
    length = int.from_bytes(data[:8], "little")
    plain = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["checkpoint"])
    arrays: dict[str, np.ndarray | None] = {**safetensors.load(data)}
    arrays |= {name.replace("__", "."): array for name, array in tensors.items()}
    kept = {name: array for name, array in arrays.items() if array is not None}
    return safetensors.save(kept, {"checkpoint": json.dumps(plain | (metadata or {}))})


def with_experiment(**values: object) -> bytes:
    return changed({"experiment": json.dumps({"layers": "3-tanh-batch", **values})})


NAN = np.full((3, 2), np.nan, dtype=np.float32)
WRONG = {
    "nothing": (lambda: b"", "header cannot be read"),
    "text": (lambda: b"12345678 this is a letter", "header is"),
    "long header": (lambda: (1_000_001).to_bytes(8, "little") + b"{}", "header is 1,000,001 bytes"),
    "no metadata": (lambda: safetensors.save({"a": NAN}), "header cannot be read"),
    "no json": (lambda: safetensors.save({"a": NAN}, {"checkpoint": "{"}), "header cannot be read"),
    "deep json": (lambda: safetensors.save({"a": NAN}, {"checkpoint": "[" * 100_000}), "header cannot be read"),
    "a list": (lambda: safetensors.save({"a": NAN}, {"checkpoint": "[]"}), "header cannot be read"),
    "another format": (lambda: changed({"format": 2}), "format is not 1"),
    "cut off": (lambda: changed()[:-40], "damaged or cut off"),
    "no experiment": (lambda: changed({"experiment": None}), "names no experiment"),
    "wrong experiment": (lambda: with_experiment(batch_size=-1), "batch_size is -1"),
    "no inputs": (lambda: with_experiment(inputs=[]), "No inputs are chosen"),
    "another network": (lambda: with_experiment(dataset="gauss", layers="4-tanh"), "module"),
    "another optimizer": (lambda: with_experiment(optimizer="sgd"), "optimizer.exp_avg is too much"),
    "missing": (lambda: changed(module__output__bias=None), "module.output.bias is missing"),
    "too much": (lambda: changed(module__more=NAN), "module.more is too much"),
    "unknown part": (lambda: changed(more=NAN), "tensors that no checkpoint has"),
    "shape": (lambda: changed(module__output__bias=np.zeros(2, np.float32)), r"\(2,\) of float32, but must be \(1,\)"),
    "dtype": (lambda: changed(module__output__bias=np.zeros(1)), "float64, but must be"),
    "not finite": (lambda: changed(module__linear1__weight=NAN), "not a finite number"),
    "memory not finite": (lambda: changed(optimizer__exp_avg=np.full(19, np.inf, np.float32)), "not a finite number"),
    "negative epoch": (lambda: changed({"epoch": -1}), "epoch is not a whole number"),
    "an epoch of text": (lambda: changed({"epoch": "many"}), "epoch is not a whole number"),
    "an order with doubles": (lambda: changed(order__permutation=np.zeros(35, np.int64)), "name each sample once"),
    "no order": (lambda: changed(order__permutation=None), "name each sample once"),
    "a random state of floats": (lambda: changed(order__state=np.zeros(5056)), "random state is missing"),
    "a short history": (lambda: changed(history__epoch=np.zeros(0, np.int64)), "columns do not fit"),
    "no gradient norms": (lambda: changed(history__gradient_norms=None), "do not fit the network"),
    "edits": (lambda: changed({"edited": {"a": 1}}), "list of edits"),
    "divergence": (lambda: changed({"diverged": 1}), "not a sentence"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_refused_in_one_sentence(name: str) -> None:
    make, sentence = WRONG[name]
    with pytest.raises(ValueError, match=sentence) as error:
        Checkpoint.from_bytes(make())
    assert type(error.value) is ValueError
    assert "\n" not in str(error.value)


def test_the_right_file_is_accepted() -> None:
    assert Checkpoint.from_bytes(changed()).epoch == 0


@pytest.mark.parametrize("state", [np.zeros(10, np.uint8), np.zeros(5056, np.uint8), np.full(5056, 255, np.uint8)])
def test_a_damaged_order_state_is_refused_before_anything_changes(state: np.ndarray) -> None:
    trainer = make_trainer()
    saved = make_trainer().checkpoint()
    object.__setattr__(saved, "order_state", state)
    before = arrays_of(trainer)
    with pytest.raises(ValueError, match="random state is damaged"):
        trainer.restore(saved)
    for name, array in arrays_of(trainer).items():
        np.testing.assert_array_equal(array, before[name])


RIGHT = changed()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(RIGHT) - 1), st.binary(min_size=1, max_size=8))
def test_damaged_bytes_raise_value_errors_alone(at: int, noise: bytes) -> None:
    damaged = RIGHT[:at] + noise + RIGHT[at + len(noise) :]
    with contextlib.suppress(ValueError):
        Checkpoint.from_bytes(damaged)
