"""Texts that a next-token network writes, token by token, with random numbers of its own."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import torch
from torch import Tensor, nn

from playground.data.text import GeneratorDataset
from playground.data.tokens import BEGIN, PAD_ID, UNKNOWN_ID

TEXTS = 6  # at once
COLDEST = 1e-3  # below it the most probable token is taken, without dividing by next to nothing


def write_texts(
    module: nn.Module,
    dataset: GeneratorDataset,
    *,
    temperature: float,
    generator: torch.Generator,
    count: int = TEXTS,
    start: str = "",
) -> list[str]:
    """`count` texts that begin with `start`; in evaluation mode only. generator: on the CPU.

    A text ends with <eos>, or where the window is full.
    """
    device = next(module.parameters()).device
    encoder = dataset.encoder
    length = encoder.max_length
    first = encoder.look_up([[BEGIN, *encoder.split(start)][:length]])[0]
    written = int((first != PAD_ID).sum())
    ids = torch.from_numpy(np.repeat(first[None], count, axis=0)).to(device)  # (N, T)
    last = torch.full((count, 1), PAD_ID, dtype=torch.int64, device=device)  # what follows a full window
    ids = torch.cat([ids, last], dim=1)
    over = torch.zeros(count, dtype=torch.bool)
    never = (PAD_ID, UNKNOWN_ID, dataset.begin_id)
    with torch.no_grad():
        for place in range(written, length + 1):
            logits = module(ids[:, :length])[:, place - 1].float().cpu()  # (N, V)
            tokens = draw_tokens(logits, temperature=temperature, never=never, generator=generator)
            over |= tokens == dataset.end_id
            tokens[over] = PAD_ID
            if over.all():
                break
            ids[:, place] = tokens.to(device)
    return [encoder.decode(row) for row in ids.cpu().tolist()]


def draw_tokens(logits: Tensor, *, temperature: float, never: Collection[int], generator: torch.Generator) -> Tensor:
    """Draw a token for each text: logits (N, V) -> (N,), with probabilities softmax(logits / temperature)."""
    allowed = logits.nan_to_num(0.0, 1e30, -1e30)
    allowed[:, list(never)] = -torch.inf
    if temperature < COLDEST:
        return allowed.argmax(dim=1)
    return torch.multinomial(torch.softmax(allowed / temperature, dim=1), 1, generator=generator)[:, 0]
