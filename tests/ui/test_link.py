"""What a link holds: an experiment, and the parts of its page that are left out."""

from __future__ import annotations

from itertools import combinations

import pytest

from playground.experiment.kinds import KINDS
from playground.experiment.points import PointsExperiment
from playground.experiment.url import to_query
from playground.ui.link import PARTS, Link, in_order, read_hidden, read_link


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_choice_of_parts_survives_a_link(kind: str) -> None:
    experiment = KINDS[kind]()
    for count in range(len(PARTS) + 1):
        for hidden in combinations(PARTS, count):
            link = Link(experiment, hidden)
            assert read_link(link.query(), kind) == (link, [])


def test_a_link_that_leaves_nothing_out_is_the_experiment_alone() -> None:
    assert Link(PointsExperiment()).query() == to_query(PointsExperiment())


def test_the_parts_stand_in_one_order_whatever_the_order_they_were_named_in() -> None:
    assert in_order(["figures", "data", "workflow"]) == ("workflow", "data", "figures")
    assert read_hidden(" Training,DATA,,data") == (("data", "training"), [])


def test_a_word_that_names_no_part_is_named_and_the_others_hold() -> None:
    hidden, (problem,) = read_hidden("figures,trainig")
    assert hidden == ("figures",)
    assert "hide is 'trainig'" in problem
    assert "Did you mean training?" in problem


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "%00,\x00,\ud800", ",".join(map(str, range(50_000))), "9" * 100_000, ",,,"]
)
def test_a_hostile_value_gives_a_few_short_sentences(text: str) -> None:
    link, problems = read_link({"hide": text, "dataset": "moons"}, "points")
    assert link == Link(PointsExperiment(dataset="moons"))
    assert len(problems) <= 4
    assert all(len(problem) < 200 for problem in problems)
