"""A small expression of numbers whose gradients autograd finds: as one value, as a link, and as PyTorch text. No torch.

An expression is a list of numbers with names, and a list of operations, each on names from before it. The last one is
the loss L.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from playground.experiment.wording import as_number, check_choice, check_range, short, show

LARGEST = 1_000.0
MAX_OPERATIONS = 8
RESULT = "L"
PARAMETERS = ("numbers", "operations", "rate")
"""The parameters of a link."""
_MAX_TEXT = 1_000


@dataclass(frozen=True)
class Operator:
    """What makes a number of one or two others."""

    title: str
    code: str
    """PyTorch text of {a}, and {b} where there are two."""
    slopes: tuple[str, ...]
    """How fast the result changes with each input, as people write it; text of {a} and {b} too."""

    @property
    def inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.slopes)

    def slopes_of(self, names: Sequence[str]) -> str:
        """The slopes in words, for inputs of these names."""
        written = [slope.format(**dict(zip("ab", names, strict=False))) for slope in self.slopes]
        if len(written) == 1:
            return written[0]
        return ", ".join(f"{slope} for {name}" for slope, name in zip(written, names, strict=True))


OPERATORS: dict[str, Operator] = {
    "add": Operator("plus", "{a} + {b}", ("1", "1")),
    "sub": Operator("minus", "{a} - {b}", ("1", "-1")),
    "mul": Operator("times", "{a} * {b}", ("{b}", "{a}")),
    "div": Operator("over", "{a} / {b}", ("1/{b}", "-{a}/{b}²")),
    "square": Operator("square", "{a}.square()", ("2 {a}",)),
    "tanh": Operator("tanh", "{a}.tanh()", ("1 - tanh²({a})",)),
    "sigmoid": Operator("sigmoid", "{a}.sigmoid()", ("σ({a}) (1 - σ({a}))",)),
    "relu": Operator("relu", "{a}.relu()", ("1 where {a} > 0, else 0",)),
    "exp": Operator("exp", "{a}.exp()", ("exp({a})",)),
    "log": Operator("log", "{a}.log()", ("1/{a}",)),
    "neg": Operator("minus a", "-{a}", ("-1",)),
}
"""Name -> operator, in the order in which they are offered."""

NAMES = ("a", "b", "c", "d", "f", "g", "w", "x", "t")
"""The names that a number of the beginning may have."""


@dataclass(frozen=True)
class Number:
    """A number to begin with. Gradients are found for those that learn; the others are data."""

    name: str
    value: float
    learns: bool = True

    @property
    def code(self) -> str:
        """The statement that makes it."""
        return f"{self.name} = torch.tensor({self.value!r}{', requires_grad=True' if self.learns else ''})"


@dataclass(frozen=True)
class Operation:
    """One operation on numbers named before."""

    operator: str
    inputs: tuple[str, ...]


@dataclass(frozen=True)
class Expression:
    """Numbers, operations, and how far a step downhill goes."""

    numbers: tuple[Number, ...]
    operations: tuple[Operation, ...]
    rate: float = field(default=0.1)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the results of the operations: u1, u2 and so on, and L of the last."""
        return (*(f"u{i + 1}" for i in range(len(self.operations) - 1)), RESULT)

    @property
    def learning(self) -> tuple[str, ...]:
        """The names of the numbers that learn and have a way to L."""
        reached = {RESULT}
        for name, operation in reversed(list(zip(self.names, self.operations, strict=True))):
            if name in reached:
                reached.update(operation.inputs)
        return tuple(number.name for number in self.numbers if number.learns and number.name in reached)

    def known(self, at: int) -> tuple[str, ...]:
        """The names that the operation at this place, counted from 0, may use."""
        return (*(number.name for number in self.numbers), *self.names[:at])

    def line(self, at: int) -> str:
        """The operation at this place as a PyTorch statement."""
        operation = self.operations[at]
        return f"{self.names[at]} = {formula(operation)}"

    @property
    def code(self) -> str:
        """The whole expression, its gradients, and a step downhill, as a PyTorch script."""
        learning = self.learning
        lines = ["import torch", ""]
        lines += [number.code for number in self.numbers]
        lines += [self.line(i) for i in range(len(self.operations))]
        lines += [f"{RESULT}.backward()"]
        lines += [f"print({name}.grad)  # dL/d{name}" for name in learning]
        lines += ["", "with torch.no_grad():  # one step downhill"]
        lines += [f"    {name} -= {short(self.rate)} * {name}.grad" for name in learning]
        return "\n".join(lines) + "\n"

    def with_number(self, name: str, value: float | None = None, learns: bool | None = None) -> Expression:
        """The expression with another value of a number, or with another role of it.

        Raises: ValueError with one sentence.
        """
        numbers = tuple(
            replace(
                number,
                value=number.value if value is None else _value(name, value),
                learns=number.learns if learns is None else learns,
            )
            if number.name == name
            else number
            for number in self.numbers
        )
        return checked(replace(self, numbers=numbers))

    def with_operation(self, at: int, operator: str, inputs: tuple[str, ...]) -> Expression:
        """The expression with another operation at this place; one past the end adds it.

        Inputs that are missing are the ones before; too many are left out.
        """
        known = self.known(at) if at < len(self.operations) else self._known_at_end()
        wanted = OPERATORS[operator].inputs
        filled = (*(name for name in inputs if name in known), *reversed(known))[:wanted]
        operations = (*self.operations[:at], Operation(operator, filled), *self.operations[at + 1 :])
        return checked(replace(self, operations=operations))

    def without_last(self) -> Expression:
        """The expression without its last operation, if it has more than one."""
        return replace(self, operations=self.operations[:-1] or self.operations)

    def _known_at_end(self) -> tuple[str, ...]:
        return (*(number.name for number in self.numbers), *(f"u{i + 1}" for i in range(len(self.operations))))


