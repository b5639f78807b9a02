"""The workflow rail in a real browser: it shows where the run is, and stays out of the way."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button, width


def here(page: Page) -> Locator:
    return page.locator(".st-key-rail [aria-current=step]")


def test_the_rail_follows_the_run(page: Page, server: Server) -> None:
    page.goto(server.url)
    expect(here(page)).to_contain_text("Train", timeout=PATIENCE)
    button(page, "Epoch").click()
    expect(here(page)).to_contain_text("Evaluate", timeout=PATIENCE)
    page.get_by_role("button", name="One neuron more in layer 1").click()
    expect(here(page)).to_contain_text("Train", timeout=PATIENCE)
    button(page, "Epoch").click()
    expect(here(page)).to_contain_text("Improve", timeout=PATIENCE)


def test_a_step_is_explained_under_one_slim_line(page: Page, server: Server) -> None:
    page.goto(server.url + "/?optimizer=adagrad")
    expect(here(page)).to_be_visible(timeout=PATIENCE)
    box = page.locator(".st-key-rail").bounding_box()
    assert box is not None
    assert box["height"] <= 40
    page.get_by_role("radio", name="Loss and optimizer").click()
    expect(page.locator(".st-key-rail")).to_contain_text("torch.optim.Adagrad", timeout=PATIENCE)
    page.get_by_role("radio", name="Loss and optimizer").click()
    expect(page.locator(".st-key-rail-step-text")).to_have_count(0, timeout=PATIENCE)


def test_on_a_phone_the_rail_scrolls_to_where_the_run_is(phone: Page, server: Server) -> None:
    phone.goto(server.url)
    expect(here(phone)).to_contain_text("Train", timeout=PATIENCE)
    phone.wait_for_timeout(600)
    box = here(phone).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert width(phone) <= 390


def test_the_tensors_page_marks_its_lesson(page: Page, server: Server) -> None:
    page.goto(server.url)
    expect(here(page)).to_contain_text("Train", timeout=PATIENCE)
    page.get_by_role("link", name="Tensors").click()
    expect(here(page)).to_contain_text("Data", timeout=PATIENCE)
    box = page.locator(".st-key-rail").bounding_box()
    assert box is not None
    assert box["height"] <= 40
    page.get_by_text("Gradients", exact=True).click()
    expect(here(page)).to_contain_text("Train", timeout=PATIENCE)
    page.get_by_role("radio", name="Train").click()
    expect(page.locator(".st-key-rail")).to_contain_text("L.backward()", timeout=PATIENCE)
    page.get_by_role("link", name="Points").click()
    expect(here(page)).to_contain_text("Train", timeout=PATIENCE)
    button(page, "Epoch").click()
    expect(here(page)).to_contain_text("Evaluate", timeout=PATIENCE)


def test_the_tensors_page_keeps_its_width_on_a_phone(phone: Page, server: Server) -> None:
    phone.goto(f"{server.url}/tensors")
    expect(here(phone)).to_contain_text("Data", timeout=PATIENCE)
    assert width(phone) <= 390
