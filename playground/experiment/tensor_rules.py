"""The rules of tensor shapes and types, without torch: what an operation makes of a tensor, or why it refuses.

Each rule takes the tensor before and the operation's arguments. It gives the shape after, or None where that depends on
the numbers. Raises: ValueError with one sentence that a learner understands: the sizes, the rule, the remedy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

MAX_NUMBERS = 4_096
"""So many numbers a tensor of the page may hold: all of them are drawn."""
MAX_DIMENSIONS = 4

Shape = tuple[int, ...]
DECIMAL = frozenset({"float32", "float64"})


@dataclass(frozen=True)
class Form:
    """What a rule looks at. low, high: the range of the tensor's numbers."""

    shape: Shape
    dtype: str = "float32"
    low: float = 0.0
    high: float = 0.0

    @property
    def count(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)


def size(shape: Shape) -> str:
    """Write a shape as Python does: (2, 3), (4,), ()."""
    return str(tuple(shape))


def fitting(shape: Shape) -> Shape:
    """The shape, if a tensor of it can be drawn."""
    if len(shape) > MAX_DIMENSIONS:
        raise ValueError(
            f"{size(shape)} has {len(shape)} dimensions, but at most {MAX_DIMENSIONS} are drawn here. "
            "Put two of them together with reshape."
        )
    if (count := math.prod(shape)) > MAX_NUMBERS:
        raise ValueError(
            f"{size(shape)} would hold {count:,} numbers, but at most {MAX_NUMBERS:,} fit here. Take a smaller size."
        )
    return shape


def position(shape: Shape, dim: int, name: str = "dim") -> int:
    """The dimension counted from the left, where negative ones count from the right."""
    if not shape:
        raise ValueError(f"{name} is {dim}, but x is a single number and has no dimension. Give it one with unsqueeze.")
    if not -len(shape) <= dim < len(shape):
        raise ValueError(
            f"{name} is {dim}, but x has the {len(shape)} dimension{'s' * (len(shape) > 1)} of {size(shape)}: "
            f"{name} must lie between {-len(shape)} and {len(shape) - 1}."
        )
    return dim % len(shape)


def check_decimal(x: Form, what: str) -> None:
    """Raises: ValueError if the numbers are no decimal numbers."""
    if x.dtype not in DECIMAL:
        raise ValueError(
            f"{what} needs decimal numbers, but x holds {x.dtype}. Turn it into torch.float32 with .to first."
        )


def check_not_bool(x: Form, what: str) -> None:
    """Raises: ValueError if the tensor holds True and False."""
    if x.dtype == "bool":
        raise ValueError(
            f"{what} needs numbers, but x holds True and False. Turn it into torch.float32 with .to first."
        )


# ---- indexing


def select(x: Form, dim: int, index: int) -> Shape:
    """One place along a dimension, which goes away."""
    at = position(x.shape, dim)
    _check_index(x.shape, at, index)
    return x.shape[:at] + x.shape[at + 1 :]


def cut(x: Form, dim: int, start: int, stop: int, step: int) -> Shape:
    """Places from `start` up to, but without, `stop`."""
    at = position(x.shape, dim)
    left = len(range(*slice(start, stop, step).indices(x.shape[at])))
    if not left:
        raise ValueError(
            f"From {start} to {stop} nothing is left of the {x.shape[at]} places: a slice ends before its stop. "
            "Make stop larger than start."
        )
    return (*x.shape[:at], left, *x.shape[at + 1 :])


def pick(x: Form, indices: Shape) -> Shape:
    """The named places of the first dimension, in this order."""
    position(x.shape, 0)
    if not indices:
        raise ValueError("No place is named, so nothing is left. Name one, such as 0.")
    for index in indices:
        _check_index(x.shape, 0, index)
    return fitting((len(indices), *x.shape[1:]))


def mask(x: Form, comparison: str, number: float) -> None:
    """The numbers for which the comparison holds, as a vector; how many, only the numbers can say."""