def formula(operation: Operation) -> str:
    """An operation as PyTorch text without its result."""
    return OPERATORS[operation.operator].code.format(**dict(zip("ab", operation.inputs, strict=False)))


@dataclass(frozen=True)
class Example:
    """An expression to begin with."""

    title: str
    help: str
    expression: Expression


def _example(title: str, help: str, numbers: str, operations: str) -> Example:
    problems: list[str] = []
    expression = _read(numbers, operations, "0.1", problems)
    assert expression is not None, problems
    return Example(title, help, expression)


@dataclass(frozen=True)
class OpenedExpression:
    """What a link opens, and one sentence for what was wrong in it."""

    expression: Expression
    problems: tuple[str, ...] = ()


def checked(expression: Expression) -> Expression:
    """The expression, if it can be computed.

    Raises: ValueError with one sentence.
    """
    if len(expression.operations) > MAX_OPERATIONS:
        raise ValueError(
            f"The expression has {len(expression.operations)} operations, but at most {MAX_OPERATIONS} are drawn. "
            "Take one away."
        )
    if not expression.numbers or not expression.operations:
        raise ValueError("An expression needs at least one number and one operation.")
    if len({number.name for number in expression.numbers}) < len(expression.numbers):
        raise ValueError("Two numbers have one name. Give each number its own.")
    for i, operation in enumerate(expression.operations):
        check_choice("operation", operation.operator, OPERATORS)
        wanted = OPERATORS[operation.operator].inputs
        if len(operation.inputs) != wanted:
            raise ValueError(
                f"{operation.operator} takes {wanted} number{'s' * (wanted > 1)}, not {len(operation.inputs)}."
            )
        for name in operation.inputs:
            check_choice("input", name, expression.known(i))
    if not expression.learning:
        raise ValueError("No number that learns has a way to L, so there is no gradient. Let one on the way learn.")
    return expression


