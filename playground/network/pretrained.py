"""EfficientNet-Lite0 as it was trained on ImageNet, frozen: it looks at photos, and nothing in it changes any more.

Its package defines the module; the weights are read as numbers only, and the package's own loader is not used.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from playground.data.photo_features import find_features, keep_features
from playground.data.transfer import NOT_INSTALLED, to_tensor, weights_file

MIDDLE = 5
"""The block after which the maps in the middle are shown."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What the frozen network makes of one photo on its way, without the batch."""

    tensor: Tensor  # (3, 224, 224)
    stem: Tensor  # (32, 112, 112)
    middle: Tensor  # (40, 28, 28)
    last: Tensor  # (1280, 7, 7)

    @property
    def features(self) -> Tensor:
        """The mean of each of the last maps: (1280,)."""
        return self.last.mean(dim=(1, 2))


class FrozenNetwork(nn.Module):
    """EfficientNet-Lite0 without its last layer, in evaluation mode."""

    def __init__(self) -> None:
        super().__init__()
        weights = weights_file()
        try:
            from efficientnet_lite_pytorch import EfficientNet
        except ImportError as error:  # pragma: no cover (a package that is only half there)
            raise ValueError(NOT_INSTALLED) from error
        with torch.device("meta"):  # no memory, and no random numbers, for weights that are replaced at once
            network: Any = EfficientNet.from_name("efficientnet-lite0")
        network.load_state_dict(torch.load(weights, weights_only=True, map_location="cpu"), assign=True)
        self.stem = nn.Sequential(network._conv_stem, network._bn0, network._swish)
        self.blocks = nn.ModuleList(network._blocks)
        self.head = nn.Sequential(network._conv_head, network._bn1, network._swish)
        self.requires_grad_(False)
        self.eval()
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # a third faster on a processor

    def parts(self) -> tuple[int, int, int]:
        """The frozen weights up to each of the maps that `forward` shows."""
        counts = [sum(p.numel() for p in part.parameters()) for part in (self.stem, *self.blocks, self.head)]
        return counts[0], sum(counts[1 : MIDDLE + 1]), sum(counts[MIDDLE + 1 :])

    def forward(self, X: Tensor) -> Seen:
        """X: (1, 3, 224, 224)."""
        X = X.contiguous(memory_format=torch.channels_last)
        maps = stem = self.stem(X)
        middle = maps
        for number, block in enumerate(self.blocks, start=1):
            maps = block(maps)
            if number == MIDDLE:
                middle = maps
        return Seen(X[0], stem[0], middle[0], self.head(maps)[0])


@lru_cache(maxsize=1)
def frozen_network() -> FrozenNetwork:
    """The one of this process; loading it takes half a second.

    Raises: ValueError with one sentence if it is not installed.
    """
    return FrozenNetwork()


def look_at(photo: NDArray[np.uint8]) -> Seen:
    """Let the frozen network look at a photo (224, 224, 3) uint8; about 30 ms."""
    with torch.no_grad():
        seen: Seen = frozen_network()(torch.from_numpy(to_tensor(photo[None])))
    return seen


def find_missing_features(photos: NDArray[np.uint8]) -> None:
    """Look at those photos (N, 224, 224, 3) that nobody has looked at before, and keep what was found in each.

    Raises: ValueError with one sentence if the network is not installed.
    """
    for photo in photos:
        if find_features(photo) is None:
            keep_features(photo, look_at(photo).features.numpy().copy())
