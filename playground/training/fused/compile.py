"""The kernel as machine code: compiled once a machine in another process, kept in a cache, loaded without numba.

numba only translates. What it gives LLVM is optimised once as a whole, written as an object file of about 70 kB, and
loaded by llvmlite's linker, which takes a tenth of numba's own time and no numba in memory. The name of the file says
for what it was made (sources, versions, processor), so that machines and versions can share a directory; it is written
in one move, and a lock keeps several processes from compiling the same. Where no directory is writable the code comes
through a pipe instead.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

import llvmlite.binding as llvm

from playground.training.fused.machine import cpu_features

SOURCES = (
    "atomics", "batches", "compile", "convolution", "functions", "kernel", "layout", "look", "loop", "machine", "order",
    "plan", "pooling", "rules", "sums", "together", "vector",
)  # fmt: skip
COMPILE_SECONDS = 900  # beyond this a compiler hangs; it takes 15 to 20 of a core's
Kernel = Callable[[int], int]  # the address of a Plan -> the lanes of a native vector


class Compilation:
    """The kernel on its way: from the cache at once, or from a process in the background."""

    def __init__(self) -> None:
        """Begin; returns at once."""
        self._code: bytes | None = cached_code()
        self.problem: str | None = None
        """Why there will be no kernel; training then stays on autograd."""
        if self._code is None:
            Thread(target=self._compile, name="kernel", daemon=True).start()

    def _compile(self) -> None:
        command = [sys.executable, "-m", "playground.training.fused.compile"]
        root = str(Path(__file__).resolve().parents[3])
        paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
        try:
            done = subprocess.run(
                command,
                capture_output=True,
                timeout=COMPILE_SECONDS,
                env={**os.environ, "PYTHONPATH": paths},
                check=True,
            )
            self._code = done.stdout
        except (OSError, subprocess.SubprocessError) as error:
            words = getattr(error, "stderr", None) or str(error).encode()
            lines = words.decode(errors="replace").strip().splitlines()
            self.problem = f"The fast training kernel could not be compiled: {lines[-1] if lines else error}"

    @property
    def ready(self) -> bool:
        """Whether the kernel can be loaded now. Never waits."""
        return self._code is not None

    def load(self) -> Kernel:
        """The kernel as a function. Raises: RuntimeError while it is not ready."""
        if self._code is None:
            raise RuntimeError(self.problem or "The kernel is still being compiled. Ask `ready` first.")
        return link(self._code)


@cache
def compilation() -> Compilation:
    """This process's one compilation, begun by the first call."""
    return Compilation()


def kernel_ready() -> bool:
    """Whether `load_kernel` gives the kernel at once; the first call begins to compile where the cache has none."""
    return compilation().ready


def wait_for_kernel() -> None:
    """Return when the kernel is ready. Raises: RuntimeError where it cannot be compiled."""
    while not kernel_ready():
        if compilation().problem is not None:
            raise RuntimeError(compilation().problem)
        time.sleep(0.05)


@cache
def load_kernel() -> Kernel:
    """The kernel, linked once a process. Raises: RuntimeError while it is not ready."""
    return compilation().load()


# ---- the cache


@cache
def code_name() -> str:
    """The file name of the machine code for these sources, these versions and this processor."""
    here = Path(__file__).parent
    parts = [version("numba"), version("llvmlite"), llvm.get_process_triple(), llvm.get_host_cpu_name(), cpu_features()]
    digest = hashlib.sha256("\0".join(parts).encode())
    for name in SOURCES:
        digest.update((here / f"{name}.py").read_bytes())
    return f"kernel-{digest.hexdigest()[:32]}.o"


def cache_folders() -> Iterator[Path]:
    """Where machine code may lie, best first: the chosen folder, the user's cache, a private temporary one."""
    if chosen := os.environ.get("PLAYGROUND_KERNEL_CACHE"):
        yield Path(chosen)
    with suppress(RuntimeError):
        yield Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "neural-network-playground"
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    with suppress(OSError):
        yield Path(tempfile.gettempdir()) / f"neural-network-playground-{user}"


def is_private(path: Path) -> bool:
    """Whether nobody but this user can have written it: machine code of others is not loaded."""
    if not hasattr(os, "getuid"):
        return True
    status = path.stat()
    return status.st_uid in (os.getuid(), 0) and not status.st_mode & 0o022


def cached_code() -> bytes | None:
    """The machine code, where a cache folder has it whole."""
    for folder in cache_folders():
        path = folder / code_name()
        with suppress(OSError):
            if is_private(folder) and is_private(path):
                code = path.read_bytes()
                if code[:32] == hashlib.sha256(code[32:]).digest():
                    return code
    return None


def keep_code(code: bytes) -> Path | None:
    """Write the machine code into the first folder that takes it, in one move; None where none does."""
    for folder in cache_folders():
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not is_private(folder):
                continue
            handle, name = tempfile.mkstemp(dir=folder)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(code)
                os.replace(name, folder / code_name())
            except OSError:
                os.unlink(name)
                raise
            return folder / code_name()
    return None


@contextmanager
def alone() -> Iterator[None]:
    """Wait while another process compiles the same; where files cannot be locked, do not wait."""
    with ExitStack() as held:
        for folder in cache_folders():
            with suppress(ImportError, OSError):
                import fcntl

                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                lock = held.enter_context((folder / "kernel.lock").open("wb"))
                fcntl.flock(lock, fcntl.LOCK_EX)
                break
        yield


# ---- compiling (in the other process) and linking (in this one)


def compile_kernel() -> bytes:
    """Machine code for this processor, after its own checksum. Imports numba and takes about 10 s."""
    os.environ["NUMBA_OPT"] = "0"  # one optimisation of the whole follows, instead of one of each function as well
    from numba import types

    from playground.training.fused.loop import fused

    entry: Any = fused
    entry.compile((types.int64,))
    result = entry.overloads[(types.int64,)]
    module = llvm.parse_bitcode(result.library._final_module.as_bitcode())
    machine = target_machine()
    for function in module.functions:
        if function.name == result.fndesc.llvm_func_name:
            function.name = "fused"
        elif not function.is_declaration:
            function.linkage = "internal"
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = options.slp_vectorization = options.loop_unrolling = False  # it is vectors already
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    code: bytes = machine.emit_object(module)
    return hashlib.sha256(code).digest() + code


def target_machine() -> Any:
    """LLVM's idea of this processor."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=cpu_features(), opt=3, reloc="pic", codemodel="small"
    )


def link(code: bytes) -> Kernel:
    """The kernel as a function, from machine code with its checksum."""
    # llvmlite's own memory manager keeps code and constants together, as the small code model needs it.
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine(), use_lmm=True)
    engine.add_object_file(llvm.ObjectFileRef.from_data(code[32:]))
    engine.finalize_object()
    address = engine.get_function_address("fused")
    # numba's convention: status (always 0 here), result through a pointer, no exception.
    native = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int64), ctypes.c_void_p, ctypes.c_int64)(address)
    result = ctypes.c_int64()
    pointer = ctypes.byref(result)

    def kernel(plan_at: int) -> int:
        native(pointer, None, plan_at)
        return result.value

    kernel.engine = engine  # type: ignore[attr-defined]  # it owns the code
    return kernel


def main() -> None:
    """Compile, unless the cache has it by now, and write the machine code to standard output.

    Not at a low priority: beside two busy processes on two cores it would take five minutes, in which they train a
    hundred times more slowly than afterwards.
    """
    with alone():
        code = cached_code()
        if code is None:
            code = compile_kernel()
            keep_code(code)
    sys.stdout.buffer.write(code)


if __name__ == "__main__":
    main()
