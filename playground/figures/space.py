"""The decision surface in three dimensions, and how the hidden layers bend the plane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.figures.arrays import packed
from playground.figures.layout import MODEBAR, Canvas, Json, axis, base_layout, columns_for, panels
from playground.figures.names import class_names
from playground.figures.palette import class_mark
from playground.figures.scatters import point_traces

LIFT = 0.025  # points float a little over their height, or the surface would swallow them
LIGHTING = {"ambient": 0.75, "diffuse": 0.45, "specular": 0.05, "roughness": 0.9}


def surface_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """The output over the input plane as a landscape, the points at the height where they belong."""
    z = np.asarray(study["z"], dtype=np.float32)
    if z.ndim == 1:
        return _curve_figure(study, z, options, canvas)
    task = str(study["task"])
    names = class_names(study, len(study.get("class_names") or ()))
    flat: Json = {"type": "surface", "x": packed(study["x"]), "y": packed(study["y"]), "lighting": LIGHTING}
    place = "x1 %{x:.2f}, x2 %{y:.2f}<br>"
    data: list[Json] = []
    if z.ndim == 3:
        for index, name in enumerate(names):
            colour = class_mark(task, index)[0]
            data.append(
                {
                    **flat,
                    "z": packed(z[index]),
                    "name": name,
                    "colorscale": [[0, colour], [1, colour]],
                    "showscale": False,
                    "showlegend": True,
                    "hovertemplate": f"{place}{name}: %{{z:.3f}}<extra></extra>",
                }
            )
        height = "probability of each class"
        heights = np.full(len(study["labels"]), 1.0) + LIFT
    elif task == "regression":
        height, heights = "predicted value", np.asarray(study["labels"], dtype=np.float64)
        data.append({**flat, "z": packed(z), "name": height, **_scale(canvas, -1.0, 1.0, "value")})
        data[0]["hovertemplate"] = f"{place}predicts %{{z:.3f}}<extra></extra>"
    else:
        height = f"probability of {names[-1] if names else 'class 2'}"
        heights = np.asarray(study["labels"], dtype=np.float64) + LIFT
        data.append({**flat, "z": packed(z), "name": height, **_scale(canvas, 0.0, 1.0, "probability")})
        data[0]["hovertemplate"] = f"{place}probability %{{z:.3f}}<extra></extra>"
        border = {"show": True, "start": 0.5, "end": 0.5001, "size": 1, "color": canvas.palette.text, "width": 4}
        data[0]["contours"] = {"z": border}  # the decision boundary
    if options["points"] == "on":
        spots = np.column_stack([np.asarray(study["points"]), heights])
        data += point_traces(study, spots, canvas, size=3.2, showlegend=False, hoverinfo="skip")
    layout = base_layout(canvas, left=0, right=0, top=84 if canvas.narrow and z.ndim == 3 else 8, bottom=0)
    away = 1.4 if canvas.narrow else 1.0  # a narrow scene is seen from farther away
    side: Json = {
        "gridcolor": canvas.palette.grid,
        "zerolinecolor": canvas.palette.muted,
        "backgroundcolor": "rgba(0,0,0,0)",
    }
    rise = {"range": [-0.02, 1.06]} if task != "regression" else {}
    layout["scene"] = {
        "xaxis": {**side, "title": {"text": "x1"}},
        "yaxis": {**side, "title": {"text": "x2"}},
        "zaxis": {**side, "title": {"text": "" if canvas.narrow else height}, **rise},
        "aspectmode": "manual",
        "aspectratio": {"x": 1.25, "y": 1.25, "z": 0.7},
        "camera": {
            "eye": {"x": -1.15 * away, "y": -1.45 * away, "z": 0.9 * away},
            "center": {"x": 0, "y": 0, "z": -0.22},
        },
        "dragmode": "turntable",
        "uirevision": "surface",  # the camera stays through every change of the run
    }
    layout.update(showlegend=z.ndim == 3, dragmode="turntable")
    return {"data": data, "layout": layout}


def _curve_figure(study: Mapping[str, Any], z: Any, options: Mapping[str, str], canvas: Canvas) -> Json:
    """With one input the surface is a curve."""
    palette = canvas.palette
    fit = {"type": "scatter", "mode": "lines", "name": "network", "x": packed(study["x"]), "y": packed(z)}
    data: list[Json] = []
    if options["points"] == "on":
        data += point_traces(
            study, np.asarray(study["points"]), canvas, hovertemplate="x %{x:.2f}, y %{y:.2f}<extra></extra>"
        )
    data.append({**fit, "line": {"color": palette.text, "width": 3}, "hovertemplate": "%{y:.3f}<extra></extra>"})
    layout = base_layout(canvas, top=32)
    layout["xaxis"] = axis(canvas, "x")
    layout["yaxis"] = axis(canvas, "value")
    return {"data": data, "layout": layout}


def _scale(canvas: Canvas, low: float, high: float, title: str) -> Json:
    bar = {"title": {"text": title, "side": "right"}, "thickness": 10, "outlinewidth": 0, "len": 0.8, "x": 0.88}
    look = {"colorscale": canvas.palette.diverging, "cmin": low, "cmax": high, "colorbar": bar}
    return {**look, "showscale": not canvas.narrow}


SMALL_POINTS, SMALL_STEP = 400, 2  # points, and every how many-th place on a line, where many panels share the width


def bent_steps(first: Mapping[str, Any], options: Mapping[str, str]) -> list[dict[str, Any]]:
    """What else has to be studied to show all layers: `first` is the study of the inputs."""
    return [{"layer": layer} for layer in range(1, int(first["layers"]) + 1)] if options["layer"] == "all" else []


def bent_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """The grid of the plane and its points after each layer, or after one in large."""
    steps: list[Mapping[str, Any]] = [study, *study.get("steps", ())]
    columns = columns_for(len(steps), canvas)
    layout = base_layout(canvas, left=12, right=12, top=MODEBAR, bottom=12)
    places = panels(len(steps), canvas, columns=columns, across=24, down=30, margins=24)
    data: list[Json] = []
    for place, step in zip(places, steps, strict=True):
        anchors: Json = {"xaxis": place.xaxis, "yaxis": place.yaxis, "showlegend": False}
        data += _grid(step, canvas, small=len(steps) > 2, **anchors)
        spots, labels = np.asarray(step["points"], dtype=np.float32), np.asarray(step["labels"])
        if len(steps) > 2 and len(spots) > SMALL_POINTS:
            kept = np.linspace(0, len(spots) - 1, SMALL_POINTS).astype(int)
            spots, labels = spots[kept], labels[kept]
        marks = {**study, "labels": labels}
        hover = "%{x:.2f}, %{y:.2f}"
        size = 5.5 if len(steps) > 2 else 8
        for trace in point_traces(marks, spots, canvas, size=size, hovertemplate=hover, **anchors):
            data.append({**trace, "meta": {"name": f"layer {step['layer']}: {trace['name']}"}})
        quiet: Json = {"showgrid": False, "zeroline": False, "showticklabels": len(steps) == 1}
        y = axis(canvas, **quiet, scaleanchor=place.xaxis, constrain="domain")
        layout.update(place.axes(axis(canvas, **quiet, constrain="domain"), y))
        layout["annotations"].append(place.heading(_step_title(step, canvas)))
    if len(steps) == 1:
        layout["margin"] = {"l": 44, "r": 12, "t": MODEBAR, "b": 32, "pad": 0}
    return {"data": data, "layout": layout}


def _grid(step: Mapping[str, Any], canvas: Canvas, *, small: bool, **anchors: Any) -> list[Json]:
    """The lines along x2, then those along x1, each family as one curve with gaps."""
    lines = np.asarray(step["lines"], dtype=np.float32)[:, :: SMALL_STEP if small else 1]
    gaps = np.full((len(lines), 1, 2), np.nan, dtype=np.float32)
    broken = np.concatenate([lines, gaps], axis=1)
    half = (len(lines) + 1) // 2
    families = [("along x2", broken[:half], canvas.palette.muted), ("along x1", broken[half:], canvas.palette.test)]
    look: Json = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "opacity": 0.4, **anchors}
    return [
        {
            **look,
            "name": name,
            "meta": {"name": f"layer {step['layer']}: {name}"},
            "x": packed(family.reshape(-1, 2)[:, 0]),
            "y": packed(family.reshape(-1, 2)[:, 1]),
            "line": {"color": colour, "width": 1},
        }
        for name, family, colour in families
        if len(family)
    ]


def _step_title(step: Mapping[str, Any], canvas: Canvas) -> str:
    layer, width, share = int(step["layer"]), int(step["width"]), float(step["share"])
    title = f"<b>{'Inputs' if layer == 0 else f'After layer {layer}'}</b>"
    if width <= 2:
        return title
    shown = f"{100 * share:.0f} %"
    return f"{title} · {shown}" if canvas.narrow else f"{title} · {shown} of the variance of {width}"
