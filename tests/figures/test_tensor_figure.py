"""Drawings of tensors, of shapes and of the graph of gradients, from what the worker really gives."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from playground.experiment.tensor_chain import EXAMPLES, Chain
from playground.experiment.tensor_expression import EXAMPLES as EXPRESSIONS
from playground.experiment.tensor_expression import Expression
from playground.experiment.tensor_operations import Step, first_step
from playground.figures.gradient_figure import BOX, gradient_figure, graph_places
from playground.figures.tensor_figure import MAX_CELLS, tensor_figure, tensor_thumbnail, written
from playground.figures.tensor_shapes import came_from, shapes_figure
from playground.inspection.tensor_gradients import run_expression
from playground.inspection.tensor_steps import run_chain
from tests.experiment.test_tensor_expression import expressions
from tests.experiment.test_tensor_operations import CHAINS

SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def drawn(svg: str) -> ElementTree.Element:
    """The drawing, if it is one."""
    return ElementTree.fromstring(svg)


def look(values: Any, dtype: str = "float32") -> dict[str, Any]:
    array = np.asarray(values)
    return {"shape": array.shape, "dtype": dtype, "values": array}


def titles(svg: str) -> list[str]:
    return [element.text or "" for element in drawn(svg).iter("title")]


@SLOW
@given(CHAINS)
def test_everything_that_a_chain_makes_is_drawn(chain: Chain) -> None:
    done = run_chain(chain)
    for tensor in done["tensors"]:
        drawn(tensor_figure(tensor))
        assert tensor_thumbnail(tensor).startswith("data:image/svg+xml;base64,")
    for i, (step, result) in enumerate(zip(chain.steps, done["steps"], strict=True)):
        if i < len(done["tensors"]):
            after = done["tensors"][i + 1]["shape"] if i + 1 < len(done["tensors"]) else None
            other = result["other"]["shape"] if result["other"] else None
            drawn(shapes_figure(step, done["tensors"][i]["shape"], other, after))


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 4), (2, 3, 2, 4), (4, 1, 3, 3)])
def test_every_number_is_a_cell_with_its_place(shape: tuple[int, ...]) -> None:
    values = np.arange(float(np.prod(shape))).reshape(shape)
    found = titles(tensor_figure(look(values)))
    if shape:
        expected = [f"x[{', '.join(map(str, place))}] = {values[place]:g}" for place in np.ndindex(shape)]
    else:
        expected = ["x = 0"]
    assert sorted(found) == sorted(expected)


def test_many_numbers_are_one_image_and_a_long_vector_a_curve() -> None:
    assert MAX_CELLS < 4_096
    svg = tensor_figure(look(np.ones((64, 64))))
    assert svg.count("<image") == 1
    assert not titles(svg)
    wave = tensor_figure(look(np.sin(np.arange(256.0))))
    assert "<image" not in wave
    assert len(wave) < 20_000


def test_what_a_step_does_not_take_is_faint() -> None:
    svg = tensor_figure(look(np.arange(4.0)), picked=np.array([1, 1, 3]))
    assert [group.get("opacity") for group in drawn(svg).iter("g")] == ["0.22", "1", "0.22", "1"]


def test_what_is_not_finite_is_drawn_and_said() -> None:
    svg = tensor_figure(look([np.nan, np.inf, -np.inf, 1.0]))
    assert re.findall(r">(nan|inf|-inf)<", svg) == ["nan", "inf", "-inf"]
    drawn(tensor_figure(look(np.full((30, 30), np.nan))))
    drawn(tensor_figure(look(np.full(100, np.nan))))


@pytest.mark.parametrize(
    ("value", "dtype", "text"),
    [
        (0.0, "float32", "0"),
        (0.125, "float32", "0.12"),
        (-12.34, "float32", "-12.3"),
        (999.6, "float32", "1000"),
        (123456.0, "float32", "1e5"),
        (0.00001, "float32", "1e-5"),
        (7.0, "int64", "7"),
        (1.0, "bool", "True"),
    ],
)
def test_numbers_are_short(value: float, dtype: str, text: str) -> None:
    assert written(value, dtype) == text


@pytest.mark.parametrize(
    "step",
    [
        Step("transpose", (0, -1)),
        Step("permute", ((2, 0, -2),)),
        Step("select", (-2, 0)),
        Step("unsqueeze", (-1,)),
        Step("unsqueeze", (1,)),
        Step("sum", (1, False)),
        Step("mean", (-1, True)),
        Step("max", (None, False)),
        Step("expand", ((4, 2, 3, 5),)),
    ],
)
def test_the_lines_between_shapes_lead_where_the_sizes_went(step: Step) -> None:
    before = (2, 3, 5)  # sizes that differ tell dimensions apart
    chain = Chain("cube", before, (step,))
    after = run_chain(chain)["tensors"][1]["shape"]
    sources = came_from(step, before, after)
    assert sources is not None
    assert len(sources) == len(after)
    for size, source in zip(after, sources, strict=True):
        if source is not None:
            assert before[source] == size


def test_sizes_that_clash_are_marked() -> None:
    step = EXAMPLES["refused"].chain.steps[0]
    svg = shapes_figure(step, (8, 8), (3,), None)
    assert svg.count("#F59322") == 3  # both sizes, and the result
    assert "not equal" in shapes_figure(first_step("matmul"), (8, 8), (3, 2), None)
    assert "not equal" not in shapes_figure(first_step("matmul"), (8, 8), (8, 3), (8, 3))


@SLOW
@given(expressions())
def test_no_two_boxes_of_a_graph_lie_on_each_other(expression: Expression) -> None:
    places = list(graph_places(expression).values())
    for i, (x, y) in enumerate(places):
        for other_x, other_y in places[:i]:
            assert abs(x - other_x) >= BOX[0] or abs(y - other_y) >= BOX[1]


@SLOW
@given(expressions())
def test_every_graph_is_drawn_from_left_to_right(expression: Expression) -> None:
    places = graph_places(expression)
    for name, operation in zip(expression.names, expression.operations, strict=True):
        assert all(places[source][0] < places[name][0] for source in operation.inputs)
    drawn(gradient_figure(expression, run_expression(expression)))


def test_a_graph_says_every_value_and_gradient() -> None:
    expression = EXPRESSIONS["product"].expression
    svg = gradient_figure(expression, run_expression(expression))
    assert "a is 2 with the gradient 6" in svg
    assert "L = -8" in svg
    assert "MulBackward0" in svg
