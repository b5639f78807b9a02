from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch

from playground.inspection.frame_format import Frame, decode_frame
from playground.worker.runner import Runner


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def look(runner: Runner, run_id: str, name: str | None = None, **command: Any) -> Frame:
    """Send a command, get the frame."""
    message = {"command": {"name": name, **command} if name else None, "view": {"grid": 20, "thumb": 8}}
    return decode_frame(runner.exchange(run_id, message))


def wait_for(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Until it is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
