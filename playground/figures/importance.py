"""How much the network needs each column, as bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from playground.figures.arrays import packed
from playground.figures.layout import MODEBAR, Canvas, Json, Panel, axis, base_layout
from playground.figures.names import titled

BARS = 20  # the most important ones; more are too thin to read


def importance_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """A bar a column, the most important at the top; whiskers are one standard deviation over the shuffles."""
    falls = np.asarray(study["falls"], dtype=np.float64)
    accuracy = study["metric"] == "accuracy"
    scale = 100.0 if accuracy else 1.0
    mean, spread = scale * falls.mean(axis=1), scale * falls.std(axis=1)
    order = np.argsort(mean, kind="stable")[-BARS:]
    names = titled(study["columns"])
    unit = "points of accuracy" if accuracy else "of R²"
    bars: Json = {
        "type": "bar",
        "orientation": "h",
        "name": "importance",
        "x": packed(mean[order]),
        "y": [names[i] for i in order],
        "error_x": {
            "type": "data",
            "array": packed(spread[order]),
            "color": canvas.palette.muted,
            "thickness": 1.5,
            "width": 3,
        },
        "marker": {"color": canvas.palette.positive},
        "hovertemplate": f"<b>%{{y}}</b><br>%{{x:.2f}} {unit}<extra></extra>",
    }
    longest = max((len(names[i]) for i in order), default=1)
    layout = base_layout(canvas, top=MODEBAR + 4, left=min(24 + 7 * longest, 150 if canvas.narrow else 300))
    title = "fall of the accuracy (percentage points)" if accuracy else "fall of R²"
    layout["xaxis"] = axis(canvas, title, zerolinecolor=canvas.palette.muted)
    layout["yaxis"] = axis(canvas, "", type="category", showgrid=False, tickangle=0)
    baseline = f"{100 * study['baseline']:.1f} %" if accuracy else f"{study['baseline']:.3f}"
    of = "accuracy" if accuracy else "R²"
    more = f", the first {BARS} of {len(falls)}" if len(falls) > BARS else ""
    said = f"Each column shuffled {falls.shape[1]} times; {of} of {study['samples']:,} {study['split']} samples with "
    said = f"{of} before: {baseline}" if canvas.narrow else f"{said}nothing shuffled: {baseline}{more}"
    layout["annotations"].append(Panel(1, (0, 1), (0, 1)).heading(said))
    return {"data": [bars], "layout": layout}
