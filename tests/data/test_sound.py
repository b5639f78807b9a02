from __future__ import annotations

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from playground.data.sound import DIGITS_FILE, SOUNDS, Representation, load_sound
from playground.data.sound_synthesis import FORMANTS, KEY_COLUMNS, KEY_ROWS, KEYS, SPEAKERS, VOWELS, phone_keys, voice
from playground.data.spectrogram import SAMPLE_RATE

NAMES = sorted(SOUNDS)


@pytest.mark.parametrize("name", NAMES)
def test_clips(name: str) -> None:
    chosen = SOUNDS[name]
    waves, labels = chosen.generate(120, np.random.default_rng(1))
    again, _ = chosen.generate(120, np.random.default_rng(1))
    other, _ = chosen.generate(120, np.random.default_rng(2))
    assert waves.shape == (120, round(chosen.seconds * SAMPLE_RATE))
    assert waves.dtype == np.float32
    assert labels.dtype == np.int64
    assert np.array_equal(waves, again)
    assert not np.array_equal(waves, other)
    peaks = np.abs(waves).max(axis=1)
    assert 0.29 < peaks.min() <= peaks.max() <= 0.951
    counts = np.bincount(labels, minlength=len(chosen.class_names))
    assert len(counts) == len(chosen.class_names)
    assert counts.max() - counts.min() <= 1
    assert chosen.generate(0 if "spoken" not in name else 20, np.random.default_rng(0))[0].dtype == np.float32


@pytest.mark.parametrize("name", NAMES)
def test_every_set_says_what_it_is(name: str) -> None:
    chosen = SOUNDS[name]
    assert chosen.name == name
    assert chosen.title
    assert chosen.source
    assert chosen.licence
    assert chosen.description.endswith(".")
    assert chosen.description.count(".") == 1


@pytest.mark.parametrize("representation", ["wave", "spectrogram"])
def test_a_network_gets_standardised_clips(representation: Representation) -> None:
    data = load_sound("phone-keys", samples=300, representation=representation, train_share=0.75, seed=3)
    shape = (1, 2000) if representation == "wave" else (1, 32, 16)
    assert data.X_train.shape == (len(data.y_train), *shape)
    assert len(data.X_train) + len(data.X_test) == 300
    assert data.X_train.dtype == np.float32
    axes = (0, 2) if representation == "wave" else (0, 3)
    np.testing.assert_allclose(data.X_train.mean(axis=axes), 0, atol=1e-3)
    np.testing.assert_allclose(data.X_train.std(axis=axes), 1, atol=1e-3)
    assert abs(float(data.X_test.mean())) > 1e-7  # of the training clips, not of all
    np.testing.assert_allclose(data.encode(data.raw_test[5]), data.X_test[5], atol=1e-4)
    assert data.sample_rate == 8000
    again = load_sound("phone-keys", samples=300, representation=representation, train_share=0.75, seed=3)
    assert np.array_equal(data.X_test, again.X_test)
    assert np.bincount(data.y_test).max() - np.bincount(data.y_test).min() <= 1


