"""The page of texts in a real browser: train, type, bring own lines, watch names being written."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button, painted, train_until, visit

LINES = "\n".join(
    f"{label}\t{text} {number}"
    for label, text in (("spam", "win a prize"), ("ham", "see you at"))
    for number in range(9)
)


def test_a_cold_link_trains_and_answers_a_chosen_and_a_typed_name(page: Page, server: Server) -> None:
    opened = visit(page, server, "/text?dataset=surnames&tokens=character&embedding=16&encoder=attention&length=10")
    assert opened["stages"][1]["shape"] == [10, 16]
    losses = page.locator(".curves").bounding_box()
    assert losses is not None
    assert losses["y"] + losses["height"] < 895, "all of it is on the first screen"
    train_until(page, "h.test_metric > 0.5")
    page.get_by_role("button", name="The next sample").click()
    painted(page, "h.sample.index !== 0")
    page.get_by_label("Type your own text").fill("Kowaljić")
    typed = painted(page, "h.sample.source === 'own' && h.sample.text === 'Kowaljić'")
    assert [piece["token"] for piece in typed["sample"]["tokens"]] == list("kowaljić")
    assert len(typed["sample"]["probabilities"]) == 10
    page.get_by_role("radio", name="occlusion").click()
    page.wait_for_function("() => window.__nnp.header.arrays.some(({ name }) => name === 'explain')", timeout=PATIENCE)


def test_own_lines_become_the_data_and_a_wrong_line_is_named(page: Page, server: Server) -> None:
    visit(page, server, "/text?dataset=words")
    page.get_by_text("Your own", exact=True).click()
    painted_empty = page.get_by_text("There are no lines yet").first
    expect(painted_empty).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Paste or upload").click()
    page.get_by_label("Paste here").fill("spam\tone\nno tab here")
    page.get_by_role("button", name="Use these texts").click()
    wrong = page.get_by_test_id("stAlert").filter(has_text="Line 2 has no tab")
    expect(wrong).to_be_visible(timeout=PATIENCE)
    page.get_by_label("Paste here").fill(LINES)
    page.get_by_role("button", name="Use these texts").click()
    own = painted(page, "h.class_names.join() === 'ham,spam' && h.status === 'ready'")
    assert own["task"] == "binary"
    page.wait_for_url(re.compile("dataset=own.*lines=[0-9a-f]{32}"))
    train_until(page, "h.test_metric === 1")


def test_a_choice_that_was_gone_comes_back_with_its_value(page: Page, server: Server) -> None:
    visit(page, server, "/text?dataset=surnames&encoder=gru&units=48")
    units, encoder = page.locator(".st-key-units"), page.locator(".st-key-encoder input")
    expect(units).to_contain_text("48", timeout=PATIENCE)
    encoder.click()
    page.get_by_role("option", name="Mean").click()
    expect(units).to_have_count(0, timeout=PATIENCE)
    encoder.click()
    page.get_by_role("option", name="GRU").click()
    expect(units).to_contain_text("48", timeout=PATIENCE)
    page.wait_for_url(re.compile("encoder=gru&units=48"))


def test_the_vocabulary_opens_and_the_embedding_is_mapped(page: Page, server: Server) -> None:
    visit(page, server, "/text?dataset=first-names&tokens=character&embedding=2&samples=500")
    page.get_by_role("button", name="Vocabulary").click()
    opened = page.get_by_text("Some training texts as the network gets them")
    expect(opened).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden(timeout=PATIENCE)
    page.get_by_role("radio", name="Embedding").click()
    page.get_by_placeholder("Token").fill("a")
    page.get_by_placeholder("Token").press("Enter")
    expect(page.locator(".js-plotly-plot")).to_contain_text("Nearest to a", timeout=PATIENCE)


def test_names_are_written_while_it_learns(page: Page, server: Server) -> None:
    opened = visit(page, server, "/text?dataset=names-generator&units=16&samples=500")
    assert opened["task"] == "next"
    trained = train_until(page, "h.epoch >= 2 && h.written.length")
    assert trained["metric"] == "bits"
    expect(page.get_by_role("slider", name=re.compile("temperature", re.I)).first).to_be_visible()


def test_a_hostile_link_opens_with_what_was_right(page: Page, server: Server) -> None:
    visit(page, server, "/text?dataset=first-names&encoder=gru&units=1e999&lines=../../etc/passwd&tokens=<b>")
    warning = page.get_by_test_id("stAlert").first
    expect(warning).to_contain_text("units is '1e999'", timeout=PATIENCE)
    expect(warning).to_contain_text("which is no key of uploaded data")
    page.wait_for_url(re.compile("dataset=first-names.*encoder=gru"))


def test_hasty_clicks_leave_tile_address_and_picture_alike(page: Page, server: Server) -> None:
    visit(page, server, "/text")
    button(page, "Play").click()
    tiles = page.locator(".st-key-dataset-tiles button")
    names = ["surnames", "first-names", "words", "names-generator"]
    classes = {"Croatian": "surnames", "female": "first-names", "<pad>": "names-generator"}
    for place in [1, 3, 2, 0, 3, 1, 2, 3, 0, 1]:
        tiles.nth(place).click(force=True)
        page.wait_for_timeout(120)
    page.wait_for_timeout(6_000)
    chosen = names[next(i for i in range(4) if tiles.nth(i).get_attribute("aria-checked") == "true")]
    assert f"dataset={chosen}&" in page.url
    first = painted(page, "h.class_names.length")["class_names"][0]
    assert classes.get(first, "words") == chosen


def test_nothing_of_the_former_texts_stays_when_there_are_none(page: Page, server: Server) -> None:
    visit(page, server, "/text")
    page.locator(".st-key-dataset-tiles button").nth(5).click()
    painted(page, "h.message && !h.sample")
    for part in (".which", ".wall .count"):
        expect(page.locator(f"[data-journey] {part}")).to_have_text("", timeout=PATIENCE)
    expect(page.locator('[data-journey] [name="own"]')).to_have_value("")
