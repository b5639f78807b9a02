from __future__ import annotations

import io
import struct
import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest
import soundfile

from playground.data.resampling import resample
from playground.data.sound import load_sound
from playground.data.sound_own import MAX_BYTES, decode_sound, fit_clip, loudest_start

RNG = np.random.default_rng(0)


def tone(seconds: float = 0.5, rate: int = 16_000, frequency: float = 440, channels: int = 1) -> np.ndarray:
    t = np.arange(int(seconds * rate)) / rate
    return np.repeat(0.5 * np.sin(2 * np.pi * frequency * t)[:, None], channels, axis=1)


def encoded(samples: np.ndarray, rate: int = 16_000, kind: str = "WAV", subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("WAV", "PCM_16"),
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_24"),
        ("WAV", "FLOAT"),
        ("WAV", "DOUBLE"),
        ("FLAC", None),
        ("OGG", None),
        ("MP3", None),
    ],
)
@pytest.mark.parametrize("channels", [1, 2])
def test_decodes_a_tone(kind: str, subtype: str | None, channels: int) -> None:
    waveform = decode_sound(encoded(tone(channels=channels), kind=kind, subtype=subtype))
    assert waveform.dtype == np.float32
    assert len(waveform) == pytest.approx(4000, abs=600 if kind == "MP3" else 1)
    power = np.abs(np.fft.rfft(waveform)) ** 2
    assert np.argmax(power) * 8000 / len(waveform) == pytest.approx(440, abs=5)
    assert np.abs(waveform).max() == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000, 44_101])
def test_any_rate_becomes_8_khz(rate: int) -> None:
    waveform = decode_sound(encoded(tone(rate=rate, frequency=1000), rate, subtype="FLOAT"))
    assert len(waveform) == pytest.approx(4000, abs=1)
    expected = tone(rate=8000, frequency=1000)[: len(waveform), 0]
    np.testing.assert_allclose(waveform[300:3700], expected[300:3700], atol=0.02)


def test_high_tones_do_not_fold_down() -> None:
    folded = resample(
        tone(rate=16_000, frequency=5000).astype(np.float32)[:, 0], 16_000, 8_000
    )  # would be heard at 3 kHz
    assert np.abs(folded[200:-200]).max() < 0.01


def test_loud_and_lifted_sounds_are_brought_into_range() -> None:
    waveform = decode_sound(encoded(8 * tone() + 3, subtype="FLOAT"))
    assert np.abs(waveform).max() <= 1
    assert abs(float(waveform.mean())) < 1e-3


def test_the_loudest_part_becomes_the_clip() -> None:
    sound = np.zeros(8000, dtype=np.float32)
    sound[5000:5400] = tone(0.05, 8000, 800)[:, 0]
    start = loudest_start(sound, 2000)
    assert start <= 5000
    assert start + 2000 >= 5400
    assert abs(start + 1000 - 5200) < 30  # in the middle of the clip
    clip = fit_clip(sound, 2000)
    assert clip.shape == (2000,)
    assert np.abs(clip).max() == pytest.approx(0.6)
    short = fit_clip(sound[5000:5400], 2000)
    assert np.flatnonzero(short)[[0, -1]].mean() == pytest.approx(1000, abs=10)
    assert not fit_clip(np.zeros(10, dtype=np.float32), 20).any()


def test_a_clip_survives_a_file() -> None:
    data = load_sound("instruments", samples=60)
    original = data.raw_test[0]
    clip = fit_clip(decode_sound(encoded(original, 8000, subtype="FLOAT")), len(original))
    scaled = original * (np.abs(clip).max() / np.abs(original).max())
    np.testing.assert_allclose(clip, scaled, atol=0.02)
    assert data.encode(clip).shape == data.X_test[0].shape


