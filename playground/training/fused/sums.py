"""Words that go across the lanes of a vector: sums and the largest."""

from __future__ import annotations

from typing import Any

from numba.core import types

from playground.training.fused.vector import FLOAT, Lanes, indices_of, instruction, word


@word
def total(typingctx: Any, x: Any) -> Any:
    """The sum of the lanes, as one number."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = [FLOAT(0.0), args[0]]
        function = instruction(builder, "llvm.vector.reduce.fadd", FLOAT, values)
        return builder.call(function, values, fastmath=("reassoc",))  # in any order, so as a tree

    return types.float32(x), emit


@word
def largest_lane(typingctx: Any, x: Any) -> Any:
    """The largest of the lanes, as one number."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.call(instruction(builder, "llvm.vector.reduce.fmax", FLOAT, list(args)), args)

    return types.float32(x), emit


def _fold(builder: Any, first: Any, second: Any, low: list[int], high: list[int]) -> Any:
    halves = [builder.shuffle_vector(first, second, indices_of(indices)) for indices in (low, high)]
    return builder.fadd(*halves)


def _sums(builder: Any, vectors: list[Any]) -> Any:
    """4 or 8 vectors -> their sums, side by side in one vector of 4 or 8.

    Two vectors are added as the even and odd halves of one, so that 8 sums take 7 additions instead of 8 * log2(lanes).
    """
    count = vectors[0].type.count
    quads = range(0, count, 4)

    def within_quads(pattern: list[int]) -> list[int]:
        return [quad + (index if index < 4 else index - 4 + count) for quad in quads for index in pattern]

    for low, high in (([0, 4, 1, 5], [2, 6, 3, 7]), ([0, 1, 4, 5], [2, 3, 6, 7])):
        low, high = within_quads(low), within_quads(high)
        vectors = [_fold(builder, vectors[i], vectors[i + 1], low, high) for i in range(0, len(vectors), 2)]
    if len(vectors) == 2:
        quarters = [list(range(quad, quad + 4)) for quad in range(0, 2 * count, 4)]
        half = count // 8
        low = [i for part in (0, 2 * half) for quarter in quarters[part : part + half] for i in quarter]
        high = [i for part in (half, 3 * half) for quarter in quarters[part : part + half] for i in quarter]
        vectors = [_fold(builder, vectors[0], vectors[1], low, high)]
        if count == 16:
            low, high = [0, 1, 2, 3, 8, 9, 10, 11], [4, 5, 6, 7, 12, 13, 14, 15]
            vectors = [_fold(builder, vectors[0], vectors[0], low, high)]
        return vectors[0]
    vector = vectors[0]
    while count > 4:
        count //= 2
        vector = _fold(builder, vector, vector, list(range(count)), list(range(count, 2 * count)))
    return vector


@word
def sums4(typingctx: Any, a: Any, b: Any, c: Any, d: Any) -> Any:
    """The sums over the lanes of 4 vectors, as one vector of 4."""
    return Lanes(4)(a, b, c, d), lambda context, builder, sig, args: _sums(builder, list(args))


@word
def sums8(typingctx: Any, a: Any, b: Any, c: Any, d: Any, e: Any, f: Any, g: Any, h: Any) -> Any:
    """The sums over the lanes of 8 vectors, as one vector of 8."""
    return Lanes(8)(a, b, c, d, e, f, g, h), lambda context, builder, sig, args: _sums(builder, list(args))
