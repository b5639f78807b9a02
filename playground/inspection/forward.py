"""The module evaluated for looking at it: never in training mode, never with gradients, never leaving a trace.

`layer_outputs` is the one place through which every picture's numbers come, so a faster evaluation replaces only that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.data.features import compute_features
from playground.training.fused.view import FusedView
from playground.training.trainer import Trainer

CHUNK = 2**16  # numbers of a layer computed at a time, so that they stay in the processor's cache
MIN_ROWS = 256

Domain = tuple[float, float, float, float]


@contextmanager
def inspecting(module: nn.Module) -> Iterator[None]:
    """Evaluation mode (no dropout, running statistics of batch norm read and not written), undone afterwards."""
    training = [child for child in module.modules() if child.training]
    for child in training:
        child.training = False
    try:
        yield
    finally:
        for child in training:
            child.training = True


def layer_outputs(trainer: Trainer, X: Tensor, wanted: Collection[int] | None = None) -> list[Tensor]:
    """X: (N, D) -> the activations (N, H) of each hidden layer in order, and last the raw outputs (N, K).

    wanted: the layers to return, ascending, if not all; the output is layer number `len(experiment.layers)`.
    """
    if trainer.fast is not None:
        return _fast_outputs(trainer.fast.view, X, len(trainer.experiment.layers), wanted)
    stages = _stages(trainer.module)
    wanted = range(len(stages)) if wanted is None else wanted
    stages = stages[: max(wanted) + 1]
    widest = max(child.out_features for stage in stages for child in stage if isinstance(child, nn.Linear))
    collected: list[list[Tensor]] = [[] for _ in wanted]
    with torch.no_grad(), inspecting(trainer.module):
        for values in torch.split(X, max(MIN_ROWS, CHUNK // widest)):
            chunks = iter(collected)
            for number, stage in enumerate(stages):
                for child in stage:
                    values = child(values)
                if number in wanted:
                    next(chunks).append(values)
    return [chunks[0] if len(chunks) == 1 else torch.cat(chunks) for chunks in collected]


def _fast_outputs(view: FusedView, X: Tensor, last: int, wanted: Collection[int] | None) -> list[Tensor]:
    if wanted is not None and list(wanted) == [last]:
        return [view.logits(X)]
    layers = view.layer_outputs(X)
    return layers if wanted is None else [layers[number] for number in wanted]


def outputs_at(trainer: Trainer, X: Tensor) -> Tensor:
    """X: (N, D) -> the raw outputs (N, K)."""
    return layer_outputs(trainer, X, [len(trainer.experiment.layers)])[0]


def module_outputs(trainer: Trainer, X: Tensor) -> Tensor:
    """X: (N, ...) of any kind of data -> the raw outputs (N, K), or (N, T, V) of a network that writes."""
    if trainer.fast is not None:
        return trainer.fast.view.logits(X)
    rows = max(64, CHUNK // max(X[:1].numel(), 64))
    with torch.no_grad(), inspecting(trainer.module):
        return torch.cat([trainer.module(part) for part in torch.split(X, rows)])


def as_inputs(X: NDArray[Any], device: torch.device) -> Tensor:
    """Encoded samples as the module takes them: int64 ids stay, all else is float32."""
    array = np.ascontiguousarray(X)
    if array.dtype.kind == "f":
        array = array.astype(np.float32, copy=False)
    return torch.from_numpy(array).to(device)


def part_of(trainer: Trainer, split: str, most: int | None = None) -> tuple[Tensor, Tensor]:
    """X (N, ...) and y (N, ...) of the "train" or the "test" samples, or of the first of them."""
    samples = trainer.samples
    return samples.part(split, samples.X)[:most], samples.part(split, samples.y)[:most]


def _stages(module: nn.Module) -> list[list[nn.Module]]:
    """The module's children without dropout, cut after each activation; the last stage is the output."""
    stages: list[list[nn.Module]] = [[]]
    for name, child in module.named_children():
        if not name.startswith("dropout"):
            stages[-1].append(child)
        if name.startswith("activation"):
            stages.append([])
    return stages


def cell_centres(low: float, high: float, cells: int) -> NDArray[np.float32]:
    """The centres of `cells` equal cells from low to high: (cells,)."""
    return (low + (np.arange(cells) + 0.5) * ((high - low) / cells)).astype(np.float32)


@lru_cache(maxsize=16)  # a grid of 200 x 200 with seven inputs is 1.1 MB
def grid_inputs(inputs: tuple[str, ...], dims: int, cells: int, domain: Domain, device: torch.device) -> Tensor:
    """The network's inputs at the cell centres of a picture of `domain`, row 0 at the top: (cells * cells, D).

    One coordinate (dims=1): along x from edge to edge, (cells, D).
    """
    x0, x1, y0, y1 = domain
    if dims == 1:
        x = np.linspace(x0, x1, cells, dtype=np.float32)
        points = np.stack([x, np.zeros_like(x)], axis=1)
    else:
        x, y = cell_centres(x0, x1, cells), cell_centres(y0, y1, cells)[::-1]
        points = np.stack([np.tile(x, cells), np.repeat(y, cells)], axis=1)
    return inputs_at(points, inputs, device)


def inputs_at(points: NDArray[np.float32], inputs: tuple[str, ...], device: torch.device) -> Tensor:
    """points: (N, 2) of the plane -> the network's inputs there, (N, D)."""
    return torch.from_numpy(np.ascontiguousarray(compute_features(points, inputs))).to(device)


def device_of(trainer: Trainer) -> torch.device:
    """Where the trainer's module lives."""
    return trainer.flat.values.device
