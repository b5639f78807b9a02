"""What all visitors of one server share: the runner of the training processes and the list of who may watch what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from playground.stage.access import Access
from playground.worker.local_runner import LocalRunner
from playground.worker.runner import RunnerError


@dataclass(frozen=True)
class Services:
    """The two long-lived objects of the web process."""

    runner: LocalRunner
    access: Access


@cache
def services() -> Services:
    """The one pair of this process; its worker starts with the first ``prewarm`` or the first run."""
    return Services(LocalRunner(), Access())


def devices() -> tuple[str, ...]:
    """The devices of the machine that trains; "cpu" while it has not answered yet."""
    try:
        return services().runner.devices()
    except RunnerError:
        return ("cpu",)
