"""How the numbers of each layer are spread: weights, activations or gradients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playground.figures.arrays import packed
from playground.figures.layout import MODEBAR, Canvas, Json, axis, base_layout, columns_for, panels
from playground.figures.names import layer_titles

UNITS = {"weights": "value of a weight", "activations": "output of a neuron", "gradients": "gradient of a weight"}
COUNTED = {"weights": "weights", "activations": "values", "gradients": "weights"}


def histograms_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """One histogram a layer, each with its own range, zero marked."""
    of = options["of"]
    titles = layer_titles(study["layers"])
    columns = columns_for(len(titles), canvas)
    layout = base_layout(canvas, left=58, right=12, top=MODEBAR, bottom=46)
    places = panels(len(titles), canvas, columns=columns, across=52, down=60, margins=70)
    tones = canvas.palette.ramp_of(len(titles))
    data: list[Json] = []
    for i, (place, title) in enumerate(zip(places, titles, strict=True)):
        counts = np.asarray(study["counts"][i])
        edges = np.asarray(study["edges"][i], dtype=np.float64)
        data.append(
            {
                "type": "bar",
                "name": title,
                "x": packed((edges[:-1] + edges[1:]) / 2),
                "y": packed(counts),
                "width": packed(np.diff(edges)),
                "xaxis": place.xaxis,
                "yaxis": place.yaxis,
                "marker": {"color": tones[i], "line": {"width": 0}},
                "hovertemplate": f"<b>{title}</b><br>%{{y:,d}} {COUNTED[of]} near %{{x:.3g}}<extra></extra>",
            }
        )
        lowest = i + columns >= len(titles)
        x = axis(
            canvas,
            UNITS[of] if lowest and (columns < 3 or not canvas.narrow or i % columns == 1) else "",
            nticks=5,
            tickangle=0,
            showgrid=False,
            zerolinecolor=canvas.palette.muted,
        )
        y = axis(
            canvas, "count" if i % columns == 0 else "", rangemode="tozero", tickformat="~s", **_whole_ticks(counts)
        )
        layout.update(place.axes(x, y))
        layout["annotations"].append(place.heading(title))
    layout["bargap"] = 0
    return {"data": data, "layout": layout}


def _whole_ticks(counts: NDArray[Any]) -> Json:
    """Ticks of a count: never between whole numbers."""
    return {"dtick": 1} if counts.max(initial=0) <= 4 else {"nticks": 4}
