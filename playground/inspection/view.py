"""What the eyes ask for, read from JSON that anybody may have sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PLANE = (-6.0, 6.0, -6.0, 6.0)  # the plane of all points sets, and of every thumbnail
GRID, MAX_GRID = 100, 200
THUMB, MAX_THUMB = 32, 48
FARTHEST = 100.0  # how far the output plane may be panned
NARROWEST = 0.01  # how far it may be zoomed in
LARGEST_INT = 2**53  # the integers that JavaScript can say


@dataclass(frozen=True)
class FrameView:
    """What the eyes ask for. Every value lies in its range, whatever was sent."""

    have: int = 0  # seq of the frame that is painted, 0 for none
    have_view: bool = False  # true when that frame was asked for with this same view
    have_version: int = 0  # version of the static part (points, input thumbnails) already there
    selected: tuple[int, int] | None = None  # (layer, unit); layer == number of hidden layers: the output
    domain: tuple[float, float, float, float] = PLANE  # x0, x1, y0, y1 of the output plane
    grid: int = GRID  # cells a side of the output plane
    thumb: int = THUMB  # cells a side of a thumbnail
    probe: tuple[float, float] | int | None = None  # a place on the plane, or the index of a point

    @classmethod
    def from_json(cls, value: object) -> FrameView:
        """The view that `value` describes. Never raises: a wrong value is clamped, or replaced by the default."""
        if not isinstance(value, Mapping):
            return cls()
        return cls(
            have=read_integer(value.get("have"), 0, 0, LARGEST_INT),
            have_view=value.get("have_view") is True,
            have_version=read_integer(value.get("have_version"), 0, 0, LARGEST_INT),
            selected=_selected(value.get("selected")),
            domain=_domain(value.get("domain")),
            grid=read_integer(value.get("grid"), GRID, 2, MAX_GRID),
            thumb=read_integer(value.get("thumb"), THUMB, 2, MAX_THUMB),
            probe=_probe(value.get("probe")),
        )


def read_number(value: object) -> float | None:
    """The finite number that `value` is, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer of 400 digits
        return None
    return number if math.isfinite(number) else None


def read_integer(value: object, default: int, low: int, high: int) -> int:
    """The whole number that `value` is, clamped; the default where it is none."""
    number = read_number(value)
    return default if number is None else int(min(max(number, low), high))


def _numbers(value: object, count: int) -> tuple[float, ...] | None:
    if not isinstance(value, list | tuple) or len(value) != count:
        return None
    numbers = [read_number(entry) for entry in value]
    return None if None in numbers else tuple(number for number in numbers if number is not None)


def _selected(value: object) -> tuple[int, int] | None:
    numbers = _numbers(value, 2)
    if numbers is None or min(numbers) < 0 or max(numbers) > LARGEST_INT:
        return None
    return int(numbers[0]), int(numbers[1])


def _domain(value: object) -> tuple[float, float, float, float]:
    numbers = _numbers(value, 4)
    if numbers is None:
        return PLANE
    x0, x1, y0, y1 = (min(max(number, -FARTHEST), FARTHEST) for number in numbers)
    if x1 - x0 < NARROWEST or y1 - y0 < NARROWEST:
        return PLANE
    return x0, x1, y0, y1


def _probe(value: Any) -> tuple[float, float] | int | None:
    if isinstance(value, Mapping):
        point = read_number(value.get("point"))
        return int(point) if point is not None and 0 <= point <= LARGEST_INT else None
    numbers = _numbers(value, 2)
    if numbers is None:
        return None
    x1, x2 = (min(max(number, -FARTHEST), FARTHEST) for number in numbers)
    return x1, x2
