"""The chain runs in torch as its code says, and the torch-free rules say what torch will do."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playground.experiment.tensor_arguments import Operand
from playground.experiment.tensor_chain import Chain, chain_query, parse_chain, script, source_code
from playground.experiment.tensor_operations import OPERATIONS, Step, first_step
from playground.experiment.tensor_rules import Form
from playground.experiment.tensor_sources import SOURCES
from playground.inspection import tensor_steps
from playground.inspection.tensor_steps import LAYOUT, REFUSED, run_chain, source
from tests.experiment.test_tensor_operations import CHAINS, OPERANDS, SMALL_SHAPES, STEPS

SLOW = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def executed(chain: Chain) -> tuple[Any, list[str]]:
    """What the shown script leaves as x, and what it prints."""
    names: dict[str, Any] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script(chain), "chain", "exec"), names)  # the code that the page shows
    return names["x"], printed.getvalue().splitlines()


def test_every_operation_runs() -> None:
    assert set(tensor_steps.OPERATIONS) == set(OPERATIONS)


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_the_code_of_a_source_gives_its_tensor(name: str) -> None:
    for value in {SOURCES[name].argument.default, *(SOURCES[name].argument.choices or [])}:
        names: dict[str, Any] = {"torch": torch}
        exec(source_code(Chain(name, value)), names)
        ours = source(name, value)
        assert ours.dtype == names["x"].dtype
        assert torch.equal(ours, names["x"])
        assert ours.numel() <= 4_096


@SLOW
@given(CHAINS)
def test_the_shown_code_does_what_the_page_shows(chain: Chain) -> None:
    done = run_chain(chain)
    right = len(done["tensors"]) - 1
    kept = Chain(chain.start, chain.value, chain.steps[:right])
    x, printed = executed(kept)
    last = done["tensors"][-1]
    np.testing.assert_array_equal(x.numpy(), last["values"])
    assert (str(x.dtype), x.stride()) == (f"torch.{last['dtype']}", last["strides"])
    assert printed == [str(torch.Size(tensor["shape"])) for tensor in done["tensors"]]
    assert all(tensor["values"].size <= 4_096 for tensor in done["tensors"])
    errors = [step["error"] for step in done["steps"]]
    assert errors[:right] == [None] * right
    assert all(isinstance(error, str) and error.endswith(".") for error in errors[right:])


@SLOW
@given(SMALL_SHAPES, st.sampled_from(["float32", "float64", "int64", "bool"]), STEPS)
def test_the_rules_say_what_torch_does(shape: tuple[int, ...], dtype: str, step: Step) -> None:
    x = torch.arange(float(np.prod(shape))).reshape(shape).to(getattr(torch, dtype))
    form = Form(shape, dtype, float(x.min()), float(x.max())) if dtype == "int64" else Form(shape, dtype)
    try:
        expected = step.entry.rule(form, *step.values)
    except ValueError as error:
        if any(words in str(error) for words in ("at most", "nothing is left", "single number", "1 or more")):
            return  # torch would do it: too large to draw, empty, or along a dimension that a scalar does not have
        with pytest.raises((RuntimeError, IndexError, TypeError)):
            tensor_steps.OPERATIONS[step.operation](x, *step.values)
        return
    result = tensor_steps.OPERATIONS[step.operation](x, *step.values)
    if expected is not None:
        assert tuple(result.shape) == expected


@given(SMALL_SHAPES, OPERANDS)
def test_broadcasting_is_as_numpy_says(shape: tuple[int, ...], other: Operand) -> None:
    try:
        expected = np.broadcast_shapes(shape, other.form.shape)
    except ValueError:
        with pytest.raises(ValueError, match="do not broadcast"):
            OPERATIONS["add"].rule(Form(shape), other)
    else:
        assert OPERATIONS["add"].rule(Form(shape), other) == expected


def test_a_wrong_step_is_explained_and_the_later_ones_wait() -> None:
    chain = Chain("picture", "3", (Step("add", (Operand("count", shape=(3,)),)), first_step("flatten")))
    done = run_chain(chain)
    assert len(done["tensors"]) == 1
    assert "8 meets 3" in done["steps"][0]["error"]
    assert done["steps"][0]["other"]["shape"] == (3,)
    assert done["steps"][1]["error"] == tensor_steps.WAITS


def test_a_view_of_a_transposed_tensor_is_explained() -> None:
    done = run_chain(Chain("matrix", ((1.0, 2.0), (3.0, 4.0)), (first_step("transpose"), first_step("view"))))
    assert done["steps"][1]["error"] == LAYOUT.format(strides=(1, 2))
    steps = (first_step("transpose"), first_step("contiguous"), first_step("view"))
    again = Chain("matrix", ((1.0, 2.0), (3.0, 4.0)), steps)
    assert run_chain(again)["steps"][2]["error"] is None


def test_views_share_memory_and_copies_do_not() -> None:
    for name, shares in (("slice", True), ("transpose", True), ("flatten", True), ("apply", False), ("mul", False)):
        assert run_chain(Chain(steps=(first_step(name),)))["steps"][0]["same_memory"] is shares, name


def test_the_places_that_an_index_takes_are_named() -> None:
    matrix = ((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))
    for step, places in (
        (Step("select", (1, -1)), [2, 5]),
        (Step("slice", (1, 0, 2, 1)), [0, 1, 3, 4]),
        (Step("pick", ((1, 1),)), [3, 4, 5, 3, 4, 5]),
        (Step("mask", ("gt", 4.0)), [4, 5]),
    ):
        done = run_chain(Chain("matrix", matrix, (step,)))
        assert done["steps"][0]["picked"].tolist() == places
        assert done["tensors"][1]["values"].ravel().tolist() == [1.0 + place for place in places]


def test_an_empty_mask_and_wrong_classes_are_sentences() -> None:
    done = run_chain(Chain(steps=(Step("mask", ("gt", 7.0)),)))
    assert "nothing is left" in done["steps"][0]["error"]
    done = run_chain(Chain("word", "xyz", (Step("onehot", (5,)),)))
    assert "x holds 25, but with 5 classes" in done["steps"][0]["error"]


def test_nothing_that_the_rules_allow_is_refused_by_torch() -> None:
    """The sentence that quotes torch is a last resort."""

    @SLOW
    @given(CHAINS)
    def check(chain: Chain) -> None:
        for step in run_chain(chain)["steps"]:
            assert step["error"] is None or not step["error"].startswith(REFUSED.partition("{")[0])

    check()


def test_a_link_and_its_chain_give_the_same_tensors() -> None:
    chain = Chain("sound", "5", (Step("reshape", ((8, 32),)), Step("apply", ("square",)), Step("mean", (1, False))))
    again = run_chain(parse_chain(chain_query(chain)).chain)
    np.testing.assert_array_equal(again["tensors"][-1]["values"], run_chain(chain)["tensors"][-1]["values"])
