"""The tensors page without a browser: its widgets, the chain, the address, and nothing that is typed is executed."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from playground.experiment.tensor_arguments import Operand
from playground.experiment.tensor_chain import EXAMPLES, MAX_STEPS, Chain, chain_query
from playground.experiment.tensor_expression import EXAMPLES as EXPRESSIONS
from playground.experiment.tensor_operations import OPERATIONS, Step, first_step
from playground.experiment.tensor_sources import SOURCES
from playground.inspection.tensor_steps import run_chain
from playground.ui.tensors_state import Shown, TensorsPage
from tests.pages.opening import address, click, opened

HOSTILE = "__import__('os').system('touch /tmp/owned')"


def page(app: AppTest) -> TensorsPage:
    kept: TensorsPage = app.session_state["tensors-page"]
    return kept


def shown(app: AppTest) -> Shown:
    return page(app).shown


def test_the_page_opens_with_a_chain_and_its_address() -> None:
    app = opened("tensors")
    assert shown(app).chain == Chain()
    assert address(app) == chain_query(Chain())
    assert any(code.value == "x = x[2:6]" for code in app.code)
    assert "print(x.shape)" in app.code[-1].value


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_start_runs(name: str) -> None:
    app = opened("tensors", start=name)
    assert not app.error
    assert shown(app).chain.start == name


def test_another_start_brings_its_first_step() -> None:
    app = opened("tensors")
    app.selectbox(key="tensors-start").set_value("word").run()
    assert shown(app).chain == Chain("word", "tensor", (SOURCES["word"].first,))
    app.text_input(key="tensors-word-value").set_value("Nets").run()
    assert shown(app).chain.value == "nets"
    assert address(app)["value"] == "nets"


def test_a_chain_is_built_by_widgets_alone() -> None:
    app = opened("tensors", start="cube", value="2x3x4")
    click(app, "Permute")
    app.text_input(key="tensors-0-permute-order").set_value("2, 0, 1").run()
    click(app, "Add")
    app.selectbox(key="tensors-1-add-other-fill").set_value("ones").run()
    app.text_input(key="tensors-1-add-other-ones").set_value("2, 1").run()
    click(app, "Sum")
    app.selectbox(key="tensors-2-sum-dim").set_value("all").run()
    app.toggle(key="tensors-2-sum-keepdim").set_value(True).run()
    expected = (
        Step("permute", ((2, 0, 1),)),
        Step("add", (Operand("ones", shape=(2, 1)),)),
        Step("sum", (None, True)),
    )
    assert [step.operation for step in shown(app).chain.steps] == ["permute", "add", "sum"]
    assert chain_query(shown(app).chain) == chain_query(Chain("cube", (2, 3, 4), expected))
    assert not app.error
    assert run_chain(shown(app).chain)["tensors"][-1]["shape"] == (1, 1, 1)


def test_shapes_that_do_not_fit_are_explained_and_later_steps_wait() -> None:
    app = opened("tensors", **chain_query(EXAMPLES["refused"].chain))
    assert "compared from the right, 8 meets 3" in app.error[0].value
    app.pills(key="tensors-at").set_value(2).run()
    assert "waits for the step before it" in app.info[0].value
    app.pills(key="tensors-at").set_value(1).run()
    app.text_input(key="tensors-0-add-other-count").set_value("8").run()
    assert not app.error


@pytest.mark.parametrize(
    ("step", "key", "typed"),
    [
        (Step("reshape", ((8, 8),)), "tensors-0-reshape-shape", HOSTILE),
        (Step("permute", ((1, 0),)), "tensors-0-permute-order", "0, 1e999"),
        (Step("pick", ((0,),)), "tensors-0-pick-indices", "lambda: 0"),
        (Step("add", (Operand("own"),)), "tensors-0-add-other-own", "1, 2; <script>"),
        (Step("add", (Operand("ones", shape=(8,)),)), "tensors-0-add-other-ones", "9999999999999999999, 2"),
    ],
)
def test_what_is_typed_wrongly_changes_nothing_and_gives_one_sentence(step: Step, key: str, typed: str) -> None:
    app = opened("tensors", **chain_query(Chain(steps=(step,))))
    before = shown(app).chain
    app.text_input(key=key).set_value(typed).run()
    assert not app.exception
    assert shown(app).chain == before
    assert len(app.warning) == 1
    assert app.warning[0].value.endswith(".")
    assert "<" not in app.warning[0].value
    click(app, "Dismiss")
    assert not app.warning


def test_a_hostile_address_opens_with_what_was_right() -> None:
    app = opened(
        "tensors",
        start="matrix",
        value="1,2;3,4",
        steps=f"flatten_{HOSTILE}~1_sum~all~no",
        lesson="<b>",
        numbers=HOSTILE,
    )
    assert shown(app).chain == Chain(
        "matrix", ((1.0, 2.0), (3.0, 4.0)), (first_step("flatten"), Step("sum", (None, False)))
    )
    assert any("lesson is" in warning.value and "Try operations." in warning.value for warning in app.warning)
    assert not Path("/tmp/owned").exists()


def test_steps_are_moved_removed_and_brought_back() -> None:
    app = opened("tensors")
    app.pills(key="tensors-at").set_value(3).run()
    click(app, "Earlier")
    assert [step.operation for step in shown(app).chain.steps] == ["slice", "mean", "transpose"]
    click(app, "Remove")
    assert [step.operation for step in shown(app).chain.steps] == ["slice", "transpose"]
    click(app, "Undo")
    click(app, "Undo")
    assert shown(app).chain == Chain()
    app.pills(key="tensors-at").set_value(1).run()
    app.selectbox(key="tensors-0-operation").set_value("flatten").run()
    assert shown(app).chain.steps[0] == first_step("flatten")


def test_a_full_chain_takes_no_more() -> None:
    app = opened("tensors", start="vector", steps="_".join(["contiguous"] * MAX_STEPS))
    click(app, "Flatten")
    assert len(shown(app).chain.steps) == MAX_STEPS


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_every_idea_runs(name: str) -> None:
    app = opened("tensors")
    app.selectbox(key="tensors-idea-0").set_value(name).run()
    assert not app.exception
    assert shown(app).chain == EXAMPLES[name].chain
    errors = [step["error"] for step in run_chain(EXAMPLES[name].chain)["steps"]]
    assert any(errors) == (name in ("refused", "memory"))


def test_every_operation_is_offered_and_drawn() -> None:
    app = opened("tensors", start="matrix", steps="contiguous")
    for name in OPERATIONS:
        app.selectbox(key="tensors-0-operation").set_value(name).run()
        assert not app.exception, name
        assert shown(app).chain.steps == (first_step(name),)


def test_gradients_follow_the_numbers_and_a_step_downhill_lowers_the_loss() -> None:
    app = opened("tensors", lesson="gradients")
    assert shown(app).expression == EXPRESSIONS["neuron"].expression
    before = float(app.metric[0].value)
    click(app, "Step downhill")
    after = float(app.metric[0].value)
    assert after < before
    assert float(app.metric[0].delta) == pytest.approx(after - before, abs=2e-4)
    app.number_input(key="tensors-number-x").set_value(0.0).run()
    assert address(app)["numbers"].split("_")[1] == "x~0~data"
    app.toggle(key="tensors-number-w-learns").set_value(False).run()
    app.toggle(key="tensors-number-b-learns").set_value(False).run()
    assert "No number that learns" in app.warning[0].value
    assert "L.backward()" in app.code[0].value


def test_an_expression_is_built_by_widgets_alone() -> None:
    app = opened("tensors", lesson="gradients")
    app.pills(key="tensors-example").set_value("product").run()
    click(app, "Add an operation")
    app.selectbox(key="tensors-operation-3").set_value("add").run()
    app.selectbox(key="tensors-operation-3-1").set_value("a").run()
    assert shown(app).expression.line(3) == "L = u3 + a"
    click(app, "Remove the last one")
    assert shown(app).expression == EXPRESSIONS["product"].expression


def test_a_number_without_a_logarithm_is_explained() -> None:
    app = opened("tensors", lesson="gradients", numbers="a~-1", operations="log~a")
    assert "L is not a finite number" in app.error[0].value
