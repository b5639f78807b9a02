from __future__ import annotations

import numpy as np
import pytest
import scipy.signal
import torch

from playground.data.spectrogram import (
    FLOOR,
    SAMPLE_RATE,
    band_edges,
    frame_times,
    log_mel_spectrogram,
    mel_bank,
    power_spectrogram,
)

WAVES = np.random.default_rng(0).uniform(-1, 1, (200, 1000)).astype(np.float32)


@pytest.mark.parametrize(("window", "hop"), [(256, 128), (256, 64), (128, 100), (512, 37)])
def test_power_is_scipys(window: int, hop: int) -> None:
    hann = scipy.signal.windows.hann(window, sym=False)
    padded = np.pad(WAVES[0].astype(np.float64), window // 2, mode="reflect")
    _, _, magnitude = scipy.signal.spectrogram(
        padded, window=hann, noverlap=window - hop, detrend=False, mode="magnitude", scaling="spectrum"
    )
    expected = (magnitude * hann.sum()) ** 2  # SciPy divides by the sum of the window
    ours = power_spectrogram(WAVES[:1], window, hop)[0]
    assert ours.shape == expected.shape == (window // 2 + 1, 1 + WAVES.shape[1] // hop)
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6 * expected.max())


@pytest.mark.parametrize(("window", "hop"), [(256, 128), (200, 80), (64, 64)])
def test_power_is_torchs(window: int, hop: int) -> None:
    z = torch.stft(torch.tensor(WAVES), window, hop, window=torch.hann_window(window), center=True, return_complex=True)
    expected = z.abs().square().numpy()
    ours = power_spectrogram(WAVES, window, hop)
    assert ours.shape == expected.shape
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-6 * expected.max())


def test_mel_bank_by_hand() -> None:
    bank = mel_bank(4, 16)
    top = 2595 * np.log10(1 + 4000 / 700)
    edges = [700 * (10 ** (k * top / 5 / 2595) - 1) for k in range(6)]
    for m in range(4):
        for k in range(9):
            f = 500 * k
            if edges[m] <= f <= edges[m + 1]:
                weight = (f - edges[m]) / (edges[m + 1] - edges[m])
            elif edges[m + 1] < f <= edges[m + 2]:
                weight = (edges[m + 2] - f) / (edges[m + 2] - edges[m + 1])
            else:
                weight = 0
            assert bank[m, k] == pytest.approx(weight, abs=1e-6)
    np.testing.assert_allclose(band_edges(4), edges, rtol=1e-9, atol=1e-9)


def test_bands_overlap_to_one_between_the_first_and_the_last_centre() -> None:
    frequencies, edges = np.linspace(0, 4000, 129), band_edges(32)
    inside = (frequencies > edges[1]) & (frequencies < edges[-2])
    np.testing.assert_allclose(mel_bank(32, 256).sum(axis=0)[inside], 1, atol=1e-5)
    assert np.all(mel_bank(32, 256).sum(axis=1) > 0)


def test_log_mel_of_silence_and_of_a_tone() -> None:
    silent = log_mel_spectrogram(np.zeros((1, 800)), 256, 128, 32)
    assert silent.shape == (1, 32, 7)
    np.testing.assert_allclose(silent, 10 * np.log10(FLOOR), rtol=1e-6)
    tone = np.sin(2 * np.pi * 1000 * np.arange(8000) / SAMPLE_RATE)
    loudest = log_mel_spectrogram(tone[None], 256, 128, 32)[0].mean(axis=1).argmax()
    edges = band_edges(32)
    assert edges[loudest] < 1000 < edges[loudest + 2]
    assert log_mel_spectrogram(np.zeros((0, 800)), 256, 128, 32).shape == (0, 32, 7)


def test_many_waveforms_are_as_one() -> None:
    np.testing.assert_allclose(
        log_mel_spectrogram(WAVES, 256, 128, 32)[150], log_mel_spectrogram(WAVES[150:151], 256, 128, 32)[0], rtol=1e-5
    )


def test_times_and_too_short_sounds() -> None:
    np.testing.assert_allclose(frame_times(1000, 128), np.arange(8) * 0.016)
    with pytest.raises(ValueError, match="too short for a window of 256"):
        power_spectrogram(np.zeros((1, 128)), 256, 128)
