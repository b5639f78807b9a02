"""The arguments of tensor operations: literal numbers and names from lists, read from widgets and links.

Nothing else gets in: whatever is typed becomes a number, a tuple of whole numbers, an entry of a list or a small tensor
of numbers, or is refused with one sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from playground.experiment.tensor_rules import MAX_DIMENSIONS, Form, Shape, fitting, size
from playground.experiment.wording import as_integer, as_number, check_choice, check_range, short, show

LARGEST = 1_000_000
"""The largest number that may be typed."""
MAX_TYPED = 64
"""So many numbers may be typed for one tensor."""
_MAX_TEXT = 1_000


@dataclass(frozen=True)
class Operand:
    """The other tensor of an operation: a number, a shape filled in some way, or rows of typed numbers."""

    fill: str = "number"
    number: float = 2.0
    shape: Shape = (1,)
    rows: tuple[tuple[float, ...], ...] = ((1.0, 2.0),)

    @property
    def form(self) -> Form:
        """Its shape and type, as the rules want them; a whole number or a decimal one takes the type of x."""
        if self.fill == "number":
            return Form(())
        return Form(rows_shape(self.rows) if self.fill == "own" else self.shape)

    @property
    def code(self) -> str:
        """It as PyTorch text."""
        if self.fill == "number":
            return short(self.number)
        if self.fill == "own":
            return f"torch.tensor({literal(self.rows)})"
        return FILLS[self.fill].code.format(count=math.prod(self.shape), shape=", ".join(map(str, self.shape)))


@dataclass(frozen=True)
class Fill:
    """How the numbers of an operand come about."""

    title: str
    code: str = ""
    """PyTorch text of {shape} and {count}."""


FILLS: Mapping[str, Fill] = {
    "number": Fill("a number"),
    "count": Fill("counting", "torch.arange({count}.).reshape({shape})"),
    "ones": Fill("ones", "torch.ones({shape})"),
    "random": Fill("random", "torch.randn({shape}, generator=torch.Generator().manual_seed(0))"),
    "own": Fill("own numbers"),
}

Value = int | float | str | None | Shape | Operand | tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Argument:
    """One argument: its name and the rule that reads it. `kind` says which widget suits."""

    name: str
    title: str
    help: str
    kind: str
    default: Value
    low: int = 0
    high: int = 0
    choices: Mapping[str, str] = field(default_factory=dict)
    """Name -> title."""

    def read(self, value: object) -> Value:
        """Take a widget's value or the text of a link.

        Raises: ValueError with one sentence.
        """
        if isinstance(value, str) and len(value) > _MAX_TEXT:
            raise ValueError(f"{self.name} is {len(value):,} characters long, which no argument is. Write less.")
        return READERS[self.kind](self, value)

    def text(self, value: Value) -> str:
        """Write a value as in a link; `read` takes it back."""
        if isinstance(value, Operand):
            inner = {"number": short(value.number), "own": _rows_text(value.rows)}
            return f"{value.fill}:{inner.get(value.fill, 'x'.join(map(str, value.shape)))}"
        if isinstance(value, tuple):
            return _rows_text(value) if self.kind == "rows" else "x".join(map(str, value))
        if value is None:
            return "all"
        if isinstance(value, bool):
            return "yes" if value else "no"
        return short(value) if isinstance(value, float) else str(value)


def _integer(argument: Argument, value: object) -> Value:
    number = as_integer(argument.name, value, argument.low)
    check_range(argument.name, number, argument.low, argument.high, number)
    return number


def _axis(argument: Argument, value: object) -> Value:
    return None if value is None or value == "all" else _integer(argument, value)


def _number(argument: Argument, value: object) -> Value:
    number = as_number(argument.name, value, 2)
    check_range(argument.name, number, -LARGEST, LARGEST, 2)
    return number


def _flag(argument: Argument, value: object) -> Value:
    if isinstance(value, bool):
        return value
    check_choice(argument.name, value, ("no", "yes"))
    return value == "yes"


def _choice(argument: Argument, value: object) -> Value:
    check_choice(argument.name, value, argument.choices)
    return str(value)


def _integers(argument: Argument, value: object, most: int) -> Shape:
    parts = re.split(r"[\s,x×]+", value.strip(" ()[],\t")) if isinstance(value, str) else value
    if not isinstance(parts, list | tuple):
        raise ValueError(f"{argument.name} is {show(value)}, but it must be whole numbers, such as 2, 4.")
    parts = [part for part in parts if part != ""]
    if len(parts) > most:
        raise ValueError(f"{argument.name} has {len(parts)} numbers, but at most {most} are taken. Write fewer.")
    numbers = tuple(as_integer(argument.name, part, 2) for part in parts)
    for number in numbers:
        check_range(argument.name, number, argument.low, argument.high, 2)
    return numbers


def _operand(argument: Argument, value: object) -> Value:
    if isinstance(value, Operand):
        return value
    fill, _, rest = str(value).partition(":")
    check_choice(argument.name, fill, FILLS)
    if fill == "number":
        return Operand(fill, number=float(_number(argument, rest)))  # type: ignore[arg-type]
    if fill == "own":
        return Operand(fill, rows=read_rows(argument.name, rest))
    return Operand(fill, shape=read_sizes(argument.name, rest))


def _word(argument: Argument, value: object) -> Value:
    word = str(value).strip().lower()
    if not 1 <= len(word) <= argument.high or not all("a" <= letter <= "z" for letter in word):
        raise ValueError(
            f"{argument.name} is {show(str(value))}, but it must be 1 to {argument.high} of the letters a to z. "
            "Try tensor."
        )
    return word


def read_sizes(name: str, text: object) -> Shape:
    """Take a shape, such as "3, 1".

    Raises: ValueError with one sentence.
    """
    sizes = _integers(Argument(name, "", "", "shape", (), -LARGEST, LARGEST), text, 2 * MAX_DIMENSIONS)
    if any(length < 1 for length in sizes):
        raise ValueError(f"{name} has the shape {size(sizes)}, but sizes must be 1 or more. Try 3, 1.")
    return fitting(sizes)


def read_rows(name: str, value: object) -> tuple[tuple[float, ...], ...]:
    """Take typed numbers: "1, 2; 3, 4" is two rows. Rows are of one length.

    Raises: ValueError with one sentence.
    """
    if isinstance(value, tuple):
        value = _rows_text(value)
    rows = [
        re.split(r"[\s,]+", row.strip(" ,\t[]()")) for row in str(value).strip(" ;\n").replace("\n", ";").split(";")
    ]
    rows = [[part for part in row if part] for row in rows]
    counts = {len(row) for row in rows}
    if counts == {0}:
        raise ValueError(f"{name} has no numbers. Write some, such as 1, 2; 3, 4 for two rows.")
    if len(counts) > 1:
        at = next(i for i, row in enumerate(rows) if len(row) != len(rows[0]))
        raise ValueError(
            f"Row {at + 1} of {name} has {len(rows[at])} numbers and row 1 has {len(rows[0])}, but all rows of a "
            "tensor are of one length. Add or take away numbers."
        )
    if (count := sum(map(len, rows))) > MAX_TYPED:
        raise ValueError(f"{name} has {count} numbers, but at most {MAX_TYPED} are taken. Write fewer.")
    numbers = tuple(tuple(as_number(name, part, 2) for part in row) for row in rows)
    for number in sum(numbers, ()):
        check_range(name, number, -LARGEST, LARGEST, 2)
    return numbers


def rows_shape(rows: tuple[tuple[float, ...], ...]) -> Shape:
    """The shape of typed numbers: one row is a vector, several are a matrix."""
    return (len(rows[0]),) if len(rows) == 1 else (len(rows), len(rows[0]))


def literal(rows: tuple[tuple[float, ...], ...]) -> str:
    """Typed numbers as a Python list of decimal numbers."""
    lists = [f"[{', '.join(repr(float(number)) for number in row)}]" for row in rows]
    return lists[0] if len(lists) == 1 else f"[{', '.join(lists)}]"


def _rows_text(rows: object) -> str:
    return ";".join(",".join(short(float(number)) for number in row) for row in rows)  # type: ignore[attr-defined]


READERS: Mapping[str, Callable[[Argument, object], Value]] = {
    "integer": _integer,
    "axis": _axis,
    "number": _number,
    "flag": _flag,
    "choice": _choice,
    "shape": partial(_integers, most=2 * MAX_DIMENSIONS),
    "indices": partial(_integers, most=MAX_TYPED),
    "sizes": lambda argument, value: read_sizes(argument.name, value),
    "rows": lambda argument, value: read_rows(argument.name, value),
    "operand": _operand,
    "word": _word,
}
"""How each kind of argument is read."""
