"""The tables page in a real browser: built-in and own tables, rows with their answers, own rows, wrong input."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, Position, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button, painted, train_until, visit

pytestmark = pytest.mark.timeout(300)  # of its steps each may take its patience on a busy machine

PETS = "Größe;Gewicht;Art\n" + "\n".join(
    f"{(30 if i % 2 else 55) + i % 7},5;{50 + i},25;{'Katze' if i % 2 else 'Hund'}" for i in range(60)
)


def view(page: Page, name: str) -> None:
    choices = page.locator(".st-key-table-view")
    choices.get_by_role("radio", name=re.compile(name)).or_(
        choices.get_by_role("button", name=re.compile(name))
    ).first.click()


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_role("button", name="Paste or upload").click()
    page.locator("input[type=file]").set_input_files(FilePayload(name=name, mimeType="text/csv", buffer=content))


def test_a_cold_link_trains_and_answers_a_chosen_row_and_ones_own(page: Page, server: Server) -> None:
    opened = visit(page, server, "/tables?dataset=iris&columns=petal+length,petal+width")
    assert opened["inputs"] == ["petal length", "petal width"]
    train_until(page, "h.test_metric > 0.8")
    page.get_by_role("button", name="The next sample").click()
    painted(page, "h.sample.index !== 0 && h.sample.answer")
    view(page, "Your own row")
    button(page, "Ask the network").click()
    first = painted(page, "h.sample.source === 'own'")["sample"]
    field = page.get_by_label(re.compile("petal length"))
    field.fill("1.2")
    field.press("Enter")
    other = painted(page, "h.sample.source === 'own' && h.sample.words['petal length'] === '1.2'")["sample"]
    assert other["probabilities"] != first["probabilities"]
    expect(page.get_by_text(other["answer"]).first).to_be_visible(timeout=PATIENCE)


def test_an_own_file_is_shown_confirmed_and_learned(page: Page, server: Server) -> None:
    visit(page, server, "/tables")
    upload(page, "tiere.csv", f"{PETS}\nviel;7,5;Hund".encode("cp1252"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("semicolon between cells · decimal comma · encoding cp1252", timeout=PATIENCE)
    expect(dialog).to_contain_text("Line 62: 'Größe' is 'viel'")
    dialog.get_by_text("Drop this row").click()
    button(page, "Use this table").click()
    own = painted(page, "h.class_names.includes('Katze')")
    assert own["inputs"] == ["Größe", "Gewicht"]
    page.wait_for_url(re.compile("dataset=own.*table=[0-9a-f]{32}"))
    train_until(page, "h.test_metric > 0.9")
    address = page.url
    again = page.context.new_page()
    again.goto(address)
    assert painted(again)["inputs"] == ["Größe", "Gewicht"], "the link opens the table on the same server"


def test_a_file_that_is_no_table_is_named_and_loses_nothing(page: Page, server: Server) -> None:
    before = visit(page, server, "/tables")
    upload(page, "table.csv", b"\x89PNG\r\n\x1a\n" + bytes(200))
    expect(page.get_by_role("dialog").get_by_test_id("stAlert")).to_contain_text("a picture", timeout=PATIENCE)
    assert painted(page)["run"] == before["run"]


def test_an_empty_file_is_named(page: Page, server: Server) -> None:
    visit(page, server, "/tables")
    upload(page, "empty.csv", b"")
    expect(page.get_by_role("dialog").get_by_test_id("stAlert")).to_contain_text("is empty", timeout=PATIENCE)


def test_a_link_with_wrong_values_says_what_was_left_out(page: Page, server: Server) -> None:
    visit(page, server, "/tables?dataset=wine&scaling=huge&table=../../etc/passwd")
    warning = page.get_by_test_id("stAlert").first
    expect(warning).to_contain_text("scaling is 'huge'", timeout=PATIENCE)
    expect(warning).to_contain_text("no key of uploaded data")
    page.wait_for_url(re.compile("dataset=wine"))


def click_row(page: Page, row: int) -> None:
    """Click into a row of the marked table, which is drawn on a canvas under its heads."""
    table = page.locator("[class*=st-key-rows-of-] .dvn-scroller")
    at: Position = {"x": 260, "y": 35 * row + 17}
    table.hover(position=at, timeout=PATIENCE)
    page.wait_for_timeout(300)
    table.click(position=at, delay=90)  # as long as a hand takes


def test_a_click_on_a_row_shows_its_way(page: Page, server: Server) -> None:
    visit(page, server, "/tables?dataset=iris")
    train_until(page, "h.epoch >= 2")
    page.wait_for_timeout(4500)  # the table is looked at every two seconds
    with page.expect_download() as download:
        button(page, "Download CSV").click()
    head, *rows = (line.split(",") for line in download.value.path().read_text(encoding="utf-8").splitlines())
    place = head.index("sample")
    for row in (2, 3):
        click_row(page, row)
        shown = painted(page, f"h.sample.source === 'test' && h.sample.index === {int(rows[row - 1][place]) - 1}")
        assert shown["sample"]["target"] == rows[row - 1][head.index("right")]
        expect(page.locator("[data-journey] canvas").first).to_be_in_viewport(timeout=PATIENCE)
    page.get_by_role("button", name="The next sample").click()
    painted(page, f"h.sample.index !== {shown['sample']['index']}")
    page.wait_for_timeout(1500)
    click_row(page, 3)  # the very cell that was marked: the picture has gone on from it
    painted(page, f"h.sample.source === 'test' && h.sample.index === {shown['sample']['index']}")
    page.get_by_role("button", name="The next sample").click()
    moved = painted(page, f"h.sample.index !== {shown['sample']['index']}")["sample"]["index"]
    button(page, "Epoch").click()  # also after reruns of the page the row is not shown again
    page.get_by_role("radio", name="Train rows").or_(page.get_by_role("button", name="Train rows")).first.click()
    page.wait_for_timeout(4500)
    assert painted(page)["sample"]["index"] == moved
    click_row(page, 1)
    painted(page, "h.sample.source === 'train'")


def test_a_click_in_the_figure_shows_a_row(page: Page, server: Server) -> None:
    visit(page, server, "/tables?dataset=tips")
    choices = page.locator(".st-key-study-name")
    choices.get_by_role("radio", name=re.compile("Confusion")).or_(
        choices.get_by_role("button", name=re.compile("Confusion"))
    ).first.click()
    point = page.locator(".st-key-study .scatterlayer .point").nth(5)
    expect(point).to_be_visible(timeout=PATIENCE)
    point.hover(force=True)
    box = point.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    painted(page, "h.sample.source === 'test' && h.sample.index > 0")


def test_clicks_in_a_cell_show_one_row_after_the_other(page: Page, server: Server) -> None:
    visit(page, server, "/tables?dataset=iris")
    choices = page.locator(".st-key-study-name")
    choices.get_by_role("radio", name=re.compile("Confusion")).or_(
        choices.get_by_role("button", name=re.compile("Confusion"))
    ).first.click()
    page.locator(".st-key-study .heatmaplayer image").wait_for(timeout=PATIENCE)
    page.locator(".st-key-study .js-plotly-plot").scroll_into_view_if_needed()
    cells = page.evaluate(
        """() => { const [trace] = document.querySelector(".st-key-study .js-plotly-plot").data;
        return trace.meta.samples.flatMap((row, y) => row.map((samples, x) => ({ x, y, samples }))); }"""
    )
    cell = max(cells, key=lambda found: len(found["samples"]))
    for sample in cell["samples"][:2]:
        x, y = page.evaluate(
            """({ x, y }) => { const plot = document.querySelector(".st-key-study .js-plotly-plot");
            plot.scrollIntoView({ block: "center", behavior: "instant" });
            const { xaxis, yaxis, _size } = plot._fullLayout, box = plot.getBoundingClientRect();
            return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)]; }""",
            cell,
        )
        page.mouse.move(x, y)
        page.wait_for_timeout(200)
        page.mouse.click(x, y)
        painted(page, f"h.sample.source === 'test' && h.sample.index === {sample}")


def test_only_the_guarded_download_is_offered(page: Page, server: Server) -> None:
    visit(page, server, "/tables")
    page.get_by_test_id("stDataFrame").hover(timeout=PATIENCE)
    expect(page.get_by_label("Search")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_label("Download as CSV")).to_be_hidden()
    with page.expect_download() as download:
        button(page, "Download CSV").click()
    assert download.value.suggested_filename == "test_answers.csv"
    assert download.value.path().read_text(encoding="utf-8").startswith("wrong,sample,row,right,answer,island")


def test_the_columns_are_explained(page: Page, server: Server) -> None:
    visit(page, server, "/tables")
    view(page, "Columns as numbers")
    expect(page.get_by_text("6 columns become")).to_be_visible(timeout=PATIENCE)
