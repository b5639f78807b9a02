"""The journey in a real Chromium, fed with frames of real networks of every kind over a socket that Python plays."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, ViewportSize, WebSocketRoute, expect, sync_playwright

from playground.data.images import IMAGES
from playground.inspection.frame_format import encode_frame
from playground.inspection.journey import build_journey
from playground.inspection.journey_own import read_own
from playground.inspection.journey_sample import Own
from playground.inspection.journey_view import JourneyView
from playground.inspection.run_state import RunState
from playground.training.trainer import Trainer
from tests.inspection.journeys import FIELDS, fresh

STATIC = Path(__file__).parents[2] / "playground" / "ui" / "static"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
HOME = "http://journey.test/"
PATIENCE = 15_000
pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (apt-get install chromium)"),
]

PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<body style="margin:8px;--st-background-color:%s;--st-text-color:%s">
<div id="host"><div class="nnp journey" data-journey></div></div>
<script type="module">
  import { mount } from "./app/static/journey.js";
  window.told = [];
  window.show = (data) => mount({ parentElement: document.getElementById("host"), data,
    setTriggerValue: (name, value) => window.told.push([name, value]) }).then((cleanUp) => (window.cleanUp = cleanUp));
  window.data = %s;
  show(window.data);
</script>"""


@dataclass
class Run:
    """One run as a worker would answer for it."""

    trainer: Trainer
    seq: int = 1
    playing: bool = False
    own: Own | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, text: str) -> bytes:
        question = json.loads(text)
        self.asked.append(question)
        command, view = question["command"], question["view"]
        if command is not None:
            self.seq += 1
            self.do(command)
        if self.playing:
            self.trainer.step()
            self.seq += 1
        if view["have"] == self.seq and view["have_view"]:
            return b""
        state = RunState("run", seq=self.seq, playing=self.playing, status="playing" if self.playing else "paused")
        return encode_frame(build_journey(self.trainer, JourneyView.from_json(view), state, self.own))

    def do(self, command: dict[str, Any]) -> None:
        match command["name"]:
            case "play" | "pause":
                self.playing = command["name"] == "play"
            case "step":
                self.trainer.step()
            case "own":
                self.own = read_own(self.trainer.experiment, self.trainer.dataset, command)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield context.new_page()
    context.close()


def data_of(trainer: Trainer) -> dict[str, Any]:
    experiment = trainer.experiment
    pictures = IMAGES.get(experiment.dataset) if experiment.kind == "images" else None
    return {
        "token": "token",
        "run": "run",
        "fresh": False,
        "kind": experiment.kind,
        "dataset": experiment.dataset,
        "task": experiment.task,
        "classNames": list(experiment.class_names),
        "photo": experiment.dataset.startswith("paint-"),
        "own": experiment.dataset != "photo-pieces",
        "writes": experiment.task == "next",
        "size": list(pictures.size) if pictures else None,
        "inkBox": pictures.ink_box if pictures else None,
        "shown": {"count": 0},
        "reply": None,
        "reply_to": 0,
    }


