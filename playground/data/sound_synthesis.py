"""Sounds made by formulas: telephone keys, vowels, chirps. 8 kHz, (N, L) float32 in [-1, 1].

Every clip is drawn with its own pitch, speed, loudness and noise, since a network that sees one clip a class learns
that clip by heart. The labels take turns, so that the classes are equally large.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from playground.data.spectrogram import SAMPLE_RATE

Wave = NDArray[np.float32]
Column = NDArray[np.float32]
"""(N, 1): one value a clip, ready to be combined with times (L,) or waveforms (N, L)."""
Clips = tuple[Wave, NDArray[np.int64]]

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
KEY_ROWS, KEY_COLUMNS = (697.0, 770.0, 852.0, 941.0), (1209.0, 1336.0, 1477.0)
"""Hertz. Source: ITU-T Recommendation Q.23, without its fourth column (A to D)."""

VOWELS = ("heed", "hid", "head", "had", "hod", "hawed", "hood", "who'd", "hud", "heard")
SPEAKERS = ("man", "woman", "child")
FORMANTS = np.array(
    [
        [
            [136, 270, 2290, 3010],
            [135, 390, 1990, 2550],
            [130, 530, 1840, 2480],
            [127, 660, 1720, 2410],
            [124, 730, 1090, 2440],
            [129, 570, 840, 2410],
            [137, 440, 1020, 2240],
            [141, 300, 870, 2240],
            [130, 640, 1190, 2390],
            [133, 490, 1350, 1690],
        ],
        [
            [235, 310, 2790, 3310],
            [232, 430, 2480, 3070],
            [223, 610, 2330, 2990],
            [210, 860, 2050, 2850],
            [212, 850, 1220, 2810],
            [216, 590, 920, 2710],
            [232, 470, 1160, 2680],
            [231, 370, 950, 2670],
            [221, 760, 1400, 2780],
            [218, 500, 1640, 1960],
        ],
        [
            [272, 370, 3200, 3730],
            [269, 530, 2730, 3600],
            [260, 690, 2610, 3570],
            [251, 1010, 2320, 3320],
            [256, 1030, 1370, 3170],
            [263, 680, 1060, 3180],
            [276, 560, 1410, 3310],
            [274, 430, 1170, 3260],
            [261, 850, 1590, 3360],
            [261, 560, 1820, 2160],
        ],
    ],
    dtype=np.float64,
)
"""Hertz (speaker, vowel, [F0, F1, F2, F3]): averages over 33 men, 28 women and 15 children.

