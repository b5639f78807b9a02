"""A sound brought to another number of samples a second, in a few megabytes however long it is.

Source: the filter is that of `scipy.signal.resample_poly`, whose import alone would take 80 MB of the web process.
"""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

REACH = 10
"""Zero crossings of the filter on each side of its middle."""
BETA = 5.0
"""Of the Kaiser window: how much of what is too high is left."""
_WINDOW = 1 << 20
"""Samples, or products, that are looked at together."""


def resample(waveform: NDArray[np.float32], rate: int, to: int) -> NDArray[np.float32]:
    """Bring a waveform (L,) from `rate` to `to`, through a filter: without it high tones would fold down into it.

    A moment of the result is a weighted sum of the samples around it. `up` moments after each other have weights of
    their own, then they repeat: so one product of matrices serves all moments of a phase.
    """
    common = gcd(rate, to)
    up, down = to // common, rate // common
    if up == down:
        return waveform
    weights, before = _weights(up, down)
    taps = weights.shape[1]
    length = -(-len(waveform) * up // down)
    turns = -(-length // up)
    step = max(1, min(_WINDOW // taps, _WINDOW // down))
    result = np.empty((turns, up), dtype=np.float32)
    for first in range(0, turns, step):
        last = min(first + step, turns)
        start = first * down - before
        part = _padded(waveform, start, last * down + taps)
        windows = np.lib.stride_tricks.sliding_window_view(part, taps)
        for phase in range(up):
            at = phase * down // up
            result[first:last, phase] = windows[at : at + (last - first - 1) * down + 1 : down] @ weights[phase]
    return np.clip(result.ravel()[:length], -1, 1)


def _weights(up: int, down: int) -> tuple[NDArray[np.float32], int]:
    """The weights of each phase (up, T), and how many of the T samples lie before its moment."""
    larger = max(up, down)
    half = REACH * larger
    before = half // up + 1
    weights = np.empty((up, 2 * before + 1), dtype=np.float32)
    places = np.arange(-before, before + 1) * up
    total = 0.0
    for first in range(0, up, 256):  # in blocks, since rates without a common factor have thousands of phases
        phases = np.arange(first, min(first + 256, up))
        away = (phases * down % up)[:, None] - places
        inside = np.maximum(0.0, 1.0 - np.square(away / half))
        block = np.sinc(away / larger) * np.i0(BETA * np.sqrt(inside)) * (np.abs(away) <= half)
        weights[phases] = block
        total += float(block.sum())
    weights *= np.float32(up / total)
    return weights, before


def _padded(waveform: NDArray[np.float32], start: int, stop: int) -> NDArray[np.float32]:
    """The samples of a stretch, with silence where it reaches beyond the sound."""
    inside = waveform[max(start, 0) : max(stop, 0)]
    return np.pad(inside, (max(-start, 0), max(stop - len(waveform), 0)))
