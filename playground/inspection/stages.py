"""One sample on its way through the module: the output of every child, as pictures of eight bits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

MAX_CHANNELS = 64  # maps sent of a stage: more cannot be seen at once
MAX_FILTERS = (16, 8)  # filters sent of a layer: outputs, inputs
MAX_LENGTH = 512  # places sent of a signal: as many as a screen shows
SMALLEST_SCALE = 0.1  # so that a layer that does next to nothing stays pale

Array = NDArray[np.float32]


@contextmanager
def recording(module: nn.Module) -> Iterator[dict[str, Tensor]]:
    """Within, every call of the module writes the output of each named child here; after it, nothing is left."""
    seen: dict[str, Tensor] = {}
    hooks = [child.register_forward_hook(partial(_keep, seen, name)) for name, child in module.named_children()]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def _keep(seen: dict[str, Tensor], name: str, module: nn.Module, inputs: Any, output: Tensor) -> None:
    seen[name] = output


@dataclass(frozen=True)
class Labels:
    """What a person calls a child of the module, from the plan of the network."""

    title: str
    module: str
    """As PyTorch text."""
    parameters: int
    linear: bool


@dataclass(frozen=True, eq=False)
class Stage:
    """What one child makes of one sample. values: without the batch, (C, H, W), (T, U) or (U,)."""

    name: str
    labels: Labels
    kind: str  # maps, sequence or vector
    shape: tuple[int, ...]
    values: Array
    filters: Array | None = None  # (out, in, kh, kw)
    frozen: str = ""  # of a pretrained part that is not trained: what it does, a sentence's end


def stage_of(name: str, labels: Labels, output: Tensor, *, tokens: bool, filters: Array | None = None) -> Stage:
    """output: of one sample, without the batch. tokens: two dimensions are (T, U) of a text, and not (C, L)."""
    values = output.detach().float().cpu().numpy()
    shape = tuple(values.shape)
    if values.ndim == 3:
        return Stage(name, labels, "maps", shape, values[:MAX_CHANNELS], filters)
    if values.ndim == 2 and tokens:
        return Stage(name, labels, "sequence", shape, values, filters)
    if values.ndim == 2:
        return Stage(name, labels, "maps", shape, thinned(values[:MAX_CHANNELS])[:, None], filters)
    if values.ndim == 1 and tokens and name == "input":
        return Stage(name, labels, "sequence", shape, values[:, None], filters)
    return Stage(name, labels, "vector", shape, values.reshape(-1), filters)


def picture_shape(maps: Tensor) -> tuple[int, int, int]:
    """(C, H, W) of the maps of one sample, (1, C, H, W) or (1, C, L)."""
    shape = tuple(maps.shape[1:])
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else (shape[0], 1, shape[1])


def thinned(signals: Array) -> Array:
    """signals: (C, L) -> (C, at most 512), of each stretch the value farthest from zero."""
    length = signals.shape[-1]
    if length <= MAX_LENGTH:
        return signals
    stretch = math.ceil(length / MAX_LENGTH)
    padded = np.pad(signals, [(0, 0), (0, -length % stretch)])
    parts = padded.reshape(len(signals), -1, stretch)
    return np.take_along_axis(parts, np.abs(parts).argmax(axis=2)[..., None], axis=2)[..., 0]


def filters_of(child: nn.Module, shape_in: tuple[int, ...] | None) -> Array | None:
    """What each neuron looks for, at most 16 x 8 of them: (out, in, kh, kw).

    shape_in: (C, H, W) of what a Linear layer sees laid flat, so that its weights are pictures too.
    """
    outputs, inputs = MAX_FILTERS
    if isinstance(child, nn.Conv2d):
        weight = child.weight
    elif isinstance(child, nn.Conv1d):
        weight = child.weight[:, :, None]
    elif isinstance(child, nn.Linear) and shape_in is not None:
        weight = child.weight.view(-1, *shape_in)
    else:
        return None
    return weight[:outputs, :inputs].detach().float().cpu().numpy()


def scale_of(values: NDArray[Any], smallest: float = SMALLEST_SCALE) -> float:
    """The largest finite magnitude, at least `smallest`: what 127 stands for."""
    if not values.size:
        return smallest
    scale = float(np.abs(values).max())
    if not math.isfinite(scale):
        scale = float(np.abs(np.nan_to_num(values, nan=0.0, posinf=3e38, neginf=-3e38)).max())
    return max(scale, smallest)


def quantised(values: NDArray[Any], scale: float) -> NDArray[np.int8]:
    """Values as whole numbers from -127 to 127, which is `scale`; what is not a number becomes 0."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = np.rint(values * np.float32(127 / scale))
    if not np.isfinite(scaled).all():
        scaled = np.nan_to_num(scaled, nan=0.0, posinf=127, neginf=-127)
    return np.clip(scaled, -127, 127).astype(np.int8)


def encode_stages(stages: list[Stage], first: int = 0) -> tuple[list[dict[str, Any]], dict[str, NDArray[Any]]]:
    """The header's entries of the stages, and their arrays. first: the number of the first one."""
    entries: list[dict[str, Any]] = []
    arrays: dict[str, NDArray[Any]] = {}
    for number, stage in enumerate(stages, start=first):
        scale = scale_of(stage.values)
        entry: dict[str, Any] = {
            "name": stage.name,
            **vars(stage.labels),
            "shape": list(stage.shape),
            "kind": stage.kind,
            "scale": scale,
            "array": f"stage{number}",
            "frozen": stage.frozen,
            "filters": None,
            "filter_scale": 1.0,
        }
        arrays[f"stage{number}"] = quantised(stage.values, scale)
        if stage.filters is not None:
            filter_scale = scale_of(stage.filters, 1e-6)
            entry |= {"filters": f"filters{number}", "filter_scale": filter_scale}
            arrays[f"filters{number}"] = quantised(stage.filters, filter_scale)
        entries.append(entry)
    return entries, arrays


def run_through(module: nn.Module, X: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """X: (1, ...) -> the output of every child and of the module, without gradients. In evaluation mode only."""
    with torch.no_grad(), recording(module) as seen:
        outputs = module(X)
    return seen, outputs
