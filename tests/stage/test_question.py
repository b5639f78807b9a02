from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.stage.access import Access
from playground.stage.question import (
    MAX_QUESTION,
    FigureQuestion,
    FrameQuestion,
    QuestionError,
    question_number,
    read_question,
)


@pytest.fixture
def access() -> Access:
    access = Access()
    access.grant("token", "run")
    return access


def ask(access: Access, **question: Any) -> FrameQuestion | FigureQuestion:
    return read_question(access, "token", json.dumps({"run": "run", **question}))


def test_a_frame_question(access: Access) -> None:
    view = {"have": 3, "domain": [-6, 6, -6, 6]}
    command = {"name": "edit", "parameter": "output.bias", "index": [0], "value": 0.5, "shout": "left out"}
    question = ask(access, kind="frame", view=view, command=command)
    del command["shout"]
    assert question == FrameQuestion("run", {"command": command, "view": view})


def test_a_drawing_comes_with_its_size(access: Access) -> None:
    command = {"name": "own", "pixels": "AAAA", "size": [2, 2], "text": "Ann"}
    assert ask(access, kind="frame", command=command) == FrameQuestion("run", {"command": command, "view": {}})


def test_a_figure_question(access: Access) -> None:
    question = ask(access, kind="figure", name="loss", options={"axis": "log"}, have="key")
    assert question == FigureQuestion("run", "loss", {"axis": "log"}, "key")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"kind": "frame"}', "names no run"),
        ('{"kind": "frame", "run": 7}', "names no run"),
        ('{"kind": "frame", "run": "another"}', "may not watch"),
        ('{"kind": "dance", "run": "run"}', "neither for a frame nor for a figure"),
        ('{"kind": "frame", "run": "run", "command": "play"}', "command has no name"),
        ('{"kind": "frame", "run": "run", "view": {"have": NaN}}', "not JSON"),
        ('{"kind": "figure", "run": "run", "name": 3}', "names no figure"),
        ("[" * 50_000, "not JSON"),
        (json.dumps({"kind": "frame", "run": "run", "view": {"x": "y" * MAX_QUESTION}}), "at most 64,000"),
    ],
)
def test_a_wrong_question_is_refused_in_one_sentence(access: Access, text: str, sentence: str) -> None:
    with pytest.raises(QuestionError, match=sentence) as refused:
        read_question(access, "token", text)
    assert str(refused.value).endswith(".")


def test_the_number_of_a_question() -> None:
    assert question_number('{"n": 12}') == 12
    assert question_number('{"n": "12"}') == 0
    assert question_number("nonsense") == 0


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.text(max_size=40)
    | st.fixed_dictionaries(
        {},
        optional={
            "kind": st.sampled_from(["frame", "figure"]) | json_values,
            "run": st.just("run") | json_values,
            "command": json_values,
            "view": json_values,
            "name": json_values,
            "options": json_values,
            "n": json_values,
        },
    ).map(json.dumps)
)
def test_nothing_that_is_sent_raises_anything_else(text: str) -> None:
    access = Access()
    access.grant("token", "run")
    question_number(text)
    try:
        question = read_question(access, "token", text)
    except QuestionError:
        return
    assert question.run_id == "run"
