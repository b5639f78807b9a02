"""Small pictures of the data sets, for the buttons that choose them."""

from __future__ import annotations

import base64
from functools import cache

import numpy as np

from playground.data.points import DATASETS

# The class colours of the stage (Okabe and Ito), so that a tile promises what the stage will show.
CLASS_COLOURS = ("#0877BD", "#F59322", "#009E73", "#CC79A7", "#E6C229")
_SAMPLES = 130
_RADIUS = 0.34
_EXTENT = 6.6


@cache
def dataset_tile(name: str) -> str:
    """The data set as a picture of a few of its points: an SVG in a ``data:`` address."""
    entry = DATASETS[name]
    if name == "own":
        return _address(_PENCIL)
    points, labels = entry.generate(_SAMPLES, 0.02, np.random.default_rng(3))
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{-y:.1f}" r="{_RADIUS}" fill="{_colour(entry.task, label)}"/>'
        for (x, y), label in zip(points.tolist(), labels.tolist(), strict=True)
    )
    return _address(dots)


def _colour(task: str, label: float) -> str:
    if task == "multiclass":
        return CLASS_COLOURS[int(label)]
    if task == "binary":
        return CLASS_COLOURS[0] if label > 0 else CLASS_COLOURS[1]
    return _mixed(CLASS_COLOURS[0] if label > 0 else CLASS_COLOURS[1], min(1.0, 0.25 + abs(label)))


def _mixed(colour: str, share: float) -> str:
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(230 + (channel - 230) * share):02x}" for channel in channels)


def _address(body: str) -> str:
    box = f"{-_EXTENT} {-_EXTENT} {2 * _EXTENT} {2 * _EXTENT}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


_PENCIL = (
    '<path d="M-4 4 L-3.2 1 L2.4 -4.6 L4.6 -2.4 L-1 3.2 Z" fill="none" stroke="#8a8f9c" stroke-width="0.8" '
    'stroke-linejoin="round"/><path d="M1 -3.2 L3.2 -1" stroke="#8a8f9c" stroke-width="0.8"/>'
)
