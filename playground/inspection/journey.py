"""One trainer at one moment, as the journey of one sample: raw, tensor, every layer, logits, answer in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.data.dataset import Dataset
from playground.data.images import ImageDataset
from playground.data.photos import PhotoDataset
from playground.data.sound import SoundDataset
from playground.data.text import TextDataset
from playground.data.transfer import TransferDataset
from playground.experiment.experiment import Experiment
from playground.inspection.answers import class_probabilities
from playground.inspection.attention import attention_of
from playground.inspection.data_key import version_of
from playground.inspection.forward import as_inputs, device_of, inspecting
from playground.inspection.frame_format import Frame
from playground.inspection.journey_explain import SMALLEST, explanation
from playground.inspection.journey_frozen import FrozenWay, evidence, frozen_way
from playground.inspection.journey_sample import Own, Sample, chosen_sample, target_words
from playground.inspection.journey_view import JourneyView
from playground.inspection.journey_wall import (
    WALL,
    add_moments,
    add_picture,
    add_wall,
    add_written,
    last_logits,
    losses_of,
)
from playground.inspection.kept import Kept
from playground.inspection.labels import labels_of
from playground.inspection.losses import thinned_losses
from playground.inspection.run_state import RunState, empty_header
from playground.inspection.stages import (
    Labels,
    Stage,
    encode_stages,
    filters_of,
    picture_shape,
    quantised,
    run_through,
    scale_of,
    stage_of,
)
from playground.network.shapes import describe_network
from playground.training.trainer import Trainer

EXPLAIN_SHARE = 0.2  # of the time: a gradient is soon found, and an occlusion takes a hundred passes
THUMBNAIL = 56  # pixels a side of an own photo on the wall

Header = dict[str, Any]
Arrays = dict[str, NDArray[Any]]


@dataclass
class _Memory:
    """What is remembered of a trainer between two frames."""

    labels: dict[str, Labels]
    shapes: list[str]
    generator: torch.Generator
    kept: Kept = field(default_factory=Kept)


_MEMORIES: WeakKeyDictionary[Trainer, _Memory] = WeakKeyDictionary()


def build_journey(trainer: Trainer, view: JourneyView, state: RunState, own: Own | None = None) -> Frame:
    """Everything that `view` asks for of `trainer` now, which is left exactly as it was."""
    with inspecting(trainer.module):
        return _built_journey(trainer, view, state, own)


def _built_journey(trainer: Trainer, view: JourneyView, state: RunState, own: Own | None) -> Frame:
    experiment, data = trainer.experiment, trainer.dataset
    memory = _memory_of(trainer)
    version = version_of(experiment)
    sample = chosen_sample(data, version, view, own)
    header, arrays = _data_part(experiment, data, version, sample, view, state)
    X = as_inputs(sample.X[None], device_of(trainer))
    seen, outputs = run_through(trainer.module, X)
    logits = last_logits(outputs, X)
    stages = _stages(trainer.module, memory.labels, X, seen)
    frozen = _frozen(memory.kept, data, sample)
    if frozen is None:
        header["stages"], stage_arrays = encode_stages(stages)
    else:  # it ends with what is the input of the layers that are trained
        entries, stage_arrays = encode_stages(stages[1:], len(frozen.entries))
        header["stages"] = [*frozen.entries, *entries]
        if view.have_sample != sample.id:
            stage_arrays |= frozen.arrays
    header["sample"] |= _answer(experiment, data, logits)
    moment = (trainer.step_count, trainer.phase, trainer.diverged, trainer.edited)
    playing = state.playing
    header |= {
        "epoch": trainer.epoch,
        "step": trainer.step_count,
        "steps_per_epoch": trainer.steps_per_epoch,
        "phase": trainer.phase,
        "learning_rate": trainer.learning_rate,
        "outputs": experiment.output_units,
        "parameters": sum(labels.parameters for labels in memory.labels.values()),
        "shapes": memory.shapes,
        "edited": bool(trainer.edited),
        **losses_of(trainer, memory.kept, moment, playing),
        **add_written(trainer, memory.kept, moment, playing, view.temperature, memory.generator),
    }
    moments_at, moments = add_moments(trainer, memory.kept, moment, playing, own if sample.source == "own" else None)
    header |= moments_at
    arrays |= stage_arrays | moments
    arrays |= add_wall(trainer, memory.kept, moment, playing)
    arrays |= add_picture(trainer, memory.kept, moment, playing)
    arrays["losses"] = thinned_losses(trainer.history)
    attention = attention_of(trainer.module, seen.get("embedding"))
    if attention is not None:
        arrays["attention"] = attention
    if trainer.phase is not None and trainer.batch is not None:
        arrays["batch"] = np.asarray(trainer.batch, dtype=np.int32)
    if view.explain is not None:
        how = view.explain
        question = (how, sample.id)
        values = memory.kept.get(
            "explain",
            question,
            moment,
            playing,
            lambda: explanation(trainer, X, how) if frozen is None else evidence(trainer, frozen.last, how),
            often=0.0,
            share=EXPLAIN_SHARE,
        )
        if values is not None:
            header["explain_scale"] = scale_of(values, SMALLEST[how])
            arrays["explain"] = quantised(values, header["explain_scale"])
    return Frame(header, arrays)


def data_journey(
    experiment: Experiment, data: Dataset | None, view: JourneyView, state: RunState, own: Own | None = None
) -> Frame:
    """The frame of a run that has no network to show: the samples alone, or nothing where there is no data either."""
    version = version_of(experiment)
    sample = None if data is None else chosen_sample(data, version, view, own)
    header, arrays = _data_part(experiment, data, version, sample, view, state)
    arrays["losses"] = np.zeros((0, 3), dtype=np.float32)
    return Frame(header, arrays)


def _data_part(
    experiment: Experiment,
    data: Dataset | None,
    version: int,
    sample: Sample | None,
    view: JourneyView,
    state: RunState,
) -> tuple[Header, Arrays]:
    """The header with an empty network, and the arrays that depend on the data alone, sent only when they are new."""
    header: Header = empty_header(experiment, version, state) | {
        "kind": experiment.kind,
        "class_names": [] if data is None else list(data.class_names),
        "inputs": [] if data is None else list(data.feature_names),
        "stages": [],
        "train_count": 0 if data is None else len(data.X_train),
        "test_count": 0 if data is None else len(data.X_test),
        "sample": None,
        "sample_id": 0,
        "explain_scale": 1.0,
        "sample_rate": data.sample_rate if isinstance(data, SoundDataset) else None,
    }
    arrays: Arrays = {}
    if sample is not None and data is not None:
        target, label = target_words(data, sample.y)
        shown = sample.shown
        header["sample_id"] = sample.id
        header["sample"] = {
            "source": sample.source,
            "index": sample.index,
            "target": target,
            "label": label,
            "answer": "",
            "logits": [],
            "probabilities": [],
            "tokens": shown.tokens,
            "words": shown.words,
            "text": shown.text,
        }
        if view.have_sample != sample.id:
            arrays |= shown.arrays
    if data is not None and view.have_version != version:
        texts, pictures = _wall_samples(data)
        header["texts"] = texts
        arrays |= pictures
    return header, arrays


def _wall_samples(data: Dataset) -> tuple[list[str], Arrays]:
    """The first 400 test samples as people see them."""
    raw = data.raw_test[:WALL]
    if isinstance(data, ImageDataset):
        return [], {"samples": np.ascontiguousarray(raw)}
    if isinstance(data, TransferDataset):
        small = raw.reshape(len(raw), THUMBNAIL, raw.shape[1] // THUMBNAIL, THUMBNAIL, -1, 3).mean(axis=(2, 4))
        return [], {"samples": small.astype(np.uint8)}
    if isinstance(data, PhotoDataset):
        return [], {"photo": data.photo}
    if isinstance(data, TextDataset):
        return [str(text) for text in raw], {}
    return [], {}


def _answer(experiment: Experiment, data: Dataset, logits: Tensor) -> Header:
    """What the network says about one sample: logits (1, K)."""
    values = logits[0].float().cpu().numpy()
    chances = None
    if experiment.task != "regression":
        chances = class_probabilities(experiment, logits)[0].cpu().numpy().astype(np.float64)
    return {
        "answer": data.answer(values, chances),
        "logits": [float(value) for value in values],
        "probabilities": [] if chances is None else [float(value) for value in chances],
    }


def _stages(module: nn.Module, labels: dict[str, Labels], X: Tensor, seen: dict[str, Tensor]) -> list[Stage]:
    """The input and the output of every child in order, without the one that only lays maps flat."""
    tokens = not X.dtype.is_floating_point
    stages = [stage_of("input", labels["input"], X[0], tokens=tokens)]
    before = X
    flat: tuple[int, int, int] | None = None  # the shape of the maps that the next Linear layer sees laid flat
    for name, child in module.named_children():
        if name not in seen:
            continue
        if isinstance(child, nn.Flatten):
            flat = picture_shape(before)
        else:
            filters = filters_of(child, flat)
            stages.append(stage_of(name, labels[name], seen[name][0], tokens=tokens, filters=filters))
            flat = None
        before = seen[name]
    return stages


def _frozen(kept: Kept, data: Dataset, sample: Sample) -> FrozenWay | None:
    """The way of a photo through the pretrained network, which is the same as long as the sample is."""
    if not isinstance(data, TransferDataset):
        return None
    return kept.get("frozen", sample.id, None, False, lambda: frozen_way(sample.shown.arrays["pixels"]))


def _memory_of(trainer: Trainer) -> _Memory:
    memory = _MEMORIES.get(trainer)
    if memory is None:
        generator = torch.Generator().manual_seed(trainer.experiment.seed)
        shapes = [layer.text for layer in describe_network(trainer.experiment).layers]
        memory = _Memory(labels_of(trainer), shapes, generator)
        _MEMORIES[trainer] = memory
    return memory
