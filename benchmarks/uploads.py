"""Bad and large uploads: each a result or one sentence, how soon, and how much memory the web process needs for it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.report import Aim, report, table
from benchmarks.upload_files import uploads

SLOWEST_S = 2.0
MOST_MB = 50.0
PATIENCE_S = 120
SHOWN = 70  # letters of a sentence in the table


def measured(kind: str, path: Path, first: Path) -> dict[str, Any]:
    """Read a file in a fresh process: what it says, seconds and megabytes; {"crash": the last line} if it broke."""
    command = [sys.executable, "-m", "benchmarks.upload_reader", kind, str(path), str(first)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return {"crash": f"no answer in {PATIENCE_S} s", "seconds": float(PATIENCE_S), "megabytes": 0.0}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
        return {"crash": last, "seconds": 0.0, "megabytes": 0.0}
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> bool:
    rows: list[tuple[str, str, dict[str, Any]]] = []
    with tempfile.TemporaryDirectory() as folder:
        path, first, known = Path(folder) / "upload", Path(folder) / "first", ""
        for kind, name, data in uploads():
            if kind != known:
                known = kind
                first.write_bytes(data)
            path.write_bytes(data)
            rows.append((kind, name, measured(kind, path, first)))
    table(
        ("upload", "s", "MB", "what comes of it"),
        [
            (
                f"{kind}: {name}",
                found["seconds"],
                found["megabytes"],
                str(found.get("says", found.get("crash")))[:SHOWN],
            )
            for kind, name, found in rows
        ],
    )
    crashes = [f"{kind}: {name}: {found['crash']}" for kind, name, found in rows if "crash" in found]
    slowest = max(rows, key=lambda entry: entry[2]["seconds"])
    largest = max(rows, key=lambda entry: entry[2]["megabytes"])
    for what, (kind, name, _) in (("slowest", slowest), ("largest", largest)):
        print(f"\nThe {what}: {kind}, {name}")
    return report(
        "uploads",
        {
            "files": len(rows),
            "crashes": crashes,
            "slowest": f"{slowest[0]}: {slowest[1]}",
            "largest": f"{largest[0]}: {largest[1]}",
        },
        [
            Aim("slowest sentence", slowest[2]["seconds"], "s", SLOWEST_S),
            Aim("peak memory over the start", largest[2]["megabytes"], "MB", MOST_MB),
            Aim("crashes", len(crashes), "files", 0),
        ],
    )
