"""Where a self-attention layer looks: the weight that each token gives to each other."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.network.modules import SelfAttention


def attention_of(module: nn.Module, vectors: Tensor | None) -> NDArray[np.uint8] | None:
    """(T, T), row = the token that looks, 255 = all of its weight; None without attention.

    vectors: (1, T, E), what the embedding made of the tokens.
    """
    encoder = next((child for child in module.children() if isinstance(child, SelfAttention)), None)
    if encoder is None or vectors is None:
        return None
    with torch.no_grad():
        here = (vectors != 0).any(dim=2)
        weights = encoder.weights(vectors + encoder.position, here)[0]
    return (weights.nan_to_num(0.0) * 255).round().to(torch.uint8).cpu().numpy()
