"""Sounds at other rates, against SciPy's own filter."""

from __future__ import annotations

from math import gcd

import numpy as np
import pytest
from scipy.signal import resample_poly

from playground.data.resampling import resample
from tests.data.memory import added_megabytes


@pytest.mark.parametrize("rate", [4_000, 4_001, 8_000, 11_025, 16_000, 22_050, 44_100, 44_101, 48_000, 96_000])
@pytest.mark.parametrize("length", [1, 2, 257, 30_000])
def test_it_is_the_filter_of_scipy(rate: int, length: int) -> None:
    waveform = (0.2 * np.random.default_rng(rate).normal(size=length)).astype(np.float32)
    common = gcd(rate, 8_000)
    expected = resample_poly(waveform, 8_000 // common, rate // common)
    np.testing.assert_allclose(resample(waveform, rate, 8_000), np.clip(expected, -1, 1), atol=1e-6)


def test_a_long_sound_takes_little_memory() -> None:
    waveform = np.ones(60 * 96_000, dtype=np.float32)
    assert added_megabytes(lambda: resample(waveform, 96_000, 8_000)) < 15
