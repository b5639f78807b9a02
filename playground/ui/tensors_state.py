"""What the tensors page shows one visitor: a chain of operations or an expression, and how both change.

The address holds the chain or the expression, so that a link opens it and the browser's back button goes back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from playground.experiment import tensor_chain, tensor_expression
from playground.experiment.tensor_chain import Chain, chain_query, parse_chain
from playground.experiment.tensor_expression import EXAMPLES, Expression, expression_query, parse_expression
from playground.experiment.wording import show
from playground.ui import session

LESSONS: Mapping[str, str] = {
    "operations": ":material/grid_on: Operations",
    "gradients": ":material/account_tree: Gradients",
}
_KEEP_FORMER = 30


@dataclass(frozen=True)
class Shown:
    """What is on the page, as undo brings it back. at: the tensor that is looked at, 0 is the first one."""

    lesson: str = "operations"
    chain: Chain = field(default_factory=Chain)
    expression: Expression = EXAMPLES["neuron"].expression
    at: int = 1


@dataclass
class TensorsPage:
    """The page of one visitor."""

    shown: Shown
    problems: list[str]
    former: list[Shown] = field(default_factory=list)
    address: dict[str, str] | None = None
    acted: bool = False  # a widget's callback ran before this script run


def open_page() -> TensorsPage:
    """The visitor's page; called once at the start of a script run. Back and forward buttons are obeyed."""
    entered = session.enter("tensors")
    page = current()
    query = session.query()
    if entered and not query:
        page.address = None  # came by the menu: the page keeps its own
    elif page.address is not None and not page.acted and query != page.address:
        shown, page.problems = read_query(query)
        if shown != page.shown:
            page.former = [*page.former, page.shown][-_KEEP_FORMER:]
            page.shown = shown
        page.address = query
    page.acted = False
    return page


def current() -> TensorsPage:
    """The visitor's page, begun from the address at the first call."""
    return session.kept("tensors-page", lambda: TensorsPage(*read_query(session.query())))


def read_query(query: Mapping[str, str]) -> tuple[Shown, list[str]]:
    """What a link shows, and one sentence for each wrong part of it. Never raises."""
    opened, expression = parse_chain(query), parse_expression(query)
    known = ("lesson", *tensor_chain.PARAMETERS, *tensor_expression.PARAMETERS)
    strange = [f"{show(name)} is no setting of this page, so it was left out." for name in query if name not in known]
    lesson = "gradients" if query.get("lesson") == "gradients" else "operations"
    if query.get("lesson", lesson) != lesson:
        strange.append(
            f"lesson is {show(query['lesson'])}, but it must be one of {', '.join(LESSONS)}. Try operations."
        )
    shown = Shown(lesson, opened.chain, expression.expression, min(1, len(opened.chain.steps)))
    return shown, [*opened.problems, *expression.problems, *strange[:3]]


def write_address() -> None:
    """Let the address hold what is on the page; each new address is a step in the browser's history."""
    page = current()
    shown = page.shown
    if shown.lesson == "gradients":
        query = {"lesson": "gradients", **expression_query(shown.expression)}
    else:
        query = chain_query(shown.chain)
    if page.address != query:
        page.address = query
        session.write_query(query)


def change(make: Callable[[Shown], Shown]) -> None:
    """Show something else. A ValueError of `make` changes nothing and leaves its sentence."""
    page = current()
    page.acted = True
    try:
        shown = make(page.shown)
    except ValueError as error:
        page.problems = [str(error)]
        return
    page.problems = []
    if shown != page.shown:
        if replace(shown, at=page.shown.at) != page.shown:  # to look at another step is nothing to undo
            page.former = [*page.former, page.shown][-_KEEP_FORMER:]
        page.shown = shown


def undo() -> None:
    """Take the last change back."""
    page = current()
    page.acted, page.problems = True, []
    if page.former:
        page.shown = page.former.pop()


def dismiss() -> None:
    """Take the sentences about wrong values off the page."""
    page = current()
    page.acted, page.problems = True, []
