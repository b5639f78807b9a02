"""How every benchmark reports: a table, then one line of JSON."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Aim:
    """A figure that was promised. ``at_most`` says in which direction it is met."""

    name: str
    value: float
    unit: str
    aim: float
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.value <= self.aim if self.at_most else self.value >= self.aim


def machine() -> dict[str, Any]:
    """The machine as far as it matters for the figures."""
    model = platform.processor()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            model = next(line.split(":", 1)[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return {"cpu": model, "cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version()}


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; numbers are right-aligned and rounded to what was measured."""
    texts = [list(header), *[[_text(cell) for cell in row] for row in rows]]
    widths = [max(len(row[i]) for row in texts) for i in range(len(header))]
    for index, row in enumerate(texts):
        print(
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
        )
        if index == 0:
            print("  ".join("-" * width for width in widths))


def report(benchmark: str, results: Mapping[str, Any], aims: Sequence[Aim]) -> bool:
    """Print the aims and the line of JSON; True when all are met."""
    print()
    table(
        ("aim", "measured", "aim", "unit", "met"),
        [
            (aim.name, aim.value, f"{'<=' if aim.at_most else '>='} {aim.aim:g}", aim.unit, "yes" if aim.met else "NO")
            for aim in aims
        ],
    )
    rows = [{key: value for key, value in asdict(aim).items() if key != "at_most"} | {"met": aim.met} for aim in aims]
    print(json.dumps({"benchmark": benchmark, "machine": machine(), "results": results, "aims": rows}))
    return all(aim.met for aim in aims)


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= 1000 else f"{cell:.3g}"
    return str(cell)
