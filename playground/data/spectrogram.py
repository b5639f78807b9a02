"""From a waveform to a picture of it: short-time Fourier transform, mel bands, decibels."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SAMPLE_RATE = 8000
"""Samples a second of every sound here: enough for speech, as on the telephone."""

FLOOR = 1e-4
"""Power added before the logarithm, so that silence is -40 dB and not minus infinity."""

CHUNK = 128
"""Waveforms transformed at once: their frames fit into the cache."""


def power_spectrogram(waves: ArrayLike, window: int, hop: int) -> NDArray[np.float32]:
    """Tell how strong each frequency is at each time: (N, L) -> (N, window // 2 + 1, 1 + L // hop) float32.

    A Hann window of `window` samples moves by `hop`; the waveform is mirrored at both ends, so that frame i is
    centred on sample i * hop. The squared magnitudes of torch.stft(center=True, window=torch.hann_window(window)).
    """
    waves = np.asarray(waves, dtype=np.float32)
    half = window // 2
    if waves.shape[-1] <= half:
        raise ValueError(
            f"A sound of {waves.shape[-1]} samples is too short for a window of {window}. Use a smaller one."
        )
    hann = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)).astype(np.float32)  # periodic
    spectrum = np.empty((len(waves), half + 1, 1 + waves.shape[-1] // hop), dtype=np.float32)
    for start in range(0, len(waves), CHUNK):
        padded = np.pad(waves[start : start + CHUNK], ((0, 0), (half, half)), mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)[:, ::hop]  # (n, frames, window)
        z = np.fft.rfft(frames[:, : spectrum.shape[2]] * hann)
        spectrum[start : start + CHUNK] = (z.real**2 + z.imag**2).transpose(0, 2, 1)
    return spectrum


def mel_bank(mels: int, window: int, sample_rate: int = SAMPLE_RATE) -> NDArray[np.float32]:
    """Weights (mels, window // 2 + 1) of triangular bands that are equally wide to the ear: narrow low, wide high.

    Each triangle reaches 1 at its centre. With many bands and a short window the lowest bands lie between two
    frequencies of the transform and stay empty.
    Source: the HTK scale, mel = 2595 log10(1 + f / 700); the same bank as torchaudio's melscale_fbanks with norm=None.
    """
    frequencies = np.linspace(0, sample_rate / 2, window // 2 + 1)
    edges = band_edges(mels, sample_rate)  # (mels + 2,): each band starts at its neighbour's centre
    rising = (frequencies - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - frequencies) / (edges[2:] - edges[1:-1])[:, None]
    return np.clip(np.minimum(rising, falling), 0, None).astype(np.float32)


def band_edges(mels: int, sample_rate: int = SAMPLE_RATE) -> NDArray[np.float64]:
    """Frequencies (mels + 2,) in hertz, equally far apart on the mel scale; the middle ones are the bands' centres."""
    top = 2595 * np.log10(1 + sample_rate / 2 / 700)
    return np.asarray(700 * (10 ** (np.linspace(0, top, mels + 2) / 2595) - 1))


def log_mel_spectrogram(waves: ArrayLike, window: int, hop: int, mels: int) -> NDArray[np.float32]:
    """Turn waveforms (N, L) into decibels (N, mels, frames) float32: how loud each band is at each time."""
    waves = np.asarray(waves, dtype=np.float32)
    bank = mel_bank(mels, window)
    bands = [bank @ power_spectrogram(waves[i : i + CHUNK], window, hop) for i in range(0, len(waves), CHUNK)]
    power = np.concatenate(bands) if bands else np.zeros((0, mels, 1 + waves.shape[-1] // hop), dtype=np.float32)
    return np.asarray(10 * np.log10(power + FLOOR), dtype=np.float32)


def frame_times(samples: int, hop: int, sample_rate: int = SAMPLE_RATE) -> NDArray[np.float64]:
    """Seconds (frames,) at which the frames of a waveform of so many samples are centred."""
    return np.arange(1 + samples // hop) * hop / sample_rate
