"""This machine's processor, as far as the kernel depends on it."""

from __future__ import annotations

import llvmlite.binding as llvm


def cpu_features() -> str:
    """LLVM's list of what this processor can do, such as "+avx2,+fma"."""
    return str(llvm.get_host_cpu_features().flatten())


def native_lanes() -> int:
    """float32 numbers in a vector register: 16 with AVX-512, else 8 (which narrower processors take in two halves)."""
    return 16 if "+avx512f" in cpu_features() else 8
