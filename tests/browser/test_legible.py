"""What is on the page can be read, reached and touched: nothing cut, named what it is, room for a finger."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import visit


@pytest.mark.parametrize("address", ["/images", "/text?samples=500"])
def test_the_hint_is_not_cut(page: Page, server: Server, address: str) -> None:
    visit(page, server, address)
    hint = page.locator(".status .message")
    expect(hint).to_contain_text("Press Play")
    assert hint.evaluate("node => node.scrollWidth <= node.clientWidth")


@pytest.mark.parametrize("address", ["/", "/tables?dataset=tips"])
def test_the_choices_stand_in_one_row(page: Page, server: Server, address: str) -> None:
    visit(page, server, address + ("&" if "?" in address else "?") + "l1=0.001&l2=0.001&schedule=onecycle")
    expect(page.get_by_role("button", name="Regularisation (2)")).to_be_visible()
    boxes = [
        page.get_by_role("button", name=name).bounding_box() for name in ("Regularisation (2)", "Why CPU?", "Undo")
    ]
    assert len({round(box["y"]) for box in boxes if box}) == 1
    if "tables" in address:
        for name in ("Help for Network ↻", "Help for Rows"):
            expect(page.get_by_role("button", name=name)).to_be_visible()


def test_a_wall_says_how_many_of_the_samples_it_holds(page: Page, server: Server) -> None:
    visit(page, server, "/text?dataset=surnames")
    expect(page.locator(".wall-head .count")).to_contain_text("of the first 400 wrong")


def test_a_regression_has_errors_and_nothing_wrong_or_unsure(page: Page, server: Server) -> None:
    visit(page, server, "/tables?dataset=penguins-species")
    page.get_by_label("only wrong").check()
    page.get_by_role("combobox", name="Table").click()
    page.get_by_role("option", name="Tips").click()
    expect(page.locator(".wall-head .count")).to_have_text("target → answer")
    expect(page.locator('[name="order"] option').first).to_have_text("largest error first")
    expect(page.get_by_label("only wrong")).to_be_hidden()
    expect(page.locator(".tiles .tile").first).to_be_visible()


def test_one_logit_is_explained_as_one(page: Page, server: Server) -> None:
    visit(page, server, "/tables?dataset=breast-cancer")
    expect(page.locator('.head-step[title^="A sigmoid turns the logit"]')).to_be_visible()
    expect(page.locator('.head-step[title^="Softmax"]')).to_have_count(0)


def test_a_finger_finds_a_question_mark_and_the_microphone(phone: Page, server: Server) -> None:
    visit(phone, server, "/sound?samples=200")
    for name in ("Help for Samples ↻", "Record"):
        target = phone.get_by_role("button", name=name, exact=True)
        target.scroll_into_view_if_needed()
        target.evaluate("node => node.scrollIntoView({ block: 'center' })")
        found = target.evaluate(
            """node => {
              const { left, top, width, height } = node.getBoundingClientRect();
              const [x, y] = [left + width / 2, top + height / 2];
              const places = [[x - 15, y], [x + 12, y], [x, y - 15], [x, y + 12]];
              return places.map((place) => node.contains(document.elementFromPoint(...place)));
            }"""
        )
        assert found == [True] * 4, name


def test_the_keyboard_shows_which_page_it_points_at(page: Page, server: Server) -> None:
    visit(page, server)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    link = page.locator('[data-testid="stTopNavLink"]:focus')
    expect(link).to_have_count(1)
    expect(link).to_have_css("outline-style", "solid")


def test_a_pressed_button_under_the_pointer_keeps_its_word(page: Page, server: Server) -> None:
    visit(page, server)
    paint = page.get_by_role("button", name="Paint", exact=True)
    paint.click()
    done = page.get_by_role("button", name="Done", exact=True)
    done.hover()
    page.wait_for_timeout(300)  # the colours glide
    colour, ground = done.evaluate("node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]")
    assert colour != ground
