"""Shapes by arithmetic against the real module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.data.features import FEATURES
from playground.data.points import DATASETS
from playground.experiment.choices import ACTIVATIONS, NORMS
from playground.experiment.layer import Layer
from playground.experiment.points import PointsExperiment
from playground.network.module import build_module
from playground.network.shapes import describe_network

networks = st.builds(
    PointsExperiment,
    dataset=st.sampled_from([name for name in DATASETS if name not in ("own", "curve")]),
    inputs=st.sets(st.sampled_from(list(FEATURES)), min_size=1).map(tuple),
    layers=st.lists(
        st.builds(
            Layer,
            st.integers(1, 40),
            st.sampled_from(list(ACTIVATIONS)),
            st.sampled_from(list(NORMS)),
            st.sampled_from([0.0, 0.3]),
        ),
        max_size=8,
    ).map(tuple),
)


@settings(deadline=None)
@given(networks)
def test_shapes_and_counts_are_those_of_the_module(experiment: PointsExperiment) -> None:
    shape = describe_network(experiment)
    module = build_module(experiment).eval()
    children = dict(module.named_children())
    assert [layer.name for layer in shape.layers] == list(children)

    values = torch.zeros(3, len(experiment.active_inputs))
    for layer in shape.layers:
        child = children[layer.name]
        assert layer.module == f"nn.{type(child).__name__}"
        assert values.shape == (3, layer.units_in)
        values = child(values)
        assert values.shape == (3, layer.units_out)
        assert layer.parameters == sum(parameter.numel() for parameter in child.parameters())
    total = sum(parameter.numel() for parameter in module.parameters())
    assert shape.parameters == experiment.parameter_count == total


def test_texts_for_people() -> None:
    shape = describe_network(PointsExperiment(layers="4-tanh_2-relu-batch-d0.2"))  # type: ignore[arg-type]
    assert shape.text == "(N, 2) → (N, 4) → (N, 2) → (N, 1)"
    assert [(layer.name, layer.text, layer.parameters) for layer in shape.layers] == [
        ("linear1", "(N, 2) → (N, 4)", 12),
        ("activation1", "(N, 4) → (N, 4)", 0),
        ("linear2", "(N, 4) → (N, 2)", 10),
        ("norm2", "(N, 2) → (N, 2)", 4),
        ("activation2", "(N, 2) → (N, 2)", 0),
        ("dropout2", "(N, 2) → (N, 2)", 0),
        ("output", "(N, 2) → (N, 1)", 3),
    ]


def test_a_network_without_inputs_is_described_too() -> None:
    assert describe_network(PointsExperiment(inputs=())).text == "(N, 0) → (N, 4) → (N, 2) → (N, 1)"


@pytest.mark.parametrize("module", ["shapes", "source"])
def test_no_torch_is_needed(module: str) -> None:
    code = f"import sys, playground.network.{module}; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
