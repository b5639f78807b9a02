"""Painting points before anything of the run is there."""

from __future__ import annotations

import re

from playwright.sync_api import Page, WebSocketRoute

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button


def test_who_paints_before_the_first_frame_paints_on_its_points(page: Page, server: Server) -> None:
    held: list[tuple[WebSocketRoute, str | bytes]] = []
    released: list[bool] = []

    def hold(socket: WebSocketRoute) -> None:
        upstream = socket.connect_to_server()
        upstream.on_message(lambda frame: socket.send(frame) if released else held.append((socket, frame)))

    page.route_web_socket(re.compile("/frames"), hold)
    page.goto(server.url)
    button(page, "Paint").click()
    assert not page.evaluate("() => window.__nnp?.header"), "the frame is still on its way"
    released.append(True)
    for socket, frame in held:
        socket.send(frame)
    page.wait_for_function("() => window.__nnp.header", timeout=PATIENCE)
    plane = page.evaluate("() => window.__nnp.plane")
    page.mouse.click(plane["x"] + plane["size"] / 2, plane["y"] + plane["size"] / 2)
    page.wait_for_url(re.compile("dataset=own"), timeout=PATIENCE)
    points = re.search("points=([^&]*)", page.url)
    assert points is not None
    assert len(points[1]) > 500, "the points that were there, and one more"
