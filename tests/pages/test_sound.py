"""The sound page without a browser: what its widgets do to the experiment, and what becomes of a recording."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from playground.data.sequences import SEQUENCES
from playground.data.sound import SOUNDS
from playground.data.spectrogram import SAMPLE_RATE
from playground.experiment.layer import format_layers
from playground.experiment.sound import NETWORKS, SoundExperiment
from playground.ui import sound_panel
from tests.pages.opening import experiment, opened, session, text_of


def test_the_page_opens_with_the_default_sounds() -> None:
    app = opened("sound")
    assert experiment(app) == SoundExperiment()
    chosen = SOUNDS["phone-keys"]
    assert chosen.description in text_of(app)
    assert chosen.source in text_of(app)
    assert chosen.licence in text_of(app)
    assert len(app.audio_input) == 1


@pytest.mark.parametrize("name", [*SOUNDS, *SEQUENCES])
def test_every_set_can_be_chosen_and_the_network_fits_it(name: str) -> None:
    app = opened("sound")
    app.selectbox(key="dataset").set_value(name).run()
    assert not app.exception
    assert not app.warning
    assert experiment(app).dataset == name
    assert experiment(app).obstacle is None
    assert experiment(app).representation == ("wave" if name in SEQUENCES else "spectrogram")


def test_a_known_network_keeps_its_name_when_the_input_changes() -> None:
    app = opened("sound")
    app.segmented_control(key="representation").set_value("wave").run()
    assert format_layers(experiment(app).layers) == NETWORKS["wave"]["cnn"]
    app.selectbox(key="dataset").set_value("signals").run()
    assert format_layers(experiment(app).layers) == SoundExperiment.presets["signals"]["layers"]
    app.selectbox(key="dataset").set_value("vowels").run()
    assert format_layers(experiment(app).layers) == NETWORKS["spectrogram"]["cnn"]
    assert not app.warning


def test_layers_of_ones_own_stay_where_they_fit() -> None:
    app = opened("sound", layers="8-tanh")
    app.segmented_control(key="representation").set_value("wave").run()
    assert format_layers(experiment(app).layers) == "8-tanh"


def test_layers_that_do_not_fit_the_new_input_become_the_cnn() -> None:
    app = opened("sound", representation="wave", layers="c4-31s8-relu_max8")
    app.selectbox(key="dataset").set_value("signals").run()
    assert format_layers(experiment(app).layers) == SoundExperiment.presets["signals"]["layers"]
    assert not app.warning


def test_the_words_about_the_spectrogram_follow_its_parameters() -> None:
    app = opened("sound")
    app.select_slider(key="window").set_value(512).run()
    app.select_slider(key="hop").set_value(64).run()
    app.select_slider(key="mels").set_value(16).run()
    shape = experiment(app).input_shape
    assert shape == (1, 16, 32)
    assert "**64 ms**" in text_of(app)
    assert "**8 ms**" in text_of(app)
    assert "(1, 16, 32)" in text_of(app)
    assert experiment(app).load_dataset().X_train.shape[1:] == shape


def test_signals_are_no_sounds() -> None:
    app = opened("sound", dataset="signals")
    assert "Why convolution?" in text_of(app)
    assert not app.audio_input
    assert any(slider.label.startswith("Noise") for slider in app.slider)


def wav(seconds: float) -> bytes:
    """The key 5, as the telephone plays it, in silence."""
    times = np.arange(round(16_000 * seconds)) / 16_000
    wave = 0.3 * (np.sin(2 * np.pi * 770 * times) + np.sin(2 * np.pi * 1336 * times))
    wave[times > 0.4] = 0
    stream = io.BytesIO()
    soundfile.write(stream, wave, 16_000, format="WAV")
    return stream.getvalue()


def test_a_recording_is_answered_place_by_place() -> None:
    app = opened("sound")
    app.audio_input(key="recording").upload("recording.wav", wav(2.0), "audio/wav").run()
    assert not app.exception
    own = session(app).sample.own
    assert isinstance(own, np.ndarray)
    assert abs(len(own) - 2 * SAMPLE_RATE) < 10
    assert session(app).sample.shown.count == 1
    assert "Your recording, 2.0 s" in text_of(app)
    assert "Most sure at" in text_of(app)


def test_a_recording_is_heard_by_the_next_network_too() -> None:
    app = opened("sound")
    app.file_uploader(key="sound-file").upload("key.wav", wav(1.0), "audio/wav").run()
    app.segmented_control(key="representation").set_value("wave").run()
    assert not app.exception
    assert "Most sure at" in text_of(app)
    app.selectbox(key="dataset").set_value("signals").run()
    assert not app.exception
    assert "Your recording" not in text_of(app)


@pytest.mark.parametrize("content", [b"", b"hello", wav(2.0)[:40], b"PK\x03\x04" + bytes(100), wav(61.0)])
def test_a_file_that_is_no_sound_leaves_one_sentence(content: bytes) -> None:
    app = opened("sound")
    app.file_uploader(key="sound-file").upload("key.wav", content, "audio/wav").run()
    assert not app.exception
    assert session(app).sample.own is None
    assert len(app.error) == 1
    assert app.error[0].value.endswith(".")


def test_the_chart_of_a_recording_holds_every_probability() -> None:
    moments = np.array([[0.1, 0.9], [0.7, 0.3], [0.5, 0.5]])
    chart = sound_panel.moments_chart(moments, np.array([0.5, 1.0, 1.5]), ["a", "b"], 2.0)
    rows = chart["data"]["values"]
    assert [row["probability"] for row in rows] == moments.ravel().tolist()
    assert (rows[0]["from"], rows[0]["to"]) == (0.25, 0.75)
    assert {row["class"] for row in rows} == {"a", "b"}
