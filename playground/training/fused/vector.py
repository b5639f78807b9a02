"""Vectors of float32 as words for numba, so that a kernel over many samples at once reads like one over a single
sample.

A vector holds one number for each of n samples ("lanes"); `+ - * /` and comparisons work lane by lane and take plain
numbers too, and a product that is added becomes one fused instruction. A vector `like` stands for its width alone, so a
function written once works for every width. Memory is given by address, because arrays as arguments cost more than a
whole layer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.typing import templates
from numba.extending import intrinsic, lower_builtin, models, register_model

infer_global: Any = templates.infer_global
signature: Any = templates.signature
lower: Any = lower_builtin

FLOAT, INT, INT64, BIT = ir.FloatType(), ir.IntType(32), ir.IntType(64), ir.IntType(1)
CONTRACT = ("contract",)  # lets the compiler fuse a product with a sum, and nothing else
Function = TypeVar("Function", bound=Callable[..., Any])

int64: Any = types.int64
"""Makes a constant an ordinary number; numba compiles a function again for every constant that it is called with."""


def compiled(function: Function) -> Function:
    """A function that numba compiles for the types that it is called with."""
    options: Any = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast(Function, numba.njit(**options)(function))


def lanewise(function: Function) -> Function:
    """A compiled function on vectors, small enough to be part of its callers."""
    options: Any = {"error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}
    return cast(Function, numba.njit(**options)(function))


def word(function: Callable[..., Any], *, constant: bool = False) -> Any:
    """A word of the vocabulary: from the types of its arguments to its own type, and how LLVM says it."""
    extend: Any = intrinsic
    return extend(prefer_literal=True)(function) if constant else extend(function)


class Lanes(types.Type):
    """n float32, one for each sample."""

    def __init__(self, count: int, element: ir.Type = FLOAT) -> None:
        self.count = count
        self.element = element
        super().__init__(f"Lanes({count} x {element})")


class Mask(Lanes):
    """n truth values, which a comparison of two vectors gives."""

    def __init__(self, count: int) -> None:
        super().__init__(count, BIT)


@register_model(Lanes)
@register_model(Mask)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, dmm: Any, fe_type: Lanes) -> None:
        cast(Any, super()).__init__(dmm, fe_type, ir.VectorType(fe_type.element, fe_type.count))


def indices_of(values: list[int]) -> ir.Constant:
    """Which lanes a shuffle takes."""
    return ir.Constant(ir.VectorType(INT, len(values)), values)


def _splat(builder: Any, scalar: Any, count: int) -> Any:
    empty = ir.Constant(ir.VectorType(scalar.type, count), ir.Undefined)
    return builder.shuffle_vector(builder.insert_element(empty, scalar, INT(0)), empty, indices_of([0] * count))


def _as_vector(context: Any, builder: Any, value: Any, kind: types.Type, count: int) -> Any:
    if isinstance(kind, Lanes):
        return value
    return _splat(builder, context.cast(builder, value, kind, types.float32), count)


def _elementwise(operation: Any, result: type[Lanes], emit: Callable[[Any, Any, Any], Any]) -> None:
    """Give an operator of Python its meaning for vectors, and for a vector and a number."""

    class Template(templates.AbstractTemplate):
        def generic(self, args: Any, kws: Any) -> Any:
            counts = {arg.count for arg in args if isinstance(arg, Lanes)}
            if len(args) == 2 and len(counts) == 1 and all(isinstance(arg, Lanes | types.Number) for arg in args):
                return signature(result(counts.pop()), *args)
            return None

    def emit_call(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return emit(
            builder,
            *(_as_vector(context, builder, v, k, sig.return_type.count) for v, k in zip(args, sig.args, strict=True)),
        )

    infer_global(operation)(Template)
    for kinds in ((Lanes, Lanes), (Lanes, types.Number), (types.Number, Lanes)):
        lower(operation, *kinds)(emit_call)


_elementwise(operator.add, Lanes, lambda b, x, y: b.fadd(x, y, flags=CONTRACT))
_elementwise(operator.sub, Lanes, lambda b, x, y: b.fsub(x, y, flags=CONTRACT))
_elementwise(operator.mul, Lanes, lambda b, x, y: b.fmul(x, y, flags=CONTRACT))
_elementwise(operator.truediv, Lanes, lambda b, x, y: b.fdiv(x, y))
_elementwise(operator.lt, Mask, lambda b, x, y: b.fcmp_ordered("<", x, y))
_elementwise(operator.gt, Mask, lambda b, x, y: b.fcmp_ordered(">", x, y))
_elementwise(operator.eq, Mask, lambda b, x, y: b.fcmp_ordered("==", x, y))
_elementwise(operator.and_, Mask, lambda b, x, y: b.and_(x, y))


def instruction(builder: Any, name: str, result: Any, values: list[Any]) -> Any:
    """An instruction of LLVM that comes as a function, over vectors like the last value."""
    kind = ir.FunctionType(result, [value.type for value in values])
    full_name = f"{name}.v{values[-1].type.count}f32"
    return cast(Any, cgutils).get_or_insert_function(builder.module, kind, full_name)


def _call(name: str, arguments: int) -> Any:
    """A word for an instruction of LLVM over vectors."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        count = sig.return_type.count
        values = [_as_vector(context, builder, v, k, count) for v, k in zip(args, sig.args, strict=True)]
        return builder.call(instruction(builder, name, values[0].type, values), values)

    def kind(*args: Any) -> Any:
        return signature(next(arg for arg in args if isinstance(arg, Lanes)), *args), emit

    if arguments == 1:
        return word(lambda typingctx, x: kind(x))
    return word(lambda typingctx, x, y, z: kind(x, y, z))


