"""The workflow rail without a browser: every step is explained by the experiment on the page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from playground.experiment.points import PointsExperiment
from playground.library.workflow import WORKFLOW
from tests.pages.opening import opened


@pytest.fixture(scope="module")
def app() -> AppTest:
    return opened("points", learning_rate="0.1")


def test_the_rail_is_one_line_until_a_step_is_chosen(app: AppTest) -> None:
    assert app.pills(key="rail-step").value is None
    assert all("torch" not in code.value for code in app.code)


@pytest.mark.parametrize("name", sorted(WORKFLOW))
def test_every_step_shows_its_sentences_and_its_line(app: AppTest, name: str) -> None:
    app.pills(key="rail-step").set_value(name).run()
    assert not app.exception
    experiment = PointsExperiment(learning_rate=0.1)
    assert any(code.value == WORKFLOW[name].code(experiment) for code in app.code)
    assert any(WORKFLOW[name].say(experiment) in text.value for text in app.markdown)


def test_an_experiment_that_cannot_train_says_why() -> None:
    app = opened("points", inputs="none")
    app.pills(key="rail-step").set_value("model").run()
    assert not app.exception
    assert any("No inputs are chosen" in info.value for info in app.info)
