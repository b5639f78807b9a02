"""The times by which a worker lives, in seconds. Those who host override one by an environment variable."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Times:
    """`PLAYGROUND_PAUSE_AFTER=60` overrides `pause_after`, and so on; what is not a positive number is ignored."""

    pause_after: float = 10.0  # unwatched, a playing run is paused
    drop_after: float = 600.0  # unwatched, a run leaves the memory
    save_every: float = 2.0  # a changed run is saved
    notice_for: float = 20.0  # a notice is shown

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Times:
        """The times with what the environment overrides."""
        values: dict[str, float] = {}
        for field in fields(cls):
            with suppress(KeyError, ValueError):
                seconds = float(environment[f"PLAYGROUND_{field.name.upper()}"])
                if seconds > 0 and math.isfinite(seconds):
                    values[field.name] = seconds
        return cls(**values)
