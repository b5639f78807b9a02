"""What a journey shows of more than one sample: the wall of test samples, losses, the painted picture, written texts.

Each costs more than the journey itself, so it is kept for a while as long as the run trains.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from playground.data.photos import PhotoDataset
from playground.data.sound import SoundDataset
from playground.data.table_encoding import TableDataset
from playground.data.text import GeneratorDataset
from playground.inspection.answers import class_probabilities
from playground.inspection.forward import as_inputs, device_of, module_outputs
from playground.inspection.journey_sample import Own
from playground.inspection.kept import Kept
from playground.inspection.writing import write_texts
from playground.training.trainer import Trainer

WALL = 400  # test samples on the wall
WINDOWS = 48  # places at which a long recording is listened to
PICTURE_EVERY, PICTURE_SHARE = 0.1, 0.25  # the picture is the point of the page, so it may cost more
LOSSES_EVERY, LOSSES_SHARE = 1.0, 0.03  # every epoch has its losses anyway

Arrays = dict[str, NDArray[Any]]
Header = dict[str, Any]


def add_wall(trainer: Trainer, kept: Kept, moment: object, playing: bool) -> Arrays:
    """predicted, target, confidence of the first 400 test samples: classes, or values in the unit of the target."""
    if isinstance(trainer.dataset, GeneratorDataset | PhotoDataset) or not len(trainer.dataset.X_test):
        return {}
    return kept.get("wall", None, moment, playing, lambda: _wall(trainer))


def _wall(trainer: Trainer) -> Arrays:
    data = trainer.dataset
    logits = module_outputs(trainer, as_inputs(data.X_test[:WALL], device_of(trainer)))
    target = data.y_test[:WALL]
    if trainer.experiment.task == "regression":
        values = logits[:, 0].cpu().numpy()
        if isinstance(data, TableDataset):
            values, target = data.target_value(values), data.target_value(target)
        return {"predicted": values.astype(np.float32), "target": target.astype(np.float32)}
    confidence, best = class_probabilities(trainer.experiment, logits).nan_to_num(0.0).max(dim=1)
    return {
        "predicted": best.to(torch.int16).cpu().numpy(),
        "confidence": (confidence * 255).round().to(torch.uint8).cpu().numpy(),
        "target": target.astype(np.int16),
    }


def losses_of(trainer: Trainer, kept: Kept, moment: object, playing: bool) -> Header:
    """Losses and metric of this moment when paused; while it trains those of the last epoch or of a look since then."""
    names = ("train_loss", "test_loss", "train_metric", "test_metric")
    record, step = trainer.history.last, trainer.step_count
    edited = bool(trainer.edited) and trainer.edited[-1]["step"] >= record.step
    if record.step == step and not edited:
        return {name: getattr(record, name) for name in names}

    def look() -> tuple[int, int, NamedTuple]:
        """The step looked at, that of the newest record then, and the numbers."""
        before = kept.last("losses")
        if playing and before is not None and record.step > before[1]:  # an epoch has ended since, so that will do
            return record.step, record.step, record
        return step, record.step, trainer.evaluate()

    looked_at, _, seen = kept.get("losses", None, moment, playing, look, often=LOSSES_EVERY, share=LOSSES_SHARE)
    newest = record if record.step > looked_at else seen
    return {name: getattr(newest, name) for name in names}


def add_picture(trainer: Trainer, kept: Kept, moment: object, playing: bool) -> Arrays:
    """picture: what the network paints now, (H, W, 3) uint8."""
    data = trainer.dataset
    if not isinstance(data, PhotoDataset):
        return {}
    pixels = kept.get("pixels", None, None, playing, lambda: as_inputs(data.all_pixels(), device_of(trainer)))

    def painted() -> NDArray[np.uint8]:
        return data.paint(module_outputs(trainer, pixels).cpu().numpy())

    picture = kept.get("picture", None, moment, playing, painted, often=PICTURE_EVERY, share=PICTURE_SHARE)
    return {"picture": picture}


def add_written(
    trainer: Trainer, kept: Kept, moment: object, playing: bool, temperature: float, generator: torch.Generator
) -> Header:
    """written: a few texts of this moment."""
    data = trainer.dataset
    if not isinstance(data, GeneratorDataset):
        return {}

    def texts() -> list[str]:
        return write_texts(trainer.module, data, temperature=temperature, generator=generator)

    return {"written": kept.get("written", temperature, moment, playing, texts)}


def add_moments(trainer: Trainer, kept: Kept, moment: object, playing: bool, own: Own | None) -> tuple[Header, Arrays]:
    """moments: (K, C) the probabilities at K places of a recording that is longer than a clip; at which seconds."""
    data = trainer.dataset
    if not isinstance(data, SoundDataset) or own is None or own.recording is None:
        return {}, {}
    recording, length = own.recording, data.raw_train.shape[1]
    count = min(WINDOWS, 2 + 4 * (len(recording) - length) // length)
    starts = np.linspace(0, len(recording) - length, count).astype(int)
    peak = max(float(np.abs(recording).max()), 1e-6)

    def heard() -> NDArray[np.float32]:
        clips = [data.encode(recording[start : start + length] * np.float32(0.6 / peak)) for start in starts]
        logits = module_outputs(trainer, as_inputs(np.stack(clips), device_of(trainer)))
        return class_probabilities(trainer.experiment, logits).float().cpu().numpy()

    seconds = [float((start + length / 2) / data.sample_rate) for start in starts]
    return {"moments_at": seconds}, {"moments": kept.get("moments", own.id, moment, playing, heard)}


def last_logits(outputs: Tensor, X: Tensor) -> Tensor:
    """(N, K) as it is; of a network that predicts every next token, (N, T, V), what follows the last token: (N, V)."""
    if outputs.dim() < 3:
        return outputs
    last = ((X != 0).sum(dim=1) - 1).clamp_min(0)
    return outputs[torch.arange(len(outputs), device=outputs.device), last]
