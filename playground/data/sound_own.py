"""Sounds that people record or upload: decoded, resampled, and cut to the length of a set's clips."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from playground.data.resampling import resample
from playground.data.spectrogram import SAMPLE_RATE

if TYPE_CHECKING:
    from soundfile import SoundFile

MAX_BYTES = 10_000_000
MAX_SECONDS = 60
MIN_SECONDS = 0.05
MAX_CHANNELS = 8
MIN_RATE, MAX_RATE = 4_000, 96_000
SILENCE = 1e-3
"""Sixty decibels below the loudest that a file can hold."""
BLOCK = 32_768
"""Frames decoded at once, so that memory stays small whatever the header says."""

FORMATS = "WAV, FLAC, OGG or MP3"
UNREADABLE = f"This file cannot be decoded as sound. Save it again as {FORMATS}, or record yourself."


def decode_sound(data: bytes) -> NDArray[np.float32]:
    """Decode a file to one channel at 8 kHz: a waveform (L,) float32 in [-1, 1], without its constant part.

    The header is judged before anything is decoded, and what comes is counted, since a header can be wrong.
    Raises: ValueError with one sentence: what the file is, what it may be, and what to do.
    """
    import soundfile

    if not data:
        raise ValueError(f"This file is empty. Choose a sound as {FORMATS}, or record yourself.")
    if len(data) > MAX_BYTES:
        size, most = len(data) / 1e6, MAX_BYTES / 1e6
        raise ValueError(f"This file has {size:.1f} MB, but at most {most:.0f} MB fit. Cut it, or save it as MP3.")
    if not _known(data):
        raise ValueError(f"This file is not a sound as {FORMATS}. Save it as one of them, or record yourself.")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            _check_header(file)
            rate, waveform = file.samplerate, _mono(file)
    except (soundfile.SoundFileError, RuntimeError, TypeError, OverflowError, MemoryError) as error:
        raise ValueError(UNREADABLE) from error
    if len(waveform) < MIN_SECONDS * rate:
        raise ValueError(f"This sound is shorter than {MIN_SECONDS} seconds. Record a longer one.")
    low, high = waveform.min(), waveform.max()  # a copy of the longest sound would take 20 MB
    if not (np.isfinite(low) and np.isfinite(high)):
        raise ValueError("This sound has values that are not finite numbers. Save it again as WAV with 16 bits.")
    middle = waveform.mean(dtype=np.float64).astype(np.float32)
    waveform -= middle
    peak = float(max(high - middle, middle - low))
    if peak < SILENCE:
        raise ValueError("This sound is silent. Check the microphone, come closer, and record again.")
    if peak > 1:
        waveform /= peak
    return resample(waveform, rate, SAMPLE_RATE)


def fit_clip(waveform: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Cut the loudest `length` samples out of a waveform, or centre a shorter one in silence; as loud as a set's clips.

    Returns (length,) float32.
    """
    clip = np.zeros(length, dtype=np.float32)
    if len(waveform) > length:
        start = loudest_start(waveform, length)
        clip[:] = waveform[start : start + length]
    else:
        start = (length - len(waveform)) // 2
        clip[start : start + len(waveform)] = waveform
    peak = float(np.abs(clip).max(initial=0))
    return clip * np.float32(0.6 / peak) if peak > 0 else clip  # the middle of what the sets' clips have


def loudest_start(waveform: NDArray[np.float32], length: int) -> int:
    """Find where the `length` samples with the most energy start; in the middle of all such places."""
    energy = np.concatenate([[0], np.cumsum(np.square(waveform, dtype=np.float64))])
    windows = energy[length:] - energy[:-length]
    best = np.flatnonzero(windows >= windows.max() * (1 - 1e-6))
    return int(best[len(best) // 2])


def _known(data: bytes) -> bool:
    """Recognise the four formats by their first bytes: the decoder knows dozens, and nobody needs the others here."""
    wav = data[:4] in (b"RIFF", b"RIFX", b"RF64") and data[8:12] == b"WAVE"
    mp3 = data[:3] == b"ID3" or (data[0] == 0xFF and data[1:2] >= b"\xe0")
    return wav or mp3 or data[:4] in (b"fLaC", b"OggS")


def _check_header(file: SoundFile) -> None:
    if not 1 <= file.channels <= MAX_CHANNELS:
        raise ValueError(
            f"This sound has {file.channels} channels, but at most {MAX_CHANNELS} are read. Save one or two."
        )
    if not MIN_RATE <= file.samplerate <= MAX_RATE:
        raise ValueError(
            f"This sound has {file.samplerate:,} samples a second, but {MIN_RATE:,} to {MAX_RATE:,} are read. Save it "
            "with 16,000."
        )
    if file.frames > MAX_SECONDS * file.samplerate:
        _raise_too_long()


def _raise_too_long() -> None:
    raise ValueError(f"This sound is longer than {MAX_SECONDS} seconds. Cut it and choose it again.")


def _mono(file: SoundFile) -> NDArray[np.float32]:
    """Decode block by block, and keep only the mean of the channels."""
    limit = MAX_SECONDS * file.samplerate
    waveform = np.empty(limit, dtype=np.float32)  # takes memory only where it is written
    block = np.empty((BLOCK, file.channels), dtype=np.float32)
    count = 0
    while True:
        found = len(file.read(out=block))
        if not found:
            return waveform[:count]
        if count + found > limit:
            _raise_too_long()
        with np.errstate(all="ignore"):
            waveform[count : count + found] = block[:found].mean(axis=1)
        count += found
