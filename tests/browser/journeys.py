"""Steps that visitors of the journeys' pages take, for the tests of those pages."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.conftest import Server

PATIENCE = 60_000  # ms; the first visit may wait for the training process


def header(page: Page) -> dict[str, Any]:
    """What the latest frame says."""
    found: dict[str, Any] = page.evaluate("() => window.__nnp.header")
    return found


def painted(page: Page, condition: str = "true") -> dict[str, Any]:
    """The header of a painted frame for which the JavaScript condition on `h` holds."""
    page.wait_for_function(
        f"() => {{ const n = window.__nnp, h = n && n.painted && n.header; return h && ({condition}); }}",
        timeout=PATIENCE,
    )
    return header(page)


def visit(page: Page, server: Server, address: str) -> dict[str, Any]:
    """Open an address cold, and wait for its first picture."""
    page.goto(server.url + address)
    return painted(page)


def button(page: Page, name: str) -> Locator:
    """The button of exactly this name."""
    return page.get_by_role("button", name=name, exact=True)


def train_until(page: Page, condition: str) -> dict[str, Any]:
    """Play until the condition on the header `h` holds, then pause."""
    button(page, "Play").click()
    painted(page, condition)
    button(page, "Pause").click()
    return painted(page, "!h.playing")
