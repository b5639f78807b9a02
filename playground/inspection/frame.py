"""One trainer at one moment, as everything that the eyes get: a Frame."""

from __future__ import annotations

import hashlib
import math
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.data.dataset import Dataset
from playground.experiment.experiment import Experiment
from playground.experiment.points import PointsExperiment, points_of
from playground.inspection.answers import class_probabilities, predictions, probe
from playground.inspection.forward import (
    Domain,
    device_of,
    grid_inputs,
    inspecting,
    layer_outputs,
    outputs_at,
)
from playground.inspection.frame_format import Frame, decode_frame, encode_frame
from playground.inspection.losses import losses_now, thinned_losses
from playground.inspection.run_state import RunState, empty_header
from playground.inspection.view import PLANE, FrameView
from playground.network.shapes import describe_network
from playground.training.trainer import Trainer

__all__ = ["Frame", "FrameView", "build_frame", "data_frame", "decode_frame", "encode_frame"]

SURFACE = 100  # cells a side of the selected neuron's picture
_PHASES_WITH_GRADIENTS = frozenset({"backward", "step", "zero_grad"})


def build_frame(trainer: Trainer, view: FrameView, state: RunState) -> Frame:
    """Everything that `view` asks for of `trainer` now, which is left exactly as it was."""
    if trainer.fast is not None:  # the kernel looks: the module is not called, so it needs no other mode
        return _built_frame(trainer, view, state)
    with torch.no_grad(), inspecting(trainer.module):  # once for all of it: the inner ones then have nothing to do
        return _built_frame(trainer, view, state)


def _built_frame(trainer: Trainer, view: FrameView, state: RunState) -> Frame:
    experiment, data = points_of(trainer.experiment), trainer.dataset
    header, arrays = _data_part(experiment, data, view, state)
    thumbs, scales, output_scale = _thumbnails(trainer, view)
    outputs = outputs_at(trainer, trainer.samples.X)
    shapes = _shapes(trainer)
    header |= {
        "epoch": trainer.epoch,
        "step": trainer.step_count,
        "steps_per_epoch": trainer.steps_per_epoch,
        "phase": trainer.phase,
        "learning_rate": trainer.learning_rate,
        "layers": [
            {"units": layer.units, "activation": layer.activation, "norm": layer.norm, "dropout": layer.dropout}
            | {"scale": scale}
            for layer, scale in zip(experiment.layers, scales, strict=True)
        ],
        "outputs": outputs.shape[1],
        "output_scale": output_scale,
        "edited": bool(trainer.edited),
        "probe": None if view.probe is None else probe(trainer, view.probe),
        **shapes,
        **losses_now(trainer, outputs),
    }
    selected, last = _selected_neuron(trainer, view), len(experiment.layers)
    share_pass = selected is not None and view.grid == SURFACE
    wanted = sorted({selected[0], last}) if selected and share_pass else [last]
    plane = layer_outputs(trainer, _plane(trainer, view.grid, view.domain), wanted)
    arrays["curve" if data.dims == 1 else "boundary"] = _boundary(experiment, data.dims, view.grid, plane[-1])
    arrays["thumbs"] = thumbs
    arrays["weights"] = _of_linears(trainer, trainer.flat.values)
    arrays["losses"] = thinned_losses(trainer.history)
    arrays["predicted"] = predictions(experiment, outputs)
    if trainer.phase is not None and trainer.batch is not None:
        arrays["batch"] = np.asarray(trainer.batch, dtype=np.int32)
    if trainer.phase in _PHASES_WITH_GRADIENTS:
        arrays["gradients"] = _of_linears(trainer, trainer.flat.gradients)
    if selected is not None:
        layer, unit = selected
        if not share_pass:
            plane = layer_outputs(trainer, _plane(trainer, SURFACE, view.domain), [layer])
        surface = plane[0][:, unit].cpu().numpy().reshape(1 if data.dims == 1 else SURFACE, SURFACE)
        header["selected"] = {"layer": layer, "unit": unit, "min": float(surface.min()), "max": float(surface.max())}
        arrays["surface"] = surface
    return Frame(header, arrays)


def data_frame(experiment: Experiment, data: Dataset, view: FrameView, state: RunState) -> Frame:
    """The frame of a run that has no network to show, because its data or inputs allow none: the points alone."""
    header, arrays = _data_part(points_of(experiment), data, view, state)
    arrays["losses"] = np.zeros((0, 3), dtype=np.float32)
    return Frame(header, arrays)


def _data_part(
    experiment: PointsExperiment, data: Dataset, view: FrameView, state: RunState
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The header with an empty network, and the arrays that depend on the data alone, sent only when they are new."""
    version = _version(experiment, view.thumb)
    header: dict[str, Any] = empty_header(experiment, version, state) | {
        "dims": data.dims,
        "class_names": list(data.class_names),
        "inputs": list(experiment.active_inputs),
        "layers": [],
        "output_scale": 1.0,
        "domain": list(view.domain),
        "selected": None,
        "probe": None,
        "train_count": len(data.raw_train),
    }
    arrays: dict[str, NDArray[Any]] = {}
    if view.have_version != version:
        arrays["points"] = np.concatenate([data.raw_train, data.raw_test]).astype(np.float32)
        arrays["labels"] = np.concatenate([data.y_train, data.y_test]).astype(np.float32)
        values = grid_inputs(experiment.active_inputs, data.dims, view.thumb, PLANE, torch.device("cpu"))
        arrays["input_thumbs"], header["input_scales"] = _pictures([values], data.dims, view.thumb, per_unit=True)
    return header, arrays


def _version(experiment: Experiment, thumb: int) -> int:
    """A number that changes when the points or the inputs' thumbnails do, the same in every process."""
    names = ("dataset", "samples", "noise", "train_share", "seed", "points", "inputs")
    text = repr([getattr(experiment, name) for name in names] + [thumb])
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest()) | 1  # never 0, below 2**53


