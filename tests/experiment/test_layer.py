"""Layers as text, there and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.experiment.choices import ACTIVATIONS, NORMS
from playground.experiment.layer import Layer, as_layers, format_layers, parse_layers
from playground.experiment.limits import LIMITS

layers = st.lists(
    st.builds(
        Layer,
        st.integers(1, LIMITS.width),
        st.sampled_from(list(ACTIVATIONS)),
        st.sampled_from(list(NORMS)),
        st.floats(0, 0.9) | st.sampled_from([0.0, 0.1, 0.5]),
    ),
    max_size=LIMITS.layers,
).map(tuple)


@given(layers)
def test_text_comes_back(stack: tuple[Layer, ...]) -> None:
    assert parse_layers(format_layers(stack)) == stack


def test_text_is_short() -> None:
    stack = (Layer(4, "tanh"), Layer(2, "relu", "batch", 0.2), Layer(3, "elu", dropout=0.5))
    assert format_layers(stack) == "4-tanh_2-relu-batch-d0.2_3-elu-d0.5"
    assert format_layers(()) == "none"
    assert parse_layers("none") == parse_layers("") == ()


def test_layers_are_taken_in_every_form() -> None:
    expected = (Layer(4, "tanh"), Layer(2, "relu"))
    assert as_layers("4-tanh_2-relu") == as_layers(["4-tanh", {"units": 2, "activation": "relu"}]) == expected
    assert as_layers(expected) == expected


@given(st.text(alphabet="0123456789-_.deabtchrlunog", max_size=60) | st.text(max_size=40))
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
    "text", ["4", "-tanh", "4-tanh_", "4-tanh-", "4-tanh-d", "4 tanh", "４-tanh", "4-tanh-d0.1-batch"]
)
def test_half_written_layers_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"Layer \d"):
        parse_layers(text)
