"""Clicks that follow each other faster than the page is drawn: each of them counts, and nothing of them comes back."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, visit

pytestmark = pytest.mark.timeout(300)

HASTE = 45  # milliseconds between two clicks
CLICK = """async ([clicks, haste]) => {
  const roots = [...document.querySelectorAll("*")].map((node) => node.shadowRoot);
  const picture = roots.find((root) => root?.querySelector("[data-add]"));
  for (const selector of clicks) {
    (document.querySelector(selector) ?? [...picture.querySelectorAll(selector)].at(-1)).click();
    await new Promise((done) => setTimeout(done, haste));
  }
}"""
NEW = ".st-key-data-panel .stButton button"
UNDO = ".st-key-undo button"
BATCH = ".st-key-batch_size [data-testid=stNumberInputStepUp]"
NEURON = '[data-key="plus-0"]'
LAYER = "[data-add]"


def tile(place: int) -> str:
    return f".st-key-dataset-tiles button:nth-of-type({place})"


def chosen(page: Page) -> dict[str, str]:
    """What the address says."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.mark.parametrize(
    ("clicks", "expected"),
    [
        ([BATCH, tile(4), NEURON], {"batch_size": "11", "dataset": "spiral", "layers": "5-tanh_2-tanh"}),
        ([NEURON, tile(7), NEURON, BATCH], {"batch_size": "11", "dataset": "rings", "layers": "6-tanh_2-tanh"}),
        ([NEW, NEURON, NEURON, LAYER, tile(5)], {"dataset": "moons", "layers": "6-tanh_2-tanh_2-tanh"}),
        ([tile(2), tile(3), BATCH, BATCH, tile(4)], {"batch_size": "12", "dataset": "spiral"}),
    ],
)
def test_each_of_some_hasty_clicks_counts(
    page: Page, server: Server, clicks: list[str], expected: dict[str, str]
) -> None:
    visit(page, server, "/")
    expect(page.locator(".st-key-drawing input")).to_be_attached(timeout=PATIENCE)
    page.evaluate(CLICK, [clicks, HASTE])
    page.wait_for_url(lambda _: expected.items() <= chosen(page).items(), timeout=PATIENCE)
    page.wait_for_timeout(2_000)  # and nothing of it comes back
    there = chosen(page)
    assert expected.items() <= there.items()
    assert (there["seed"] == "7") == (NEW not in clicks)
    expect(page.locator(".st-key-batch_size input")).to_have_value(there["batch_size"])
    expect(page.locator(".st-key-seed input")).to_have_value(there["seed"])


def test_undo_is_not_undone_by_the_next_click(page: Page, server: Server) -> None:
    visit(page, server, "/?dataset=circle")
    page.locator(tile(4)).click()
    page.wait_for_url(re.compile("dataset=spiral"))
    expect(page.locator(UNDO).first).to_be_enabled(timeout=PATIENCE)
    page.evaluate(CLICK, [[UNDO, BATCH], HASTE])
    page.wait_for_url(re.compile("dataset=circle.*batch_size=11"), timeout=PATIENCE)
