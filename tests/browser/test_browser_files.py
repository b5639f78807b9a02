"""The pictures' files in a real browser: all in one, or one by one where a proxy lets no route of ours through."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import Server

PAINTED = "() => window.__nnp && window.__nnp.painted > 0"


def test_the_files_come_in_one_answer(page: Page, server: Server) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.url)
    page.wait_for_function(PAINTED)
    page.locator(".js-plotly-plot").first.wait_for()
    assert sum("/live-" in url for url in asked) == 1
    assert not any("/app/static/" in url for url in asked)


def test_where_the_route_is_blocked_they_come_one_by_one(page: Page, server: Server) -> None:
    page.route("**/live-*.json", lambda route: route.fulfill(status=404, body="not here"))
    page.goto(f"{server.url}/images")
    page.wait_for_function(PAINTED)
    page.locator(".nnp-figure").wait_for()