fma = _call("llvm.fmuladd", 3)  # x * y + z, rounded once where the processor can do that
sqrt = _call("llvm.sqrt", 1)
absolute = _call("llvm.fabs", 1)
nearest = _call("llvm.rint", 1)


@word
def select(typingctx: Any, mask: Any, yes: Any, no: Any) -> Any:
    """`yes` where the mask is true, else `no`."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        values = [_as_vector(context, builder, v, k, mask.count) for v, k in zip(args[1:], sig.args[1:], strict=True)]
        return builder.select(args[0], *values)

    return Lanes(mask.count)(mask, yes, no), emit


@word
def root(typingctx: Any, number: Any) -> Any:
    """The square root of one number."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.call(builder.module.declare_intrinsic("llvm.sqrt", [args[0].type]), args)

    return types.float64(types.float64), emit


def pointer(builder: Any, address: Any, kind: ir.Type) -> Any:
    """An address as a pointer to what lies there."""
    return builder.inttoptr(address, kind.as_pointer())


@word
def load(typingctx: Any, address: Any, like: Any) -> Any:
    """As many float32 from memory as `like` has lanes."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        kind = context.get_value_type(like)
        return builder.load(pointer(builder, args[0], kind), align=4)

    return like(types.int64, like), emit


@word
def store(typingctx: Any, address: Any, value: Any) -> Any:
    """Write the lanes of a vector, or one float32, to memory."""
    kind = value if isinstance(value, Lanes) else types.float32

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store(args[1], pointer(builder, args[0], args[1].type), align=4)
        return context.get_dummy_value()

    return types.void(types.int64, kind), emit


def _scalar_read(kind: types.Type) -> Any:
    def typed(typingctx: Any, address: Any) -> Any:
        def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            return builder.load(pointer(builder, args[0], context.get_value_type(kind)))

        return kind(types.int64), emit

    return word(typed)


def _scalar_write(kind: types.Type) -> Any:
    def typed(typingctx: Any, address: Any, value: Any) -> Any:
        def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            builder.store(args[1], pointer(builder, args[0], args[1].type))
            return context.get_dummy_value()

        return types.void(types.int64, kind), emit

    return word(typed)


read_float, read_double, read_int = _scalar_read(types.float32), _scalar_read(types.float64), _scalar_read(types.int64)
read_word, write_word = _scalar_read(types.uint32), _scalar_write(types.uint32)
write_int, write_double = _scalar_write(types.int64), _scalar_write(types.float64)


@word
def record_at(typingctx: Any, address: Any, dtype: Any) -> Any:
    """The record (a NumPy structured dtype) that lies at an address, with its fields as attributes."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.inttoptr(args[0], context.get_value_type(dtype.dtype))

    return dtype.dtype(types.int64, dtype), emit


@partial(word, constant=True)
def lane_numbers(typingctx: Any, count: Any) -> Any:
    """The vector 0, 1, 2, ... of a constant width, given as a literal or a constant of the module."""
    if not isinstance(count, types.IntegerLiteral):
        return None
    lanes = Lanes(count.literal_value)

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return ir.Constant(context.get_value_type(lanes), [float(i) for i in range(lanes.count)])

    return lanes(count), emit


@word
def width(typingctx: Any, like: Any) -> Any:
    """The number of lanes of a vector, known to the compiler."""
    return types.int64(like), lambda context, builder, sig, args: INT64(like.count)


@word
def spread(typingctx: Any, number: Any, like: Any) -> Any:
    """The same number in every lane."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return _splat(builder, args[0], like.count)

    return like(types.float32, like), emit


@word
def power_of_two(typingctx: Any, shifted: Any) -> Any:
    """2 ** n for whole n from -126 to 127, given as n + 1.5 * 2^23, whose last bits are n: they become the exponent."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        whole = ir.VectorType(INT, shifted.count)
        exponent = builder.shl(builder.bitcast(args[0], whole), ir.Constant(whole, [23] * shifted.count))
        return builder.bitcast(builder.add(exponent, ir.Constant(whole, [127 << 23] * shifted.count)), args[0].type)

    return shifted(shifted), emit


@word
def split_exponent(typingctx: Any, x: Any) -> Any:
    """Positive x = m * 2 ** e with m from sqrt(1/2) to sqrt(2), as (m, e)."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        whole = ir.VectorType(INT, x.count)

        def same(value: int) -> Any:
            return ir.Constant(whole, [value] * x.count)

        half = 0x3F3504F3  # the bits of sqrt(1/2)
        bits = builder.sub(builder.bitcast(args[0], whole), same(half))
        exponent = builder.ashr(bits, same(23))
        mantissa = builder.add(builder.and_(bits, same(0x7FFFFF)), same(half))
        values = [builder.bitcast(mantissa, args[0].type), builder.sitofp(exponent, args[0].type)]
        return context.make_tuple(builder, sig.return_type, values)

    return cast(Any, types).UniTuple(x, 2)(x), emit


@word
def store_bytes(typingctx: Any, address: Any, value: Any) -> Any:
    """Write whole numbers from -127 to 127 as int8."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        small = builder.fptosi(args[1], ir.VectorType(ir.IntType(8), value.count))
        builder.store(small, pointer(builder, args[0], small.type), align=1)
        return context.get_dummy_value()

    return types.void(types.int64, value), emit