def parse_expression(params: Mapping[str, object]) -> OpenedExpression:
    """Read the parameters of a link; without any, or with wrong ones, the first example. Never raises."""
    first = EXAMPLES["neuron"].expression
    given = {name: str(params[name]) for name in PARAMETERS if name in params}
    if not given:
        return OpenedExpression(first)
    before = expression_query(first)
    problems: list[str] = []
    texts = [given.get(name, before[name]) for name in PARAMETERS]
    expression = _read(texts[0], texts[1], texts[2], problems)
    return OpenedExpression(expression or first, tuple(problems))


def expression_query(expression: Expression) -> dict[str, str]:
    """Write an expression as the parameters of a link; `parse_expression` takes them back."""
    return {
        "numbers": "_".join(
            f"{number.name}~{short(number.value)}{'' if number.learns else '~data'}" for number in expression.numbers
        ),
        "operations": "_".join("~".join([entry.operator, *entry.inputs]) for entry in expression.operations),
        "rate": short(expression.rate),
    }


def read_rate(value: object) -> float:
    """Take a learning rate.

    Raises: ValueError with one sentence.
    """
    rate = as_number("rate", value, 0.1)
    check_range("rate", rate, 0.0001, 10, 0.1)
    return rate


def _read(numbers: str, operations: str, rate: str, problems: list[str]) -> Expression | None:
    """An expression of texts, or None with a sentence among the problems."""
    try:
        for text in (numbers, operations, rate):
            if len(text) > _MAX_TEXT:
                raise ValueError(f"The link has {len(text):,} characters for an expression. Write a shorter one.")
        found = tuple(_number(part) for part in numbers.split("_"))
        steps = tuple(
            Operation(name, tuple(names)) for name, *names in (part.split("~") for part in operations.split("_"))
        )
        return checked(Expression(found, steps, read_rate(rate)))
    except ValueError as error:
        problems.append(str(error))
        return None


def _number(text: str) -> Number:
    name, _, rest = text.partition("~")
    value, _, role = rest.partition("~")
    check_choice("name", name, NAMES)
    if role not in ("", "data"):
        raise ValueError(f"{show(role)} is no role of a number. Write data, or nothing for one that learns.")
    return Number(name, _value(name, value), learns=not role)


def _value(name: str, value: object) -> float:
    number = as_number(name, value, 1)
    check_range(name, number, -LARGEST, LARGEST, 1)
    return float(number)


EXAMPLES: dict[str, Example] = {
    "neuron": _example(
        "A neuron",
        "One neuron's answer tanh(wx + b) and its squared distance from the target t: what every training makes small.",
        "w~0.5_x~2~data_b~-0.5_t~-1~data",
        "mul~w~x_add~u1~b_tanh~u2_sub~u3~t_square~u4",
    ),
    "product": _example(
        "A product",
        "A product passes each side's gradient on times the other side; a sum passes it on unchanged.",
        "a~2_b~-3_c~10_f~-2",
        "mul~a~b_add~u1~c_mul~u2~f",
    ),
    "twice": _example(
        "A number used twice",
        "Where a number takes two ways to L, its gradient is the sum of both: here 2a + 3.",
        "a~1.5_c~3~data",
        "mul~a~a_mul~a~c_add~u1~u2",
    ),
    "logistic": _example(
        "Cross-entropy",
        "Minus the logarithm of the right class's probability: its gradient is that probability minus one, times x.",
        "w~-1_x~1.5~data_b~0.2",
        "mul~w~x_add~u1~b_sigmoid~u2_log~u3_neg~u4",
    ),
    "dead": _example(
        "A silent neuron",
        "relu of a negative number is 0 and so is its slope: no gradient comes through, and nothing learns.",
        "w~-1_x~2~data_b~0.5_t~1~data",
        "mul~w~x_add~u1~b_relu~u2_sub~u3~t_square~u4",
    ),
}
"""In the order in which they are offered."""
