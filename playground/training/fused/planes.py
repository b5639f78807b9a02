"""Where the pictures of the convolutions lie: planes of pixels with margins of zeros, and the tables of what is where.

Distances and sizes are in pixels here; a pixel is a vector of samples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from playground.training.fused.network import Convolution
from playground.training.fused.plan import POOLING_CODES

if TYPE_CHECKING:
    from playground.training.fused.memory import Memory

BLOCK_PIXELS = 64  # of four channels, about as many as fit the level 1 cache beside what they are multiplied with
TAPS_AT_ONCE = 3  # in `convolution.add_products`
TILE = 4


@dataclass(frozen=True)
class Planes:
    """One plane a channel, with as many zeros around it as a kernel may look beyond its edge.

    Between two rows lie the zeros of one margin only, which serves both.
    """

    channels: int
    size: tuple[int, int]
    margin: tuple[int, int] = (0, 0)

    @property
    def pitch(self) -> int:
        """From row to row."""
        return self.size[1] + self.margin[1]

    @property
    def plane(self) -> int:
        """From channel to channel."""
        return (self.size[0] + 2 * self.margin[0]) * self.pitch + self.margin[1]

    @property
    def origin(self) -> int:
        """The first pixel of the first channel."""
        return self.margin[0] * self.pitch + self.margin[1]

    @property
    def pixels(self) -> int:
        """All of them."""
        return self.channels * self.plane


def channels_out(stage: Convolution) -> int:
    """Filled up to whole tiles."""
    return -(-stage.outputs // TILE) * TILE


def input_planes(stage: Convolution) -> Planes:
    """What goes in."""
    return Planes(-(-stage.channels // TILE) * TILE, stage.size_in, stage.padding)


def grid_planes(stage: Convolution, *, is_first: bool) -> Planes:
    """The deltas after the convolution; nothing looks beyond the edge of the first ones."""
    margin = tuple(k - 1 - p for k, p in zip(stage.kernel, stage.padding, strict=True))
    return Planes(channels_out(stage), stage.size, (0, 0) if is_first else (margin[0], margin[1]))


def taps(planes: Planes, stage: Convolution) -> NDArray[np.int64]:
    """(C * KH * KW + 2,) how far the pixel that a weight sees is from the one it is for; the last two fill up."""
    (height, width), (up, left) = stage.kernel, stage.padding
    distances = [
        c * planes.plane + (i - up) * planes.pitch + j - left
        for c in range(stage.channels)
        for i in range(height)
        for j in range(width)
    ]
    return np.array([*distances, *[0] * (TAPS_AT_ONCE - 1)], np.int64)


def back_taps(grid: Planes, stage: Convolution) -> NDArray[np.int64]:
    """(O * KH * KW,) how far the delta that a weight takes back to a pixel is from that pixel."""
    (height, width), (up, left) = stage.kernel, stage.padding
    return np.array(
        [
            o * grid.plane + (up - i) * grid.pitch + left - j
            for o in range(stage.outputs)
            for i in range(height)
            for j in range(width)
        ],
        np.int64,
    )


def rows_of(stage: Convolution) -> int:
    """What comes out of a group, as vectors."""
    return channels_out(stage) * math.prod(stage.size_out)


def group_pixels(stages: Sequence[Convolution]) -> int:
    """All that a group of samples fills, as vectors: planes, deltas and winners of all stages."""
    return sum(
        input_planes(stage).pixels + grid_planes(stage, is_first=number == 0).pixels + 3 * rows_of(stage)
        for number, stage in enumerate(stages)
    )


def fill_record(record: Any, stage: Convolution) -> None:
    """The sizes and codes of a stage."""
    record["channels"], record["window"] = stage.channels, math.prod(stage.kernel)
    record["height_in"], record["width_in"] = stage.size_in
    record["height_out"], record["width_out"] = stage.size_out
    record["window_height"], record["window_width"] = stage.window
    record["height"] = stage.size_out[0] * stage.window[0]
    record["width"] = stage.size_out[1] * stage.window[1]
    record["pooling"] = POOLING_CODES[stage.pooling]
    record["block_rows"] = max(BLOCK_PIXELS // record["width"], 1)
    record["rows"] = rows_of(stage)
    record["rows_in"] = -(-stage.channels // TILE) * TILE * record["window"]


def band_pixels(stage: Convolution) -> int:
    """Four channels of the rows that are pooled at once."""
    return TILE * stage.window[0] * stage.size[1]


def sums_needed(stage: Convolution) -> int:
    """Vectors of sums for four channels: biases, and weights, filled up to whole steps."""
    return TILE * (stage.inputs + TAPS_AT_ONCE)


def place(memory: Memory, records: NDArray[Any], stages: Sequence[Convolution], lanes: int, groups: int) -> None:
    """Give all stages their planes for so many groups of samples, and write the addresses into their records."""
    pixel = 4 * lanes
    for number, (record, stage) in enumerate(zip(records, stages, strict=True)):
        inputs, grid = input_planes(stage), grid_planes(stage, is_first=number == 0)
        record["planes_at"] = memory.place(groups * inputs.pixels * lanes) + pixel * inputs.origin
        record["planes_step"], record["plane_bytes"] = pixel * inputs.pixels, pixel * inputs.plane
        record["plane_pitch"] = pixel * inputs.pitch
        record["grid_at"] = memory.place(groups * grid.pixels * lanes) + pixel * grid.origin
        record["grid_step"], record["grid_bytes"] = pixel * grid.pixels, pixel * grid.plane
        record["grid_pitch"] = pixel * grid.pitch
        record["winners_at"] = memory.place(groups * rows_of(stage) * lanes)
        record["taps_at"] = memory.keep(pixel * taps(inputs, stage))
        record["back_taps_at"] = memory.keep(pixel * back_taps(grid, stage))
    for record, following in pairwise(records):
        record["out_at"], record["out_step"] = following["planes_at"], following["planes_step"]
        record["out_bytes"], record["out_pitch"] = following["plane_bytes"], following["plane_pitch"]
    last, size = records[-1], stages[-1].size_out
    last["out_at"], last["out_step"] = last["values_at"], pixel * last["rows"]
    last["out_bytes"], last["out_pitch"] = pixel * math.prod(size), pixel * size[1]
    band = max(band_pixels(stage) for stage in stages) * lanes
    memory.plan["convolutions"] = len(stages)
    memory.plan["band_at"], memory.plan["band_slopes_at"] = memory.place(band), memory.place(band)
    memory.plan["sums_at"] = memory.place(max(sums_needed(stage) for stage in stages) * lanes)
