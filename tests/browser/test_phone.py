"""Every page of data on a phone in the dark: one column, and it trains, and says what a finger can do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import button, is_dark, painted, visit, width


@pytest.mark.parametrize("address", ["/", "/images", "/text?samples=500", "/sound?samples=200", "/tables?dataset=tips"])
def test_a_phone_in_the_dark_has_one_column(dark_phone: Page, server: Server, address: str) -> None:
    visit(dark_phone, server, address)
    assert width(dark_phone) <= 390
    assert is_dark(dark_phone)
    expect(dark_phone.locator(".status .message")).to_contain_text("Tap a ")
    button(dark_phone, "Play").tap()
    painted(dark_phone, "h.epoch >= 1")
    if address != "/":
        dark_phone.locator("button.head-step").nth(1).tap()
        expect(dark_phone.get_by_role("tab", name="Layer")).to_have_attribute("aria-selected", "true")
