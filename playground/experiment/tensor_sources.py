"""What a chain of tensor operations starts from: name -> title, help, the one value to choose, and PyTorch text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.experiment.tensor_arguments import Argument, Value, literal
from playground.experiment.tensor_operations import Step, first_step
from playground.experiment.wording import check_choice

KEYS: Mapping[str, tuple[int, int]] = {
    key: (low, high)
    for keys, low in zip(("123", "456", "789"), (697, 770, 852), strict=True)
    for key, high in zip(keys, (1209, 1336, 1477), strict=True)
}
"""Telephone key -> its two tones in hertz. Source: ITU-T Recommendation Q.23."""


@dataclass(frozen=True)
class Source:
    """A tensor to begin with."""

    title: str
    help: str
    argument: Argument
    code: Callable[[Any], str]
    """(value) -> PyTorch statements that make x."""
    first: Step
    """An operation that shows something with it."""


def _rows(default: tuple[tuple[float, ...], ...]) -> Argument:
    return Argument("value", "Numbers", "Numbers, with a semicolon between rows: 1, 2; 3, 4.", "rows", default)


def _tensor(rows: tuple[tuple[float, ...], ...]) -> str:
    return f"x = torch.tensor({literal(rows)})"


def _counting(shape: tuple[int, ...]) -> str:
    count = 1
    for length in shape:
        count *= length
    return f"x = torch.arange({count}.).reshape({', '.join(map(str, shape))})"


def _picture(digit: str) -> str:
    return f"from sklearn.datasets import load_digits\nx = torch.from_numpy(load_digits().images[{digit}]).float() / 16"


def _pictures(count: int) -> str:
    return (
        "from sklearn.datasets import load_digits\n"
        f"x = torch.from_numpy(load_digits().images[:{count}]).float().unsqueeze(1) / 16"
    )


def _word(word: str) -> str:
    return f'x = torch.tensor([ord(letter) - ord("a") for letter in "{word}"])'


def _sound(key: str) -> str:
    low, high = KEYS[key]
    return (
        "t = torch.arange(256) / 8000  # seconds\n"
        f"x = (torch.sin(2 * torch.pi * {low} * t) + torch.sin(2 * torch.pi * {high} * t)) / 2"
    )


def _shape(default: tuple[int, ...]) -> Argument:
    return Argument("value", "Shape", "Sizes, such as 2, 3, 4.", "sizes", default)


SOURCES: dict[str, Source] = {
    "scalar": Source(
        "Scalar",
        "A single number has no dimension: its shape is ().",
        Argument("value", "Number", "Any number.", "number", 3.5),
        lambda number: f"x = torch.tensor({float(number)!r})",
        first_step("unsqueeze"),
    ),
    "vector": Source(
        "Vector", "One dimension: numbers in a row.", _rows(((2.0, -1.0, 0.5, 3.0),)), _tensor, first_step("softmax")
    ),
    "matrix": Source(
        "Matrix",
        "Two dimensions: rows and columns.",
        _rows(((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))),
        _tensor,
        first_step("transpose"),
    ),
    "cube": Source(
        "3-D",
        "Three dimensions, such as colour, height and width of a picture.",
        _shape((2, 3, 4)),
        _counting,
        first_step("sum"),
    ),
    "hyper": Source(
        "4-D",
        "Four dimensions, such as a batch of pictures in colour.",
        _shape((2, 3, 2, 4)),
        _counting,
        first_step("flatten"),
    ),
    "picture": Source(
        "Picture",
        "A handwritten digit of 8 × 8 pixels, brightness from 0 to 1. Source: scikit-learn, load_digits (CC BY 4.0).",
        Argument(
            "value", "Digit", "Which digit.", "choice", "3", choices={str(digit): str(digit) for digit in range(10)}
        ),
        _picture,
        first_step("transpose"),
    ),
    "pictures": Source(
        "Pictures",
        "A batch of digits as a network gets them: pictures, channels, rows, columns.",
        Argument("value", "How many", "Pictures in the batch.", "integer", 4, 1, 12),
        _pictures,
        first_step("mean"),
    ),
    "word": Source(
        "Word",
        "Letters as numbers from 0 (a) to 25 (z): the ids that an embedding or one-hot begins with.",
        Argument("value", "Word", "Up to 16 letters from a to z.", "word", "tensor", high=16),
        _word,
        first_step("onehot"),
    ),
    "sound": Source(
        "Sound",
        "The two tones of a telephone key, 256 samples at 8,000 a second: 32 ms.",
        Argument("value", "Key", "Which key of a telephone.", "choice", "5", choices={key: key for key in KEYS}),
        _sound,
        Step("reshape", ((8, 32),)),
    ),
}
"""In the order in which they are offered."""


def read_source(name: object, value: object) -> tuple[str, Value]:
    """Take a source and its value from widgets or a link.

    Raises: ValueError with one sentence.
    """
    check_choice("start", name, SOURCES)
    source = SOURCES[str(name)]
    return str(name), source.argument.default if value is None else source.argument.read(value)
