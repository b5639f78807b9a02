"""Own photos in a real browser: bring some of two things, train, and ask about another one."""

from __future__ import annotations

import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from playground.data.packaged import packaged_file
from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, painted, train_until, visit


def pieces(name: str, count: int) -> list[FilePayload]:
    """Pieces of a photo of scikit-image, cut out at random as large JPEG files."""
    rng = np.random.default_rng(3)
    files: list[FilePayload] = []
    with Image.open(packaged_file("skimage", f"data/{name}", "scikit-image")) as photo:
        for i in range(count):
            side = int(0.8 * min(photo.size))
            left, top = (int(rng.integers(0, length - side)) for length in photo.size)
            stream = io.BytesIO()
            photo.convert("RGB").resize((900, 900), box=(left, top, left + side, top + side)).save(stream, "JPEG")
            files.append(FilePayload(name=f"{i}.jpg", mimeType="image/jpeg", buffer=stream.getvalue()))
    return files


def bring(page: Page, number: int, name: str, files: list[FilePayload]) -> None:
    """Choose a class, name it, and give it these files."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=f"Class {number} · 0").click()
    field = dialog.get_by_role("textbox", name="Its name")
    expect(field).to_have_value(f"Class {number}", timeout=PATIENCE)
    field.fill(name)
    field.press("Enter")
    expect(dialog.get_by_role("radio", name=f"{name} · 0")).to_be_visible(timeout=PATIENCE)
    dialog.locator("input[type=file]").set_input_files(files)
    good = sum(file["name"].endswith(".jpg") for file in files)
    expect(dialog.get_by_role("radio", name=f"{name} · {good}")).to_be_visible(timeout=PATIENCE)


def test_photos_of_two_things_are_learned_and_another_one_is_answered(page: Page, server: Server) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    visit(page, server, "/images?dataset=photo-pieces")
    page.get_by_role("radio", name="Your own").click()
    cats, cups = pieces("chelsea.png", 5), pieces("coffee.png", 5)
    bring(page, 1, "cat", [*cats[:4], FilePayload(name="fake.png", mimeType="image/png", buffer=b"\x89PNG no")])
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("fake.png: This file is not a picture")
    bring(page, 2, "cup", cups[:4])
    dialog.get_by_role("button", name="Use these photos").click()
    opened = painted(page, "h.class_names.includes('cat') && h.stages.length === 6")
    assert [stage["shape"] for stage in opened["stages"][:2]] == [[3, 224, 224], [32, 112, 112]]
    page.wait_for_url(re.compile("dataset=own.*photos=[0-9a-f]{32}"))
    expect(page.get_by_role("spinbutton", name="Data seed")).to_have_value("7")  # gone before
    train_until(page, "h.test_metric === 1 && h.epoch > 20")
    page.get_by_role("button", name="Your own picture").click()
    page.get_by_test_id("stPopoverBody").locator("input[type=file]").set_input_files(cats[4])
    answered = painted(page, "h.sample.source === 'own'")["sample"]
    assert answered["answer"].startswith("Class cat")
    assert abs(sum(answered["probabilities"]) - 1) < 0.01
    page.keyboard.press("Escape")
    page.locator("[data-column=frozen3]").click()
    expect(page.locator(".lens")).to_contain_text("1,280 maps of 7 × 7 places")
    address = page.url
    page.goto("about:blank")
    again = visit(page, server, address.removeprefix(server.url))
    assert again["class_names"] == ["cat", "cup"]
    assert errors == []
