"""Numbers as people write them: 1234.5, 1.234,5, 1 234,5 and 1'234.5, and the signs for "missing"."""

from __future__ import annotations

import math
import re
from typing import Literal

Decimal = Literal[".", ","]

MISSING = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "-", "?", ".", "--"})
"""Cells that stand for a missing value, in small letters."""

_EXPONENT = r"(?:[eE][+-]?[0-9]{1,5})?"
_PLAIN = {
    ".": re.compile(rf"[+-]?(?:[0-9]{{1,400}}(?:\.[0-9]{{0,400}})?|\.[0-9]{{1,400}}){_EXPONENT}"),
    ",": re.compile(rf"[+-]?(?:[0-9]{{1,400}}(?:,[0-9]{{0,400}})?|,[0-9]{{1,400}}){_EXPONENT}"),
}
# Groups of three digits, always with the same sign between them: a blank (also narrow or unbreakable), ', or . or ,
_GROUPED = {
    ".": re.compile(r"[+-]?[1-9][0-9]{0,2}([, '’\u00a0\u202f\u2009])[0-9]{3}(?:\1[0-9]{3})*(?:\.[0-9]{0,400})?"),
    ",": re.compile(r"[+-]?[1-9][0-9]{0,2}([. '’\u00a0\u202f\u2009])[0-9]{3}(?:\1[0-9]{3})*(?:,[0-9]{0,400})?"),
}
_GROUP_SIGNS = re.compile(r"[ '’\u00a0\u202f\u2009]")


def read_number(text: str, decimal: Decimal = ".") -> float | None:
    """Read a number with this decimal mark, with or without groups of thousands; None if it is none.

    "1e999" is infinite: whoever asks decides what that means.
    """
    if _PLAIN[decimal].fullmatch(text):
        return float(text.replace(",", ".") if decimal == "," else text)
    if _GROUPED[decimal].fullmatch(text):
        text = _GROUP_SIGNS.sub("", text)
        return float(text.replace(".", "").replace(",", ".") if decimal == "," else text.replace(",", ""))
    return None


def parse_number(text: str) -> float | None:
    """Read a finite number that one person typed, with a decimal point or a decimal comma; None if it is none."""
    text = text.strip().replace("\u2212", "-")
    number = read_number(text, ",") if "," in text and "." not in text else read_number(text, ".")
    return number if number is not None and math.isfinite(number) else None


def is_missing(text: str) -> bool:
    """Does this cell stand for a missing value?"""
    return len(text) <= 4 and text.lower() in MISSING
