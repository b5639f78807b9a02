"""One upload in a process of its own, as the web process reads it: how long it took and how much memory it added.

``python -m benchmarks.upload_reader KIND FILE`` prints one line of JSON.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

PACE_S = 0.002


def read_table(data: bytes) -> str:
    from playground.data.table_encoding import default_inputs, encode_table
    from playground.data.table_file import table_from_bytes, table_to_bytes
    from playground.data.table_reading import read_table as read

    table = read(data, "upload.csv").table
    kept = table_to_bytes(table)  # what the page does once the preview is confirmed
    opened = table_from_bytes(kept)
    del table, kept
    columns = default_inputs(opened)
    dataset = encode_table(opened, columns=columns, train_share=0.8, seed=7)
    return f"{opened.rows:,} rows of {len(opened.columns)} columns, {dataset.X_train.shape[1]} inputs"


def read_image(data: bytes) -> str:
    from playground.data.images_own import decode_image

    return f"a picture of {decode_image(data, (28, 28), ink_box=20).shape}"


def read_sound(data: bytes) -> str:
    from playground.data.sound_own import decode_sound

    return f"{len(decode_sound(data)) / 8000:.1f} s of sound"


def read_text(data: bytes) -> str:
    from playground.data.text_own import read_lines

    return f"{len(read_lines(data)[0]):,} texts"


def read_points(data: bytes) -> str:
    from playground.data.own_points import pack_points
    from playground.data.own_points import read_points_csv as read

    points, labels, _ = read(data, 2_000)
    return f"{len(pack_points(points, labels)) // 4:,} points"


READERS: dict[str, Callable[[bytes], str]] = {
    "tables": read_table,
    "images": read_image,
    "sound": read_sound,
    "text": read_text,
    "points": read_points,
}


def resident_mb(name: str = "VmRSS") -> float:
    """Memory of this process now; VmHWM: the most it ever was since it was last forgotten."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"{name} is not known on this system")


def peak_mb(work: Callable[[], None]) -> float:
    """How far the memory of this process grows while it works."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # forget the peak of the imports
    except OSError:
        return _watched_peak_mb(work)
    before = resident_mb()
    work()
    return resident_mb("VmHWM") - before


def _watched_peak_mb(work: Callable[[], None]) -> float:
    """The same where the system does not let a peak be forgotten: looked at every two milliseconds."""
    before = most = resident_mb()
    done = threading.Event()

    def look() -> None:
        nonlocal most
        while not done.wait(PACE_S):
            most = max(most, resident_mb())

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return max(most, resident_mb()) - before


def main(kind: str, path: Path, first: Path) -> None:
    read = READERS[kind]
    read(first.read_bytes())  # a small good file, so that what is imported is there before, as in a server at work
    found: dict[str, object] = {}

    def work() -> None:
        began = time.perf_counter()
        try:
            found["says"] = read(path.read_bytes())
            found["read"] = True
        except ValueError as error:
            found["says"], found["read"] = str(error), False
        found["seconds"] = time.perf_counter() - began

    grown = peak_mb(work)
    print(json.dumps({**found, "megabytes": grown}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
