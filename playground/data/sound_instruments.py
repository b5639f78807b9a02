"""Six instruments, made by formulas. 8 kHz, (N, L) float32 in [-1, 1]."""

from __future__ import annotations

import numpy as np

from playground.data.sound_synthesis import Clips, Column, Wave, draw, ramp, recorded, sine, times
from playground.data.spectrogram import SAMPLE_RATE

INSTRUMENTS = ("string", "bell", "flute", "organ", "clarinet", "drum")


def instruments(samples: int, rng: np.random.Generator) -> Clips:
    """Six instruments play notes of the same range: not the pitch tells them apart but the overtones, and how a note
    begins and dies away."""
    labels = np.arange(samples) % len(INSTRUMENTS)
    note = rng.integers(45, 76, (samples, 1)) + rng.normal(0, 0.15, (samples, 1))  # MIDI numbers: A2 to D#5
    pitch = (440 * 2 ** ((note - 69) / 12)).astype(np.float32)
    t = times(0.5)
    waves = np.empty((samples, len(t)), dtype=np.float32)
    for label, play in enumerate((_string, _bell, _flute, _organ, _clarinet, _drum)):
        waves[labels == label] = play(pitch[labels == label], t, rng)
    for row, shift in zip(waves, rng.integers(0, 400, samples), strict=True):  # a note rarely starts with the recording
        row[shift:] = row[: len(row) - shift].copy()
        row[:shift] = 0
    return recorded(waves, rng, noise=(0.02, 0.4)), labels


def _string(pitch: Column, t: Wave, rng: np.random.Generator) -> Wave:
    """Pluck strings: noise runs round a loop as long as the period, and is smoothed at each turn.

    Source: K. Karplus and A. Strong, Digital Synthesis of Plucked-String and Drum Timbres, CMJ 7 (1983).
    """
    period = np.rint(SAMPLE_RATE / pitch[:, 0]).astype(np.int64)
    clips = np.arange(len(period))
    before = int(period.max(initial=1)) + 1  # rows of noise, from which the first period is made
    string = np.zeros((before + len(t), len(period)), dtype=np.float32)  # (time, N): one row a moment
    string[:before] = rng.uniform(-1, 1, (before, len(period)))
    for i in range(before, len(string)):
        string[i] = 0.498 * (string[i - period, clips] + string[i - period - 1, clips])
    return string[before:].T


def _bell(pitch: Column, t: Wave, rng: np.random.Generator) -> Wave:
    """Strike bells by frequency modulation: overtones that are no multiples of the pitch, which fade first.

    Source: J. Chowning, The Synthesis of Complex Audio Spectra by Means of Frequency Modulation, JAES 21 (1973).
    """
    fade = np.exp(-t / draw(rng, len(pitch), 0.15, 0.4))
    highest = (SAMPLE_RATE / 2 / pitch - 1) / 1.4 - 1  # beyond, the sidebands fold back
    index = np.minimum(draw(rng, len(pitch), 3, 7), highest) * fade
    turn = np.float32(2 * np.pi) * pitch * t
    tone: Wave = fade * np.sin(turn + index * np.sin(np.float32(1.4) * turn))
    return tone


def _flute(pitch: Column, t: Wave, rng: np.random.Generator) -> Wave:
    """Blow flutes: hardly an overtone, a slow start, vibrato, and the noise of breath."""
    rate = draw(rng, len(pitch), 4, 6)
    vibrato = 0.005 * pitch / rate * sine(rate, t, rng)  # in radians: half a per cent of the pitch
    tone = _overtones(pitch, t, (1, 0.25, 0.08), rng, vibrato)
    tone += 0.15 * rng.standard_normal(tone.shape, dtype=np.float32)
    return tone * ramp(t, 0, draw(rng, len(pitch), 0.06, 0.15))


def _organ(pitch: Column, t: Wave, rng: np.random.Generator) -> Wave:
    """Hold organ keys: pipes an octave or a fifth apart, loud at once and as loud until the end."""
    return _overtones(pitch, t, (1, 0.8, 0.5, 0.6, 0, 0.3, 0, 0.4), rng) * ramp(t, 0, 0.01)


def _clarinet(pitch: Column, t: Wave, rng: np.random.Generator) -> Wave:
    """Blow clarinets: a tube that is closed at one end has odd overtones only, or nearly so."""
    tone = _overtones(pitch, t, (1, 0.02, 0.6, 0.04, 0.35, 0.05, 0.2, 0.03, 0.1), rng)
    return tone * ramp(t, 0, draw(rng, len(pitch), 0.02, 0.05))


def _drum(pitch: Column, t: Wave, rng: np.random.Generator) -> Wave:
    """Beat drums: a skin whose pitch drops, and a short rattle."""
    drop = t + np.float32(0.5 * 0.03) * (1 - np.exp(-t / np.float32(0.03)))  # the pitch starts half as high again
    phase = np.float32(np.pi) * pitch * drop
    skin = np.sin(phase) + 0.5 * np.sin(np.float32(1.59) * phase)  # the second mode of a round skin
    rattle = rng.standard_normal(skin.shape, dtype=np.float32) * np.exp(-t / draw(rng, len(pitch), 0.01, 0.06))
    beat: Wave = skin * np.exp(-t / draw(rng, len(pitch), 0.05, 0.15)) + rattle
    return beat


def _overtones(
    pitch: Column, t: Wave, gains: tuple[float, ...], rng: np.random.Generator, vibrato: Wave | float = 0.0
) -> Wave:
    """Add the pitch and its multiples, each as loud as its gain, give or take 30 per cent."""
    phase = np.float32(2 * np.pi) * pitch * t + vibrato
    total = np.zeros_like(phase)
    for k, gain in enumerate(gains, start=1):
        if gain:
            total += gain * draw(rng, len(pitch), 0.7, 1.3) * (k * pitch < SAMPLE_RATE / 2) * np.sin(k * phase)
    return total
