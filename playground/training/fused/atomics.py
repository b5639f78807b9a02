"""Numbers in memory that several threads read and write, as words for numba.

What a thread wrote before it released a number is seen by every thread that has acquired that number since.
"""

from __future__ import annotations

import platform
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types

from playground.training.fused.vector import INT64, pointer, word

SPINS_ON_X86 = platform.machine().lower() in ("x86_64", "amd64")


@word
def acquire(typingctx: Any, address: Any) -> Any:
    """The whole number at an address."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        return builder.load_atomic(pointer(builder, args[0], INT64), "acquire", 8)

    return types.int64(types.int64), emit


@word
def release(typingctx: Any, address: Any, value: Any) -> Any:
    """Write a whole number."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.store_atomic(args[1], pointer(builder, args[0], INT64), "release", 8)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), emit


@word
def count_up(typingctx: Any, address: Any) -> Any:
    """Make a whole number greater by one, and release it."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        builder.atomic_rmw("add", pointer(builder, args[0], INT64), INT64(1), "acq_rel")
        return context.get_dummy_value()

    return types.void(types.int64), emit


@word
def replace_if(typingctx: Any, address: Any, expected: Any, value: Any) -> Any:
    """Write `value` where `expected` stands. Returns whether it stood there."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        place = pointer(builder, args[0], INT64)
        pair = builder.cmpxchg(place, args[1], args[2], "acq_rel", "acquire")
        return builder.extract_value(pair, 1)

    return types.boolean(types.int64, types.int64, types.int64), emit


@word
def relax(typingctx: Any) -> Any:
    """Tell the processor that this thread waits in a loop, so that its twin on the same core has more of it."""

    def emit(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        if SPINS_ON_X86:
            kind = ir.FunctionType(ir.VoidType(), [])
            functions: Any = cgutils
            builder.call(functions.get_or_insert_function(builder.module, kind, "llvm.x86.sse2.pause"), [])
        return context.get_dummy_value()

    return types.void(), emit
