"""The answer to a browser's question for a figure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any, cast

import pytest

from playground.figures.answer import figure_for, figure_now
from playground.worker.runner import Runner, RunnerError
from tests.figures.conftest import Study, made_up


class MadeUpRunner:
    """Answers studies alone, always the same until `task` is changed."""

    task = "binary"
    asked = 0

    def study(self, run_id: str, name: str, options: Mapping[str, Any]) -> Study:
        self.asked += 1
        if run_id == "gone":
            raise RunnerError("This run is not open any more. Reload the page.")
        if run_id == "silent":
            return {"message": "There are no test points."}
        return made_up(name, self.task, **{key: str(value) for key, value in options.items()})

    async def async_study(self, run_id: str, name: str, options: Mapping[str, Any]) -> Study:
        return self.study(run_id, name, options)


def answered(runner: MadeUpRunner, *question: object) -> dict[str, Any]:
    return figure_now(cast(Runner, runner), *question)  # type: ignore[arg-type]


def test_a_figure_comes_with_a_key_and_then_not_again_until_it_changes(name: str) -> None:
    runner = MadeUpRunner()
    first = answered(runner, "run", name, {})
    assert answered(runner, "run", name, {}, first["key"]) == {"unchanged": True}
    runner.task = "regression"
    changed = answered(runner, "run", name, {}, first["key"])
    assert changed["key"] != first["key"]
    json.dumps(changed, allow_nan=False)


def test_theme_width_and_options_make_another_picture_but_keep_the_zoom_where_they_may() -> None:
    runner = MadeUpRunner()
    light, dark, narrow, log = (
        answered(runner, "run", "loss", options) for options in ({}, {"theme": "dark"}, {"width": 350}, {"log": "on"})
    )
    assert len({light["key"], dark["key"], narrow["key"], log["key"]}) == 4
    revisions = [picture["figure"]["layout"]["uirevision"] for picture in (light, dark, narrow, log)]
    assert revisions[0] == revisions[1] == revisions[2] != revisions[3]
    assert answered(runner, "other", "loss", {})["figure"]["layout"]["uirevision"] != revisions[0]


def test_both_ways_give_the_same_answer(name: str) -> None:
    runner = MadeUpRunner()
    awaited = asyncio.run(figure_for(cast(Runner, runner), "run", name, {"width": 900}))
    assert awaited == answered(runner, "run", name, {"width": 900})


def test_all_layers_are_studied_one_by_one() -> None:
    runner = MadeUpRunner()
    answer = answered(runner, "run", "bent", {"layer": "all"})
    assert runner.asked == 3  # the inputs and two hidden layers
    assert len(answer["figure"]["layout"]["annotations"]) == 3


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (("run", "nothing", {}), "There is no figure 'nothing'"),
        (("run", None, {}), "There is no figure 'None'"),
        (("run", ["loss"], {}), "There is no figure"),
        (("run", "loss", {"theme": "pink"}), "theme is 'pink', but it must be light or dark."),
        (("run", "loss", {"theme": []}), "theme is"),
        (("run", "loss", {"width": 1e99}), "width is '1e+99', but it must lie between 200 and 4000 pixels."),
        (("run", "loss", {"width": float("nan")}), "width is 'nan'"),
        (("run", "loss", {"width": True}), "width is 'True'"),
        (("run", "loss", {"width": "900"}), "width is '900'"),
        (("run", "loss", {"log": {}}), "log is '{}', but it must be one of off, on."),
        (("run", "weights", {"layer": "11"}), "layer is 11, but this network has 3"),
        (("gone", "loss", {}), "This run is not open any more."),
        (("silent", "confusion", {}), "There are no test points."),
        (("silent", "bent", {}), "There are no test points."),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(question: tuple[object, ...], sentence: str) -> None:
    assert answered(MadeUpRunner(), *question)["error"].startswith(sentence)
