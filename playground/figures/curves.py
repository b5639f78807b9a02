"""Curves over the epochs: loss and metric of train and test, learning rate, and the gradient norm of every layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playground.figures.arrays import packed
from playground.figures.layout import MODEBAR, Canvas, Json, axis, base_layout, panels
from playground.figures.names import layer_titles

RECORDS = 2048  # drawn at most; more cannot be told apart on a screen, and every one costs bytes at each refresh
FEW_EPOCHS = 8
LOSS_UNITS = {
    "bce": "loss (nats)",
    "cross_entropy": "loss (nats)",
    "mse": "loss (mean squared error)",
    "huber": "loss (Huber)",
    "squared": "loss (squared error)",
}


class Metric(NamedTuple):
    """How a metric is called, its axis, and what its values are multiplied by."""

    name: str
    axis: str
    scale: float = 1.0


METRICS = {
    "accuracy": Metric("accuracy", "accuracy (%)", 100.0),
    "r2": Metric("R²", "R² (1 is perfect)"),
    "psnr": Metric("PSNR", "PSNR (dB)"),
    "bits": Metric("bits", "bits a character"),
}


def _kept(count: int) -> NDArray[np.intp]:
    """Indices of the records to draw: evenly spaced, the last one always among them."""
    stride = -(-count // RECORDS) if count else 1
    return np.arange(count - 1, -1, -stride)[::-1]


def _line(name: str, x: Any, y: Any, colour: str, **more: Any) -> Json:
    mode = "lines" if len(x) > 1 else "lines+markers"  # a single record has no line
    look: Json = {"type": "scatter", "mode": mode, "name": name, "x": packed(x), "y": packed(y)}
    if len(x) == 1:
        look["cliponaxis"] = False  # it lies on the axis, which would cut it in two
    return {**look, "line": {"color": colour, "width": 2}, "hovertemplate": "%{y:.4g}", **more}


def _epoch_axis(canvas: Canvas, title: str, epochs: NDArray[Any]) -> Json:
    few = len(epochs) == 0 or epochs[-1] < FEW_EPOCHS
    each: Json = {"dtick": 1} if few else {}  # else half an epoch gets a tick, and is called a whole one
    return axis(canvas, title, tickformat=",d", rangemode="tozero", unifiedhovertitle={"text": "epoch %{x:,d}"}, **each)


def loss_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """Loss and metric of train and test over the epochs, in two panels; the learning rate in a third if asked for."""
    palette = canvas.palette
    epochs = np.asarray(study["epochs"])
    kept = _kept(len(epochs))
    metric = METRICS[str(study.get("metric", "accuracy"))]
    columns: list[tuple[str, str, float, bool]] = [
        ("loss", LOSS_UNITS.get(str(study.get("loss")), "loss"), 1.0, options["log"] == "on"),
        ("metric", metric.axis, metric.scale, False),
    ]
    if options["rate"] == "on":
        columns.append(("rate", "learning rate", 1.0, False))
    layout = base_layout(canvas, top=MODEBAR + 22 if canvas.narrow else MODEBAR)
    data: list[Json] = []
    places = panels(len(columns), canvas, columns=1 if canvas.narrow else len(columns), across=84, down=34)
    for place, (kind, title, scale, log) in zip(places, columns, strict=True):
        anchor = {"xaxis": place.xaxis, "yaxis": place.yaxis}
        if kind == "rate":
            rate = np.asarray(study["learning_rate"])[kept]
            data.append(_line("learning rate", epochs[kept], rate, palette.ramp[3], showlegend=False, **anchor))
        else:
            for split, colour, dash in (("train", palette.train, "solid"), ("test", palette.test, "5px,3px")):
                values = np.asarray(study[f"{split}_{kind}"], dtype=np.float64)[kept] * scale
                look = {"line": {"color": colour, "width": 2, "dash": dash}, "legendgroup": split}
                named = f"{split} {'loss' if kind == 'loss' else metric.name}"
                data.append(
                    _line(
                        split,
                        epochs[kept],
                        values,
                        colour,
                        **look,
                        showlegend=kind == "loss",
                        meta={"name": named},
                        **anchor,
                    )
                )
        last = place is places[-1] or not canvas.narrow
        x = _epoch_axis(canvas, "epoch" if last else "", epochs)
        y = axis(
            canvas, title, type="log" if log else "linear", rangemode="normal" if log or kind == "metric" else "tozero"
        )
        layout.update(place.axes(x, y))
    if canvas.narrow:
        for place in places[1:]:
            layout["xaxis" + str(place.number)]["matches"] = "x"
    layout.update(hovermode="x unified", showlegend=True)
    return {"data": data, "layout": layout}


def gradients_figure(study: Mapping[str, Any], options: Mapping[str, str], canvas: Canvas) -> Json:
    """The length of the gradient of every layer over the epochs: early layers light, late layers dark."""
    epochs = np.asarray(study["epochs"])
    kept = _kept(len(epochs))
    names = layer_titles(study["layers"])
    norms = np.asarray(study["norms"], dtype=np.float64).reshape(len(epochs), len(names))[kept]
    log = options["log"] == "on"
    if log:
        norms = np.where(norms > 0, norms, np.nan)
    tones = canvas.palette.ramp_of(len(names))
    data = [_line(name, epochs[kept], norms[:, i], tones[i]) for i, name in enumerate(names)]
    layout = base_layout(canvas, top=92 if canvas.narrow else MODEBAR, left=72)
    layout["xaxis"] = _epoch_axis(canvas, "epoch", epochs)
    layout["yaxis"] = axis(canvas, "gradient norm (loss per unit of weight)", type="log" if log else "linear")
    if not np.any(norms > 0):
        middle = {"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper", "showarrow": False}
        layout["annotations"].append({**middle, "text": "Gradients appear with the first epoch. Press Play."})
    layout.update(hovermode="x unified", showlegend=True)
    return {"data": data, "layout": layout}