Source: G. E. Peterson and H. L. Barney, Control Methods Used in a Study of the Vowels, JASA 24 (1952), table II.
"""
BANDWIDTHS = np.array([60.0, 90.0, 150.0])
"""Hertz of F1 to F3, typical of the cascade synthesiser in D. H. Klatt, JASA 67 (1980)."""

CHIRPS = ("rising", "falling", "steady", "warble")


def phone_keys(samples: int, rng: np.random.Generator) -> Clips:
    """Two tones at once tell which of twelve keys was pressed: a Fourier transform shows it at a glance, but from the
    waveform a network has to discover frequencies by itself."""
    labels = np.arange(samples) % len(KEYS)
    low = np.take(KEY_ROWS, labels // 3)[:, None] * draw(rng, samples, 0.985, 1.015)  # a key pad may be off by 1.5 %
    high = np.take(KEY_COLUMNS, labels % 3)[:, None] * draw(rng, samples, 0.985, 1.015)
    t = times(0.25)
    twist = draw(rng, samples, 0.6, 1.4)  # the two tones are rarely equally loud
    waves = sine(low, t, rng) + twist * sine(high, t, rng)
    waves *= ramp(t, draw(rng, samples, 0, 0.08), 0.005) * (1 - ramp(t, draw(rng, samples, 0.17, 0.25), 0.005))
    return recorded(waves, rng, noise=(0.02, 0.5)), labels


def vowels(samples: int, rng: np.random.Generator) -> Clips:
    """Ten English vowels of men, women and children: a vowel is where the resonances of the mouth lie, and since a
    child's mouth is smaller, one speaker's vowel overlaps with another vowel of the next."""
    labels = np.arange(samples) % len(VOWELS)
    voices = FORMANTS[rng.integers(0, len(SPEAKERS), samples), labels]  # (N, 4)
    mouth = rng.normal(1, 0.05, (samples, 1))  # a longer or shorter mouth moves all resonances alike
    formants = voices[:, 1:] * mouth * rng.normal(1, 0.03, (samples, 3))
    pitch = voices[:, :1] * rng.normal(1, 0.1, (samples, 1))
    t = times(0.3)
    waves = voice(pitch, formants, len(t), glide=draw(rng, samples, -0.15, 0.05))
    waves *= ramp(t, draw(rng, samples, 0, 0.05), 0.02) * (1 - ramp(t, draw(rng, samples, 0.22, 0.3), 0.04))
    return recorded(waves, rng, noise=(0.01, 0.2)), labels


def voice(pitch: NDArray[np.float64], formants: NDArray[np.float64], length: int, glide: Column | float = 0.0) -> Wave:
    """Sing a vowel a row: the overtones of a pitch (N, 1), each as loud as the resonances `formants` (N, 3) make it.

    The waveform is the sum of a_k sin(k * phase + angle_k), summed by Horner's rule in powers of e^(i phase). `glide`
    is the share by which the pitch has changed at the end: 0.05 at most, or the highest overtone folds back.
    """
    along = np.arange(length, dtype=np.float32) / length
    phase = (2 * np.pi * length / SAMPLE_RATE * pitch).astype(np.float32) * (along + glide * along**2 / 2)
    highest = 0.95 * SAMPLE_RATE / 2
    overtones = np.arange(1, int(highest / pitch.min(initial=highest)) + 1)
    frequencies = pitch * overtones  # (N, K)
    # The source falls by 12 dB an octave, and the lips add 6 dB: amplitudes go with 1 / k.
    gains = (frequencies < highest) / overtones + 0j
    for formant, bandwidth in zip(formants.T[:, :, None], BANDWIDTHS, strict=True):
        gains *= formant**2 / (formant**2 - frequencies**2 + 1j * bandwidth * frequencies)
    gains = gains.astype(np.complex64)
    waves = np.empty((len(pitch), length), dtype=np.float32)
    by_pitch = np.argsort(pitch[:, 0])  # high voices have fewer overtones
    for start in range(0, len(pitch), 16):  # few rows at a time stay in the cache
        rows = by_pitch[start : start + 16]
        turn = np.exp(1j * phase[rows], dtype=np.complex64)
        total = np.zeros_like(turn)
        for gain in gains[rows][:, np.any(gains[rows] != 0, axis=0)].T[::-1]:
            total += gain[:, None]
            total *= turn
        waves[rows] = total.imag
    return waves


def chirps(samples: int, rng: np.random.Generator) -> Clips:
    """A tone that rises, falls, stays or warbles, deep in noise: only how the frequency moves counts, and where it
    starts does not."""
    labels = np.arange(samples) % len(CHIRPS)
    t = times(0.4)
    along = t / t[-1]
    centre, octaves = draw(rng, samples, 700, 2000), draw(rng, samples, 0.3, 0.8)
    moves = np.empty((samples, len(t)), dtype=np.float32)  # in octaves from the centre, from -0.5 to 0.5 of the range
    moves[labels == 0], moves[labels == 1], moves[labels == 2] = along - 0.5, 0.5 - along, 0
    warbles = int((labels == 3).sum())
    moves[labels == 3] = 0.3 * sine(draw(rng, warbles, 5, 12), t, rng)
    frequency = centre * np.exp2(octaves * moves)
    phase = np.cumsum(frequency * np.float32(2 * np.pi / SAMPLE_RATE), axis=1) + draw(rng, samples, 0, 2 * np.pi)
    waves = np.sin(phase)
    waves *= ramp(t, draw(rng, samples, 0, 0.05), 0.01) * (1 - ramp(t, draw(rng, samples, 0.33, 0.4), 0.01))
    return recorded(waves, rng, noise=(0.3, 1.4)), labels


def times(seconds: float) -> Wave:
    """Seconds (L,) of each sample of a clip."""
    return np.arange(int(seconds * SAMPLE_RATE), dtype=np.float32) / np.float32(SAMPLE_RATE)


def draw(rng: np.random.Generator, samples: int, low: float, high: float) -> Column:
    """Draw one value a clip, evenly between the two limits."""
    return rng.uniform(low, high, (samples, 1)).astype(np.float32)


def sine(frequency: NDArray[np.floating], t: Wave, rng: np.random.Generator) -> Wave:
    """Tones (N, L) of the frequencies (N, 1) in hertz, each starting anywhere in its period."""
    tones: Wave = np.sin((2 * np.pi * frequency).astype(np.float32) * t + draw(rng, len(frequency), 0, 2 * np.pi))
    return tones


def ramp(t: Wave, start: Column | float, seconds: Column | float) -> Wave:
    """Rise from 0 to 1 in so many seconds from `start` on, in a straight line: without it a tone clicks."""
    rising: Wave = np.clip((t - start) / seconds, 0, 1)
    return rising


def recorded(waves: Wave, rng: np.random.Generator, noise: tuple[float, float]) -> Wave:
    """Add hiss, as a share of the loudness, between the two limits, and play each clip at its own volume."""
    loudness = np.sqrt(np.mean(waves**2, axis=1, keepdims=True))
    share = np.exp(draw(rng, len(waves), np.log(noise[0]), np.log(noise[1])))
    waves = waves + share * loudness * rng.standard_normal(waves.shape, dtype=np.float32)
    played: Wave = waves * (draw(rng, len(waves), 0.3, 0.95) / np.abs(waves).max(axis=1, keepdims=True))
    return played