def test_window_hop_and_bands_make_the_shape() -> None:
    data = load_sound("chirps", samples=20, window=128, hop=50, mels=20)
    assert data.X_train.shape == (16, 1, 20, 1 + 3200 // 50)
    assert np.all(np.isfinite(load_sound("chirps", samples=20, window=64, mels=64).X_train))  # some bands are empty


def test_a_key_is_its_two_frequencies() -> None:
    waves, labels = phone_keys(240, np.random.default_rng(0))
    power = np.abs(np.fft.rfft(waves * np.hanning(waves.shape[1]))) ** 2
    frequencies = np.fft.rfftfreq(waves.shape[1], 1 / SAMPLE_RATE)
    low_group, high_group = frequencies < 1075, frequencies >= 1075
    low = frequencies[low_group][power[:, low_group].argmax(axis=1)]
    high = frequencies[high_group][power[:, high_group].argmax(axis=1)]
    np.testing.assert_allclose(low, np.take(KEY_ROWS, labels // 3), rtol=0.02)
    np.testing.assert_allclose(high, np.take(KEY_COLUMNS, labels % 3), rtol=0.02)
    assert KEYS[labels[4]] == "5"
    assert np.median(low[labels == 4]) == pytest.approx(770, rel=0.01)


@pytest.mark.parametrize("speaker", range(len(SPEAKERS)))
def test_a_vowel_resonates_where_the_table_says(speaker: int) -> None:
    formants = FORMANTS[speaker, :, 1:]
    deep = np.full((len(VOWELS), 1), 25.0)  # so deep that its overtones trace the resonances
    waves = voice(deep, formants, SAMPLE_RATE)
    heights = np.abs(np.fft.rfft(waves))[:, 25:3800:25]  # a whole second: one hertz a bin
    for vowel, row in enumerate(heights):
        peaks = 25 * (2 + np.flatnonzero((row[1:-1] > row[:-2]) & (row[1:-1] >= row[2:])))
        for formant in formants[vowel]:
            if formant < 3600:  # the highest is too near the end of what 8 kHz can hold
                assert np.abs(peaks - formant).min() < 50, (VOWELS[vowel], formant, peaks)


def test_a_voice_has_its_pitch() -> None:
    wave = voice(np.array([[200.0]]), FORMANTS[0, :1, 1:], SAMPLE_RATE)[0]
    power = np.abs(np.fft.rfft(wave)) ** 2
    between = np.delete(power, np.arange(0, len(power), 200))
    assert between.max() < 1e-4 * power.max()


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("phone-keys", 0.97),
        ("vowels", 0.8),
        ("instruments", 0.93),
        ("chirps", 0.5),
        ("spoken-digits", 0.8),
    ],
)
def test_a_small_network_learns_it(name: str, floor: float) -> None:
    import warnings

    data = load_sound(name, samples=800)
    flat = data.X_train.reshape(len(data.X_train), -1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is stopped before it has converged
        model = MLPClassifier((32,), max_iter=25, random_state=0).fit(flat, data.y_train)
    assert model.score(data.X_test.reshape(len(data.X_test), -1), data.y_test) > floor


def test_spoken_digits_are_small_and_whole() -> None:
    assert DIGITS_FILE.stat().st_size < 1_000_000
    with np.load(DIGITS_FILE, allow_pickle=False) as file:
        clips, labels, voices = file["clips"], file["labels"], file["voices"]
    assert clips.dtype == np.int8
    assert len(clips) == len(labels) == len(voices) == 400
    assert np.all(np.bincount(labels) == 40)
    assert np.all(np.bincount(voices) == 200)
    assert np.abs(clips[:, :180]).max() < 6  # quiet at both ends, so that it can be moved
    assert np.abs(clips[:, -180:]).max() < 6


def test_another_accent_is_for_the_test_alone() -> None:
    data = load_sound("spoken-digits-accents", samples=400, train_share=0.9, representation="wave")
    assert len(data.X_train) == len(data.X_test) == 200
    with np.load(DIGITS_FILE, allow_pickle=False) as file:
        clips, voices = file["clips"].astype(np.float32), file["voices"]
    spectra = np.abs(np.fft.rfft(clips))  # the same wherever in the clip a word is
    spectra /= np.linalg.norm(spectra, axis=1, keepdims=True)
    for waves, voice_number in ((data.raw_train, 0), (data.raw_test, 1)):
        found = np.abs(np.fft.rfft(waves)) @ spectra.T
        assert np.all(voices[found.argmax(axis=1)] == voice_number)


def test_no_clip_is_in_both_parts() -> None:
    data = load_sound("spoken-digits", samples=2000)
    assert len(data.raw_train) == 320
    assert len(data.raw_test) == 80
    everything = np.concatenate([data.raw_train, data.raw_test])
    assert len(np.unique(everything[:, 2000:2010], axis=0)) == 400