def _thumbnails(trainer: Trainer, view: FrameView) -> tuple[NDArray[np.int8], list[float], float]:
    """One picture a hidden neuron over the whole plane, the scale of each layer, and the scale of the outputs."""
    plane, dims = _plane(trainer, view.thumb, PLANE), trainer.dataset.dims
    if trainer.fast is not None:
        fused = trainer.fast.view.thumbnails(plane)
        hidden_units = sum(layer.units for layer in points_of(trainer.experiment).layers)
        thumbs = fused.pictures[:hidden_units].reshape(hidden_units, 1 if dims == 1 else view.thumb, view.thumb)
        return thumbs, fused.scales[:-1], fused.scales[-1]
    *hidden, outputs = layer_outputs(trainer, plane)
    thumbs, scales = _pictures(hidden, dims, view.thumb)
    return thumbs, scales, _scale(outputs)


def _pictures(
    layers: list[Tensor], dims: int, cells: int, per_unit: bool = False
) -> tuple[NDArray[np.int8], list[float]]:
    """layers: values (cells, H) on a grid -> (sum of H, rows, cells) int8, 127 = the scale of its layer (or unit).

    A scale is at least 1, so that the colours of a layer that does nothing are pale and mean numbers.
    """
    rows = 1 if dims == 1 else cells
    pictures = np.zeros((sum(layer.shape[1] for layer in layers), rows, cells), dtype=np.int8)
    scales: list[float] = []
    first = 0
    for layer in layers:
        units = layer.shape[1]
        if not units:
            continue
        if per_unit:
            divisor = layer.abs().amax(dim=0).clamp(1.0, 3e38)
            scales += [float(value) for value in divisor]
            quantised = _quantised(layer * (127 / divisor))
        else:
            scales.append(_scale(layer))
            quantised = _quantised(layer * (127 / scales[-1]))
        pictures[first : first + units] = quantised.t().contiguous().cpu().numpy().reshape(units, rows, cells)
        first += units
    return pictures, scales


def _scale(values: Tensor) -> float:
    low, high = torch.aminmax(values)
    scale = max(1.0, -float(low), float(high))
    return scale if math.isfinite(scale) else 3e38  # weights can be finite and their sums not


def _quantised(values: Tensor) -> Tensor:
    return values.nan_to_num(0.0, 127.0, -127.0).round_().clamp_(-127, 127).to(torch.int8)


def _boundary(experiment: Experiment, dims: int, cells: int, outputs: Tensor) -> NDArray[Any]:
    """outputs: (cells * cells, K) over the output plane, or (cells, 1) along the curve -> the answer in every cell."""
    if dims == 1:
        return outputs[:, 0].cpu().numpy()
    if experiment.task == "regression":
        return _quantised(outputs[:, 0] * 127).cpu().numpy().reshape(cells, cells)
    if outputs.shape[1] == 1:  # 2 p - 1, see `class_probabilities`: 2 sigmoid(z) - 1 = tanh(z / 2)
        lean = np.tanh(outputs[:, 0].cpu().numpy() * np.float32(1.0 if experiment.loss == "squared" else 0.5))
        lean[np.isnan(lean)] = 0.0  # NumPy's tanh takes a tenth of the time of torch's
        return np.rint(lean * np.float32(127)).astype(np.int8).reshape(cells, cells)
    chances = class_probabilities(experiment, outputs)
    if experiment.task == "binary":
        return _quantised((2 * chances[:, 1] - 1) * 127).cpu().numpy().reshape(cells, cells)
    confidence, best = chances.nan_to_num(0.0).max(dim=1)
    pair = torch.stack([best, (confidence * 255).round_().long()], dim=1)
    return pair.to(torch.uint8).cpu().numpy().reshape(cells, cells, 2)


def _plane(trainer: Trainer, cells: int, domain: Domain) -> Tensor:
    """The network's inputs over a picture of the domain."""
    return grid_inputs(
        points_of(trainer.experiment).active_inputs, trainer.dataset.dims, cells, domain, device_of(trainer)
    )


def _selected_neuron(trainer: Trainer, view: FrameView) -> tuple[int, int] | None:
    """The selected (layer, unit), if the network has it."""
    if view.selected is None:
        return None
    layer, unit = view.selected
    units = [layer.units for layer in points_of(trainer.experiment).layers] + [trainer.experiment.output_units]
    return view.selected if layer < len(units) and unit < units[layer] else None


def _of_linears(trainer: Trainer, flat: Tensor) -> NDArray[np.float32]:
    """flat: (P,) numbers, one a parameter -> those of the Linear layers, each layer's weights, then its biases."""
    if trainer.fast is not None:  # then there is nothing else
        return flat.numpy().copy()
    return torch.cat([flat[layer] for layer in trainer.flat.linears]).cpu().numpy()


_SHAPES: WeakKeyDictionary[Trainer, dict[str, Any]] = WeakKeyDictionary()


def _shapes(trainer: Trainer) -> dict[str, Any]:
    shapes = _SHAPES.get(trainer)
    if shapes is None:
        network = describe_network(trainer.experiment)
        shapes = {"parameters": network.parameters, "shapes": [layer.text for layer in network.layers]}
        _SHAPES[trainer] = shapes
    return shapes
