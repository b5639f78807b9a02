"""Why this device, in a real browser: a race that is held while the run goes on, and one that is left."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button, header, painted, visit, width


def test_the_race_is_drawn_while_the_run_goes_on(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Play").click()
    painted(page, "h.playing")
    button(page, "Why CPU?").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This machine has", timeout=PATIENCE)
    before = header(page)["step"]
    dialog.get_by_role("button", name="Race them now").click()
    expect(dialog.locator(".js-plotly-plot")).to_be_visible(timeout=PATIENCE)
    expect(dialog).to_contain_text("plain PyTorch")
    painted(page, f"h.step > {before + 500} && h.playing")


def test_a_race_is_left_by_closing_the_dialog(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Why CPU?").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Race them now").click()
    expect(dialog.get_by_role("progressbar")).to_be_visible(timeout=PATIENCE)
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    button(page, "One neuron more in layer 1").click()
    painted(page, "h.layers[0].units === 5")
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("address", ["/", "/tables"])
def test_the_row_of_choices_has_room_for_the_question(page: Page, phone: Page, server: Server, address: str) -> None:
    visit(page, server, address)
    row, question = page.locator(".st-key-training-row").bounding_box(), button(page, "Why CPU?").bounding_box()
    assert row is not None
    assert question is not None
    assert row["height"] < 90, "one line"
    assert question["x"] + question["width"] <= row["x"] + row["width"]
    visit(phone, server, address)
    assert width(phone) <= 390
    narrow = phone.locator(".st-key-training-row").bounding_box()
    assert narrow is not None
    assert narrow["height"] < 320, "some choices stand beside each other"
