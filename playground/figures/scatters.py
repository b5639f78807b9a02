"""Points drawn by their class or value, and the scatter of predicted against true values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.figures.arrays import largest, packed
from playground.figures.layout import MODEBAR, Canvas, Json, Panel, axis, base_layout
from playground.figures.names import class_names
from playground.figures.palette import CLASS_SYMBOLS_3D, class_mark


def point_traces(
    study: Mapping[str, Any], coordinates: NDArray[Any], canvas: Canvas, *, size: float = 6, **more: Any
) -> list[Json]:
    """The data points at (N, 2) or (N, 3) coordinates: a trace a class with its colour and symbol, or one by value."""
    labels = np.asarray(study["labels"])
    solid = coordinates.shape[1] == 3
    base: Json = {"type": "scatter3d" if solid else "scatter", "mode": "markers", **more}
    line = {"color": canvas.palette.text if solid else canvas.palette.surface, "width": 1 if solid else 0.7}
    if study["task"] == "regression":
        marker = {
            "size": size,
            "color": packed(labels.astype(np.float32)),
            "colorscale": canvas.palette.diverging,
            "cmin": -1.0,
            "cmax": 1.0,
            "line": {"color": canvas.palette.muted, "width": 1 if solid else 0.7},
        }
        spots = _coordinates(coordinates)
        return [{**base, **spots, "name": "points", "marker": marker, "text": [f"{value:.3f}" for value in labels]}]
    names = class_names(study, max(len(study.get("class_names") or ()), int(labels.max(initial=0)) + 1))
    traces: list[Json] = []
    for index, name in enumerate(names):
        colour, symbol = class_mark(str(study["task"]), index)
        mark = CLASS_SYMBOLS_3D[index % len(CLASS_SYMBOLS_3D)] if solid else symbol
        marker = {"size": size, "color": colour, "symbol": mark, "line": line}
        traces.append({**base, **_coordinates(coordinates[labels == index]), "name": name, "marker": marker})
    return traces


def regression_figure(study: Mapping[str, Any], canvas: Canvas) -> Json:
    """Predicted against true values; on the diagonal the network is right."""
    true = np.asarray(study["true"], dtype=np.float64)
    predicted = np.asarray(study["predicted"], dtype=np.float64)
    low, high = _ends(study, true, predicted)
    unit = f" {study['unit']}" if study.get("unit") else ""
    noun = str(study.get("noun", "point"))
    of = str(study.get("target", "value")) + (f" ({study['unit']})" if unit else "")
    points: Json = {
        "type": "scatter",
        "mode": "markers",
        "name": "predicted",
        "x": packed(true),
        "y": packed(predicted),
        "customdata": packed(np.asarray(study["indices"], dtype=np.int32)),
        "meta": {"first": int(study["first"])},
        "marker": {
            "size": 7,
            "color": packed(true),
            "colorscale": canvas.palette.diverging,
            "cmin": -1 if "target" not in study else low,
            "cmax": 1 if "target" not in study else high,
            "line": {"color": canvas.palette.muted, "width": 0.8},
        },
        "hovertemplate": f"true %{{x:,.4~g}}{unit}<br>predicted %{{y:,.4~g}}{unit}"
        f"<br>click to see this {noun}<extra></extra>",
    }
    diagonal: Json = {
        "type": "scatter",
        "mode": "lines",
        "name": "perfect",
        "x": [low, high],
        "y": [low, high],
        "line": {"color": canvas.palette.muted, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
    }
    layout = base_layout(canvas, top=MODEBAR + 4)
    layout["xaxis"] = axis(canvas, f"true {of}", range=[low, high], constrain="domain")
    layout["yaxis"] = axis(canvas, f"predicted {of}", range=[low, high], scaleanchor="x", constrain="domain")
    error = predicted - true
    if len(error):
        off = float(np.sqrt(np.mean(error**2)))
        size = f"{off:,.4g}" if "target" in study else f"{off:.3f}"
        said = f"{len(error):,} {study['split']} {noun}s, off by {size}{unit} (root mean square)"
        layout["annotations"].append({**Panel(1, (0, 1), (0, 1)).heading(said)})
    return {"data": [diagonal, points], "layout": layout}


def _ends(study: Mapping[str, Any], true: NDArray[Any], predicted: NDArray[Any]) -> tuple[float, float]:
    """Both ends of the axes: around zero, or where the values of a table's target lie."""
    if "target" not in study:
        half = 1.08 * max(1.0, largest(true, predicted))
        return -half, half
    values = np.concatenate([true, predicted])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    margin = 0.05 * (high - low) or 1.0
    return low - margin, high + margin


def _coordinates(values: NDArray[Any] | Sequence[Any]) -> Json:
    array = np.asarray(values, dtype=np.float32)
    return {axis_name: packed(array[:, i]) for i, axis_name in enumerate("xyz"[: array.shape[1]])}
