"""The page of texts without a browser: what its widgets do to the experiment, and how own lines become data."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from playground.data.own_store import get
from playground.data.text import TEXTS
from playground.data.tokens import TOKENISERS
from playground.experiment.choices import ENCODERS
from playground.experiment.layer import parse_layers
from playground.experiment.text import TextExperiment
from playground.experiment.url import to_query
from playground.ui.services import services
from tests.pages.opening import address, experiment, group, opened, session

LINES = "\n".join(
    f"{label}\t{text}{i}" for label, text in (("spam", "win a prize "), ("ham", "see you ")) for i in range(8)
)

DIALOG = """
from playground.ui import session
from playground.ui.text_panel import own_lines_dialog

session.open_page("text")
session.watch()
own_lines_dialog()
"""


def choose_data(app: AppTest, name: str) -> None:
    group(app, "dataset").set_value(name).run()
    assert not app.exception


def test_the_page_opens_with_the_default_experiment() -> None:
    app = opened("text")
    assert experiment(app) == TextExperiment()
    assert address(app) == to_query(TextExperiment())
    assert any(TEXTS["surnames"].description in caption.value for caption in app.caption)
    assert "11," in "".join(text.value for text in app.markdown), "how many texts there are"


def test_a_link_opens_its_experiment_and_names_what_was_wrong() -> None:
    app = opened("text", dataset="words", encoder="gru", embedding="2", units="9999")
    assert experiment(app) == TextExperiment(dataset="words", encoder="gru", embedding=2)
    assert any("units is 9999" in warning.value for warning in app.warning)


def test_tokens_and_encoders_are_chosen() -> None:
    app = opened("text", dataset="first-names", samples="200")
    for name in TOKENISERS:
        app.selectbox(key="tokens").set_value(name).run()
        assert experiment(app).tokens == name
    for name in ENCODERS:
        app.selectbox(key="encoder").set_value(name).run()
        assert experiment(app).encoder == name
    app.select_slider(key="embedding").set_value(2).run()
    app.select_slider(key="length").set_value(8).run()
    assert (experiment(app).embedding, experiment(app).length) == (2, 8)
    assert not app.exception


def test_a_generator_is_written_letter_by_letter() -> None:
    app = opened("text", dataset="words", tokens="ngram", layers="16-relu-batch", samples="200")
    choose_data(app, "names-generator")
    assert (experiment(app).task, experiment(app).tokens) == ("next", "character")
    assert experiment(app).layers == (), "batch norm would mix the letters"
    assert not app.warning
    choose_data(app, "surnames")
    assert experiment(app).task == "multiclass"


def test_only_layers_of_neurons_are_offered() -> None:
    app = opened("text", samples="200")
    app.button(key="layer-add-Neurons").click().run()
    assert experiment(app).layers == parse_layers("32-relu")
    assert not [button for button in app.button if button.key == "layer-add-Convolution"]


def test_the_vocabulary_shows_every_token_with_its_id() -> None:
    app = opened("text", dataset="first-names", samples="300")
    app.session_state["vocabulary-popover"] = True
    app.run()
    assert not app.exception
    table = app.dataframe[0].value
    assert list(table["token"][:2]) == ["<pad>", "<unk>"]
    assert list(table["id"]) == list(range(len(table)))
    assert len(table) == experiment(app).vocabulary_size
    counts = list(table["frequency"][2:])
    assert counts == sorted(counts, reverse=True)


def test_without_own_lines_there_is_nothing_to_learn_from() -> None:
    app = opened("text")
    choose_data(app, "own")
    info = services().runner.info(session(app).run_id)
    assert info is not None
    assert "no lines yet" in str(info.message)


def test_own_lines_are_kept_and_learned() -> None:
    app = AppTest.from_string(DIALOG, default_timeout=60).run()
    app.text_area(key="own-lines-text").set_value("only one label\twithout another").run()
    app.button[0].click().run()
    assert any("All lines have the label" in error.value or "fewer" in error.value for error in app.error)
    app.text_area(key="own-lines-text").set_value(LINES).run()
    app.button[0].click().run()
    assert not app.exception
    found = experiment(app)
    assert found.class_names == ("ham", "spam")
    assert get(found.lines).decode() == LINES
    info = services().runner.info(session(app).run_id)
    assert info is not None
    assert info.status == "ready"


@pytest.mark.parametrize("lines", ["0" * 32, "../../etc/passwd"])
def test_a_link_to_lines_that_are_not_here_says_so(lines: str) -> None:
    app = opened("text", dataset="own", lines=lines)
    info = services().runner.info(session(app).run_id)
    assert info is not None
    assert info.status == "empty"
    assert info.message
