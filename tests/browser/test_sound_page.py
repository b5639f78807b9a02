"""The sound page in a real browser: train, hear, upload, record, and what must never happen."""

from __future__ import annotations

import io
import re

import numpy as np
import pytest
import soundfile
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button, painted, train_until, visit

pytestmark = pytest.mark.timeout(300)  # of its steps each may take its patience on a busy machine


def keys_5_and_9() -> bytes:
    """Two seconds of a telephone: the key 5, silence, the key 9."""
    times = np.arange(32_000) / 16_000
    wave = 0.01 * np.random.default_rng(0).standard_normal(len(times))
    for start, low, high in ((0.3, 770, 1336), (1.2, 852, 1477)):
        tone = 0.3 * (np.sin(2 * np.pi * low * times) + np.sin(2 * np.pi * high * times))
        wave += np.where((times >= start) & (times < start + 0.4), tone, 0)
    stream = io.BytesIO()
    soundfile.write(stream, wave, 16_000, format="WAV")
    return stream.getvalue()


def give(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("button", name="Sound file").click()
    page.locator("input[type=file]").set_input_files(FilePayload(name=name, mimeType="audio/wav", buffer=content))


def test_a_cold_link_trains_and_answers_a_chosen_and_an_uploaded_sound(page: Page, server: Server) -> None:
    opened = visit(page, server, "/sound?dataset=phone-keys&samples=400&mels=24")
    assert opened["stages"][0]["shape"] == [1, 24, 16]
    trained = train_until(page, "h.test_metric > 0.9")
    assert trained["sample"]["source"] == "test"
    page.get_by_role("button", name="The next sample").click()
    painted(page, "h.sample.index !== 0 && h.sample.answer")
    give(page, "keys.wav", keys_5_and_9())
    heard = painted(page, "h.sample.source === 'own'")
    assert re.match(r"Class [59],", heard["sample"]["answer"])
    expect(page.get_by_text("Your recording, 2.0 s")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=PATIENCE)


def test_a_file_that_is_no_sound_is_named_and_loses_nothing(page: Page, server: Server) -> None:
    before = visit(page, server, "/sound?samples=200")
    give(page, "keys.wav", b"RIFF, but nothing else")
    expect(page.get_by_test_id("stAlert").filter(has_text="not a sound").first).to_be_visible(timeout=PATIENCE)
    assert painted(page)["run"] == before["run"]


def test_a_hostile_link_opens_with_what_was_right(page: Page, server: Server) -> None:
    visit(page, server, "/sound?dataset=vowels&window=5&hop=64&representation=<b>&samples=200")
    warning = page.get_by_test_id("stAlert").first
    expect(warning).to_contain_text("window is 5, but it must lie between 16 and 1,024", timeout=PATIENCE)
    page.wait_for_url(re.compile("dataset=vowels.*hop=64"))


def test_signals_are_learned_by_a_convolution(page: Page, server: Server) -> None:
    opened = visit(page, server, "/sound?dataset=signals&samples=2000")
    assert opened["stages"][0]["shape"] == [1, 40]
    expect(page.get_by_text("Why convolution?")).to_be_visible()
    train_until(page, "h.test_metric > 0.5")
    page.get_by_role("radio", name="MLP").or_(page.get_by_role("button", name="MLP")).first.click()
    mlp = painted(page, "h.epoch === 0 && h.stages.length === 6")
    assert [stage["kind"] for stage in mlp["stages"][1:]] == ["vector"] * 5


def test_a_recording_from_the_microphone_is_answered(page: Page, server: Server) -> None:
    """There is no microphone here: the browser's recorder gets a tone made on the page."""
    page.add_init_script(
        """navigator.mediaDevices.getUserMedia = async () => {
            const context = new AudioContext(), out = context.createMediaStreamDestination();
            for (const hertz of [770, 1336]) {
                const tone = new OscillatorNode(context, { frequency: hertz });
                const volume = new GainNode(context, { gain: 0.3 });
                tone.connect(volume).connect(out);
                tone.start();
            }
            return out.stream;
        };"""
    )
    page.context.grant_permissions(["microphone"])
    visit(page, server, "/sound?samples=400")
    train_until(page, "h.test_metric > 0.9")
    button(page, "Record").click()
    page.wait_for_timeout(1500)
    page.get_by_role("button", name=re.compile("stop", re.I)).click()
    heard = painted(page, "h.sample.source === 'own'")
    assert heard["sample"]["answer"].startswith("Class 5")
