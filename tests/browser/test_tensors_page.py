"""The tensors page in a real browser: the drawings, what a visitor does, a phone, and the dark theme."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, width


def visit(page: Page, server: Server, query: str = "") -> None:
    page.goto(f"{server.url}/tensors{query}")
    expect(page.locator(".nnp-tensors svg").first).to_be_visible(timeout=PATIENCE)


def facts(page: Page, which: int) -> str:
    return page.locator(".nnp-tensors dl").nth(which).inner_text()


def test_a_cold_deep_link_draws_the_tensors_of_its_chain(page: Page, server: Server) -> None:
    visit(page, server, "?start=matrix&value=1,2,3;4,5,6&steps=transpose~0~1_flatten")
    assert "(2, 3)" in facts(page, 0)
    assert "(3, 1)" in facts(page, 0), "the strides"
    assert "(3, 2)" in facts(page, 1)
    assert "the same memory" in facts(page, 1)
    cells = page.locator(".nnp-tensors figure").nth(1).locator("rect")
    expect(cells).to_have_count(6)
    assert page.locator(".nnp-tensors figure").nth(1).locator("title").first.text_content() == "x[0, 0] = 1"


def test_a_step_is_added_changed_and_taken_back_by_the_browser(page: Page, server: Server) -> None:
    visit(page, server, "?start=picture&value=5&steps=flatten")
    page.get_by_role("button", name="Add a step").click()
    page.get_by_role("button", name="Softmax", exact=True).click()
    page.wait_for_url(re.compile("softmax"), timeout=PATIENCE)
    expect(page.get_by_test_id("stCode").first).to_contain_text("x = x.softmax(-1)", timeout=PATIENCE)
    page.go_back()
    expect(page.locator(".st-key-tensors-film button", has_text="softmax")).to_have_count(0, timeout=PATIENCE)
    page.reload()
    expect(page.locator(".st-key-tensors-film button", has_text="flatten")).to_be_visible(timeout=PATIENCE)


def test_shapes_that_do_not_multiply_are_explained(page: Page, server: Server) -> None:
    visit(page, server, "?start=picture&value=5&steps=matmul~ones:3x2")
    expect(page.get_by_test_id("stAlert")).to_contain_text(
        "a row of x has 8 numbers and a column of other 3, but the two inner sizes must be equal"
    )
    page.get_by_role("textbox", name="Shape", exact=True).fill("8, 2")
    page.get_by_role("textbox", name="Shape", exact=True).press("Enter")
    expect(page.get_by_test_id("stAlert")).to_have_count(0, timeout=PATIENCE)
    assert "(8, 2)" in facts(page, 2)


def test_a_hostile_link_executes_nothing(page: Page, server: Server) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visit(
        page, server, "?start=<img src=x onerror=alert(1)>&steps=<script>alert(2)</script>~1_flatten&value=__import__"
    )
    expect(page.get_by_test_id("stAlert")).to_contain_text("start is", timeout=PATIENCE)
    assert dialogs == []
    assert page.locator(".stMain script, .stMain img[src=x]").count() == 0


def test_a_step_downhill_moves_the_numbers(page: Page, server: Server) -> None:
    visit(page, server, "?lesson=gradients")
    before = page.get_by_test_id("stMetricValue").inner_text()
    page.get_by_role("button", name="Step downhill").click()
    expect(page.get_by_test_id("stMetricValue")).not_to_have_text(before, timeout=PATIENCE)
    assert float(page.get_by_test_id("stMetricValue").inner_text()) < float(before)
    expect(page.locator(".nnp-graph svg")).to_have_attribute("aria-label", re.compile("L is 0.18"), timeout=PATIENCE)


def test_a_phone_shows_the_picture_before_its_widgets(phone: Page, server: Server) -> None:
    visit(phone, server)
    assert width(phone) <= 390
    picture = phone.locator(".nnp-tensors svg").first.bounding_box()
    editor = phone.locator(".st-key-tensors-editor").bounding_box()
    assert picture is not None
    assert editor is not None
    assert picture["y"] < editor["y"]
    assert picture["x"] + picture["width"] <= 390


def test_dark_cells_and_their_numbers_are_light_on_dark(dark: Page, server: Server) -> None:
    visit(dark, server)
    colour = dark.locator(".nnp-tensors svg").first.evaluate("svg => getComputedStyle(svg).fill")
    assert min(int(channel) for channel in re.findall(r"\d+", colour)[:3]) > 180
