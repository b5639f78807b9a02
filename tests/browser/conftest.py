"""One server and one Chromium for all browser tests; each test gets a page of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from benchmarks.server import RunningServer as Server
from benchmarks.server import chromium as running_chromium
from benchmarks.server import running_server

__all__ = ["Server"]

SCREEN = {"width": 1440, "height": 900}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))  # one server for all of them
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium is installed (apt-get install chromium)"))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with running_server() as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with running_chromium() as browser:
        yield browser


@contextmanager
def _opened(chromium: Browser, **options: Any) -> Iterator[Page]:
    """A page in a context of its own, on which no script may fail."""
    context = chromium.new_context(**options)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page on a screen."""
    with _opened(chromium, viewport=SCREEN) as page:
        yield page


@pytest.fixture
def dark(chromium: Browser) -> Iterator[Page]:
    """A page on a screen whose owner likes it dark."""
    with _opened(chromium, viewport=SCREEN, color_scheme="dark") as page:
        yield page


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone."""
    with _opened(chromium, **PHONE) as page:
        yield page


@pytest.fixture
def dark_phone(chromium: Browser) -> Iterator[Page]:
    """A page on a phone whose owner likes it dark."""
    with _opened(chromium, **PHONE, color_scheme="dark") as page:
        yield page
