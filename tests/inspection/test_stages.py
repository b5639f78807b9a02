from __future__ import annotations

from collections import OrderedDict

import numpy as np
import torch
from torch import nn

from playground.inspection.stages import (
    Labels,
    encode_stages,
    filters_of,
    quantised,
    recording,
    run_through,
    scale_of,
    stage_of,
    thinned,
)

LABELS = Labels("Title", "nn.Thing()", 3, True)


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(
        OrderedDict([("conv1", nn.Conv2d(1, 3, 3, padding=1)), ("flatten", nn.Flatten()), ("output", nn.Linear(48, 2))])
    ).eval()


def test_recording_sees_every_child_and_leaves_no_hook_behind() -> None:
    module = network()
    X = torch.randn(1, 1, 4, 4)
    seen, outputs = run_through(module, X)
    assert list(seen) == ["conv1", "flatten", "output"]
    assert torch.equal(seen["conv1"], module[0](X))
    assert torch.equal(seen["output"], outputs)
    assert not any(child._forward_hooks for child in module.modules())
    try:
        with recording(module):
            raise RuntimeError
    except RuntimeError:
        pass
    assert not any(child._forward_hooks for child in module.modules())


def test_stages_are_maps_vectors_and_sequences() -> None:
    def kind(shape: tuple[int, ...], *, tokens: bool = False, name: str = "conv1") -> tuple[str, tuple[int, ...]]:
        stage = stage_of(name, LABELS, torch.randn(shape), tokens=tokens)
        assert stage.shape == shape
        return stage.kind, stage.values.shape

    assert kind((3, 5, 4)) == ("maps", (3, 5, 4))
    assert kind((100, 5, 4)) == ("maps", (64, 5, 4))
    assert kind((2, 40)) == ("maps", (2, 1, 40))
    assert kind((1, 4000)) == ("maps", (1, 1, 500))
    assert kind((7,)) == ("vector", (7,))
    assert kind((6, 4), tokens=True) == ("sequence", (6, 4))
    assert kind((6,), tokens=True, name="input") == ("sequence", (6, 1))
    assert kind((6,), tokens=True, name="encoder") == ("vector", (6,))


def test_long_signals_keep_their_extremes() -> None:
    signal = np.random.default_rng(0).normal(size=(2, 2501)).astype(np.float32)
    short = thinned(signal)
    assert short.shape == (2, 501)
    assert short.max() == signal.max()
    assert short.min() == signal.min()
    np.testing.assert_array_equal(thinned(signal[:, :512]), signal[:, :512])


def test_filters_are_the_weights_of_the_first_neurons() -> None:
    module = network()
    found = filters_of(module[0], None)
    assert found is not None
    np.testing.assert_array_equal(found, module[0].weight.detach().numpy())
    pictures = filters_of(module[2], (3, 4, 4))
    assert pictures is not None
    np.testing.assert_array_equal(pictures[1, 2], module[2].weight.detach().numpy()[1].reshape(3, 4, 4)[2])
    assert filters_of(module[2], None) is None
    many = filters_of(nn.Conv1d(20, 30, 5), None)
    assert many is not None
    assert many.shape == (16, 8, 1, 5)


def test_eight_bits_are_the_values_over_the_scale() -> None:
    values = np.array([[0.0, -3.0, 1.5]], np.float32)
    stage = stage_of("conv1", LABELS, torch.from_numpy(values)[None], tokens=False)
    entries, arrays = encode_stages([stage])
    assert entries[0]["scale"] == 3.0
    assert entries[0]["array"] == "stage0"
    assert entries[0]["title"] == "Title"
    assert arrays["stage0"].tolist() == [[[0, -127, 64]]]


def test_values_that_are_not_finite_still_give_a_picture() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 1.0, 3e38], np.float32)
    assert np.isfinite(scale_of(values))
    assert quantised(values, 2.0).tolist() == [0, 127, -127, 64, 127]
    assert scale_of(np.zeros((0, 3))) == 0.1
