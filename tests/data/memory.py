"""How much memory a piece of work takes, measured from outside."""

from __future__ import annotations

import os
import resource
import struct
from collections.abc import Callable
from contextlib import suppress


def added_megabytes(work: Callable[[], object]) -> float:
    """Run in a child process, where a ValueError is allowed, and tell how much its largest memory grew."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        grown = -1
        try:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            with suppress(ValueError):
                work()
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        finally:
            os.write(writer, struct.pack("q", grown))
            os._exit(0)
    os.waitpid(child, 0)
    kilobytes: int = struct.unpack("q", os.read(reader, 8))[0]
    os.close(reader)
    os.close(writer)
    assert kilobytes >= 0, "the work raised something else than a ValueError"
    return kilobytes / 1024
