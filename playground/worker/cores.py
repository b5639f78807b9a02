"""How many cores this process may use."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

QUOTA = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000": so many microseconds of processor time in so many; or "max"


def cores_here() -> int:
    """Those that it may run on, and no more than its container's share of the processor's time."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with suppress(OSError, ValueError, ZeroDivisionError):
        quota, period = QUOTA.read_text(encoding="ascii").split()
        cores = min(cores, round(int(quota) / int(period)))  # "max" is no number: no limit
    return max(cores, 1)
