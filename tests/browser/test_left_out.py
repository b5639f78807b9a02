"""A link that leaves parts of the page out, as a class opens it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button, header, painted, train_until, visit, width

DATA, TRAINING, RAIL, FIGURES = ".st-key-data-panel", ".st-key-training-row", ".st-key-rail", ".st-key-study"


def test_a_cold_link_learns_without_the_parts_and_show_all_controls_brings_them_back(
    page: Page, server: Server
) -> None:
    visit(page, server, "/?dataset=gauss&hide=data,training,network")
    expect(button(page, "Paint")).to_have_count(0)
    expect(button(page, "One neuron more in layer 1")).to_have_count(0)
    learned = train_until(page, "h.epoch >= 3 && h.test_metric > 0.9")
    for part in (DATA, TRAINING):
        expect(page.locator(part)).to_have_count(0)
    for part in (RAIL, FIGURES):
        expect(page.locator(part)).to_be_visible()
    canvas = page.locator(".scene canvas").first.bounding_box()
    assert canvas is not None
    assert canvas["width"] > 1300, "the network has the room of the data panel"

    page.reload()
    painted(page, f"h.run === '{learned['run']}' && h.epoch === {learned['epoch']}")
    expect(page.locator(DATA)).to_have_count(0)
    expect(page).to_have_url(re.compile("hide=data(,|%2C)training(,|%2C)network"))

    button(page, "Show all controls").click()
    for part in (RAIL, DATA, TRAINING, FIGURES):
        expect(page.locator(part)).to_be_visible(timeout=PATIENCE)
    expect(button(page, "Paint")).to_be_visible()
    expect(button(page, "One neuron more in layer 1")).to_be_visible()
    expect(page).not_to_have_url(re.compile("hide="))
    expect(page.locator(".st-key-seed input")).to_have_value("7")
    painted(page, f"h.run === '{learned['run']}' && h.epoch === {learned['epoch']}")

    page.go_back()
    expect(page.locator(DATA)).to_have_count(0, timeout=PATIENCE)
    page.go_forward()
    expect(page.locator(DATA)).to_be_visible(timeout=PATIENCE)
    assert header(page)["run"] == learned["run"]


def test_the_link_under_share_leaves_out_what_is_chosen(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Share").click()
    box = page.locator(".st-key-choices").bounding_box()
    button(page, "Training").click()
    link = page.locator("[data-testid=stCode]", has_text="dataset=")
    expect(link).to_contain_text("hide=training", timeout=PATIENCE)
    expect(page.locator(TRAINING)).to_be_visible()
    expect(page).not_to_have_url(re.compile("hide="))
    assert box is not None
    assert box["height"] < 100, "the choices are one row"
    page.goto(link.inner_text().strip())
    painted(page)
    expect(page.locator(TRAINING)).to_have_count(0)


@pytest.mark.parametrize("address", ["/?", "/images?", "/text?samples=500&", "/sound?samples=200&", "/tables?"])
def test_a_page_without_its_parts_learns_on_a_phone(phone: Page, server: Server, address: str) -> None:
    visit(phone, server, f"{address}hide=workflow,data,training,network,figures")
    assert width(phone) <= 390
    button(phone, "Play").tap()
    painted(phone, "h.epoch >= 1")
    button(phone, "Show all controls").tap()
    expect(phone.locator(FIGURES)).to_be_attached(timeout=PATIENCE)
    expect(phone.locator(TRAINING)).to_be_attached()
    choices, figures = phone.locator(TRAINING).bounding_box(), phone.locator(FIGURES).bounding_box()
    assert choices is not None
    assert figures is not None
    assert choices["y"] < figures["y"], "first what is chosen, then what is studied"
