"""The plan of every kind of network against the real module: names, shapes, parameters, source."""

from __future__ import annotations

from collections import OrderedDict

import pytest
import torch
from torch import nn

from playground.experiment.choices import ENCODERS, INITIALISERS
from playground.experiment.experiment import Experiment
from playground.experiment.kinds import KINDS
from playground.network import modules
from playground.network.module import LINEAR, build_module
from playground.network.plan import plan_network
from playground.network.shapes import describe_network
from playground.network.source import initialiser_source, module_source, own_classes, weights_source

NETWORKS: list[tuple[str, dict[str, object]]] = [
    ("images", {}),
    ("images", {"dataset": "mnist", "layers": "c6-5-tanh_avg2_c16-5p0-tanh_avg2_120-tanh_84-tanh"}),
    ("images", {"layers": "c4-3s2-relu-batch-d0.1_c5-3-gelu-layer_max2_9-relu-batch-d0.2"}),
    ("images", {"layers": "none", "dataset": "faces"}),
    ("images", {"layers": "8-relu_4-tanh-layer"}),
    ("images", {"dataset": "paint-coffee", "fourier": 4, "layers": "8-relu"}),
    ("images", {"dataset": "paint-coffee", "fourier": 0, "layers": "none"}),
    ("sound", {}),
    ("sound", {"representation": "wave", "layers": "c4-9s8-relu-batch_max8_c4-2s2p0-relu-layer_avg3_6-relu"}),
    ("sound", {"dataset": "signals"}),
    ("tables", {"dataset": "wine", "layers": "8-relu-batch_4-tanh-layer-d0.5"}),
    *(("text", {"samples": 200, "encoder": name, "units": 6, "embedding": 5, "layers": "4-relu"}) for name in ENCODERS),
    *(
        ("text", {"dataset": "names-generator", "samples": 200, "encoder": name, "layers": "4-relu-layer_3-tanh"})
        for name in ENCODERS
    ),
]


def inputs_of(experiment: Experiment) -> torch.Tensor:
    if experiment.kind != "text":
        return torch.randn(3, *experiment.input_shape)
    return torch.randint(1, 20, (3, *experiment.input_shape))


@pytest.mark.parametrize(("kind", "fields"), NETWORKS)
def test_plan_is_the_module(kind: str, fields: dict[str, object]) -> None:
    experiment = KINDS[kind].model_validate(fields)
    module = build_module(experiment).eval()
    children = dict(module.named_children())
    plan = plan_network(experiment)
    assert [piece.name for piece in plan] == list(children)
    values = inputs_of(experiment)
    for piece in plan:
        child = children[piece.name]
        assert piece.module.removeprefix("nn.") == type(child).__name__
        assert values.shape == (3, *piece.shape_in)
        values = child(values)
        assert values.shape == (3, *piece.shape_out), piece.name
        assert piece.parameters == sum(parameter.numel() for parameter in child.parameters())
        assert piece.linear == isinstance(child, LINEAR)
        assert piece.title
    total = sum(parameter.numel() for parameter in module.parameters())
    assert describe_network(experiment).parameters == experiment.parameter_count == total
    assert plan[-1].shape_out[-1] == experiment.output_units


@pytest.mark.parametrize("initialiser", INITIALISERS)
@pytest.mark.parametrize(("kind", "fields"), NETWORKS)
def test_source_builds_the_same_module_with_the_same_weights(
    kind: str, fields: dict[str, object], initialiser: str
) -> None:
    experiment = KINDS[kind].model_validate({**fields, "initialiser": initialiser, "init_seed": 5})
    names: dict[str, object] = {"nn": nn, "OrderedDict": OrderedDict}
    names |= {name: getattr(modules, name) for name in own_classes(experiment)}
    torch.manual_seed(5)
    exec(f"model = {module_source(experiment)}\n{initialiser_source(experiment)}", names)
    exec(f"weights = {weights_source(experiment)}", names)
    model, built = names["model"], build_module(experiment)
    assert isinstance(model, nn.Sequential)
    assert repr(model) == repr(built)
    for name, tensor in built.state_dict().items():
        assert torch.equal(model.state_dict()[name], tensor), name
    linears = [layer for layer in model.modules() if isinstance(layer, LINEAR)]
    assert names["weights"] == [layer.weight for layer in linears]
    if initialiser == "zeros":
        assert all((layer.weight == 0).all() and (layer.bias == 0).all() for layer in linears)


def test_names_and_texts_of_a_convolutional_network() -> None:
    experiment = KINDS["images"].model_validate({"layers": "c8-3-relu_max2_c16-3s2p0-relu-batch_32-relu-d0.2"})
    assert [(piece.name, piece.source) for piece in plan_network(experiment)] == [
        ("conv1", "nn.Conv2d(1, 8, 3, padding=1)"),
        ("activation1", "nn.ReLU()"),
        ("pool2", "nn.MaxPool2d(2)"),
        ("conv3", "nn.Conv2d(8, 16, 3, stride=2)"),
        ("norm3", "nn.BatchNorm2d(16)"),
        ("activation3", "nn.ReLU()"),
        ("flatten", "nn.Flatten()"),
        ("linear4", "nn.Linear(16, 32)"),
        ("activation4", "nn.ReLU()"),
        ("dropout4", "nn.Dropout(0.2)"),
        ("output", "nn.Linear(32, 10)"),
    ]
    shape = describe_network(experiment)
    assert shape.text.startswith("(N, 1, 8, 8) → (N, 8, 8, 8) → (N, 8, 4, 4) → (N, 16, 1, 1) → (N, 16) → (N, 32)")


def test_names_of_a_text_network() -> None:
    experiment = KINDS["text"].model_validate({"encoder": "gru", "units": 8, "embedding": 4, "samples": 300})
    first, second, last = plan_network(experiment)
    assert (first.name, second.name, last.name) == ("embedding", "encoder", "output")
    assert first.source.endswith(", 4, padding_idx=0)")
    assert second.source == 'LastState("GRU", 4, 8)'
    assert first.shape_out == (24, 4)
    assert second.shape_out == (8,)