def visit(page: Page, name: str, colours: tuple[str, str] = ("#ffffff", "#1d2330")) -> Run:
    """Open the journey of a network; every error of the page fails the test."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(f"{error} {error.stack}"))
    run = Run(fresh(name))
    html = PAGE % (*colours, json.dumps(data_of(run.trainer)))

    def serve(route: Route) -> None:
        file = STATIC / route.request.url.split("?")[0].split("/")[-1]
        if route.request.url == HOME:
            route.fulfill(body=html, content_type="text/html")
        elif file.is_file():
            kind = "text/css" if file.suffix == ".css" else "text/javascript"
            route.fulfill(body=file.read_bytes(), content_type=kind)
        else:
            route.fulfill(status=404)

    def talk(socket: WebSocketRoute) -> None:
        socket.on_message(lambda text: socket.send(run.answer(str(text))))

    page.route(f"{HOME}**", serve)
    page.route_web_socket("**/frames", talk)
    page.goto(HOME)
    page.wait_for_function("() => window.__nnp?.painted > 1 && window.__nnp.header?.sample", timeout=PATIENCE)
    run.asked.clear()
    assert errors == []
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    return run


def header(page: Page) -> dict[str, Any]:
    return page.evaluate("() => window.__nnp.header")


def paint(page: Page) -> None:
    """What was asked of the picture before this is painted afterwards: it paints once an animation frame."""
    page.evaluate("() => new Promise(requestAnimationFrame)")


def until(page: Page, condition: str) -> dict[str, Any]:
    """The header of a painted frame for which the JavaScript condition on `h` holds."""
    page.wait_for_function(f"() => {{ const h = window.__nnp.header; return {condition}; }}", timeout=PATIENCE)
    paint(page)
    return header(page)


def point_at(page: Page, stage: int, index: int = 0) -> None:
    place = page.evaluate("([stage, index]) => window.__nnp.placeOf(stage, index)", [stage, index])
    page.mouse.move(place[0], place[1])
    paint(page)


@pytest.mark.parametrize("name", FIELDS)
def test_every_kind_of_network_is_painted_and_explained(page: Page, name: str) -> None:
    run = visit(page, name)
    told = header(page)
    painted = page.evaluate(
        """() => { const c = document.querySelector(".way canvas"), g = c.getContext("2d");
        const d = g.getImageData(0, 0, c.width, c.height).data; let n = 0;
        for (let i = 3; i < d.length; i += 4) n += d[i] > 0; return n / (c.width * c.height); }"""
    )
    assert painted > 0.1
    heads = page.locator(".head-step").all_inner_texts()
    assert len(heads) >= 5
    if told["task"] not in ("regression",):
        expect(page.locator(".answer .sure")).to_contain_text("% sure")
    hidden = range(1, len(told["stages"]) - 1)
    for stage in hidden:
        if page.evaluate("(stage) => window.__nnp.placeOf(stage, 0)", stage):
            point_at(page, stage)
            expect(page.locator(".tip")).to_be_visible()
            assert len(page.locator(".tip").inner_text()) > 10
    assert run.asked or run.seq


@pytest.mark.parametrize("name", ["digits", "surnames", "keys", "penguins", "writer", "painting"])
def test_a_phone_and_the_dark(chromium: Browser, name: str) -> None:
    phone: ViewportSize = {"width": 390, "height": 844}
    context = chromium.new_context(viewport=phone, has_touch=True, is_mobile=True)
    page = context.new_page()
    visit(page, name, ("#12151c", "#e6e9f0"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert "dark" in page.locator("[data-journey]").get_attribute("class").split()
    boxes = [head.bounding_box() for head in page.locator(".head-step").all()]
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(tops)
    context.close()


def test_training_goes_on_and_can_be_paused(page: Page) -> None:
    run = visit(page, "digits")
    page.get_by_role("button", name="Play").click()
    until(page, "h.playing && h.step > 12")
    page.get_by_role("button", name="Pause").click()
    stood = until(page, "!h.playing")["step"]
    assert page.locator("[data-journey]").get_attribute("data-playing") == "false"
    page.wait_for_timeout(300)
    assert header(page)["step"] == stood == run.trainer.step_count


def test_a_tile_of_the_wall_becomes_the_chosen_sample(page: Page) -> None:
    run = visit(page, "digits")
    tiles = page.locator(".tile")
    assert tiles.count() == min(400, len(run.trainer.dataset.X_test))
    tile = tiles.nth(3)
    index = int(tile.get_attribute("data-i") or -1)
    tile.click()
    told = until(page, f"h.sample.index === {index}")
    assert tile.get_attribute("aria-current") == "true"
    assert told["sample"]["label"] == run.trainer.dataset.y_test[index]
    page.keyboard.press("ArrowRight")
    until(page, f"h.sample.index !== {index}")


def test_the_wall_marks_and_filters_the_wrong_ones(page: Page) -> None:
    visit(page, "digits")
    page.get_by_role("button", name="Step").click()
    until(page, "h.step === 1")
    count = page.locator(".count").inner_text()
    wrong, many = int(count.split()[0]), page.locator(".tile").count()
    assert page.locator(".tile.wrong").count() == wrong
    page.get_by_label("only wrong").check()
    visible = page.evaluate("() => [...document.querySelectorAll('.tile')].filter((t) => t.offsetParent).length")
    assert visible == wrong < many
    page.get_by_label("only wrong").uncheck()
    page.locator('[name="order"]').select_option("index")
    first = page.locator(".tile").nth(0).get_attribute("data-i")
    assert first == "0"


def test_a_click_on_a_layer_shows_it_large(page: Page) -> None:
    visit(page, "digits")
    head = page.locator("button.head-step", has_text="Convolution").first
    head.click()
    expect(head).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".lens-text h3")).to_have_text("Layer 1: Convolution")
    expect(page.locator(".lens-text")).to_contain_text("nn.Conv2d(")
    page.keyboard.press("Escape")
    expect(head).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".wall")).to_be_visible()


def test_a_kernel_is_shown_beside_the_map_that_it_makes(page: Page) -> None:
    run = visit(page, "digits")
    point_at(page, 1, 2)
    numbers = page.locator(".tip .kernel").first.locator("u").all_inner_texts()
    kernel = dict(run.trainer.module.named_children())["conv1"].weight[2, 0].detach().numpy().ravel()
    assert [float(number.replace("−", "-")) for number in numbers] == pytest.approx(kernel, abs=0.06)


@pytest.mark.parametrize("how", ["gradient", "occlusion"])
def test_what_it_looked_at_is_asked_for(page: Page, how: str) -> None:
    visit(page, "digits")
    page.get_by_role("radio", name=how).click()
    page.wait_for_function("() => window.__nnp.header.arrays.some(({ name }) => name === 'explain')", timeout=PATIENCE)
    expect(page.get_by_role("radio", name=how)).to_have_attribute("aria-checked", "true")
    expect(page.locator(".message")).not_to_be_empty()


def test_a_drawing_is_answered_while_it_is_drawn(page: Page) -> None:
    run = visit(page, "digits")
    page.get_by_role("button", name="Draw your own").click()
    pad = page.locator(".pad").bounding_box()
    assert pad
    page.mouse.move(pad["x"] + 60, pad["y"] + 40)
    page.mouse.down()
    page.mouse.move(pad["x"] + 100, pad["y"] + 150, steps=8)
    until(page, "h.sample.source === 'own'")
    page.mouse.up()
    expect(page.locator(".which")).to_have_text("Your own picture")
    expect(page.locator(".pad-answer")).to_contain_text("%")
    assert run.own is not None
    assert run.own.shown.arrays["pixels"].shape == (8, 8)
    assert run.own.shown.arrays["pixels"].max() == 255
    page.get_by_role("button", name="Clear").click()
    page.wait_for_timeout(300)
    assert run.own.shown.arrays["pixels"].max() == 0


def test_a_typed_text_is_answered_while_it_is_typed(page: Page) -> None:
    run = visit(page, "attention")
    page.get_by_label("Type your own text").fill("Müller")
    told = until(page, "h.sample.source === 'own' && h.sample.text === 'Müller'")
    assert run.own is not None
    assert told["sample"]["tokens"] == run.own.shown.tokens
    expect(page.locator(".which")).to_have_text("Your own text")


def test_a_pixel_of_the_photo_is_followed(page: Page) -> None:
    visit(page, "painting")
    box = page.locator(".way canvas").bounding_box()
    assert box
    page.mouse.click(box["x"] + 90, box["y"] + 120)
    told = until(page, "h.sample.source === 'own'")
    assert 0 <= int(told["sample"]["words"]["column"]) < 96
    assert page.evaluate("() => document.querySelector('.painted').width") > 20


def test_the_temperature_of_a_writer_is_sent(page: Page) -> None:
    run = visit(page, "writer")
    assert page.locator(".written li").count() > 0
    page.get_by_label("Temperature").fill("1.5")
    page.wait_for_timeout(400)
    assert run.asked[-1]["view"]["temperature"] == 1.5


def test_what_was_sent_is_not_sent_again(page: Page) -> None:
    run = visit(page, "waves")
    page.get_by_role("button", name="Step").click()
    until(page, "h.step === 1")
    assert run.asked[-1]["view"]["have_version"] > 0
    assert run.asked[-1]["view"]["have_sample"] > 0
    assert not any(entry["name"] == "wave" for entry in header(page)["arrays"])


def test_the_page_can_show_a_sample_that_it_gave(page: Page) -> None:
    run = visit(page, "penguins")
    row = {encoding.name: "1" for encoding in run.trainer.dataset.encodings} | {"island": "Dream", "sex": "male"}
    run.do({"name": "own", "values": row})
    run.seq += 1
    page.evaluate("(data) => window.show(data)", data_of(run.trainer) | {"shown": {"count": 1, "source": "own"}})
    assert until(page, "h.sample.source === 'own'")["sample"]["words"]["island"] == "Dream"
    of_the_data = data_of(run.trainer) | {"shown": {"count": 2, "source": "test", "index": 4}}
    page.evaluate("(data) => window.show(data)", of_the_data)
    until(page, "h.sample.source === 'test' && h.sample.index === 4")
    page.get_by_role("button", name="The next sample").click()
    moved = until(page, "h.sample.index !== 4")["sample"]["index"]
    page.evaluate("(data) => window.show(data)", of_the_data)  # a rerun of the page asks for nothing new
    page.get_by_role("button", name="Step").click()
    assert until(page, "h.step === 1")["sample"]["index"] == moved


def test_other_weights_are_asked_of_the_page(page: Page) -> None:
    visit(page, "digits")
    page.get_by_role("button", name="New weights").click()
    told = page.evaluate("() => window.told")
    assert [name for name, _ in told] == ["event"]
    assert told[0][1]["new_weights"] is True


def test_an_event_waits_until_the_page_has_heard_the_one_before(page: Page) -> None:
    data = data_of(visit(page, "digits").trainer)
    for _ in range(3):
        page.get_by_role("button", name="New weights").click()
    page.wait_for_timeout(400)
    numbers = "() => window.told.map(([, event]) => event.number)"
    (first,) = page.evaluate(numbers)
    page.evaluate("(data) => window.show(data)", {**data, "heard": first - 1})  # a rerun for something else
    assert page.evaluate(numbers) == [first]
    page.evaluate("(data) => window.show(data)", {**data, "heard": first})
    assert len(page.evaluate(numbers)) == 2, "two of the same sort became one"


def test_a_picture_moves_with_all_it_has_when_its_place_on_the_page_is_made_anew(page: Page) -> None:
    run = visit(page, "digits")
    page.locator("button.head-step", has_text="Convolution").first.click()
    page.locator(".after").click()
    index = until(page, "h.sample.index > 0")["sample"]["index"]
    page.evaluate(
        """async () => {
        const host = document.getElementById("host");
        host.innerHTML = "";
        window.cleanUp();
        await new Promise((done) => setTimeout(done, 300));
        host.innerHTML = '<div class="nnp journey" data-journey></div>';
        await window.show(window.data);
        }"""
    )
    run.asked.clear()
    page.get_by_role("button", name="Step").click()
    assert until(page, "h.step === 1")["sample"]["index"] == index
    expect(page.locator(".lens-text h3")).to_have_text("Layer 1: Convolution")
    assert page.evaluate("window.__nnp.mounts") == 1
    page.wait_for_timeout(2_500)  # the time after which a picture that found no place is gone
    page.get_by_role("button", name="Step").click()
    until(page, "h.step === 2")
