"""The first part of an own photo's journey: through the pretrained network, which stays as it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from playground.data.photo_features import FEATURES
from playground.inspection.forward import device_of
from playground.inspection.journey_explain import scores_for
from playground.inspection.stages import Labels, Stage, encode_stages, stage_of
from playground.network.pretrained import MIDDLE, frozen_network, look_at
from playground.training.trainer import Trainer

NETWORK = "EfficientNet-Lite0"
STEM_MAPS = 17  # of 32, at 12 kB each: one more than the picture has room for, which says how many more there are
FINE = 28  # pixels a side of the evidence, which is found at 7 x 7 places


@dataclass(frozen=True, eq=False)
class FrozenWay:
    """The header's entries from the photo's tensor to its features, and their arrays. last: (1280, 7, 7)."""

    entries: list[dict[str, Any]]
    arrays: dict[str, NDArray[Any]]
    last: Tensor


def frozen_way(photo: NDArray[np.uint8]) -> FrozenWay:
    """Let the pretrained network look at a photo (224, 224, 3)."""
    network, seen = frozen_network(), look_at(photo)
    stem, middle, last = network.parts()
    blocks = len(network.blocks)
    steps = (
        (
            "First maps",
            "stem",
            stem,
            seen.stem,
            f"is the beginning of {NETWORK}: 32 small kernels slide over the photo",
        ),
        (
            "Maps between",
            f"blocks 1–{MIDDLE}",
            middle,
            seen.middle,
            f"combines the maps before {MIDDLE} times, ever more coarsely",
        ),
        (
            "Last maps",
            f"blocks {MIDDLE + 1}–{blocks}, head",
            last,
            seen.last,
            f"combines them {blocks - MIDDLE} times more, into {FEATURES:,} maps of 7 × 7 places",
        ),
        (
            "Features",
            "mean",
            0,
            seen.features,
            "is the mean of each of the last maps: how much of what it looks for is there",
        ),
    )
    stages: list[Stage] = [stage_of("input", Labels("Input", "", 0, False), seen.tensor, tokens=False)]
    for number, (title, part, parameters, values, does) in enumerate(steps, start=1):
        labels = Labels(title, part, parameters, False)
        stages.append(replace(stage_of(f"frozen{number}", labels, values, tokens=False), frozen=does))
    stages[1] = replace(stages[1], values=stages[1].values[:STEM_MAPS])
    entries, arrays = encode_stages(stages)
    return FrozenWay(entries, arrays, seen.last)


def evidence(trainer: Trainer, last: Tensor, how: str) -> NDArray[np.float32]:
    """Where in the photo the answer comes from: `places` as a smooth picture, (28, 28)."""
    coarse = places(trainer, last, how)[None, None]
    fine = F.interpolate(coarse, size=(FINE, FINE), mode="bilinear", align_corners=False)
    return fine[0, 0].float().cpu().numpy()


def places(trainer: Trainer, last: Tensor, how: str) -> Tensor:
    """What each place of the last maps (1280, 7, 7) does for the answer: (7, 7).

    how: "gradient", what each place adds to the answer's logit as far as it is a linear function of the features, or
    "occlusion", the fall of its probability when all maps are 0 at the place.
    Source: B. Zhou and others, Learning Deep Features for Discriminative Localization, 2016, equation 2; with hidden
    layers, R. Selvaraju and others, Grad-CAM, 2017, without its ReLU.
    """
    maps = last.to(device_of(trainer)).flatten(1)  # (1280, 49)
    X = maps.mean(dim=1)[None].detach().requires_grad_()  # (1, 1280)
    outputs = trainer.module(X)
    logit, probability = scores_for(trainer.experiment, outputs.detach(), X)
    if how == "gradient":
        gradient = torch.autograd.grad(logit(outputs).sum(), X)[0]
        found = gradient[0] @ maps / maps.shape[1]
    else:
        with torch.no_grad():
            without = X - maps.T / maps.shape[1]  # (49, 1280)
            found = probability(outputs) - probability(trainer.module(without))
    return found.detach().reshape(last.shape[1:])
