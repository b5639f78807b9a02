"""What a link to a page holds: an experiment, and the parts of the page that it leaves out.

What is left out belongs to the page and not to the experiment: it changes nothing of the run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from playground.experiment.experiment import Experiment
from playground.experiment.url import parse_query, to_query
from playground.experiment.wording import check_choice

HIDE = "hide"
_MAX_WRONG = 3  # more sentences about it help nobody


@dataclass(frozen=True)
class Part:
    """A part of the page that a lesson may do without."""

    title: str
    help: str


PARTS: Mapping[str, Part] = {
    "workflow": Part("Workflow", "the line of steps at the top"),
    "data": Part("Data", "the panel of the data, and painting points"),
    "training": Part("Training", "the row that begins with the optimizer; Play, Step and the speed stay"),
    "network": Part("Network", "all that adds, removes or changes inputs, neurons and layers"),
    "figures": Part("Figures", "the figures to study and the PyTorch code at the bottom"),
}
"""By the word in the link, in the order in which they stand there."""


@dataclass(frozen=True)
class Link:
    """An experiment, and what its page leaves out."""

    experiment: Experiment
    hidden: tuple[str, ...] = ()

    def query(self) -> dict[str, str]:
        """As URL parameters."""
        hide = {HIDE: ",".join(self.hidden)} if self.hidden else {}
        return {**to_query(self.experiment), **hide}


def read_link(query: Mapping[str, str], kind: str) -> tuple[Link, list[str]]:
    """What a query opens on the page of this kind of data, and one sentence for each wrong part. Never raises."""
    opened = parse_query({name: value for name, value in query.items() if name != HIDE}, kind)
    hidden, problems = read_hidden(query.get(HIDE, ""))
    return Link(opened.experiment, hidden), [*opened.problems, *problems]


def read_hidden(text: str) -> tuple[tuple[str, ...], list[str]]:
    """The parts that a link names, and sentences about words that name none. Never raises."""
    words = list(dict.fromkeys(word.strip().lower() for word in text.split(",") if word.strip()))
    wrong = [word for word in words if word not in PARTS]
    problems = [_sentence(word) for word in wrong[:_MAX_WRONG]]
    if len(wrong) > _MAX_WRONG:
        problems.append(f"{len(wrong) - _MAX_WRONG:,} more words of {HIDE} name no part of the page either.")
    return in_order(words), problems


def in_order(names: Collection[str]) -> tuple[str, ...]:
    """Those of the names that are parts, in the order of the link."""
    return tuple(name for name in PARTS if name in names)


def _sentence(word: str) -> str:
    try:
        check_choice(HIDE, word, PARTS)
    except ValueError as error:
        return str(error)
    return ""