def _check_index(shape: Shape, at: int, index: int) -> None:
    if not -shape[at] <= index < shape[at]:
        raise ValueError(
            f"index is {index}, but dimension {at} of {size(shape)} has {shape[at]} place{'s' * (shape[at] > 1)}, "
            f"counted from 0: the last one is {shape[at] - 1}, or -1."
        )


# ---- shapes


def reshape(x: Form, shape: Shape) -> Shape:
    """The same numbers in another shape; one size may be -1 and follows from the others."""
    wrong = [length for length in shape if length < 1 and length != -1]
    if wrong or shape.count(-1) > 1:
        raise ValueError(
            f"{size(shape)} is no shape: sizes are 1 or more, and at most one is -1, which means the rest."
        )
    known = math.prod(length for length in shape if length != -1)
    if -1 not in shape:
        if known != x.count:
            raise ValueError(
                f"{size(shape)} has {known:,} place{'s' * (known != 1)}, but x has {x.count:,} "
                f"number{'s' * (x.count != 1)}: a new shape keeps every number, so the products of the sizes must be "
                "equal."
            )
        return fitting(shape)
    if x.count % known:
        raise ValueError(
            f"The {x.count:,} numbers of x do not go into {size(shape)}: {x.count:,} is not a multiple of {known:,}, "
            "so -1 finds no size."
        )
    return fitting(tuple(x.count // known if length == -1 else length for length in shape))


def flatten(x: Form) -> Shape:
    """All numbers in one row."""
    return (x.count,)


def transpose(x: Form, dim0: int, dim1: int) -> Shape:
    """Two dimensions change places."""
    first, second = position(x.shape, dim0, "dim0"), position(x.shape, dim1, "dim1")
    shape = list(x.shape)
    shape[first], shape[second] = shape[second], shape[first]
    return tuple(shape)


def permute(x: Form, order: Shape) -> Shape:
    """The dimensions in a new order."""
    if sorted(dim % len(x.shape) if x.shape else dim for dim in order) != list(range(len(x.shape))):
        raise ValueError(
            f"The order {size(order)} does not fit {size(x.shape)}: it must name each of the {len(x.shape)} "
            f"dimensions once, such as {size(tuple(reversed(range(len(x.shape)))))}."
        )
    if any(not -len(x.shape) <= dim < len(x.shape) for dim in order):
        raise ValueError(f"The order {size(order)} names a dimension that {size(x.shape)} does not have.")
    return tuple(x.shape[dim] for dim in order)


def unsqueeze(x: Form, dim: int) -> Shape:
    """A new dimension of size 1."""
    if not -len(x.shape) - 1 <= dim <= len(x.shape):
        raise ValueError(
            f"dim is {dim}, but a new dimension of {size(x.shape)} goes between {-len(x.shape) - 1} and {len(x.shape)}."
        )
    at = dim % (len(x.shape) + 1)
    return fitting((*x.shape[:at], 1, *x.shape[at:]))


def squeeze(x: Form) -> Shape:
    """Without the dimensions of size 1."""
    return tuple(length for length in x.shape if length != 1)


def expand(x: Form, shape: Shape) -> Shape:
    """Sizes of 1 repeated without a copy; -1 keeps a size."""
    if len(shape) < len(x.shape):
        raise ValueError(
            f"{size(shape)} has fewer dimensions than {size(x.shape)}: expand repeats, and takes nothing away."
        )
    padded = (0,) * (len(shape) - len(x.shape)) + x.shape  # 0: a dimension that is new
    for wanted, length in zip(shape, padded, strict=True):
        if wanted == -1 and length:
            continue
        if wanted < 1 or (length > 1 and wanted != length):
            raise ValueError(
                f"{size(x.shape)} does not expand to {size(shape)}: only a size of 1 can be repeated, and {length} "
                f"cannot become {wanted}."
                if wanted > 0
                else f"{size(shape)} is no shape to expand to: sizes are 1 or more, and -1 keeps a size that x has."
            )
    return fitting(tuple(length if wanted == -1 else wanted for wanted, length in zip(shape, padded, strict=True)))


def same(x: Form) -> Shape:
    """The shape stays."""
    return x.shape


# ---- several numbers at once


def broadcast(x: Form, other: Form, sign: str) -> Shape:
    """Sizes are compared from the right: equal, or one of them is 1 and is repeated."""
    if sign == "-" and "bool" in (x.dtype, other.dtype):
        raise ValueError("x - other needs numbers, but x holds True and False. Turn it into torch.float32 with .to.")
    result: list[int] = []
    for i in range(1, max(len(x.shape), len(other.shape)) + 1):
        ours = x.shape[-i] if i <= len(x.shape) else 1
        theirs = other.shape[-i] if i <= len(other.shape) else 1
        if ours != theirs and 1 not in (ours, theirs):
            raise ValueError(
                f"{size(x.shape)} and {size(other.shape)} do not broadcast: compared from the right, {ours} meets "
                f"{theirs}, but two sizes must be equal, or one of them 1."
            )
        result.insert(0, theirs if ours == 1 else ours)
    return fitting(tuple(result))


def matmul(x: Form, other: Form) -> Shape:
    """Rows of the left times columns of the right; dimensions before the last two are broadcast."""
    for name, form in (("x", x), ("other", other)):
        if not form.shape:
            raise ValueError(
                f"{name} is a single number, but @ multiplies rows with columns: both sides need a dimension. "
                "For a single number take *."
            )
    if x.dtype != other.dtype:
        raise ValueError(
            f"x holds {x.dtype} and other {other.dtype}, but @ takes two tensors of one dtype. "
            f"Turn x into torch.{other.dtype} with .to first."
        )
    across, down = x.shape[-1], other.shape[-2] if len(other.shape) > 1 else other.shape[0]
    if across != down:
        raise ValueError(
            f"{size(x.shape)} @ {size(other.shape)} does not multiply: a row of x has {across} "
            f"number{'s' * (across > 1)} and a column of other {down}, but the two inner sizes must be equal."
        )
    rows = x.shape[-2:-1]
    columns = other.shape[-1:] if len(other.shape) > 1 else ()
    before = broadcast(Form(x.shape[:-2]), Form(other.shape[:-2]), "@")
    return fitting((*before, *rows, *columns))


def number_wise(x: Form, function: str) -> Shape:
    """A function of each number by itself."""
    if function in ("relu", "neg", "abs"):
        check_not_bool(x, function)
    return x.shape


def softmax(x: Form, dim: int) -> Shape:
    """Along a dimension, positive numbers whose sum is 1."""
    check_decimal(x, "softmax")
    position(x.shape, dim)
    return x.shape


def one_hot(x: Form, classes: int) -> Shape:
    """For each whole number a row with one 1."""
    if x.dtype != "int64":
        raise ValueError(
            f"one_hot needs whole numbers, but x holds {x.dtype}. Turn it into torch.int64 with .to first."
        )
    if x.low < 0 or x.high >= classes:
        wrong = x.low if x.low < 0 else x.high
        raise ValueError(
            f"x holds {wrong:g}, but with {classes} classes the numbers must lie between 0 and {classes - 1}. "
            "Take more classes, or other numbers."
        )
    return fitting((*x.shape, classes))


def reduce(x: Form, dim: int | None, keepdim: bool, what: str) -> Shape:
    """One number in place of a whole dimension; without a dimension, of the whole tensor."""
    if what == "mean":
        check_decimal(x, "mean")
    if what == "argmax":
        check_not_bool(x, "argmax")
    if dim is None:
        return (1,) * len(x.shape) if keepdim else ()
    at = position(x.shape, dim)
    return (*x.shape[:at], *([1] if keepdim else []), *x.shape[at + 1 :])
