"""The page of pictures in a real browser: train, draw, upload, shape the network, paint a photo."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, painted, train_until, visit


def a_photo_of_a_seven() -> bytes:
    """A dark 7 on paper, not in the middle."""
    paper = Image.new("L", (300, 400), 235)
    ImageDraw.Draw(paper).line([(60, 60), (180, 60), (100, 290)], fill=20, width=26, joint="curve")
    stream = io.BytesIO()
    paper.save(stream, "PNG")
    return stream.getvalue()


def give(page: Page, content: bytes) -> None:
    page.get_by_role("button", name="Your own picture").click()
    page.locator("input[type=file]").set_input_files(
        FilePayload(name="picture.png", mimeType="image/png", buffer=content)
    )


def test_a_cold_link_trains_and_answers_a_chosen_an_uploaded_and_a_drawn_digit(page: Page, server: Server) -> None:
    opened = visit(page, server, "/images?dataset=mnist&samples=2000")
    assert opened["stages"][0]["shape"] == [1, 28, 28]
    train_until(page, "h.test_metric > 0.92")
    page.locator(".tile").nth(30).click()
    chosen = painted(page, "h.sample.index !== 0")
    assert re.match(r"Class \d, ", chosen["sample"]["answer"])
    give(page, a_photo_of_a_seven())
    uploaded = painted(page, "h.sample.source === 'own'")
    assert uploaded["sample"]["answer"].startswith("Class 7")
    assert sum(uploaded["sample"]["probabilities"]) == pytest.approx(1, abs=0.01)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Draw your own").click()
    pad = page.locator(".pad").bounding_box()
    assert pad
    middle = pad["x"] + pad["width"] / 2
    page.mouse.move(middle, pad["y"] + 0.2 * pad["height"])
    page.mouse.down()
    page.mouse.move(middle, pad["y"] + 0.8 * pad["height"], steps=10)
    page.mouse.up()
    painted(page, "h.sample.source === 'own' && h.sample.answer.startsWith('Class 1')")


def test_a_file_that_is_no_picture_is_named_and_loses_nothing(page: Page, server: Server) -> None:
    before = visit(page, server, "/images")
    give(page, b"\x89PNG, but nothing else")
    expect(page.get_by_test_id("stAlert").filter(has_text="not a picture")).to_be_visible(timeout=PATIENCE)
    after = painted(page)
    assert (after["run"], after["sample"]["source"]) == (before["run"], "test")


def test_a_layer_is_opened_and_changed(page: Page, server: Server) -> None:
    visit(page, server, "/images?dataset=digits")
    page.get_by_role("button", name="Conv 16 · 3×3").click()
    channels = page.get_by_role("spinbutton", name="Channels ↻")
    channels.fill("4")
    channels.press("Enter")
    painted(page, "h.stages[1].shape[0] === 4")
    page.wait_for_url(re.compile("layers=c4-3-relu_max2"))
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Linear").or_(page.get_by_role("button", name="Linear", exact=True)).first.click()
    painted(page, "h.stages.length === 2")


def test_waves_make_a_photo_sharper(page: Page, server: Server) -> None:
    visit(page, server, "/images?dataset=paint-coffee&fourier=0")
    train_until(page, "h.epoch >= 3")
    page.get_by_text("Fourier features").click()
    fresh = painted(page, "h.epoch === 0 && h.stages[0].shape[0] === 128")
    assert fresh["metric"] == "psnr"
    train_until(page, "h.test_metric > 22")


def test_a_hostile_link_opens_with_what_was_right(page: Page, server: Server) -> None:
    visit(page, server, "/images?dataset=faces&layers=c8-9-relu_max9_max9&seed=5&fourier=9&foo=<script>")
    warning = page.get_by_test_id("stAlert").first
    expect(warning).to_contain_text("only a place in a photo can be turned into waves", timeout=PATIENCE)
    expect(warning).to_contain_text("Layer 3 is max9")
    page.wait_for_url(re.compile("dataset=faces.*seed=5"))
