"""The graph of a small expression: every number with its value and its gradient, and the slopes along the arrows."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from playground.experiment.tensor_expression import OPERATORS, Expression
from playground.figures.tensor_figure import NEGATIVE, POSITIVE, written

BOX = (112.0, 58.0)
PITCH = (168.0, 78.0)
"""From one box to the next, across and down."""


def gradient_figure(expression: Expression, done: Mapping[str, Any]) -> str:
    """Draw an expression as `inspection.tensor_gradients.run_expression` has computed it, as SVG."""
    places = graph_places(expression)
    numbers = done["numbers"]
    wide = max(x for x, _ in places.values()) + BOX[0]
    high = max(y for _, y in places.values()) + BOX[1]
    parts: list[str] = []
    for name, operation in zip(expression.names, expression.operations, strict=True):
        for i, (source, slope) in enumerate(zip(operation.inputs, numbers[name]["slopes"], strict=True)):
            again = i if operation.inputs.count(source) > 1 else 0
            parts.append(
                _arrow(
                    places[source],
                    places[name],
                    slope,
                    numbers[source]["grad"],
                    again,
                    i - (len(operation.inputs) - 1) / 2,
                )
            )
    learns = {number.name: number.learns for number in expression.numbers}
    signs = {
        name: OPERATORS[operation.operator].title
        for name, operation in zip(expression.names, expression.operations, strict=True)
    }
    for name, place in places.items():
        parts.append(_box(name, place, numbers[name], signs.get(name), learns.get(name, True)))
    words = "The graph of the expression: " + ", ".join(
        f"{name} is {written(number['value'])}"
        + ("" if number["grad"] is None else f" with the gradient {written(number['grad'])}")
        for name, number in numbers.items()
    )
    return (
        f'<svg role="img" aria-label="{html.escape(words)}" viewBox="-2 -2 {wide + 4:.0f} {high + 4:.0f}" '
        f'width="{wide + 4:.0f}" height="{high + 4:.0f}" style="max-width:100%;min-width:{min(wide, 760):.0f}px;'
        'height:auto" fill="currentColor" font-size="12" font-family="ui-monospace,monospace">'
        '<defs><marker id="nnp-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        'orient="auto"><path d="M0 0L8 4L0 8z" fill="#888"/></marker></defs>'
        f"{''.join(parts)}</svg>"
    )


def graph_places(expression: Expression) -> dict[str, tuple[float, float]]:
    """Where the box of each number lies: results to the right of what they are made of, no two on one place."""
    inputs = {name: operation.inputs for name, operation in zip(expression.names, expression.operations, strict=True)}
    column = {number.name: 0 for number in expression.numbers}
    for name, sources in inputs.items():
        column[name] = 1 + max(column[source] for source in sources)
    for number in expression.numbers:  # just before where it is used first
        users = [column[name] for name, sources in inputs.items() if number.name in sources]
        column[number.name] = min(users, default=1) - 1
    wanted: dict[str, float] = {}
    places: dict[str, tuple[float, float]] = {}
    for at in range(max(column.values()) + 1):
        here = [name for name in column if column[name] == at]
        for order, name in enumerate(here):
            rows = [places[source][1] for source in inputs.get(name, ()) if source in places]
            wanted[name] = sum(rows) / len(rows) if rows else (order + (0.45 if at else 0)) * PITCH[1]
        # results keep their height, and the numbers that are used next to them go below
        here.sort(key=lambda name: (wanted[name], name not in inputs))
        lowest = float("-inf")
        for name in here:
            y = max(wanted[name], lowest + PITCH[1])
            places[name], lowest = (at * PITCH[0], y), y
    return places


def _box(name: str, place: tuple[float, float], number: Mapping[str, Any], sign: str | None, learns: bool) -> str:
    x, y = place
    grad = number["grad"]
    value = f"{name} = {written(number['value'])}"
    below = "data" if not learns else "no gradient" if grad is None else f"grad {written(grad)}"
    if not grad:
        stroke, fill = "#888", "rgba(128,128,128,.10)"
    else:
        red, green, blue = NEGATIVE if grad < 0 else POSITIVE
        stroke, fill = f"rgb({red},{green},{blue})", f"rgba({red},{green},{blue},.13)"
    title = number["function"] or ("a leaf: a number that learns" if learns else "data: no gradient is found for it")
    top = (
        f'<text x="{x + BOX[0] / 2}" y="{y + 13:.1f}" text-anchor="middle" font-size="10.5" opacity=".7">{sign}</text>'
    )
    return (
        f"<g><title>{html.escape(title)}</title>"
        f'<rect x="{x}" y="{y:.1f}" width="{BOX[0]}" height="{BOX[1]}" rx="9" fill="{fill}" stroke="{stroke}" '
        f'stroke-width="1.5" stroke-dasharray="{"none" if learns else "4 3"}"/>'
        f"{top if sign else ''}"
        f'<text x="{x + BOX[0] / 2}" y="{y + 30:.1f}" text-anchor="middle" font-weight="600">{value}</text>'
        f'<text x="{x + BOX[0] / 2}" y="{y + 48:.1f}" text-anchor="middle" font-size="11.5">{below}</text></g>'
    )


def _arrow(
    start: tuple[float, float], end: tuple[float, float], slope: float, grad: float | None, again: int, at: float
) -> str:
    x0, y0 = start[0] + BOX[0], start[1] + BOX[1] / 2
    x1, y1 = end[0], end[1] + BOX[1] / 2 + 16 * at
    bend = (x1 - x0) / 2
    lift = 26 * again  # the second arrow of the same two boxes goes a way of its own
    label = (x1 - 12, y1 + (13 if at > 0 else -5))
    path = f"M{x0:.1f} {y0:.1f}C{x0 + bend:.1f} {y0 + lift:.1f} {x1 - bend:.1f} {y1 + lift:.1f} {x1:.1f} {y1:.1f}"
    faint = 0.35 if grad is None else 0.8
    return (
        f'<path d="{path}" fill="none" stroke="#888" stroke-opacity="{faint}" stroke-width="1.4" '
        f'marker-end="url(#nnp-arrow)"/><text x="{label[0]:.1f}" y="{label[1]:.1f}" text-anchor="end" '
        f'font-size="10.5" opacity="{faint}">×{written(slope)}</text>'
    )
