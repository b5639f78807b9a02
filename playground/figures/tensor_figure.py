"""A tensor of up to four dimensions as a picture: every number a cell, coloured by its sign and size.

The last two dimensions are the rows and columns of a panel; the ones before them lay the panels out. The pictures are
SVG in the colour of the text around them, so they fit any theme.
"""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

POSITIVE, NEGATIVE = (8, 119, 189), (245, 147, 34)
"""As everywhere: blue is positive, orange negative."""
MAX_CELLS = 640
"""Up to so many cells are drawn one by one, with their place and number; more are one image."""
ROW = 24
"""A longer vector is drawn as a curve."""
_LARGEST_CELL = 42.0
_GAP = 9.0
_LABEL = 15.0
_READABLE = 25.0  # pixels that a cell needs for a number
_STRETCH = 9.0  # pixels that cells may have one way when there is less room the other way
_FAINT = 0.22  # of the places that a step does not take


@dataclass(frozen=True)
class _Plan:
    """Where the panels lie."""

    cell: tuple[float, float]
    """Width and height, equal but for very long panels."""
    rows: int
    """Of a panel, in cells."""
    columns: int
    across: int
    """Panels side by side."""
    down: int
    label: float

    @property
    def panel(self) -> tuple[float, float]:
        """Width and height of a panel with the gap and its label."""
        return self.columns * self.cell[0] + _GAP, self.rows * self.cell[1] + _GAP + self.label

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of all panels."""
        wide, high = self.panel
        return self.across * wide - _GAP, self.down * high - _GAP


def tensor_figure(
    look: Mapping[str, Any],
    name: str = "x",
    *,
    picked: NDArray[Any] | None = None,
    width: float = 400,
    height: float = 300,
) -> str:
    """Draw a tensor as the worker describes it (`inspection.tensor_steps.look`), as SVG.

    picked: the places, counted in the order of the shape, that the next step takes: the others are faint.
    """
    values = np.asarray(look["values"], dtype=np.float64)
    shape = tuple(int(length) for length in look["shape"])
    half = _half(values)
    seen = np.full(values.size, 1.0 if picked is None else _FAINT)
    if picked is not None:
        seen[np.unique(picked)] = 1.0
    alpha = seen.reshape(values.shape)
    if len(shape) == 1 and shape[0] > ROW:
        body, size = _curve(values, alpha, half, width, min(height, 150.0))
    else:
        body, size = _panels(values, alpha, half, str(look["dtype"]), name, width, height)
    words = f"{name}, a tensor of shape {shape}, with {values.size:,} numbers from {_least(values)}"
    margin = _LABEL + 3
    wide, high = max(size[0], 6.5 * (9 + 22 * (len(shape) > 2))) + margin, size[1] + margin
    return (
        f'<svg role="img" aria-label="{html.escape(words)}" viewBox="{-margin:.1f} {-margin:.1f} {wide + 1:.1f} '
        f'{high + 1:.1f}" width="{wide + 1:.0f}" height="{high + 1:.0f}" style="max-width:100%;height:auto" '
        f'fill="currentColor" font-size="11" font-family="ui-monospace,monospace">{_axes(shape, size)}{body}</svg>'
    )


def tensor_thumbnail(look: Mapping[str, Any]) -> str:
    """The tensor as a very small picture: the address of an image."""
    values = np.asarray(look["values"], dtype=np.float64)
    if len(look["shape"]) == 1 and values.size > ROW:
        body, size = _curve(values, np.ones(values.shape), _half(values), 96.0, 40.0)
    else:
        plan = _plan(tuple(look["shape"]), 96.0, 40.0, labelled=False)
        body = "".join(
            _image(panel, np.ones(panel.shape), _half(values), *place, plan) for panel, place, _ in _each(values, plan)
        )
        size = plan.size
    x, y = (100 - size[0]) / 2, (44 - size[1]) / 2
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 44" width="100" height="44">'
        f'<g transform="translate({x:.1f} {y:.1f})">{body}</g></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def written(value: float, dtype: str = "float32") -> str:
    """A number in at most six letters."""
    if dtype == "bool":
        return "True" if value else "False"
    if not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if dtype == "int64" and abs(value) < 100_000:
        return str(int(value))
    if value == 0 or 0.01 <= abs(value) < 1000:
        digits = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
        text = f"{value:.{digits}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def _half(values: NDArray[np.float64]) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0


def _least(values: NDArray[np.float64]) -> str:
    return f"{written(float(values.min()))} to {written(float(values.max()))}"


def _plan(shape: tuple[int, ...], width: float, height: float, labelled: bool = True) -> _Plan:
    """The layout with the largest cells."""
    rows = shape[-2] if len(shape) > 1 else 1
    columns = shape[-1] if shape else 1
    count = math.prod(shape[:-2])
    label = _LABEL if labelled and len(shape) > 2 else 0.0
    if len(shape) == 4 and 1 not in shape[:2]:
        choices = [(shape[1], shape[0])]
    else:
        choices = [(across, -(-count // across)) for across in range(1, count + 1)]
    plans = [_plan_of(shape, choice, (rows, columns), (width, height), label) for choice in choices]
    return max(plans, key=lambda plan: min(plan.cell))


def _plan_of(
    shape: tuple[int, ...], panels: tuple[int, int], sizes: tuple[int, int], room: tuple[float, float], label: float
) -> _Plan:
    across, down = panels
    rows, columns = sizes
    wide = (room[0] - (across - 1) * _GAP) / (across * columns)
    high = (room[1] - down * label - (down - 1) * _GAP) / (down * rows)
    square = max(min(wide, high, _LARGEST_CELL), 1.0)
    stretched = square if square >= _STRETCH else _STRETCH  # long and thin panels could not be seen
    cell = (max(min(wide, stretched), 1.0), max(min(high, stretched), 1.0))
    return _Plan(cell, rows, columns, across, down, label)


def _each(values: NDArray[Any], plan: _Plan) -> list[tuple[NDArray[Any], tuple[float, float], tuple[int, ...]]]:
    """The panels (rows, columns) of a tensor with their places, and their index before the last two dimensions."""
    before = values.shape[:-2]
    wide, high = plan.panel
    panels = values.reshape(-1, plan.rows, plan.columns)
    result = []
    for i, panel in enumerate(panels):
        down, across = divmod(i, plan.across)
        index = tuple(int(k) for k in np.unravel_index(i, before)) if before else ()
        result.append((panel, (across * wide, down * high + plan.label), index))
    return result


def _panels(
    values: NDArray[np.float64],
    alpha: NDArray[np.float64],
    half: float,
    dtype: str,
    name: str,
    width: float,
    height: float,
) -> tuple[str, tuple[float, float]]:
    plan = _plan(values.shape, width, height)
    parts: list[str] = []
    faint = _each(alpha, plan)
    for (panel, (x, y), index), (seen, _, _) in zip(_each(values, plan), faint, strict=True):
        if plan.label and plan.panel[0] > 8 * len(f"{index}"):
            parts.append(f'<text x="{x:.1f}" y="{y - 4:.1f}" opacity=".65">[{", ".join(map(str, index))}]</text>')
        if values.size > MAX_CELLS or plan.cell[0] != plan.cell[1]:
            parts.append(_image(panel, seen, half, x, y, plan))
        else:
            parts.append(_cells(panel, seen, half, (x, y), plan.cell[0], dtype, name, (index, values.ndim)))
    return "".join(parts), plan.size


def _cells(
    panel: NDArray[np.float64],
    seen: NDArray[np.float64],
    half: float,
    place: tuple[float, float],
    cell: float,
    dtype: str,
    name: str,
    where: tuple[tuple[int, ...], int],
) -> str:
    before, dimensions = where
    size = cell - (1 if cell > 4 else 0.3)
    texts = [[written(float(value), dtype) for value in row] for row in panel]
    longest = max(len(text) for row in texts for text in row)
    font = min(12.0, (cell - 3) / (0.62 * longest))
    readable = cell >= _READABLE and font >= 7.5
    parts: list[str] = []
    for i, row in enumerate(panel):
        for j, value in enumerate(row):
            x, y = place[0] + j * cell, place[1] + i * cell
            strength = _strength(float(value), half)
            place_text = ", ".join(map(str, (*before, i, j)[len(before) + 2 - min(dimensions, 2 + len(before)) :]))
            title = f"{name}[{place_text}] = {value:g}" if dimensions else f"{name} = {value:g}"
            parts.append(
                f'<g opacity="{seen[i, j]:.2g}"><title>{html.escape(title)}</title>'
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{size:.1f}" height="{size:.1f}" rx="{min(4, cell / 8):.1f}" '
                f'fill="{_colour(float(value), strength)}" stroke="currentColor" stroke-opacity=".14" '
                f'stroke-width="{1 if cell > 8 else 0.4}"/>'
            )
            if readable:
                parts.append(
                    f'<text x="{x + size / 2:.1f}" y="{y + size / 2 + font * 0.35:.1f}" text-anchor="middle" '
                    f'font-size="{font:.1f}" fill="{_ink(float(value), strength)}">{texts[i][j]}</text>'
                )
            parts.append("</g>")
    return "".join(parts)


def _image(panel: NDArray[np.float64], seen: NDArray[np.float64], half: float, x: float, y: float, plan: _Plan) -> str:
    finite = np.where(np.isfinite(panel), panel, 0)
    colours = np.where((finite < 0)[..., None], np.array(NEGATIVE), np.array(POSITIVE))
    colours = np.where(np.isfinite(panel)[..., None], colours, 128)
    strength = np.where(np.isfinite(panel), 0.04 + 0.96 * np.abs(finite) / half, 0.5) * seen
    pixels = np.concatenate([colours, np.rint(255 * strength)[..., None]], axis=-1).astype(np.uint8)
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    address = "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
    wide, high = plan.columns * plan.cell[0], plan.rows * plan.cell[1]
    return (
        f'<image x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="{address}"/>'
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{high:.1f}" fill="none" stroke="#888" '
        'stroke-opacity=".4" stroke-width=".7"/>'
    )


def _curve(
    values: NDArray[np.float64], alpha: NDArray[np.float64], half: float, width: float, height: float
) -> tuple[str, tuple[float, float]]:
    """A bar for each number, up from zero or down from it."""
    lowest = min(0.0, float(np.nanmin(values, initial=0.0, where=np.isfinite(values))))
    highest = max(0.0, float(np.nanmax(values, initial=0.0, where=np.isfinite(values))))
    span = highest - lowest or 1.0
    step = width / len(values)
    zero = height * highest / span
    groups: dict[tuple[bool, bool], list[str]] = {}
    for i, (value, seen) in enumerate(zip(values.tolist(), alpha.tolist(), strict=True)):
        if math.isfinite(value) and value:
            groups.setdefault((value > 0, seen == 1), []).append(
                f"M{i * step:.1f} {zero:.1f}h{max(step * 0.85, 0.3):.2f}v{-height * value / span:.1f}"
                f"h{-max(step * 0.85, 0.3):.2f}z"
            )
    bars = "".join(
        f'<path d="{"".join(paths)}" fill="rgb{POSITIVE if positive else NEGATIVE}" opacity="{1 if seen else _FAINT}"/>'
        for (positive, seen), paths in groups.items()
    )
    line = f'<path d="M0 {zero:.1f}h{width:.1f}" stroke="#888" stroke-width=".7"/>'
    return bars + line, (width, height)


def _axes(shape: tuple[int, ...], size: tuple[float, float]) -> str:
    """The numbers and sizes of the dimensions along the edges."""
    if not shape:
        return ""
    last = len(shape) - 1
    across, down = [f"dim {last} · {shape[-1]}"], f"dim {last - 1} · {shape[-2]}" if last else ""
    if len(shape) == 3:
        across.insert(0, f"dim 0 · {shape[0]} panel{'s' * (shape[0] > 1)}")
    if len(shape) == 4:
        across.insert(0, f"dims 0, 1 · {shape[0]} × {shape[1]} panels")
    spans = "".join(f'<tspan dx="{14 * (i > 0)}">{text}</tspan>' for i, text in enumerate(across))
    texts = f'<text x="0" y="-6" opacity=".7" font-size="10.5">{spans}</text>'
    if down and size[1] > 6 * len(down):
        texts += (
            f'<text transform="translate(-6 {size[1]:.1f}) rotate(-90)" opacity=".7" font-size="10.5">{down}</text>'
        )
    return texts


def _strength(value: float, half: float) -> float:
    return min(abs(value) / half, 1.0) if math.isfinite(value) else 1.0


def _colour(value: float, strength: float) -> str:
    if not math.isfinite(value):
        return "rgba(128,128,128,.5)"
    red, green, blue = NEGATIVE if value < 0 else POSITIVE
    return f"rgba({red},{green},{blue},{0.04 + 0.96 * strength:.2f})"


def _ink(value: float, strength: float) -> str:
    """A colour that is read on the cell in both themes."""
    if value < 0 and strength > 0.6:
        return "#1d2330"
    return "#fff" if value > 0 and strength > 0.72 else "currentColor"
