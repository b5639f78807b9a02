"""The race of the devices: milliseconds a step against width, one line for each way to train and batch size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from playground.figures.layout import Canvas, Json, axis, base_layout
from playground.figures.palette import CLASS_COLOURS

Row = Mapping[str, Any]
_WAYS = ("CPU", "CPU, fused kernel", "GPU, step by step", "CPU, plain PyTorch", "GPU, recorded")
_COLOURS = dict(
    zip(_WAYS, (CLASS_COLOURS[0], CLASS_COLOURS[0], CLASS_COLOURS[1], CLASS_COLOURS[1], CLASS_COLOURS[2]), strict=True)
)
_DASHES = ("solid", "6px,3px", "2px,3px")
_SYMBOLS = ("circle", "square", "diamond")


def race_figure(rows: Sequence[Row], canvas: Canvas) -> Json:
    """rows: as `training.race` makes them; a way that a row lacks has no point there."""
    layout = base_layout(canvas, top=44, left=64)
    marks = {batch: _mark(place) for place, batch in enumerate(batches_of(rows))}
    data: list[Json] = []
    for way in ways_of(rows):
        colour = _COLOURS.get(way, canvas.palette.muted)
        for batch, (dash, symbol) in marks.items():
            points = [(row["width"], row["ms"][way]) for row in rows if row["batch_size"] == batch and way in row["ms"]]
            line = _line([width for width, _ in points], [ms for _, ms in points], colour, dash, symbol)
            hover = f"{way}, batch {batch:,}<br>width %{{x}}: %{{y:.3g}} ms a step<extra></extra>"
            data.append({**line, "name": f"{way}, batch {batch:,}", "hovertemplate": hover, "showlegend": False})
        data.append({**_line([None], [None], colour, "solid", "circle"), "mode": "lines", "name": way})
    for batch, (dash, symbol) in marks.items():
        data.append({**_line([None], [None], canvas.palette.muted, dash, symbol), "name": f"batch {batch:,}"})
    widths = sorted({row["width"] for row in rows})
    ticks = {"tickvals": widths, "ticktext": [str(width) for width in widths]}
    layout |= {
        "xaxis": axis(canvas, "neurons in each of three hidden layers", type="log", **ticks),
        "yaxis": axis(canvas, "milliseconds a step", type="log", dtick=1, tickformat="~g"),
        "showlegend": True,
        "dragmode": False,
    }
    return {"data": data, "layout": layout}


def _mark(place: int) -> tuple[str, str]:
    return _DASHES[place % len(_DASHES)], _SYMBOLS[place % len(_SYMBOLS)]


def _line(x: list[Any], y: list[Any], colour: str, dash: str, symbol: str) -> Json:
    """A line of the chart; with nothing but None it is an entry of the legend, which names colours and marks apart."""
    look = {"line": {"color": colour, "width": 2, "dash": dash}, "marker": {"symbol": symbol, "size": 8}}
    return {"type": "scatter", "mode": "lines+markers", "x": x, "y": y, **look}


def race_sentence(rows: Sequence[Row]) -> str:
    """What the numbers say, in one sentence."""
    ways = ways_of(rows)
    if any(way.startswith("GPU") for way in ways):
        return _where_the_gpu_wins(rows)
    if len(ways) < 2:
        return "The fused kernel is not ready on this machine, so only plain PyTorch has raced: try again in a while."
    row = next(row for row in rows if len(row["ms"]) == len(ways))
    fused, plain = (row["ms"][way] for way in ways)
    measured = (
        f"With {row['width']} neurons a layer and batches of {row['batch_size']:,} a step takes "
        f"{_microseconds(fused)} in the fused kernel and {_microseconds(plain)} in plain PyTorch"
    )
    if plain < 2 * fused:
        return f"{measured}."
    return (
        f"{measured}, {_times(plain / fused)} as long for the same arithmetic: most of the rest goes into asking "
        "for one operation after another, and a GPU does not shorten that."
    )


def _where_the_gpu_wins(rows: Sequence[Row]) -> str:
    """For each batch size, the width from which on a GPU's best way is faster than the CPU at all that were raced."""
    batches_from: dict[int | None, list[int]] = {}
    for batch in batches_of(rows):
        first: int | None = None
        for row in sorted((row for row in rows if row["batch_size"] == batch), key=lambda row: -int(row["width"])):
            gpu = min(time for way, time in row["ms"].items() if way.startswith("GPU"))
            if gpu >= row["ms"]["CPU"]:
                break
            first = int(row["width"])
        batches_from.setdefault(first, []).append(batch)
    said = [
        f"with batches of {_listed(batches)} the GPU is faster from {width} neurons a layer on"
        for width, batches in sorted((width, batches) for width, batches in batches_from.items() if width is not None)
    ]
    if slower := batches_from.get(None):
        alone = "at every width that was raced" if said else "everywhere in this race"
        said.append(f"with batches of {_listed(slower)} the CPU keeps up or wins {alone}")
    return f"On this machine, {', and '.join(said)}."


def ways_of(rows: Sequence[Row]) -> list[str]:
    """All ways that were raced, in their order."""
    return list(dict.fromkeys(way for row in rows for way in row["ms"]))


def batches_of(rows: Sequence[Row]) -> list[int]:
    """All batch sizes that were raced, from the smallest."""
    return sorted({int(row["batch_size"]) for row in rows})


def _microseconds(milliseconds: float) -> str:
    return f"{float(f'{1000 * milliseconds:.2g}'):,g} µs"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.2g} times"


def _listed(batches: Sequence[int]) -> str:
    texts = [f"{batch:,}" for batch in batches]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
