"""Pages that leave parts out, as their link says: those are not there, all others are, and nothing else changes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from playground.experiment.points import PointsExperiment
from playground.ui.link import PARTS, Link
from tests.pages.opening import address, click, experiment, group, labelled, opened, session, text_of

PAGES = {"points": {}, "images": {}, "text": {"samples": "200"}, "sound": {"samples": "100"}, "tables": {}}


def present(app: AppTest) -> set[str]:
    """The parts that are on the page, by a widget of each; the points' network is on their stage."""
    keys = {widget.key for widgets in (app.button_group, app.selectbox, app.number_input) for widget in widgets}
    signs = {"rail-step": "workflow", "seed": "data", "optimizer": "training", "study-name": "figures"}
    found = {part for key, part in signs.items() if key in keys}
    if session(app).experiment.kind == "points":
        return found if session(app).hides("network") else found | {"network"}
    return found | {"network"} if any((key or "").startswith("layers-text") for key in _texts(app)) else found


def _texts(app: AppTest) -> list[str | None]:
    return [field.key for field in app.text_input]


@pytest.mark.parametrize("page", PAGES)
def test_each_part_can_be_left_out_of_each_page_and_all_others_stay(page: str) -> None:
    assert present(opened(page, **PAGES[page])) == set(PARTS)
    for part in PARTS:
        assert present(opened(page, **PAGES[page], hide=part)) == set(PARTS) - {part}
    bare = opened(page, **PAGES[page], hide=",".join(PARTS))
    assert present(bare) == set()
    assert any(button.label == "Undo" for button in bare.button)
    click(bare, "Show all controls")
    assert present(bare) == set(PARTS)


def test_show_all_controls_changes_the_address_and_not_the_run() -> None:
    app = opened("points", dataset="moons", hide="data,figures")
    run_id = session(app).run_id
    assert "Data, Figures" in text_of(app)
    click(app, "Show all controls")
    assert session(app).run_id == run_id
    assert address(app) == Link(PointsExperiment(dataset="moons")).query()
    assert not any(button.label == "Show all controls" for button in app.button)
    assert app.slider(key="noise").value == 0.1, "a widget that comes back shows its field"


def test_the_address_keeps_what_is_left_out_while_the_experiment_changes() -> None:
    app = opened("points", hide="figures,data")
    app.selectbox(key="optimizer").set_value("sgd").run()
    app.select_slider(key="learning_rate").set_value(0.1).run()
    assert address(app) == Link(session(app).experiment, ("data", "figures")).query()
    click(app, "Undo")
    assert experiment(app).optimizer == "adam"
    assert address(app)["hide"] == "data,figures"
    assert present(app) == {"workflow", "training", "network"}


def test_a_former_address_brings_parts_back_in_the_same_run() -> None:
    app = opened("points", hide="training")
    run_id = session(app).run_id
    _go_to(app, Link(PointsExperiment()))
    assert present(app) == set(PARTS)
    _go_to(app, Link(PointsExperiment(), ("training",)))
    assert present(app) == set(PARTS) - {"training"}
    assert session(app).run_id == run_id
    assert not session(app).undo.former


def _go_to(app: AppTest, link: Link) -> None:
    """As the browser's Back does, when it has finished the drawing."""
    app.query_params.clear()
    for name, value in link.query().items():
        app.query_params[name] = value
    app.run()
    assert not app.exception


def test_a_word_that_names_no_part_is_named_and_the_page_opens() -> None:
    app = opened("points", hide="data,wrokflow,<b>")
    assert present(app) == set(PARTS) - {"data"}
    assert "hide is 'wrokflow'" in text_of(app)
    assert "Did you mean workflow?" in text_of(app)
    assert address(app)["hide"] == "data"


def test_what_could_mend_an_experiment_that_cannot_train_is_never_left_out() -> None:
    app = opened("points", dataset="own", hide=",".join(PARTS))
    assert session(app).experiment.obstacle
    assert present(app) == {"data", "network"}
    labelled(app.button, "Paste or upload")


def test_a_choice_under_share_changes_the_link_and_not_the_page() -> None:
    app = opened("points")
    before = address(app)
    group(app, "share-hide-").set_value(["training", "data"]).run()
    assert _link(app).endswith("&hide=data,training")
    assert present(app) == set(PARTS)
    assert address(app) == before


def test_a_link_shared_from_a_page_leaves_out_the_same() -> None:
    app = opened("points", hide="figures,workflow")
    assert _link(app).endswith("&hide=workflow,figures")
    group(app, "share-hide-workflow-figures").set_value([]).run()
    assert "hide" not in _link(app)


def _link(app: AppTest) -> str:
    return next(code.value for code in app.code if "dataset=" in code.value)