def wav_header(frames: int = 800, channels: int = 1, rate: int = 16_000, bits: int = 16, kind: int = 1) -> bytes:
    block = max(channels * bits // 8, 1)
    size = (frames * block) & 0xFFFFFFFF
    form = struct.pack("<HHIIHH", kind, channels, rate, (rate * block) & 0xFFFFFFFF, block & 0xFFFF, bits)
    head = b"RIFF" + struct.pack("<I", (36 + size) & 0xFFFFFFFF) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", size)


def bad_sounds() -> Iterator[tuple[str, bytes, str]]:
    """Name, bytes, and words that the sentence must have; "" where the decoder may also make sense of it."""
    noise = RNG.integers(-9999, 9999, (4000, 1), dtype=np.int16)
    yield "empty", b"", "empty"
    yield "one byte", b"\xff", "not a sound"
    yield "text", b"hello world" * 100, "not a sound"
    yield "zip named wav", b"PK\x03\x04" + bytes(5000), "not a sound"
    yield "png", b"\x89PNG\r\n\x1a\n" + bytes(5000), "not a sound"
    yield "aiff", encoded(noise, kind="AIFF"), "not a sound"
    yield "webm", b"\x1a\x45\xdf\xa3" + bytes(5000), "not a sound"
    yield "huge", b"RIFF" + bytes(MAX_BYTES), "10.0 MB"
    yield "silence", encoded(np.zeros((8000, 1))), "silent"
    yield "constant", encoded(np.full((8000, 1), 0.7)), "silent"
    yield "no samples", encoded(np.zeros((0, 1))), "shorter"
    yield "too short", encoded(tone(0.01)), "shorter"
    yield "too long", encoded(np.zeros((61 * 8000, 1)), 8000), "longer than 60"
    yield "too long as FLAC", encoded(np.zeros((3600 * 8000, 1)), 8000, "FLAC"), "longer than 60"
    yield "nine channels", encoded(np.repeat(noise, 9, axis=1)), "9 channels"
    yield "slow", encoded(noise, 1000), "1,000 samples"
    yield "fast", encoded(noise, 384_000), "384,000 samples"
    yield "NaN", encoded(np.where(np.arange(8000) == 9, np.nan, tone()[:, 0]), subtype="FLOAT"), "finite"
    yield "infinite", encoded(np.where(np.arange(8000) == 9, np.inf, tone()[:, 0]), subtype="DOUBLE"), "finite"
    yield "1e999", encoded(1e300 * tone(), subtype="DOUBLE"), "finite"
    yield "claims 4 GB", wav_header(2**31 - 1) + noise.tobytes(), ""
    yield "no channels", wav_header(channels=0) + noise.tobytes(), ""
    yield "65535 channels", wav_header(channels=65535) + noise.tobytes(), ""
    yield "rate 0", wav_header(rate=0) + noise.tobytes(), ""
    yield "rate 2^32 - 1", wav_header(rate=2**32 - 1) + noise.tobytes(), ""
    yield "0 bits", wav_header(bits=0) + noise.tobytes(), ""
    yield "unknown code", wav_header(kind=0x7777) + noise.tobytes(), "cannot be decoded"
    yield "mp3 mark and zeros", b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(9_000_000), ""
    yield "mp3 mark and noise", b"\xff\xfb\x90\x00" + RNG.bytes(9_000_000), ""
    yield "ogg mark and noise", b"OggS" + RNG.bytes(9_000_000), ""
    yield "flac mark and noise", b"fLaC" + RNG.bytes(9_000_000), ""
    good = {
        "WAV": encoded(noise),
        "FLAC": encoded(noise, kind="FLAC"),
        "OGG": encoded(noise, kind="OGG"),
        "MP3": encoded(noise, kind="MP3"),
        "float": encoded(noise / 9999, subtype="FLOAT"),
    }
    for kind, data in good.items():
        for length in (4, 11, 12, 20, 36, 43, 44, 60, len(data) // 2, len(data) - 1):
            yield f"{kind} cut to {length}", data[:length], ""
        for i in range(50):
            broken = bytearray(data)
            for place in RNG.integers(0, len(data) if i % 2 else min(200, len(data)), 1 + i % 12):
                broken[place] = int(RNG.integers(0, 256))
            yield f"{kind} with wrong bytes {i}", bytes(broken), ""
        for i in range(8):
            yield f"{kind} mark and noise {i}", data[:12] + RNG.bytes(3000), ""
    for i in range(40):
        yield f"noise {i}", RNG.bytes(int(RNG.integers(1, 3000))), ""


def decoded_or_refused(data: bytes) -> np.ndarray | str:
    try:
        return decode_sound(data)
    except ValueError as error:
        return str(error) if type(error) is ValueError else repr(error)


def test_every_bad_sound_gets_one_sentence_quickly() -> None:
    cases = list(bad_sounds())
    assert len(cases) > 350
    refused = 0
    for name, data, words in cases:
        started = time.perf_counter()
        found = decoded_or_refused(data)
        assert time.perf_counter() - started < 2, name
        if isinstance(found, str):
            refused += 1
            assert words in found, f"{name}: {found}"
            assert found.endswith("."), name
            assert len(found) < 200, name
        else:
            assert words == "", f"{name} was decoded"
            assert np.all(np.isfinite(found)), name
            assert np.abs(found).max() <= 1, name
            assert len(found) <= 60 * 8000 + 1, name
    assert refused > 100


def test_memory_stays_small() -> None:
    code = """
import io, resource, numpy as np, soundfile
from playground.data.sound_own import decode_sound
buffer = io.BytesIO()
t = np.arange(59 * 48000) / 48000
soundfile.write(buffer, np.repeat(np.sin(3000 * t)[:, None] * 0.5, 8, axis=1).astype(np.float32), 48000, format="FLAC")
data = buffer.getvalue()
del buffer, t
import scipy.signal
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def current():
    return int(next(line for line in open('/proc/self/status') if line.startswith('VmRSS')).split()[1])
import threading
start, peak, done = current(), [0], threading.Event()
def watch():
    while not done.wait(0.002):
        peak[0] = max(peak[0], current())
thread = threading.Thread(target=watch); thread.start()
try:
    decode_sound(data)
except ValueError as error:
    print(error)
done.set(); thread.join()
print((peak[0] - start) / 1024)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    print(done.stdout)
    assert float(done.stdout.split()[-1]) < 50
