from __future__ import annotations

from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from playground.inspection.explain import (
    column_occlusion,
    input_gradient,
    occlusion,
    patch_for,
    patch_starts,
    token_gradient,
    token_occlusion,
)


def pictures() -> nn.Sequential:
    torch.manual_seed(3)
    layers = [
        ("conv1", nn.Conv2d(1, 4, 3, padding=1)),
        ("norm1", nn.BatchNorm2d(4)),
        ("activation1", nn.Tanh()),
        ("dropout1", nn.Dropout(0.5)),
        ("flatten", nn.Flatten()),
        ("output", nn.Linear(4 * 6 * 5, 3)),
    ]
    return nn.Sequential(OrderedDict(layers)).eval()


class MeanOfTokens(nn.Module):
    def forward(self, vectors: Tensor) -> Tensor:
        return torch.tanh(vectors).mean(dim=1)


def texts() -> nn.Sequential:
    torch.manual_seed(4)
    embedding = nn.Embedding(9, 5, padding_idx=0)
    return nn.Sequential(
        OrderedDict([("embedding", embedding), ("encoder", MeanOfTokens()), ("output", nn.Linear(5, 3))])
    ).eval()


def second(outputs: Tensor) -> Tensor:
    return outputs[:, 1]


def test_gradient_of_the_input_is_its_finite_difference() -> None:
    module = pictures().double()
    X = torch.randn(1, 1, 6, 5, dtype=torch.float64)
    gradient = input_gradient(module, X, second)
    for row, column in [(0, 0), (3, 2), (5, 4)]:
        step = torch.zeros_like(X)
        step[0, 0, row, column] = 1e-6
        with torch.no_grad():
            slope = (second(module(X + step)) - second(module(X - step))) / 2e-6
        assert gradient[0, 0, row, column].item() == pytest.approx(slope.item(), rel=1e-6, abs=1e-9)


def test_gradient_of_a_token_is_the_slope_along_its_vector() -> None:
    module = texts().double()
    ids = torch.tensor([[3, 1, 7, 0, 0]])
    found = token_gradient(module, module[0], ids, second)
    vectors = module[0](ids).detach()
    for place in range(5):
        shrunk, grown = vectors.clone(), vectors.clone()
        shrunk[0, place] *= 1 - 1e-6
        grown[0, place] *= 1 + 1e-6
        with torch.no_grad():
            slope = (second(module[2](module[1](grown))) - second(module[2](module[1](shrunk)))) / 2e-6
        assert found[place].item() == pytest.approx(slope.item(), rel=1e-5, abs=1e-9)


def test_explaining_leaves_no_trace() -> None:
    module = pictures()
    for parameter in module.parameters():
        parameter.grad = torch.full_like(parameter, 0.25)
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    random_state = torch.get_rng_state()
    X = torch.randn(1, 1, 6, 5)
    random_state = torch.get_rng_state()
    input_gradient(module, X, second)
    occlusion(module, X, second, patch=(2, 2), stride=1)
    assert torch.equal(torch.get_rng_state(), random_state)
    assert all(torch.equal(tensor, before[name]) for name, tensor in module.state_dict().items())
    assert all((parameter.grad == 0.25).all() for parameter in module.parameters() if parameter.grad is not None)
    assert not X.requires_grad
    language = texts()
    token_gradient(language, language[0], torch.tensor([[1, 2]]), second)
    assert not language[0]._forward_hooks
    assert language[0].weight.grad is None


@pytest.mark.parametrize("stride", [1, 2])
def test_occlusion_of_a_picture_is_the_mean_fall_over_all_patches(stride: int) -> None:
    module, X = pictures(), torch.randn(1, 1, 6, 5)
    found = occlusion(module, X, second, patch=(2, 3), stride=stride)
    with torch.no_grad():
        whole = second(module(X)).item()
        falls: dict[tuple[int, int], list[float]] = {}
        for top in {*range(0, 5, stride), 4}:
            for left in {*range(0, 3, stride), 2}:
                covered = X.clone()
                covered[:, :, top : top + 2, left : left + 3] = 0
                fall = whole - second(module(covered)).item()
                for row in range(top, top + 2):
                    for column in range(left, left + 3):
                        falls.setdefault((row, column), []).append(fall)
    for place, values in falls.items():
        assert found[place].item() == pytest.approx(np.mean(values), abs=1e-5)
    assert len(falls) == 30  # every pixel is covered at least once


def test_occlusion_of_a_signal() -> None:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv1d(1, 2, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(40, 2)).eval()
    X = torch.randn(1, 1, 20)
    found = occlusion(module, X, second, patch=(1, 1), stride=1)
    assert found.shape == (20,)
    covered = X.clone()
    covered[..., 7] = 0
    with torch.no_grad():
        assert found[7].item() == pytest.approx((second(module(X)) - second(module(covered))).item(), abs=1e-6)


def test_occlusion_of_tokens_and_columns() -> None:
    module = texts()
    ids = torch.tensor([[3, 1, 7, 0, 0]])
    module[1] = nn.Flatten()
    module[2] = nn.Linear(25, 3)
    for close_up, rest in ((False, [3, 0, 7, 0, 0]), (True, [3, 7, 0, 0, 0])):
        falls = token_occlusion(module, ids, second, padding=0, close_up=close_up)
        with torch.no_grad():
            without = second(module(torch.tensor([rest])))
            assert falls[1].item() == pytest.approx((second(module(ids)) - without).item(), abs=1e-6)
        assert (falls[3:] == 0).all()
    full = torch.tensor([[3, 1, 7, 2, 5]])
    falls = token_occlusion(module, full, second, padding=0, close_up=True)
    with torch.no_grad():
        without = second(module(torch.tensor([[3, 1, 7, 2, 0]])))
    assert falls[4].item() == pytest.approx((second(module(full)) - without).item(), abs=1e-6)
    nothing = torch.zeros(1, 5, dtype=torch.int64)
    assert (token_occlusion(module, nothing, second, padding=0, close_up=True) == 0).all()

    linear = nn.Linear(4, 2).eval()
    X, averages = torch.randn(1, 4), torch.tensor([1.0, 0.5, 0.5, -2.0])
    columns = [slice(0, 1), slice(1, 3), slice(3, 4)]
    found = column_occlusion(linear, X, second, columns=columns, averages=averages)
    weight = linear.weight[1].detach()
    each = weight * (X[0] - averages)
    expected = [each[0], each[1] + each[2], each[1] + each[2], each[3]]
    np.testing.assert_allclose(found.numpy(), torch.stack(expected).numpy(), atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 8, 8), (1, 28, 28), (1, 32, 38), (1, 3, 90), (1, 40), (1, 4800), (1, 2, 1)])
def test_patches_cover_everything_and_are_not_too_many(shape: tuple[int, ...]) -> None:
    patch, stride = patch_for(shape)
    height, width = (1, shape[1]) if len(shape) == 2 else shape[1:]
    count = 1
    for length, size in ((height, patch[0]), (width, patch[1])):
        starts = patch_starts(length, size, stride)
        covered = {place for start in starts for place in range(start, start + size)}
        assert covered == set(range(length))
        count *= len(starts)
    assert count <= 400
