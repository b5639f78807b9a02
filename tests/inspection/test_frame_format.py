from __future__ import annotations

import json
import math
import struct
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from playground.inspection.frame_format import Frame, decode_frame, encode_frame

DTYPES = ("int8", "uint8", "int32", "float32")
some_array = st.sampled_from(DTYPES).flatmap(lambda d: arrays.arrays(d, arrays.array_shapes(max_dims=3, min_side=0)))


@given(st.dictionaries(st.text(min_size=1, max_size=8), some_array, max_size=5), st.text())
def test_round_trip(contents: dict[str, NDArray[Any]], message: str) -> None:
    frame = decode_frame(encode_frame(Frame({"message": message, "epoch": 3}, contents)))
    assert frame.header == {"message": message, "epoch": 3}
    assert list(frame.arrays) == list(contents)
    for name, array in contents.items():
        assert frame.arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(frame.arrays[name], array)


def test_layout_is_what_a_browser_expects() -> None:
    contents = {"a": np.arange(3, dtype=np.int8), "b": np.arange(4, dtype=np.float32)}
    data = encode_frame(Frame({"test_loss": math.nan, "nested": [math.inf, {"x": -math.inf}]}, contents))
    assert data[:4] == b"NNP1"
    (length,) = struct.unpack("<I", data[4:8])
    assert (8 + length) % 8 == 0
    header = json.loads(data[8 : 8 + length])
    assert header["test_loss"] is None
    assert header["nested"] == [None, {"x": None}]
    assert [entry["offset"] for entry in header["arrays"]] == [0, 8]
    assert data[8 + length + 8 :] == contents["b"].tobytes()


def test_other_dtypes_are_refused() -> None:
    with pytest.raises(ValueError, match="float64"):
        encode_frame(Frame({}, {"a": np.zeros(2)}))


@given(st.data())
def test_damaged_bytes_raise_value_error_or_decode(data: st.DataObject) -> None:
    whole = encode_frame(Frame({"epoch": 1}, {"a": np.arange(20, dtype=np.int32)}))
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(ValueError):
        decode_frame(cut)
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    with suppress(ValueError):
        decode_frame(changed)
