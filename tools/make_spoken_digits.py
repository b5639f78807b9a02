"""Make playground/data/spoken_digits.npz: the digits zero to nine, spoken by two synthetic voices.

Run it only to make the file anew: `pip install py-nanotts==0.1.1` (Linux x86-64 or Windows), then
`python tools/make_spoken_digits.py`. The voices are those of SVOX Pico (Apache-2.0), of which py-nanotts is a binding.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from py_nanotts import NanoTTS
from scipy.signal import resample_poly

from playground.data.sound import DIGITS, DIGITS_FILE, VOICES

SPEEDS = (1.0, 1.12, 1.25, 1.4, 1.55)
PITCHES = (0.8, 0.93, 1.08, 1.25)
LENGTH = 4800
"""Samples at 8 kHz, 0.6 seconds: room for every word, so that it may also start a little later."""


def speak(voice: str, word: str, speed: float, pitch: float) -> NDArray[np.int8]:
    """Speak one word: 8 kHz, centred, as loud as eight bits allow."""
    pcm = NanoTTS().speak(word, voice=voice, speed=speed, pitch=pitch, volume=0.5)  # 16 kHz
    wave = resample_poly(np.frombuffer(pcm, dtype="<i2").astype(np.float64), 1, 2)
    spoken = np.flatnonzero(np.abs(wave) > 0.02 * np.abs(wave).max())
    wave = wave[spoken[0] : spoken[-1] + 1]
    cut = max(len(wave) - LENGTH, 0)
    wave = wave[cut // 2 : len(wave) - (cut - cut // 2)]
    clip = np.zeros(LENGTH)
    start = (LENGTH - len(wave)) // 2
    clip[start : start + len(wave)] = wave
    return np.rint(127 * clip / np.abs(clip).max()).astype(np.int8)


def main() -> None:
    """Write the file: clips (400, 4800) int8, labels (400,) the digit, voices (400,) the index into VOICES."""
    spoken = [
        (speak(voice, word, speed, pitch), digit, number)
        for number, voice in enumerate(VOICES)
        for speed in SPEEDS
        for pitch in PITCHES
        for digit, word in enumerate(DIGITS)
    ]
    clips, labels, voices = zip(*spoken, strict=True)
    path = Path(DIGITS_FILE)
    np.savez_compressed(
        path, clips=np.stack(clips), labels=np.array(labels, np.uint8), voices=np.array(voices, np.uint8)
    )
    print(f"{path}: {len(clips)} clips, {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
