"""The operations of the tensors page: name -> title, help, arguments, rule and PyTorch text. No torch here.

To add an operation is to add an entry here, and its one line of torch in `inspection.tensor_steps`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playground.experiment import tensor_rules as rules
from playground.experiment.tensor_arguments import Argument, Operand
from playground.experiment.tensor_code import index_code, operand_code, reduction_code, sizes_code, slice_code
from playground.experiment.tensor_operation import Operation
from playground.experiment.tensor_rules import MAX_DIMENSIONS, Form, Shape
from playground.experiment.wording import short

GROUPS: Mapping[str, str] = {
    "index": "Index",
    "shape": "Shape",
    "broadcast": "Broadcast",
    "multiply": "Multiply",
    "reduce": "Reduce",
    "values": "Each number",
}
"""Name -> title of the groups that operations are offered in."""


def _dim(
    default: int = 0, name: str = "dim", help: str = "Which dimension, counted from 0; -1 is the last."
) -> Argument:
    return Argument(name, name, help, "integer", default, -MAX_DIMENSIONS - 1, MAX_DIMENSIONS)


def _place(name: str, default: int, help: str) -> Argument:
    return Argument(name, name, help, "integer", default, -rules.MAX_NUMBERS, rules.MAX_NUMBERS)


def _shape(default: Shape, help: str, name: str = "shape", kind: str = "shape") -> Argument:
    return Argument(name, name, help, kind, default, -rules.MAX_NUMBERS, rules.MAX_NUMBERS)


COMPARISONS: Mapping[str, str] = {"gt": ">", "lt": "<", "ge": ">=", "le": "<=", "eq": "=="}


def _names(name: str, title: str, help: str, *choices: str) -> Argument:
    return Argument(name, title, help, "choice", choices[0], choices={choice: choice for choice in choices})


def _other(default: Operand) -> Argument:
    return Argument("other", "other", "The other side: a number, or a tensor of a shape.", "operand", default)


_AXIS = Argument(
    "dim",
    "dim",
    "The dimension that goes away; all: the whole tensor becomes one number.",
    "axis",
    0,
    -MAX_DIMENSIONS - 1,
    MAX_DIMENSIONS,
)
_KEEP = Argument(
    "keepdim", "keepdim", "Keep the dimension with size 1, so that the result still broadcasts.", "flag", False
)


def _operand_rule(sign: str) -> Callable[[Form, Operand], Shape]:
    return lambda x, other: rules.broadcast(x, other.form, sign)


def _elementwise(title: str, sign: str, words: str, default: Operand) -> Operation:
    return Operation(
        title,
        "broadcast",
        f"{words} A tensor of another shape is repeated where its size is 1 or missing.",
        "Sizes are compared from the right: they must be equal, or one of them 1.",
        (_other(default),),
        _operand_rule(sign),
        lambda other: f"x {sign} {operand_code(other)}",
    )


def _reduction(title: str, name: str, words: str) -> Operation:
    what = {"mean": "mean", "argmax": "argmax"}.get(name, "")
    return Operation(
        title,
        "reduce",
        words,
        "The dimension goes away, or keeps the size 1 with keepdim.",
        (_AXIS, _KEEP),
        lambda x, dim, keepdim: rules.reduce(x, dim, keepdim, what),
        reduction_code(name),
    )


_SAME = "The shape stays as it is."

OPERATIONS: dict[str, Operation] = {
    "select": Operation(
        "One place",
        "index",
        "Takes one place along a dimension, such as one row of a picture.",
        "The dimension goes away, and the others stay.",
        (_dim(), _place("index", 0, "Counted from 0; -1 is the last.")),
        rules.select,
        lambda dim, index: index_code(dim, str(index)),
    ),
    "slice": Operation(
        "Slice",
        "index",
        "Takes the places from start up to, but without, stop.",
        "The size becomes the number of places taken; the others stay.",
        (
            _dim(),
            _place("start", 2, "The first place that is taken."),
            _place("stop", 6, "The first place that is not taken any more."),
            Argument("step", "step", "1 takes each place, 2 every other.", "integer", 1, 1, rules.MAX_NUMBERS),
        ),
        rules.cut,
        slice_code,
    ),
    "pick": Operation(
        "Pick by a list",
        "index",
        "Takes the named places of the first dimension in this order, also twice: so an embedding is looked up.",
        "The first size becomes the length of the list.",
        (
            Argument(
                "indices",
                "indices",
                "Places, such as 2, 0, 0.",
                "indices",
                (2, 0, 0),
                -rules.MAX_NUMBERS,
                rules.MAX_NUMBERS,
            ),
        ),
        rules.pick,
        lambda indices: f"x[[{sizes_code(indices)}]]",
    ),
    "mask": Operation(
        "Mask",
        "index",
        "Takes the numbers for which a comparison is true.",
        "The result is a vector, as long as there are such numbers.",
        (
            Argument("comparison", "comparison", "What must be true.", "choice", "gt", choices=COMPARISONS),
            Argument("number", "number", "What each number is compared with.", "number", 0.5),
        ),
        rules.mask,
        lambda comparison, number: f"x[x {COMPARISONS[comparison]} {short(number)}]",
    ),
    "reshape": Operation(
        "Reshape",
        "shape",
        "Reads the same numbers in the same order as another shape.",
        "The product of the sizes stays; one size may be -1, which means the rest.",
        (_shape((-1, 2), "Sizes, such as 2, -1."),),
        rules.reshape,
        lambda shape: f"x.reshape({sizes_code(shape) or '()'})",
    ),
    "view": Operation(
        "View",
        "shape",
        "A reshape that never copies: it needs numbers that lie one after another in memory.",
        "The product of the sizes stays, and the strides must allow it.",
        (_shape((-1,), "Sizes, such as 2, -1."),),
        rules.reshape,
        lambda shape: f"x.view({sizes_code(shape) or '()'})",
    ),
    "flatten": Operation(
        "Flatten",
        "shape",
        "All numbers in one row, as a dense layer wants a picture.",
        "The size is the product of all sizes.",
        (),
        rules.flatten,
        lambda: "x.flatten()",
    ),
    "transpose": Operation(
        "Transpose",
        "shape",
        "Two dimensions change places: rows become columns. Only the strides change, no number moves.",
        "The two sizes change places.",
        (_dim(0, "dim0"), _dim(1, "dim1")),
        rules.transpose,
        lambda dim0, dim1: f"x.transpose({dim0}, {dim1})",
    ),
    "permute": Operation(
        "Permute",
        "shape",
        "The dimensions in a new order, such as colours last instead of first.",
        "Each dimension is named once; the sizes follow.",
        (_shape((1, 0), "Dimensions, such as 2, 0, 1.", "order"),),
        rules.permute,
        lambda order: f"x.permute({sizes_code(order) or '()'})",
    ),
    "unsqueeze": Operation(
        "Unsqueeze",
        "shape",
        "A new dimension of size 1, such as a batch of one picture.",
        "The number of dimensions grows by one.",
        (_dim(),),
        rules.unsqueeze,
        lambda dim: f"x.unsqueeze({dim})",
    ),
    "squeeze": Operation(
        "Squeeze",
        "shape",
        "Takes every dimension of size 1 away.",
        "Sizes of 1 go away, and the others stay.",
        (),
        rules.squeeze,
        lambda: "x.squeeze()",
    ),
    "expand": Operation(
        "Expand",
        "shape",
        "Repeats what has size 1 without a copy: the stride becomes 0.",
        "Only a size of 1 grows; -1 keeps a size, and new dimensions come on the left.",
        (_shape((3, -1), "Sizes, such as 3, -1."),),
        rules.expand,
        lambda shape: f"x.expand({sizes_code(shape) or '()'})",
    ),
    "contiguous": Operation(
        "Contiguous",
        "shape",
        "Copies the numbers into the order of the shape, if they do not lie so yet.",
        _SAME,
        (),
        rules.same,
        lambda: "x.contiguous()",
    ),
    "add": _elementwise("Add", "+", "Adds.", Operand("count", shape=(8,))),
    "sub": _elementwise("Subtract", "-", "Subtracts.", Operand("number", number=0.5)),
    "mul": _elementwise("Multiply", "*", "Multiplies number by number.", Operand("count", shape=(8, 1))),
    "div": _elementwise("Divide", "/", "Divides.", Operand("number", number=2.0)),
    "greater": _elementwise("Greater", ">", "Compares: True where x is larger.", Operand("number", number=0.5)),
    "matmul": Operation(
        "Matrix product",
        "multiply",
        "Each row of x times each column of the other, summed: what a linear layer does.",
        "The inner sizes must be equal and go away: (n, k) @ (k, m) is (n, m).",
        (_other(Operand("random", shape=(8, 3))),),
        lambda x, other: rules.matmul(x, other.form),
        lambda other: f"x @ {operand_code(other)}",
    ),
    "sum": _reduction("Sum", "sum", "Adds all numbers along a dimension."),
    "mean": _reduction("Mean", "mean", "The mean along a dimension."),
    "max": _reduction("Maximum", "amax", "The largest number along a dimension."),
    "min": _reduction("Minimum", "amin", "The smallest number along a dimension."),
    "argmax": _reduction("Argmax", "argmax", "The place of the largest number: how an answer is read from logits."),
    "apply": Operation(
        "Function",
        "values",
        "A function of each number by itself, as the non-linear part of a layer.",
        _SAME,
        (
            _names(
                "function",
                "function",
                "What becomes of each number.",
                "relu",
                "tanh",
                "sigmoid",
                "exp",
                "square",
                "abs",
                "neg",
            ),
        ),
        rules.number_wise,
        lambda function: f"x.{function}()",
    ),
    "softmax": Operation(
        "Softmax",
        "values",
        "Makes positive numbers with the sum 1 along a dimension: probabilities.",
        _SAME,
        (_dim(-1),),
        rules.softmax,
        lambda dim: f"x.softmax({dim})",
    ),
    "to": Operation(
        "Type",
        "values",
        "The same numbers in another dtype: how many bytes each takes, and which values there are.",
        _SAME,
        (
            _names(
                "dtype",
                "dtype",
                "float32 is what networks use, int64 what indexes.",
                "float32",
                "float64",
                "int64",
                "bool",
            ),
        ),
        lambda x, dtype: rules.same(x),
        lambda dtype: f"x.to(torch.{dtype})",
    ),
    "onehot": Operation(
        "One-hot",
        "values",
        "Each whole number becomes a row of zeros with a single 1 at its place.",
        "A new last dimension, one place a class.",
        (Argument("classes", "classes", "How many places there are.", "integer", 26, 1, rules.MAX_NUMBERS),),
        rules.one_hot,
        lambda classes: f"F.one_hot(x, {classes})",
    ),
}
"""In the order in which they are offered."""


@dataclass(frozen=True)
class Step:
    """One operation of a chain with its values, in the order of the operation's arguments."""

    operation: str
    values: tuple[Any, ...]

    @property
    def entry(self) -> Operation:
        """Its entry in the registry."""
        return OPERATIONS[self.operation]

    @property
    def code(self) -> str:
        """It as PyTorch text of x."""
        return self.entry.code(*self.values)

    @property
    def operand(self) -> Operand | None:
        """The other tensor, where it has one."""
        return next((value for value in self.values if isinstance(value, Operand)), None)


def first_step(operation: str) -> Step:
    """The step of this name as it is offered."""
    return Step(operation, OPERATIONS[operation].defaults)
