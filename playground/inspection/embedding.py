"""The embedding of a text network: where each token lies, and which tokens are its neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from playground.data.text import TextDataset
from playground.data.tokens import PAD_ID
from playground.inspection.plane import two_axes
from playground.training.trainer import Trainer

MAX_TOKENS = 300  # shown, the most frequent ones: more names cannot be read
NEIGHBOURS = 8


def embedding(trainer: Trainer, options: Mapping[str, Any]) -> dict[str, Any]:
    """options: token = the chosen one, "" for none.

    tokens: names (V,), the most frequent first, without <pad>; places (V, 2): the vectors themselves if they have two
    numbers, else on their two principal components; share: of the variance these show; width: numbers of a vector;
    chosen: its index or None; neighbours: indices of the nearest by angle, nearest first, and their similarity, the
    cosine from -1 to 1.
    """
    data = trainer.dataset
    layer = next((child for child in trainer.module.children() if isinstance(child, nn.Embedding)), None)
    if layer is None or not isinstance(data, TextDataset):
        return {"message": "This network has no embedding: its data comes as numbers already."}
    with torch.no_grad():
        vectors = layer.weight.float().cpu().numpy()
    names = data.vocabulary.tokens
    shown = [i for i in range(min(len(names), MAX_TOKENS + 1)) if i != PAD_ID]
    wanted = str(options.get("token") or "")[:40]
    token = data.vocabulary.ids.get(wanted) if wanted else None
    message = None
    if wanted and (token is None or token == PAD_ID):
        found = data.encode(wanted).ids
        token = int(found[0]) if len(found) and found[0] > 1 else None
        if token is None:
            message = f"The vocabulary has no token {wanted!r}."
    if token is not None and token not in shown:
        shown.append(token)
    places = vectors[shown]
    centre, axes, share = two_axes(places)
    nearest, similarity = _neighbours(vectors, shown, token)
    return {
        "tokens": [names[i] for i in shown],
        "places": (places - centre) @ axes,
        "share": share,
        "width": vectors.shape[1],
        "vocabulary": len(names),
        "chosen": None if token is None else shown.index(token),
        "neighbours": nearest,
        "similarity": similarity,
        "note": message,
    }


def _neighbours(
    vectors: NDArray[np.float32], shown: list[int], token: int | None
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Among the tokens that are shown: places in `shown` of those with the smallest angle, and the cosines."""
    if token is None:
        return np.zeros(0, np.int64), np.zeros(0)
    chosen = vectors[token].astype(np.float64)
    others = vectors[shown].astype(np.float64)
    lengths = np.linalg.norm(others, axis=1) * np.linalg.norm(chosen)
    cosines = np.divide(others @ chosen, lengths, out=np.zeros(len(shown)), where=lengths > 0)
    order = [i for i in np.argsort(-cosines, kind="stable").tolist() if shown[i] != token][:NEIGHBOURS]
    return np.array(order, dtype=np.int64), cosines[order]
