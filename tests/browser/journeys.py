"""Steps that visitors take, and what is looked at afterwards, for the tests of all pages."""

from __future__ import annotations

import re
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
    page.evaluate("() => new Promise(requestAnimationFrame)")  # a frame is painted in the animation frame after it came
    return header(page)


def visit(page: Page, server: Server, address: str = "") -> dict[str, Any]:
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


def is_dark(page: Page) -> bool:
    """Is the ground that the page is painted on dark?"""
    colour = page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    return max(int(channel) for channel in re.findall(r"\d+", colour)[:3]) < 60


def width(page: Page) -> int:
    """So many pixels wide is all that can be scrolled to."""
    found: int = page.evaluate("document.documentElement.scrollWidth")
    return found
