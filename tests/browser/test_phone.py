"""Every page of data on a phone in the dark: one column, and it trains."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server
from tests.browser.journeys import button, is_dark, painted, visit, width


@pytest.mark.parametrize("address", ["/", "/images", "/text?samples=500", "/sound?samples=200", "/tables?dataset=tips"])
def test_a_phone_in_the_dark_has_one_column(dark_phone: Page, server: Server, address: str) -> None:
    visit(dark_phone, server, address)
    assert width(dark_phone) <= 390
    assert is_dark(dark_phone)
    button(dark_phone, "Play").tap()
    painted(dark_phone, "h.epoch >= 1")
