"""``python -m benchmarks NAME [NAME ...]``: print a table for people and, last, one line of JSON a benchmark.

The exit status is 0 when all aims are met and 3 when one is missed.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def names() -> list[str]:
    here = Path(__file__).parent
    return sorted(path.stem for path in here.glob("*.py") if not path.stem.startswith("_") and path.stem not in SUPPORT)


SUPPORT = {"report", "server", "upload_files", "upload_reader"}


def main(arguments: list[str]) -> int:
    unknown = [name for name in arguments if name not in names()]
    if unknown or not arguments:
        print(f"usage: python -m benchmarks NAME ...; the names are {', '.join(names())}", file=sys.stderr)
        return 2
    met = [importlib.import_module(f"benchmarks.{name}").main() for name in arguments]
    return 0 if all(met) else 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
