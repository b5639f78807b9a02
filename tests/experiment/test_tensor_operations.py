"""The declared operations, their arguments and links: what is typed becomes literal values or one sentence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.experiment.tensor_arguments import FILLS, LARGEST, Argument, Operand, read_rows
from playground.experiment.tensor_chain import MAX_STEPS, Chain, chain_query, parse_chain, script
from playground.experiment.tensor_operations import GROUPS, OPERATIONS, Step, first_step
from playground.experiment.tensor_rules import MAX_NUMBERS, Form, broadcast, fitting, matmul, reshape
from playground.experiment.tensor_sources import SOURCES

NUMBERS = st.floats(-LARGEST, LARGEST, width=32)
SMALL_SHAPES = st.lists(st.integers(1, 5), max_size=4).map(tuple)
ROWS = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.tuples(*[NUMBERS] * n), min_size=1, max_size=4).map(tuple),
)
OPERANDS = st.one_of(
    NUMBERS.map(lambda number: Operand("number", number=number)),
    st.tuples(st.sampled_from(["count", "ones", "random"]), SMALL_SHAPES.filter(bool)).map(
        lambda pair: Operand(pair[0], shape=pair[1])
    ),
    ROWS.map(lambda rows: Operand("own", rows=rows)),
)


def values_of(argument: Argument) -> st.SearchStrategy[Any]:
    """Right values of an argument, in the range where something happens."""
    low, high = max(argument.low, -6), min(argument.high, 9)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "integer": st.integers(low, high) if low <= high else st.just(argument.low),
        "axis": st.one_of(st.none(), st.integers(low, high)),
        "number": NUMBERS,
        "flag": st.booleans(),
        "choice": st.sampled_from(sorted(argument.choices)) if argument.choices else st.nothing(),
        "shape": st.lists(st.integers(-1, 8), max_size=4).map(tuple),
        "indices": st.lists(st.integers(-4, 8), max_size=5).map(tuple),
        "sizes": SMALL_SHAPES.filter(bool),
        "rows": ROWS,
        "operand": OPERANDS,
        "word": st.text("abcxyz", min_size=1, max_size=16),
    }
    return kinds[argument.kind]


STEPS = st.sampled_from(sorted(OPERATIONS)).flatmap(
    lambda name: st.tuples(*(values_of(argument) for argument in OPERATIONS[name].arguments)).map(
        lambda values: Step(name, values)
    )
)
STARTS = st.sampled_from(sorted(SOURCES)).flatmap(
    lambda name: values_of(SOURCES[name].argument).map(lambda value: (name, value))
)
CHAINS = st.builds(lambda start, steps: Chain(*start, tuple(steps)), STARTS, st.lists(STEPS, max_size=MAX_STEPS))


@given(CHAINS)
def test_a_link_brings_back_the_same_chain(chain: Chain) -> None:
    opened = parse_chain(chain_query(chain))
    assert opened.problems == ()
    assert opened.chain == chain


@given(st.dictionaries(st.sampled_from(["start", "value", "steps"]), st.text(max_size=60)))
def test_no_text_in_a_link_raises(params: dict[str, str]) -> None:
    opened = parse_chain(params)
    compile(script(opened.chain), "chain", "exec")
    assert parse_chain(chain_query(opened.chain)).chain == opened.chain


HOSTILE = (
    "__import__('os').system('true')",
    "1);import os;os.abort(",
    "9" * 5_000,
    "1e999",
    "nan",
    "²",
    "٣",
    "<script>alert(1)</script>",
    "0x10",
    "1_000",
    "True",
    "lambda: 0",
    "\x00",
    "{}",
    "%s%n",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_reaches_no_argument(text: str) -> None:
    arguments = [argument for entry in OPERATIONS.values() for argument in entry.arguments]
    for argument in [*arguments, *(source.argument for source in SOURCES.values())]:
        if (argument.kind == "word" and text in ("nan", "True")) or (
            argument.kind in ("shape", "indices") and text == "0x10"
        ):
            continue  # a word, and two sizes
        prefixes = [f"{fill}:" for fill in FILLS] if argument.kind == "operand" else [""]
        for prefix in prefixes:
            with pytest.raises(ValueError, match=r"\.$") as caught:
                argument.read(prefix + text)
            assert len(str(caught.value)) < 400
            assert "<" not in str(caught.value)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_link_opens_with_what_was_right(text: str) -> None:
    query = {"start": "matrix", "value": "1,2;3,4", "steps": f"flatten_{text.replace('_', '')}~1_sum~{text}~no_squeeze"}
    opened = parse_chain(query)
    kept = (first_step("flatten"), first_step("squeeze")) if len(text) < 1_000 else ()
    assert opened.chain == Chain("matrix", ((1.0, 2.0), (3.0, 4.0)), kept)
    assert opened.problems
    assert parse_chain({"start": text}).chain == Chain(steps=())
    assert parse_chain({"start": "scalar", "value": text}).chain.value == 3.5


def test_a_chain_has_an_end() -> None:
    opened = parse_chain({"steps": "_".join(["flatten"] * 50)})
    assert len(opened.chain.steps) == MAX_STEPS
    assert len(opened.problems) <= 5
    assert not parse_chain({"steps": "flatten_" * 5_000}).chain.steps


def test_typed_rows_are_one_tensor_or_one_sentence() -> None:
    assert read_rows("value", "[1, 2],; -3.5 4e2") == ((1.0, 2.0), (-3.5, 400.0))
    assert read_rows("value", "1 2\n3 4") == ((1.0, 2.0), (3.0, 4.0))
    for wrong, words in (
        ("1, 2; 3", "Row 2 of value has 1 numbers and row 1 has 2"),
        ("", "has no numbers"),
        (",".join("1" * 65), "at most 64"),
        ("1, x", "must be a finite number"),
        ("1e7", "must lie between"),
    ):
        with pytest.raises(ValueError, match=words):
            read_rows("value", wrong)


@pytest.mark.parametrize(
    ("rule", "left", "right", "words"),
    [
        (lambda x, o: broadcast(x, o, "+"), (8, 8), (3,), "compared from the right, 8 meets 3"),
        (lambda x, o: broadcast(x, o, "+"), (64, 1), (1, 65), "would hold 4,160 numbers, but at most 4,096"),
        (matmul, (8, 8), (3, 2), "a row of x has 8 numbers and a column of other 3"),
        (matmul, (), (3, 2), "x is a single number"),
        (matmul, (4096, 1), (1, 4096), "would hold 16,777,216 numbers"),
        (lambda x, o: reshape(x, o.shape), (8, 8), (3, 5), "has 15 places, but x has 64 numbers"),
        (lambda x, o: reshape(x, o.shape), (8, 8), (-1, 5), "64 is not a multiple of 5"),
    ],
)
def test_what_does_not_fit_is_one_sentence_with_the_rule(rule: Any, left: Any, right: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        rule(Form(left), Form(right))
    assert str(caught.value).endswith(".")


def test_every_operation_belongs_to_a_group_and_is_offered_with_right_values() -> None:
    assert {entry.group for entry in OPERATIONS.values()} == set(GROUPS)
    for name, entry in OPERATIONS.items():
        assert entry.read(entry.defaults) == entry.defaults, name
        assert entry.help.endswith("."), name
        assert entry.law.endswith("."), name
        texts = [argument.text(value) for argument, value in zip(entry.arguments, entry.defaults, strict=True)]
        assert entry.read(tuple(texts)) == entry.defaults, name
    for name, source in SOURCES.items():
        assert source.argument.read(source.argument.default) == source.argument.default, name
        assert source.first.entry.read(source.first.values) == source.first.values, name


def test_nothing_larger_than_the_limit_is_a_shape() -> None:
    assert fitting((64, 64)) == (64, 64)
    for shape in ((64, 65), (1, 1, 1, 1, 1), (MAX_NUMBERS + 1,)):
        with pytest.raises(ValueError, match=r"at most"):
            fitting(shape)
