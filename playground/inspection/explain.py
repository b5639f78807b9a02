"""What the network looked at: which parts of one input carry its answer, by gradient, by occlusion, by attention.

All of it leaves the module as it was: parameters' `.grad`, running statistics and random numbers are not touched. The
module has to be in evaluation mode.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

Score = Callable[[Tensor], Tensor]
"""(outputs of N samples) -> the number to be explained, one a sample: (N,)."""

BATCH = 64  # covered inputs that go through the network at once


def input_gradient(module: nn.Module, X: Tensor, score: Score) -> Tensor:
    """d score / d input of one sample: X (1, ...) float -> the same shape.

    Source: K. Simonyan and others, Deep Inside Convolutional Networks, 2013, https://arxiv.org/abs/1312.6034
    """
    with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):  # cuDNN has no gradients in evaluation mode
        inputs = X.detach().clone().requires_grad_()
        (gradient,) = torch.autograd.grad(score(module(inputs)).sum(), inputs)
    return gradient.detach()


def token_gradient(module: nn.Module, embedding: nn.Module, ids: Tensor, score: Score) -> Tensor:
    """Gradient times embedding of every token of one text: ids (1, T) -> (T,).

    To first order, how much the score would fall if the token's vector were zero.
    """
    vectors: list[Tensor] = []

    def keep(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        vectors.append(output.detach().requires_grad_())
        return vectors[0]

    hook = embedding.register_forward_hook(keep)
    try:
        with torch.enable_grad(), torch.backends.cudnn.flags(enabled=False):
            outputs = module(ids)
            (gradient,) = torch.autograd.grad(score(outputs).sum(), vectors[0])
    finally:
        hook.remove()
    return (gradient * vectors[0].detach()).sum(dim=-1)[0]


def scores_of(module: nn.Module, X: Tensor, score: Score) -> Tensor:
    """The score of each of N inputs, (N,), in batches of a moderate size."""
    with torch.no_grad():
        return torch.cat([score(module(part)) for part in torch.split(X, BATCH)])


def occlusion(module: nn.Module, X: Tensor, score: Score, *, patch: tuple[int, int], stride: int) -> Tensor:
    """How far the score falls where a grey patch covers the input: X (1, C, H, W) or (1, C, L) -> (H, W) or (L,).

    The patch, (h, w) or (1, w), moves by `stride`; a place shows the mean over the patches that cover it. Grey is 0,
    the mean of standardised inputs. Source: M. Zeiler and R. Fergus, Visualizing and Understanding Convolutional
    Networks, 2013, https://arxiv.org/abs/1311.2901
    """
    flat = X.dim() == 3
    picture = X[:, :, None] if flat else X  # (1, C, H, W)
    height, width = picture.shape[2:]
    boxes = [
        (slice(top, top + patch[0]), slice(left, left + patch[1]))
        for top in patch_starts(height, patch[0], stride)
        for left in patch_starts(width, patch[1], stride)
    ]
    covered = picture.expand(len(boxes), -1, -1, -1).clone()
    for variant, (rows, columns) in zip(covered, boxes, strict=True):
        variant[:, rows, columns] = 0
    before = scores_of(module, X, score)
    drops = before - scores_of(module, covered[:, :, 0] if flat else covered, score)
    total = torch.zeros(height, width, device=X.device)
    count = torch.zeros_like(total)
    for drop, (rows, columns) in zip(drops, boxes, strict=True):
        total[rows, columns] += drop
        count[rows, columns] += 1
    falls = total / count.clamp_min(1)
    return falls[0] if flat else falls


def patch_starts(length: int, patch: int, stride: int) -> list[int]:
    """Where patches start so that every place is covered: 0, stride, ... and as far as the last one fits."""
    last = max(length - patch, 0)
    return sorted({*range(0, last + 1, stride), last})


def patch_for(shape: Sequence[int]) -> tuple[tuple[int, int], int]:
    """Patch and stride that show detail at a bearable cost: about 150 patches. shape: (C, H, W) or (C, L)."""
    if len(shape) == 2:
        width = max(shape[1] // 24, 1)
        return (1, width), max(width // 3, 1)
    side = max(min(shape[1:]) // 5, 2)
    return (min(side, shape[1]), min(side, shape[2])), max(side // 2, 1)


def token_occlusion(module: nn.Module, ids: Tensor, score: Score, *, padding: int, close_up: bool) -> Tensor:
    """How far the score falls without a token: ids (1, T) -> (T,), 0 at padding.

    close_up: those after it move up, as if it had not been written; else its place stays, as padding.
    """
    places = torch.nonzero(ids[0] != padding)[:, 0]
    falls = torch.zeros(ids.shape[1], device=ids.device)
    if len(places):
        variants = ids.repeat(len(places), 1)
        for variant, place in zip(variants, places.tolist(), strict=True):
            if close_up:
                variant[place:-1] = ids[0, place + 1 :]
                variant[-1] = padding
            else:
                variant[place] = padding
        falls[places] = scores_of(module, ids, score) - scores_of(module, variants, score)
    return falls


def column_occlusion(
    module: nn.Module, X: Tensor, score: Score, *, columns: Sequence[slice], averages: Tensor
) -> Tensor:
    """How far the score falls when a column has its average instead: X (1, D), averages (D,) -> (D,).

    columns: the inputs that belong together, since a category has one for each of its values.
    """
    variants = X.repeat(len(columns), 1)
    for variant, column in zip(variants, columns, strict=True):
        variant[column] = averages[column]
    drops = scores_of(module, X, score) - scores_of(module, variants, score)
    falls = torch.zeros(X.shape[1], device=X.device)
    for drop, column in zip(drops, columns, strict=True):
        falls[column] = drop
    return falls


def merged_channels(gradient: Tensor) -> NDArray[np.float32]:
    """A gradient without its batch as a picture: (C, H, W) -> (H, W), (C, L) -> (L,), summed over the channels."""
    values = gradient.sum(dim=0) if gradient.dim() > 1 else gradient
    return values.float().cpu().numpy()
