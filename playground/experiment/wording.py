"""Values from outside, checked with a sentence for people: the value, the rule, the remedy."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Collection

import numpy as np

from playground.data.own_points import show

__all__ = ["as_integer", "as_number", "check_choice", "check_range", "short", "show"]

_NUMBER = re.compile(r"[+-]?(\d{1,40}([.]\d{0,40})?|[.]\d{1,40})([eE][+-]?\d{1,4})?", re.ASCII)


def short(value: float) -> str:
    """Write a number as short as it can be read back exactly: 0.03, 10, 1e-5."""
    text = repr(value).removesuffix(".0")
    return re.sub(r"e([+-])0", lambda match: "e" + match[1].replace("+", ""), text)


def as_number(name: str, value: object, example: float) -> float:
    """Take a finite number, or the text of one.

    Raises: ValueError with one sentence.
    """
    number = math.nan
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = float(value.strip())  # float itself strips less: not the separator \x1f
    elif isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} is {_shown(value)}, but it must be a finite number. Try {short(example)}.")
    return number + 0.0  # -0.0 becomes 0.0


def as_integer(name: str, value: object, example: int) -> int:
    """Take a whole number, or the text of one.

    Raises: ValueError with one sentence.
    """
    if type(value) is int:
        return value
    number = as_number(name, value, example)
    if number != int(number):
        raise ValueError(f"{name} is {short(number)}, but it must be a whole number. Try {int(number)}.")
    return int(number)


def check_range(name: str, value: float, low: float, high: float, example: float) -> None:
    """Raises: ValueError with one sentence if the value does not lie between `low` and `high`."""
    if not low <= value <= high:
        raise ValueError(
            f"{name} is {_shown(value)}, but it must lie between {_bound(low)} and {_bound(high)}. "
            f"Try {short(min(max(example, low), high))}."
        )


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raises: ValueError with one sentence, and the most similar choice, if the value is none of them."""
    if not isinstance(value, str) or value not in choices:
        close = difflib.get_close_matches(value[:40], choices, n=1) if isinstance(value, str) else []
        remedy = f"Did you mean {close[0]}?" if close else f"Try {next(iter(choices))}."
        names = ", ".join(choices) if len(choices) <= 10 else f"{len(choices)} known names"
        raise ValueError(f"{name} is {show(value)}, but it must be one of {names}. {remedy}")


def _shown(value: object) -> str:
    """A sane number as it is; anything else, the 5,000-digit one too, quoted and cut short."""
    if isinstance(value, float) or (type(value) is int and abs(value) < 10**15):
        return short(value)
    if type(value) is int:
        return "a number of very many digits" if abs(value) >= 10**40 else str(value)
    return show(value)


def _bound(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) and abs(value) < 10**6 else f"{value:.10g}"
