"""What the browser makes of the link to share."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button


def test_the_qr_code_is_drawn(page: Page, server: Server) -> None:
    page.goto(server.url)
    button(page, "Share").click(timeout=PATIENCE)
    code = page.get_by_role("img", name="QR code of the link")
    expect(code.locator("svg")).to_be_visible(timeout=PATIENCE)
    box = code.bounding_box()
    assert box is not None
    assert box["height"] > 150
