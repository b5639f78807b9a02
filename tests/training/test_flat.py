from __future__ import annotations

import copy

import torch
from torch import nn

from playground.experiment.images import ImagesExperiment
from playground.experiment.points import PointsExperiment
from playground.experiment.text import TextExperiment
from playground.network.module import build_module
from playground.training.flat import FlatState

LAYERS = "5-tanh-batch_3-relu-layer-d0.2"


def flattened() -> tuple[nn.Sequential, FlatState]:
    module = build_module(PointsExperiment(layers=LAYERS))
    return module, FlatState(module)


def test_parameters_statistics_and_gradients_are_views_of_one_tensor() -> None:
    plain = build_module(PointsExperiment(layers=LAYERS))
    module, flat = flattened()
    for name, tensor in plain.state_dict().items():
        assert torch.equal(module.state_dict()[name], tensor)
    flat.storage.fill_(7)
    flat.gradients.fill_(3)
    for parameter in module.parameters():
        assert (parameter == 7).all()
        assert (parameter.grad == 3).all()
    assert (module.norm1.running_var == 7).all()
    with torch.no_grad():
        module.output.bias[0] = 11
    assert flat.values[-1] == 11


def test_the_gradient_is_that_of_a_plain_backward() -> None:
    plain = build_module(PointsExperiment(layers=LAYERS)).eval()
    module, flat = flattened()
    module.eval()
    X = torch.randn(9, 2)
    plain(X).square().mean().backward()
    for _ in range(2):  # a second time: overwritten, not added
        flat.backward(module(X).square().mean())
    for ours, theirs in zip(module.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours.grad, theirs.grad)
    linears = [layer for layer in plain if isinstance(layer, nn.Linear)]
    for norm, layer in zip(flat.linear_gradient_norms(), linears, strict=True):
        both = torch.cat([layer.weight.grad.flatten(), layer.bias.grad])
        torch.testing.assert_close(torch.tensor(norm), both.norm())


def test_the_mask_marks_the_weights_of_linear_layers_alone() -> None:
    module, flat = flattened()
    marked = {entry.name for entry in flat.entries if entry.of(flat.weight_mask).all()}
    assert marked == {"linear1.weight", "linear2.weight", "output.weight"}
    assert flat.weight_mask.sum() == sum(module.get_parameter(name).numel() for name in marked)


def test_state_dict_and_torchs_optimizer_keep_the_views() -> None:
    module, flat = flattened()
    module.load_state_dict({name: torch.ones_like(tensor) for name, tensor in module.state_dict().items()})
    assert (flat.storage == 1).all()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.5)
    flat.gradients.fill_(1)
    optimizer.step()
    assert (flat.values == 0.5).all()


def test_training_mode_writes_its_statistics_into_the_flat_tensor() -> None:
    module, flat = flattened()
    module(5 + torch.randn(20, 2))
    running = torch.cat([module.norm1.running_mean, module.norm1.running_var])
    assert torch.equal(flat.storage[len(flat.values) :], running)
    assert not torch.equal(running, torch.tensor([0.0] * 5 + [1.0] * 5))


def test_a_deep_copy_stands_alone() -> None:
    module, flat = flattened()
    twin = copy.deepcopy(module)
    before = [parameter.clone() for parameter in twin.parameters()]
    flat.storage.zero_()
    for parameter, kept in zip(twin.parameters(), before, strict=True):
        assert torch.equal(parameter, kept)


def test_a_number_that_is_not_finite_is_seen_and_large_ones_are_not_mistaken() -> None:
    _, flat = flattened()
    flat.values.fill_(3e38)  # the sum overflows, the numbers do not
    assert flat.is_finite()
    for wrong in (float("nan"), float("inf"), -float("inf")):
        flat.storage.fill_(1)
        flat.storage[-1] = wrong
        assert not flat.is_finite()


def test_convolutions_and_layers_inside_an_encoder_are_linear_too() -> None:
    images = FlatState(build_module(ImagesExperiment(layers="c4-3-relu-batch_max2_5-relu")))  # type: ignore[arg-type]
    assert images.linear_names == ["conv1", "linear3", "output"]
    text = FlatState(build_module(TextExperiment(encoder="attention", samples=100)))
    assert text.linear_names == ["encoder.query", "encoder.key", "encoder.value", "output"]
    for flat, names in ((images, images.linear_names), (text, text.linear_names)):
        marked = {entry.name for entry in flat.entries if entry.of(flat.weight_mask).all()}
        assert marked == {f"{name}.weight" for name in names}
        for name, part in zip(names, flat.linears, strict=True):
            entries = [entry for entry in flat.entries if entry.name in (f"{name}.weight", f"{name}.bias")]
            assert (entries[0].start, entries[1].stop) == (part.start, part.stop)
