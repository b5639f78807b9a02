"""The workflow rail without a browser: every step is explained by the experiment on the page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from playground.experiment.points import PointsExperiment
from playground.library.tensor_workflow import chain_in_workflow
from playground.library.workflow import WORKFLOW
from tests.pages.opening import opened, text_of


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


@pytest.mark.parametrize(
    ("query", "at", "line"), [({}, "data", "x.shape"), ({"lesson": "gradients"}, "train", "L.backward()")]
)
def test_the_tensors_page_says_where_its_lesson_is(query: dict[str, str], at: str, line: str) -> None:
    app = opened("tensors", **query)
    app.pills(key="rail-step").set_value(at).run()
    assert not app.exception
    assert "You are at" in text_of(app)
    assert any(line in code.value for code in app.code)
    assert app.session_state["tensors-page"].former == [], "to read a step changes nothing"


@pytest.mark.parametrize("start", ["picture", "word", "vector"])
def test_the_other_steps_are_told_by_the_page_of_such_data(start: str) -> None:
    app = opened("tensors", start=start)
    lesson = chain_in_workflow(app.session_state["tensors-page"].shown.chain)
    for name, step in WORKFLOW.items():
        if name != lesson.at:
            app.pills(key="rail-step").set_value(name).run()
            assert not app.exception
            assert f"for example on the {lesson.page} page" in text_of(app)
            assert any(code.value == step.code(lesson.experiment) for code in app.code)
