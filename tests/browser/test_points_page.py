"""The points page in a real browser: what a visitor does, and what must never happen to them."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.journeys import PATIENCE, button, header, is_dark, painted, visit, width


def pixels(page: Page) -> str:
    """A fingerprint of the picture."""
    return page.locator("canvas").first.screenshot().hex()


def test_play_makes_the_loss_fall_and_the_picture_change(page: Page, server: Server) -> None:
    before = visit(page, server)
    picture = pixels(page)
    button(page, "Play").click()
    painted(page, "h.epoch >= 30 && h.playing")
    button(page, "Pause").click()
    after = painted(page, "!h.playing")
    assert after["train_loss"] < 0.5 * before["train_loss"]
    assert pixels(page) != picture
    stood = after["step"]
    page.wait_for_timeout(700)
    assert header(page)["step"] == stood, "a paused run does not move"


def test_step_epoch_and_reset_count_exactly(page: Page, server: Server) -> None:
    fresh = visit(page, server)
    button(page, "Step").click()
    painted(page, "h.step === 1")
    button(page, "Epoch").click()
    painted(page, f"h.epoch === 1 && h.step === {fresh['steps_per_epoch']}")
    page.keyboard.press("s")
    painted(page, f"h.step === {fresh['steps_per_epoch'] + 1}")
    page.keyboard.press("r")
    again = painted(page, "h.step === 0")
    assert again["train_loss"] == fresh["train_loss"]


def test_a_cold_deep_link_opens_the_whole_experiment(page: Page, server: Server) -> None:
    query = "/?dataset=spiral3&layers=6-relu_5-gelu-layer-d0.1&inputs=x1_x2_sinx1&learning_rate=0.01&loss=squared"
    opened = visit(page, server, query)
    assert opened["task"] == "multiclass"
    assert [(layer["units"], layer["activation"], layer["norm"]) for layer in opened["layers"]] == [
        (6, "relu", "none"),
        (5, "gelu", "layer"),
    ]
    assert opened["inputs"] == ["x1", "x2", "sinx1"]
    page.wait_for_url(re.compile("loss=squared"))
    assert "samples=500" in page.url, "the address holds every field"


def test_a_hostile_link_opens_with_what_was_right(page: Page, server: Server) -> None:
    opened = visit(page, server, "/?dataset=xor&noise=7&learning_rate=inf&layers=" + "9" * 500 + "&foo=<script>&seed=3")
    assert opened["task"] == "binary"
    warning = page.get_by_test_id("stAlert")
    expect(warning).to_contain_text("noise is 7, but it must lie between 0 and 0.5")
    expect(warning).to_contain_text("learning_rate")
    assert "dataset=xor" in page.url
    page.get_by_role("button", name="Dismiss").click()
    expect(warning).to_have_count(0)


def test_a_reload_in_the_middle_goes_on_with_the_same_run(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Play").click()
    before = painted(page, "h.epoch >= 10")
    page.reload()
    after = painted(page)
    assert after["run"] == before["run"]
    assert after["epoch"] >= before["epoch"]


def test_two_tabs_do_not_disturb_each_other(page: Page, server: Server) -> None:
    first = visit(page, server)
    other = page.context.new_page()
    second = visit(other, server)
    assert first["run"] != second["run"]
    button(other, "Play").click()
    painted(other, "h.epoch >= 5")
    assert header(page)["step"] == 0


def test_a_weight_is_edited_on_the_picture(page: Page, server: Server) -> None:
    visit(page, server, "/?layers=none&inputs=x1&dataset=circle")
    link = page.evaluate("() => window.__nnp.linkAt ? window.__nnp.linkAt('output.weight', 0, 0) : null")
    assert link is not None, "the stage tells tests where a link is"
    page.mouse.click(link[0], link[1])
    field = page.get_by_role("spinbutton", name=re.compile("weight", re.I)).first
    expect(field).to_be_visible()
    field.fill("2.5")
    field.press("Enter")
    painted(page, "h.edited")
    weights = page.evaluate("() => Array.from(window.__nnp.weights)")
    assert weights[0] == 2.5


def test_layers_are_added_and_taken_away_on_the_diagram(page: Page, server: Server) -> None:
    visit(page, server)
    page.get_by_role("button", name="One neuron more in layer 1").click()
    painted(page, "h.layers[0].units === 5")
    page.get_by_role("button", name="Add a layer of neurons here").last.click()
    painted(page, "h.layers.length === 3")
    page.wait_for_url(re.compile("layers=5-tanh_2-tanh_"))
    page.get_by_label("Activation of layer 1").select_option("relu")
    painted(page, "h.layers[0].activation === 'relu'")


def test_back_and_undo_return_to_the_former_run(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Epoch").click()
    first = painted(page, "h.epoch === 1")
    page.get_by_role("button", name="One neuron more in layer 1").click()
    painted(page, "h.layers[0].units === 5 && h.epoch === 0")
    page.wait_for_url(re.compile("layers=5-tanh"))
    page.go_back()
    again = painted(page, "h.layers[0].units === 4")
    assert (again["run"], again["epoch"]) == (first["run"], 1), "with all that it had learned"


def test_painted_points_become_the_data_and_the_address(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Paint").click()
    plane = page.evaluate("() => window.__nnp.plane")
    x0, y0, side = plane["x"], plane["y"], plane["size"]
    for share in (0.2, 0.3, 0.4):
        page.mouse.move(x0 + share * side, y0 + 0.3 * side)
        page.mouse.down()
        page.mouse.move(x0 + (share + 0.05) * side, y0 + 0.35 * side, steps=4)
        page.mouse.up()
    page.wait_for_url(re.compile("dataset=own"), timeout=PATIENCE)
    assert re.search("points=[A-Za-z0-9._-]{4,}", page.url)


def test_pasted_points_become_the_data_and_a_wrong_line_is_named(page: Page, server: Server) -> None:
    visit(page, server, "/?dataset=own")
    page.get_by_role("button", name="Paste or upload").click()
    dialog = page.get_by_role("dialog")
    text = dialog.get_by_role("textbox", name="Paste here")
    text.fill("x,y,label\n1,2,cat\n99,0,dog")
    text.press("Control+Enter")
    dialog.get_by_role("button", name="Use these points").click()
    expect(dialog.get_by_test_id("stAlert")).to_contain_text("99")
    text.fill("x,y,label\n" + "\n".join(f"{i / 4},1,cat\n{-i / 4},-1,dog" for i in range(12)))
    text.press("Control+Enter")
    dialog.get_by_role("button", name="Use these points").click()
    expect(dialog).to_have_count(0)
    page.wait_for_url(re.compile("points=[A-Za-z0-9._-]{4,}"))
    painted(page, "h.status === 'ready' && h.task === 'binary'")


def test_the_learning_rate_changes_without_a_reset(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Epoch").click()
    before = painted(page, "h.epoch === 1")
    page.locator(".st-key-learning_rate").get_by_role("slider").press("ArrowRight")
    after = painted(page, "h.learning_rate === 0.1")
    assert (after["run"], after["epoch"]) == (before["run"], 1)


def test_a_killed_worker_is_replaced_under_an_open_page(page: Page, server: Server) -> None:
    visit(page, server)
    button(page, "Play").click()
    before = painted(page, "h.epoch >= 100")
    workers = server.workers()
    assert workers
    for worker in workers:
        worker.kill()
    after = painted(page, f"h.seq > {before['seq']} && h.notice && h.playing")
    assert "replaced" in after["notice"]
    assert after["run"] == before["run"]
    assert after["epoch"] > 0, "it goes on from its last checkpoint"
    expect(page.get_by_role("status").filter(has_text="replaced").first).to_be_visible()


def test_a_diverging_run_stops_with_a_sentence(page: Page, server: Server) -> None:
    visit(page, server, "/?dataset=plane&optimizer=sgd&learning_rate=10&layers=8-linear_8-linear")
    button(page, "Play").click()
    stopped = painted(page, "h.status === 'diverged'")
    assert "learning rate" in stopped["message"]
    assert stopped["train_loss"] is not None


def test_without_inputs_the_page_says_what_to_do(page: Page, server: Server) -> None:
    empty = visit(page, server, "/?inputs=none")
    assert empty["status"] == "empty"
    expect(page.get_by_role("status").filter(has_text="No inputs").first).to_be_visible()
    page.get_by_role("button", name="Input x₁", exact=True).click()
    painted(page, "h.status === 'ready' && h.inputs.length === 1")


def test_the_figures_keep_their_zoom_while_it_trains(page: Page, server: Server) -> None:
    visit(page, server)
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed(timeout=PATIENCE)
    plot = page.locator(".js-plotly-plot").first
    plot.evaluate("(plot) => { plot.__mark = true; window.Plotly.relayout(plot, {'xaxis.range': [0, 5]}); }")
    page.keyboard.press("Space")
    painted(page, "h.epoch >= 60")
    kept = plot.evaluate("(plot) => [plot.__mark, ...plot._fullLayout.xaxis.range]")
    assert kept == [True, 0, 5]


def test_without_websockets_the_stage_pulls(page: Page, server: Server) -> None:
    page.route_web_socket(re.compile("/frames"), lambda socket: socket.close())
    visit(page, server)
    page.wait_for_function("() => window.__nnp.mode === 'pull'", timeout=PATIENCE)
    button(page, "Play").click()
    painted(page, "h.epoch >= 20")


def test_a_phone_has_one_column_and_the_transport_at_the_thumb(phone: Page, server: Server) -> None:
    visit(phone, server)
    assert width(phone) <= 390
    play = button(phone, "Play").bounding_box()
    assert play is not None
    assert play["y"] > 700
    button(phone, "Play").tap()
    painted(phone, "h.epoch >= 3")


def test_dark_is_dark(dark: Page, server: Server) -> None:
    visit(dark, server)
    assert is_dark(dark)


def test_the_script_on_the_page_follows_the_controls(page: Page, server: Server) -> None:
    visit(page, server, "/?optimizer=adagrad")
    page.get_by_role("radio", name=re.compile("PyTorch code")).or_(
        page.get_by_role("button", name=re.compile("PyTorch code"))
    ).first.click()
    expect(page.get_by_test_id("stCode").filter(has_text="torch.optim.Adagrad").first).to_be_visible(timeout=PATIENCE)
