"""Heatmaps: the weights and biases of the layers, and the confusion matrix."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.figures.arrays import largest, packed
from playground.figures.layout import HEIGHT, MODEBAR, Canvas, Json, Panel, axis, base_layout, columns_for, panels
from playground.figures.names import chosen_layers, class_names, layer_titles, titled
from playground.figures.palette import CLASS_COLOURS, class_mark
from playground.figures.scatters import regression_figure
from playground.figures.tiles import tiles_trace

ROOM = (34, 14)  # pixels a cell needs before its number fits in
WALK = 20  # samples of a cell that clicks on it show one after the other
LABEL = 26  # pixels the name of a column needs


def weights_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """A heatmap a layer: a row a neuron, a column an input, the last column the bias; one symmetric scale for all.

    Kernels of convolutions, and neurons that look at a picture, are drawn as tiles.
    """
    weights = [np.asarray(weight, dtype=np.float32) for weight in study["weights"]]
    biases = [np.asarray(bias, dtype=np.float32).reshape(-1, 1) for bias in study["biases"]]
    titles = layer_titles(study["layers"])
    shown = chosen_layers(options["layer"], study.get("groups") or list(range(1, len(weights) + 1)))
    half = largest(*(weights[i] for i in shown), *(biases[i] for i in shown))
    left, right = 58, 16 if canvas.narrow else 84
    layout = base_layout(canvas, left=left, right=right, top=MODEBAR, bottom=36)
    columns = columns_for(len(shown), canvas)
    places = panels(len(shown), canvas, columns=columns, across=48, down=62, margins=left + right)
    layout["coloraxis"] = {
        "colorscale": canvas.palette.diverging,
        "cmin": -half,
        "cmax": half,
        "showscale": not canvas.narrow,
        "colorbar": {
            "title": {"text": "value", "side": "right"},
            "thickness": 10,
            "outlinewidth": 0,
            "len": 1,
            "nticks": 7,
        },
    }
    data: list[Json] = []
    for place, index in zip(places, shown, strict=True):
        title = titles[index]
        layout["annotations"].append(place.heading(title))
        if weights[index].ndim == 4:
            trace, axes = tiles_trace(title, weights[index], place, canvas)
            data.append(trace)
            layout.update(axes)
            continue
        sources, neurons = titled(study["columns"][index]), titled(study["rows"][index])
        cell = _cell(place, canvas, len(sources) + 2, len(neurons), margins=left + right)
        fits = options["numbers"] == "on" and cell[0] >= ROOM[0] and cell[1] >= ROOM[1]
        line = 1 if min(cell) >= 8 else 0
        gap = np.full_like(biases[index], np.nan)  # a blank column sets the bias apart
        names = [*sources, " ", "bias"] if biases[index].size else sources
        data.append(
            {
                "type": "heatmap",
                "name": title,
                "z": packed(np.hstack([weights[index], gap, biases[index]]) if biases[index].size else weights[index]),
                "x": names,
                "y": neurons,
                "xaxis": place.xaxis,
                "yaxis": place.yaxis,
                "coloraxis": "coloraxis",
                "xgap": line,
                "ygap": line,
                "hoverongaps": False,
                "texttemplate": "%{z:.2f}" if fits else "",
                "hovertemplate": f"{title}: %{{x}} → %{{y}}<br><b>%{{z:.4f}}</b><extra></extra>",
            }
        )
        layout.update(
            place.axes(
                _names_axis(canvas, names, every=math.ceil(LABEL / cell[0]), last=True),
                _names_axis(canvas, neurons, every=math.ceil(ROOM[1] / cell[1]), autorange="reversed"),
            )
        )
    return {"data": data, "layout": layout}


def confusion_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """Rows: what a sample is; columns: what the network says; in the cells the count and its share of the row.

    A regression has no classes: there it is the predicted value against the true one.
    """
    if study["task"] == "regression":
        return regression_figure(study, canvas)
    noun = str(study.get("noun", "point"))
    walks = noun != "point"  # the other pages follow one sample at a time, the points page marks all of a cell
    counts = np.asarray(study["counts"], dtype=np.int64)
    names = class_names(study, len(counts))
    share = shares(counts)
    right, total = int(np.trace(counts)), int(counts.sum())
    few = len(names) <= len(CLASS_COLOURS)  # more classes share colours, and have no room for two lines
    text = [
        [f"<b>{count:,}</b><br>{part:.1f} %" if few else f"{count or ''}" for count, part in zip(*row, strict=True)]
        for row in zip(counts, share, strict=True)
    ]
    marked = [_marked(str(study["task"]), i, name) if few else name for i, name in enumerate(names)]
    heatmap: Json = {
        "type": "heatmap",
        "name": "confusion",
        "z": packed(share),
        "x": list(range(len(names))),
        "y": list(range(len(names))),
        "zmin": 0,
        "zmax": 100,
        "text": text,
        "customdata": packed(counts),
        "meta": {"name": "true, predicted", "x": names, "y": names, "z": counts.tolist()},
        "texttemplate": "%{text}",
        "textfont": {"size": 15 if few and not (canvas.narrow and len(names) > 3) else 12},
        "xgap": 3 if few else 1,
        "ygap": 3 if few else 1,
        "colorscale": canvas.palette.rising,
        "colorbar": {
            "title": {"text": "share of the row (%)", "side": "right"},
            "thickness": 10,
            "outlinewidth": 0,
            "len": 1,
        },
        "showscale": not canvas.narrow,
        "hovertemplate": f"%{{customdata:,d}} {noun}s (%{{z:.1f}} % of the row)"
        f"<br>click to {'see one, and again for the next' if walks else 'mark them'}<extra></extra>",
    }
    if walks:
        heatmap["meta"]["samples"] = _samples_in_cells(study, len(names))
    layout = base_layout(canvas, left=92, right=16 if canvas.narrow else 90, top=MODEBAR + 4, bottom=64)
    if not canvas.narrow:  # cells near to squares read better than a strip as wide as the page
        side = max((canvas.width - 560 - 90 * (len(names) - 2)) // 2, 0)
        layout["margin"] = {**layout["margin"], "l": 92 + side, "r": 90 + side}
    ticks: Json = {"tickvals": list(range(len(names))), "ticktext": marked, "showgrid": False, "zeroline": False}
    layout["xaxis"] = axis(canvas, "the network says", **ticks, constrain="domain")
    layout["yaxis"] = axis(canvas, f"the {noun} is", **ticks, autorange="reversed")
    share_right = f"({100 * right / max(total, 1):.1f} %)"
    said = f"{right:,} of {total:,} {study['split']} {noun}s right {share_right}" if total else f"no {noun}s"
    layout["annotations"].append(Panel(1, (0, 1), (0, 1)).heading(said))
    return {"data": [heatmap], "layout": layout}


def _cell(place: Panel, canvas: Canvas, columns: int, rows: int, *, margins: int) -> tuple[float, float]:
    """Width and height in pixels of one cell of a panel."""
    wide = (place.x[1] - place.x[0]) * max(canvas.width - margins, 1) / columns
    high = (place.y[1] - place.y[0]) * (HEIGHT - MODEBAR - 36) / rows
    return max(wide, 1.0), max(high, 1.0)


def _names_axis(canvas: Canvas, names: list[str], *, every: int, last: bool = False, **more: Any) -> Json:
    """An axis of names, every so many written out so that they do not touch; `last` always."""
    written = [name for i, name in enumerate(names) if i % every == 0 and not (last and i >= len(names) - 1 - every)]
    if last:
        written.append(names[-1])
    order: Json = {"type": "category", "categoryorder": "array", "categoryarray": names}
    return axis(canvas, **order, tickvals=written, tickangle=0, showgrid=False, zeroline=False, **more)


def _marked(task: str, index: int, name: str) -> str:
    """The name of a class with its colour as a dot."""
    return f'<span style="color:{class_mark(task, index)[0]}">●</span> {name}'


def _samples_in_cells(study: Mapping[str, Any], classes: int) -> list[list[list[int]]]:
    """The first few samples of each cell, by their places in the split."""
    cells = np.asarray(study["true"], dtype=np.int64) * classes + np.asarray(study["predicted"])
    order = np.argsort(cells, kind="stable")
    starts = np.searchsorted(cells[order], np.arange(classes * classes + 1))
    found = [order[low : min(high, low + WALK)].tolist() for low, high in pairwise(starts)]
    return [found[row * classes : (row + 1) * classes] for row in range(classes)]


def shares(counts: NDArray[np.int64]) -> NDArray[Any]:
    """Each count in percent of its row; an empty row is 0."""
    totals = counts.sum(axis=1, keepdims=True)
    share: NDArray[Any] = 100.0 * counts / np.maximum(totals, 1)
    return share
