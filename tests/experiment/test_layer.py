"""Layers as text, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.experiment.choices import ACTIVATIONS, NORMS, POOLINGS
from playground.experiment.layer import (
    Convolution,
    Layer,
    Pooling,
    as_dense_layers,
    as_layers,
    follow_shapes,
    format_layers,
    parse_layers,
)
from playground.experiment.limits import LIMITS

ending = {
    "activation": st.sampled_from(list(ACTIVATIONS)),
    "norm": st.sampled_from(list(NORMS)),
    "dropout": st.floats(0, 0.9) | st.sampled_from([0.0, 0.1, 0.5]),
}
dense = st.builds(Layer, st.integers(1, LIMITS.width), **ending)
convolution = st.builds(
    Convolution,
    st.integers(1, LIMITS.width),
    st.integers(1, 99),
    **ending,
    stride=st.integers(1, 99),
    padding=st.none() | st.integers(0, 1),
)
pooling = st.builds(Pooling, st.sampled_from(list(POOLINGS)), st.integers(2, 16))
layers = st.lists(dense | convolution | pooling, max_size=LIMITS.layers).map(tuple)


@given(layers)
def test_text_comes_back(stack: tuple[Layer, ...]) -> None:
    assert parse_layers(format_layers(stack)) == stack


def test_text_is_short() -> None:
    stack = (Layer(4, "tanh"), Layer(2, "relu", "batch", 0.2), Layer(3, "elu", dropout=0.5))
    assert format_layers(stack) == "4-tanh_2-relu-batch-d0.2_3-elu-d0.5"
    assert format_layers(()) == "none"
    assert parse_layers("none") == parse_layers("") == ()
    maps = (Convolution(8, 3, "relu"), Convolution(8, 5, "relu", "batch", 0.2, 2, 0), Pooling("max", 2))
    assert format_layers(maps) == "c8-3-relu_c8-5s2p0-relu-batch-d0.2_max2"
    assert parse_layers("c8-3p1-relu") == (Convolution(8, 3, "relu"),)  # the padding that keeps the size


def test_layers_are_taken_in_every_form() -> None:
    expected = (Layer(4, "tanh"), Layer(2, "relu"))
    assert as_layers("4-tanh_2-relu") == as_layers(["4-tanh", {"units": 2, "activation": "relu"}]) == expected
    assert as_layers(expected) == as_dense_layers(expected) == expected
    maps = as_layers([{"channels": 4, "kernel": 3, "activation": "relu"}, {"pooling": "max", "size": "2"}])
    assert maps == parse_layers("c4-3-relu_max2")


@given(st.text(alphabet="0123456789-_.deabtchrlunogspmxv", max_size=60) | st.text(max_size=40))
def test_any_text_is_layers_or_a_sentence(text: str) -> None:
    try:
        stack = parse_layers(text)
    except ValueError as error:
        sentence = str(error)
        assert sentence.startswith(("Layer ", "layers "))
        assert sentence.endswith((".", "?"))
    else:
        assert parse_layers(format_layers(stack)) == stack


@pytest.mark.parametrize(
    "text",
    [
        "4",
        "-tanh",
        "4-tanh_",
        "4-tanh-",
        "4-tanh-d",
        "4 tanh",
        "４-tanh",
        "4-tanh-d0.1-batch",
        "c-3-relu",
        "c8-relu",
        "c8-3p-relu",
        "max",
    ],
)
def test_half_written_layers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Layer \d"):
        parse_layers(text)


@pytest.mark.parametrize(
    ("text", "shape", "shapes"),
    [
        ("c8-3-relu_max2_32-relu", (1, 28, 28), [(8, 28, 28), (8, 14, 14), (32,)]),
        ("c6-5-tanh_avg2_c16-5p0-tanh_avg2", (1, 28, 28), [(6, 28, 28), (6, 14, 14), (16, 10, 10), (16, 5, 5)]),
        ("c4-9s4-relu_max4", (1, 2000), [(4, 500), (4, 125)]),
        ("c4-2-relu_c4-4s3-relu", (3, 9), [(4, 8), (4, 3)]),
    ],
)
def test_shapes_follow(text: str, shape: tuple[int, ...], shapes: list[tuple[int, ...]]) -> None:
    assert follow_shapes(parse_layers(text), shape) == (shape, *shapes)
