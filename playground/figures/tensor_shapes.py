"""How an operation treats the shape: the sizes before and after as chips, and what becomes of each."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from playground.experiment.tensor_operations import OPERATIONS, Step

Shape = tuple[int, ...]
CHIP = (46.0, 26.0)
_STEP = CHIP[0] + 8
_ROW = 36.0
_LEFT = 66.0
_RIGHT, _WRONG, _QUIET = "#0877BD", "#F59322", "#888"


@dataclass(frozen=True)
class _Chip:
    text: str
    mark: str = ""  # "", "equal", "repeated", "wrong" or "gone"


def shapes_figure(step: Step, before: Shape, other: Shape | None, after: Shape | None) -> str:
    """Draw the shapes of one step, as SVG. after: None where the step is refused."""
    group = OPERATIONS[step.operation].group
    if other is not None and group == "multiply":
        body, size = _product(before, other, after)
    elif other is not None:
        body, size = _aligned(before, other, after)
    else:
        body, size = _changed(step, before, after)
    words = f"{before}" + (f" and {other}" if other is not None else "") + f" become {after or 'nothing'}"
    return (
        f'<svg role="img" aria-label="Shapes: {html.escape(words)}" viewBox="0 0 {size[0]:.0f} {size[1]:.0f}" '
        f'width="{size[0]:.0f}" height="{size[1]:.0f}" style="max-width:100%;height:auto" fill="currentColor" '
        f'font-size="13" font-family="ui-monospace,monospace">{body}</svg>'
    )


def came_from(step: Step, before: Shape, after: Shape) -> list[int | None] | None:
    """For each dimension after a step the one before that it was; None where an operation mixes them."""
    count = len(before)
    kept = list(range(count))
    values = step.values
    match step.operation:
        case "transpose":
            first, second = values[0] % count, values[1] % count
            kept[first], kept[second] = kept[second], kept[first]
            return list(kept)
        case "permute":
            return [dim % count for dim in values[0]]
        case "select":
            return [dim for dim in kept if dim != values[0] % count]
        case "unsqueeze":
            at = values[0] % (count + 1)
            return [*kept[:at], None, *kept[at:]]
        case "squeeze":
            return [dim for dim in kept if before[dim] != 1]
        case "sum" | "mean" | "max" | "min" | "argmax":
            dim, keepdim = values
            gone = set(kept) if dim is None else {dim % count}
            return [None if at in gone else at for at in kept] if keepdim else [at for at in kept if at not in gone]
        case "onehot":
            return [*kept, None]
        case "expand":
            return [None] * (len(after) - count) + list(kept)
        case "slice" | "pick" | "contiguous" | "apply" | "softmax" | "to":
            return list(kept)
        case _:
            return None


def _changed(step: Step, before: Shape, after: Shape | None) -> tuple[str, tuple[float, float]]:
    """The sizes before over the sizes after, with a line from each to what it has become."""
    sources = came_from(step, before, after) if after is not None else None
    used = set() if sources is None else {source for source in sources if source is not None}
    gone = sources is not None
    top = [_Chip(str(length), "gone" if gone and i not in used else "") for i, length in enumerate(before)]
    bottom = [
        _Chip(
            str(length),
            "equal" if sources is not None and (sources[i] is None or before[sources[i] or 0] != length) else "",
        )
        for i, length in enumerate(after or ())
    ]
    parts = [_line("before", top, 0)]
    high = CHIP[1] + 4
    if after is not None:
        y = 62.0
        parts.append(_line("after", bottom, y))
        high = y + CHIP[1] + 4
        for i, source in enumerate(sources or []):
            if source is not None:
                parts.append(_link(_middle(source), CHIP[1] + 3, _middle(i), y - 1))
        if sources is None and before and after:
            parts_of = [_product_text(shape) for shape in (before, after) if len(shape) > 1]
            product = " = ".join([f"{math.prod(before):,} numbers", *parts_of])
            if math.prod(before) == math.prod(after):
                parts.append(f'<text x="{_LEFT}" y="48" font-size="12" opacity=".7">{product}</text>')
    longest = max(len(before), len(after or ()), 1)
    return "".join(parts), (max(_LEFT + longest * _STEP, 210), high)


def _aligned(before: Shape, other: Shape, after: Shape | None) -> tuple[str, tuple[float, float]]:
    """Sizes under each other from the right, as broadcasting compares them."""
    count = max(len(before), len(other))
    rows: list[list[_Chip | None]] = [[], [], []]
    for i in range(count, 0, -1):
        ours = before[-i] if i <= len(before) else None
        theirs = other[-i] if i <= len(other) else None
        clash = None not in (ours, theirs) and ours != theirs and 1 not in (ours, theirs)
        result = max(ours or 1, theirs or 1)
        for row, length in zip(rows, (ours, theirs), strict=False):
            if length is None:
                row.append(_Chip("·", "repeated") if result > 1 or after is not None else None)
            elif clash:
                row.append(_Chip(str(length), "wrong"))
            else:
                repeated = length == 1 and result > 1
                row.append(_Chip(f"1 → {result}", "repeated") if repeated else _Chip(str(length)))
        rows[2].append(_Chip("✗", "wrong") if clash else _Chip(str(result), "equal" if after is not None else ""))
    parts = [
        _line(name, row, i * _ROW) for i, (name, row) in enumerate(zip(("x", "other", "result"), rows, strict=True))
    ]
    if not count:
        parts = [_line(name, [_Chip("()")], i * _ROW) for i, name in enumerate(("x", "other", "result"))]
    note = "compared from the right ←"
    parts.append(f'<text x="{_LEFT}" y="{3 * _ROW + 10}" font-size="11.5" opacity=".65">{note}</text>')
    return "".join(parts), (max(_LEFT + count * _STEP + 6, 260), 3 * _ROW + 16)


def _product(before: Shape, other: Shape, after: Shape | None) -> tuple[str, tuple[float, float]]:
    """x @ other = result in one line, the inner sizes tied together."""
    inner = len(before) - 1
    second = max(len(other) - 2, 0)
    equal = bool(before) and bool(other) and before[-1] == other[second]
    mark = "equal" if equal else "wrong"
    x, parts, ends = 0.0, [], []
    for shape, tied, sign in ((before, inner, "@"), (other, second, "="), (after, None, "")):
        for i, length in enumerate(shape or ()):
            if i == tied:
                ends.append(x + CHIP[0] / 2)
            parts.append(_chip(_Chip(str(length), mark if i == tied else ""), x, 22))
            x += _STEP
        if shape is None:
            parts.append(_chip(_Chip("✗", "wrong"), x, 22))
            x += _STEP
        elif not shape:
            parts.append(_chip(_Chip("()"), x, 22))
            x += _STEP
        if sign:
            parts.append(f'<text x="{x + 4:.1f}" y="40">{sign}</text>')
            x += 24
    if len(ends) == 2 and before and other:
        colour = _RIGHT if equal else _WRONG
        words = "equal" if equal else "not equal"
        parts.append(
            f'<path d="M{ends[0]} 20V9H{ends[1]}V20" fill="none" stroke="{colour}" stroke-width="1.5"/>'
            f'<text x="{ends[1] + 8}" y="13" font-size="11.5" opacity=".75">{words}</text>'
        )
    return "".join(parts), (max(x + 60, 210), 56)


def _line(name: str, chips: Sequence[_Chip | None], y: float) -> str:
    drawn = [_chip(chip, _LEFT + i * _STEP, y + 1) for i, chip in enumerate(chips) if chip is not None]
    if not chips:
        drawn = [_chip(_Chip("()"), _LEFT, y + 1)]
    return f'<text x="0" y="{y + 19:.1f}" font-size="12" opacity=".7">{name}</text>{"".join(drawn)}'


def _chip(chip: _Chip, x: float, y: float) -> str:
    colour = {"equal": _RIGHT, "wrong": _WRONG}.get(chip.mark, _QUIET)
    fill = {"equal": "rgba(8,119,189,.16)", "wrong": "rgba(245,147,34,.28)"}.get(chip.mark, "rgba(128,128,128,.10)")
    dashes = "4 3" if chip.mark in ("repeated", "gone") else "none"
    faint = ".45" if chip.mark == "gone" else "1"
    font = 13 if len(chip.text) < 6 else 11
    struck = ' text-decoration="line-through"' if chip.mark == "gone" else ""
    return (
        f'<g opacity="{faint}"><rect x="{x:.1f}" y="{y:.1f}" width="{CHIP[0]}" height="{CHIP[1]}" rx="7" fill="{fill}" '
        f'stroke="{colour}" stroke-width="1.4" stroke-dasharray="{dashes}"/>'
        f'<text x="{x + CHIP[0] / 2:.1f}" y="{y + 18:.1f}" text-anchor="middle" font-size="{font}"{struck}>{chip.text}'
        "</text></g>"
    )


def _link(x0: float, y0: float, x1: float, y1: float) -> str:
    bend = (y1 - y0) / 2
    return (
        f'<path d="M{x0:.1f} {y0:.1f}C{x0:.1f} {y0 + bend:.1f} {x1:.1f} {y1 - bend:.1f} {x1:.1f} {y1:.1f}" fill="none" '
        f'stroke="{_QUIET}" stroke-width="1.3"/>'
    )


def _middle(at: int) -> float:
    return _LEFT + at * _STEP + CHIP[0] / 2


def _product_text(shape: Shape) -> str:
    return " × ".join(map(str, shape))
