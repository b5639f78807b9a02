"""Weights that are pictures themselves: the kernels of a convolution, or what each neuron adds up of a picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.figures.arrays import packed
from playground.figures.layout import Canvas, Json, Panel, axis


def mosaic(tiles: NDArray[np.float32], aspect: float) -> tuple[NDArray[np.float32], list[str], list[str]]:
    """Lay tiles (out, in, h, w) side by side: the picture with NaN between them, and the names of columns and rows.

    A row a neuron and a column an input channel; where there is one channel, as many in a row as suit the aspect,
    the panel's width over its height.
    """
    outputs, inputs, height, width = tiles.shape
    if inputs == 1:
        columns = max(1, min(outputs, round(math.sqrt(outputs * aspect * height / width))))
        rows = math.ceil(outputs / columns)
        cells = [[(row * columns + column, 0) for column in range(columns)] for row in range(rows)]
    else:
        rows, columns = outputs, inputs
        cells = [[(row, column) for column in range(columns)] for row in range(rows)]
    picture = np.full((rows * (height + 1) - 1, columns * (width + 1) - 1), np.nan, dtype=np.float32)
    for row, line in enumerate(cells):
        for column, (neuron, channel) in enumerate(line):
            if neuron < outputs:
                top, left = row * (height + 1), column * (width + 1)
                picture[top : top + height, left : left + width] = tiles[neuron, channel]
    return picture, _names("column", columns, width), _names("row", rows, height)


def _names(side: str, count: int, length: int) -> list[str]:
    names = [name for i in range(count) for name in [*(f"{side} {i + 1}.{k + 1}" for k in range(length)), " "]]
    return names[:-1]


def tiles_trace(title: str, tiles: NDArray[np.float32], place: Panel, canvas: Canvas) -> tuple[Json, Json]:
    """The heatmap of the tiles, and its axes as entries of the layout."""
    wide = (place.x[1] - place.x[0]) * canvas.width
    high = max((place.y[1] - place.y[0]) * 330, 1.0)
    picture, columns, rows = mosaic(tiles, wide / high)
    trace: Json = {
        "type": "heatmap",
        "name": title,
        "z": packed(picture),
        "meta": {"name": title, "x": columns, "y": rows},
        "xaxis": place.xaxis,
        "yaxis": place.yaxis,
        "coloraxis": "coloraxis",
        "hoverongaps": False,
        "hovertemplate": f"{title}: <b>%{{z:.4f}}</b><extra></extra>",
    }
    quiet: dict[str, Any] = {"showticklabels": False, "showgrid": False, "zeroline": False, "constrain": "domain"}
    x = axis(canvas, "", **quiet)
    y = axis(canvas, "", **quiet, autorange="reversed", scaleanchor=place.xaxis)
    return trace, place.axes(x, y)
