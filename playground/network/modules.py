"""The layers of text networks: from the vectors of the tokens to a vector of the text. Exported scripts show this code.

A token that only fills a short text up has the vector zero, and counts for nothing. With `causal` a layer makes one
vector for each token, from it and those before it, so that a network can learn which token comes next.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class MeanOfTokens(nn.Module):
    """The mean of the tokens' vectors: (N, T, E) -> (N, E), or (N, T, E) of those so far."""

    def __init__(self, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, T, E)."""
        here = (x != 0).any(dim=2, keepdim=True).to(x.dtype)  # (N, T, 1), 0 where a text is filled up
        if self.causal:
            return x.cumsum(dim=1) / here.cumsum(dim=1).clamp(min=1)
        return x.sum(dim=1) / here.sum(dim=1).clamp(min=1)


class TokenCNN(nn.Module):
    """Kernels of three tokens, each of which keeps its strongest find: (N, T, E) -> (N, U), or (N, T, U)."""

    def __init__(self, embedding: int, units: int, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal
        self.conv = nn.Conv1d(embedding, units, 3, padding=2 if causal else 1)

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, T, E)."""
        found: Tensor = self.conv(x.transpose(1, 2)).relu()  # (N, U, T)
        if self.causal:
            return found[:, :, : x.shape[1]].transpose(1, 2)  # the last of three tokens is the one itself
        here = (x != 0).any(dim=2).unsqueeze(1)  # (N, 1, T), no finds where a text is filled up
        return (found * here).amax(dim=2)


class LastState(nn.Module):
    """A recurrent network that reads token by token: (N, T, E) -> its last state (N, U), or all states (N, T, U)."""

    def __init__(self, kind: str, embedding: int, units: int, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal
        self.reader = getattr(nn, kind)(embedding, units, batch_first=True)  # nn.RNN, nn.GRU or nn.LSTM

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, T, E)."""
        states: Tensor = self.reader(x)[0]  # (N, T, U)
        if self.causal:
            return states
        last = (x != 0).any(dim=2).sum(dim=1).clamp(min=1) - 1  # (N,), the place of the last token
        return states[torch.arange(len(x), device=x.device), last]


class SelfAttention(nn.Module):
    """Each token takes from the others what matters to it: (N, T, E) -> their mean (N, U), or each one's (N, T, U).

    Source: A. Vaswani and others, Attention Is All You Need, 2017, equation 1, with one head.
    """

    def __init__(self, length: int, embedding: int, units: int, causal: bool = False) -> None:
        super().__init__()
        self.causal = causal
        self.position = nn.Parameter(0.1 * torch.randn(length, embedding))  # without it, order would not matter
        self.query = nn.Linear(embedding, units)
        self.key = nn.Linear(embedding, units)
        self.value = nn.Linear(embedding, units)

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, T, E)."""
        here = (x != 0).any(dim=2)  # (N, T)
        x = x + self.position
        mixed: Tensor = self.weights(x, here) @ self.value(x)  # (N, T, U)
        if self.causal:
            return mixed
        here = here.unsqueeze(2).to(x.dtype)
        return (mixed * here).sum(dim=1) / here.sum(dim=1).clamp(min=1)

    def weights(self, x: Tensor, here: Tensor) -> Tensor:
        """How much of each other token (N, T, T) a token takes; each row sums to 1. here: (N, T), where tokens are."""
        scores: Tensor = self.query(x) @ self.key(x).transpose(1, 2) / self.query.out_features**0.5
        seen = here.unsqueeze(1)
        if self.causal:
            seen = seen & torch.ones_like(scores, dtype=torch.bool).tril()
        scores = scores.masked_fill(~seen, -1e9)  # not minus infinity: a text of no token has no number then
        return scores.softmax(dim=2)
