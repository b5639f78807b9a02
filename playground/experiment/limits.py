"""How large an experiment may be, in one table. Those who host override a limit by an environment variable."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Limits:
    """The largest allowed values; `PLAYGROUND_MAX_PARAMETERS=50000` overrides `parameters`, and so on."""

    parameters: int = 1_000_000
    layers: int = 12
    """Hidden layers."""
    width: int = 512
    """Neurons in a layer."""
    samples: int = 20_000
    batch: int = 4_096
    activations: int = 32_000_000
    """Numbers that all layers together may fill for one batch: 4 bytes each, and more on the way back."""
    operations: int = 4_000_000_000
    """Multiplications of one batch on its way through the network: about half a second on one core, forth and back."""
    upload_bytes: int = 10_000_000
    cells: int = 1_000_000
    """Of one own table, rows times columns: 8 bytes each, wherever the table lies."""
    live_runs: int = 120
    """Runs on one server that hold memory at the same time; later ones wait in a queue."""
    points_layers: int = 8
    """What the points page can draw: hidden layers, and neurons in each."""
    points_width: int = 32

    @classmethod
    def from_environment(cls, environment: dict[str, str]) -> Limits:
        """Read the limits, each at least as large as the default experiment needs.

        Raises: ValueError with one sentence if a variable is not a whole number in its range.
        """
        values: dict[str, int] = {}
        for limit in fields(cls):
            variable = f"PLAYGROUND_MAX_{limit.name.upper()}"
            text = environment.get(variable, "").strip().replace("_", "")
            if not text:
                continue
            least = _LEAST[limit.name]
            if not (text.isascii() and text.isdigit() and len(text) <= 12 and int(text) >= least):
                raise ValueError(
                    f"{variable} is {text[:40]!r}, but it must be a whole number from {least:,} on. "
                    f"Take the variable away to use {limit.default:,}."
                )
            values[limit.name] = int(text)
        return cls(**values)


# What the default experiments of all kinds of data need, so that every page opens.
_LEAST = {
    "parameters": 500_000,
    "layers": 4,
    "width": 64,
    "samples": 500,
    "batch": 256,
    "activations": 8_000_000,
    "operations": 1_000_000_000,
    "upload_bytes": 10_000,
    "cells": 10_000,
    "live_runs": 1,
    "points_layers": 2,
    "points_width": 4,
}

LIMITS = Limits.from_environment(dict(os.environ))
