"""What the browser makes of the link to share."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server


def test_the_qr_code_is_drawn(page: Page, server: Server) -> None:
    page.goto(server.url)
    page.get_by_role("button", name="Share", exact=True).click(timeout=30_000)
    code = page.get_by_role("img", name="QR code of the link")
    expect(code.locator("svg")).to_be_visible(timeout=30_000)
    box = code.bounding_box()
    assert box is not None
    assert box["height"] > 150
