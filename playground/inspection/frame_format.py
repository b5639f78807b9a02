"""The binary message with everything the eyes get at one moment. NumPy only, so that both processes can read it.

b"NNP1" | uint32 LE header length | header JSON, padded with spaces to a multiple of 8 | arrays, each at a multiple of 8
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

MAGIC = b"NNP1"
DTYPES = frozenset({"int8", "uint8", "int16", "int32", "float32"})
_NAMES = {np.dtype(name): name for name in DTYPES}  # dtype.name is worked out anew at every call
ALIGNMENT = 8  # so that a browser can lay a typed array over the bytes without a copy


@dataclass(frozen=True, eq=False)
class Frame:
    """The state of one run at one moment: plain values in `header`, pictures and curves in `arrays`."""

    header: dict[str, Any]
    arrays: dict[str, NDArray[Any]]


def encode_frame(frame: Frame) -> bytes:
    """`frame` as bytes. Numbers that are not finite become null in the header."""
    entries: list[dict[str, Any]] = []
    parts: list[bytes | memoryview] = []
    offset = 0
    for name, array in frame.arrays.items():
        dtype = _NAMES.get(array.dtype)
        if dtype is None:
            carried = ", ".join(sorted(DTYPES))
            raise ValueError(f"The array {name} is {array.dtype}, but a frame carries only {carried}.")
        entries.append({"name": name, "dtype": dtype, "shape": array.shape, "offset": offset})
        padding = -array.nbytes % ALIGNMENT
        parts.append(np.ascontiguousarray(array).data)
        if padding:
            parts.append(b"\0" * padding)
        offset += array.nbytes + padding
    text = orjson.dumps({**frame.header, "arrays": entries})
    text += b" " * (-(len(MAGIC) + 4 + len(text)) % ALIGNMENT)
    return b"".join([MAGIC, struct.pack("<I", len(text)), text, *parts])


def decode_frame(data: bytes) -> Frame:
    """The frame in `data`.

    Raises: ValueError when the bytes are not a whole frame.
    """
    start = len(MAGIC) + 4
    if len(data) < start or data[: len(MAGIC)] != MAGIC:
        raise ValueError("These bytes are not a frame: a frame begins with NNP1.")
    (length,) = struct.unpack_from("<I", data, len(MAGIC))
    try:
        header = orjson.loads(data[start : start + length])
        entries = header.pop("arrays")
        arrays = {str(entry["name"]): _array_at(data, start + length, entry) for entry in entries}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"This frame is damaged: {error}.") from error
    return Frame(header, arrays)


def _array_at(data: bytes, base: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    dtype, shape, offset = str(entry["dtype"]), tuple(int(n) for n in entry["shape"]), int(entry["offset"])
    if dtype not in DTYPES or offset < 0 or any(n < 0 for n in shape):
        raise ValueError(f"the entry of the array {entry['name']} is wrong")
    return np.frombuffer(data, np.dtype(dtype), math.prod(shape), base + offset).reshape(shape)
