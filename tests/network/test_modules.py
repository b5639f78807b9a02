"""The layers of text networks against an independent computation, token by token and text by text."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from playground.network.modules import LastState, MeanOfTokens, SelfAttention, TokenCNN

E, U, T = 5, 4, 7
LENGTHS = (7, 3, 1)


@pytest.fixture
def x() -> Tensor:
    """(3, T, E): texts of 7, 3 and 1 tokens, filled up with zeros."""
    torch.manual_seed(1)
    vectors = torch.randn(len(LENGTHS), T, E)
    for row, length in zip(vectors, LENGTHS, strict=True):
        row[length:] = 0
    return vectors


def layers(causal: bool) -> list[nn.Module]:
    torch.manual_seed(2)
    recurrent = [LastState(kind, E, U, causal=causal) for kind in ("RNN", "GRU", "LSTM")]
    return [MeanOfTokens(causal), TokenCNN(E, U, causal), *recurrent, SelfAttention(T, E, U, causal)]


@pytest.mark.parametrize("number", range(6))
def test_padding_counts_for_nothing(number: int, x: Tensor) -> None:
    """A short text gives the same vector alone, without what fills it up, as beside longer ones."""
    layer = layers(causal=False)[number]
    together = layer(x)
    assert together.shape == (3, E if number == 0 else U)
    for row, length in zip(range(3), LENGTHS, strict=True):
        alone = x[row : row + 1, :length]
        if isinstance(layer, SelfAttention):
            short = SelfAttention(length, E, U)
            short.load_state_dict({**layer.state_dict(), "position": layer.position[:length]})
            expected = short(alone)
        else:
            expected = layer(alone)
        torch.testing.assert_close(together[row : row + 1], expected)


@pytest.mark.parametrize("number", range(6))
def test_a_causal_layer_does_not_see_what_comes_later(number: int, x: Tensor) -> None:
    layer = layers(causal=True)[number]
    before = layer(x)
    assert before.shape == (3, T, E if number == 0 else U)
    for place in range(T - 1):
        changed = x.clone()
        changed[0, place + 1 :] += torch.randn(T - place - 1, E)
        after = layer(changed)
        torch.testing.assert_close(after[0, : place + 1], before[0, : place + 1])
        assert not torch.allclose(after[0, place + 1 :], before[0, place + 1 :])
    changed = x.clone()
    changed[0, 2] += 1
    assert not torch.allclose(layer(changed)[0, 2], before[0, 2])  # but each token sees itself


def test_the_mean_by_hand(x: Tensor) -> None:
    torch.testing.assert_close(MeanOfTokens()(x)[1], x[1, :3].mean(dim=0))
    torch.testing.assert_close(MeanOfTokens(causal=True)(x)[1, 1], x[1, :2].mean(dim=0))


def test_the_cnn_by_hand(x: Tensor) -> None:
    layer = TokenCNN(E, U)
    weight, bias = layer.conv.weight, layer.conv.bias
    assert bias is not None
    padded = torch.cat([torch.zeros(1, E), x[0], torch.zeros(1, E)])
    finds = [torch.relu(bias + torch.einsum("uek,ke->u", weight, padded[t : t + 3])) for t in range(T)]
    torch.testing.assert_close(layer(x)[0], torch.stack(finds).amax(dim=0))


def test_the_last_state_is_that_of_the_last_token(x: Tensor) -> None:
    layer = LastState("GRU", E, U)
    _, last = layer.reader(x[1:2, :3])
    torch.testing.assert_close(layer(x)[1], last[0, 0])


def test_attention_by_hand(x: Tensor) -> None:
    layer = SelfAttention(T, E, U)
    vectors = x[1, :3] + layer.position[:3]
    mixed = []
    for token in vectors:
        scores = [(layer.query(token) @ layer.key(other)).item() / math.sqrt(U) for other in vectors]
        shares = [math.exp(score) / sum(map(math.exp, scores)) for score in scores]
        mixed.append(
            sum((share * layer.value(other) for share, other in zip(shares, vectors, strict=True)), torch.zeros(U))
        )
    torch.testing.assert_close(layer(x)[1], torch.stack(mixed).mean(dim=0))
    weights = layer.weights(x + layer.position, (x != 0).any(dim=2))
    torch.testing.assert_close(weights.sum(dim=2), torch.ones(3, T))
    assert (weights[1, :, 3:] < 1e-6).all()


@pytest.mark.parametrize("causal", [False, True])
def test_a_text_without_a_token_is_a_finite_vector(causal: bool) -> None:
    for layer in layers(causal):
        assert torch.isfinite(layer(torch.zeros(2, T, E))).all()
