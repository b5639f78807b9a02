"""One visitor's session: the experiment on the page, its run, and how both change.

This is the only module that touches ``st.session_state`` and ``st.query_params``. The widgets' keys are the
Experiment's field names; a widget never holds the truth, it shows a field of ``Session.experiment`` and proposes a new
value for it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

import streamlit as st
from pydantic import ValidationError
from streamlit.runtime.scriptrunner import get_script_run_ctx

from playground.experiment.experiment import LIVE_FIELDS, Experiment, explain
from playground.ui.link import Link, read_link
from playground.ui.services import pause, services, session_token
from playground.ui.shown_fields import ShownFields
from playground.ui.shown_sample import ShownSample
from playground.ui.undo import Former, UndoStack
from playground.ui.whole_clicks import DRAWING, SHOWN, WENT_BACK
from playground.worker.runner import RunnerError

_KIND = "page-kind"
Kept = TypeVar("Kept")


@dataclass
class Session:
    """What the page shows now."""

    experiment: Experiment
    run_id: str
    fresh: bool = True
    problems: list[str] = field(default_factory=list)
    undo: UndoStack = field(default_factory=UndoStack)
    sample: ShownSample = field(default_factory=ShownSample)
    started: bool = False
    refused: str | None = None
    hidden: tuple[str, ...] = ()  # the parts of the page that its link leaves out
    addressed: Link | None = None  # what the browser's address holds
    address: dict[str, str] = field(default_factory=dict)
    addressed_in: int = 0  # the drawing that told it to the browser
    again: dict[str, str] | None = None  # the address with which the server has asked for the drawing that begins
    fields: ShownFields = field(default_factory=ShownFields)
    heard: int = 0  # the number of the last event of the picture that was taken up
    dialog: Callable[[], None] | None = None  # what draws the dialog that is open

    @property
    def link(self) -> Link:
        """What the address has to hold."""
        return Link(self.experiment, self.hidden)

    def hides(self, part: str) -> bool:
        """Is this part of the page left out? Never what could mend an experiment that cannot train."""
        return part in self.hidden and not (part in ("data", "network") and self.experiment.obstacle)


def open_page(kind: str) -> Session:
    """The session of the page for this kind of data; called once at the start of a script run.

    The browser's back and forward buttons are obeyed. Streamlit says when they were pressed, but not if a click comes
    right after them. So another address is also obeyed once the browser has finished the drawing with the last one:
    before that, a click may still carry a former one, as does a rerun that the server itself has asked for.
    """
    entered = enter(kind)
    session, drawn = current(), _drawn()
    if entered:
        session.fields, session.dialog = ShownFields(), None  # its widgets are new
    session.fields.hear(drawn, st.session_state)
    query = st.query_params.to_dict()
    again, session.again = session.again, None
    went_back = st.session_state.pop(WENT_BACK, False)
    told = drawn >= session.addressed_in and query != again
    if entered and not query:
        session.addressed = None  # came by the menu, which knows no experiment: the page keeps its own
    elif session.addressed is not None and query != session.address and (went_back or told):
        _visit(query)
        session.addressed, session.address = session.link, query
    return session


def enter(kind: str) -> bool:
    """Note which page is open; True if it was another one before."""
    entered = bool(st.session_state.get(_KIND) != kind)
    st.session_state[_KIND] = kind
    return entered


def current() -> Session:
    """The session of the page that is open, begun from the URL at the first call."""
    kind = st.session_state[_KIND]
    key = f"session-{kind}"
    if key not in st.session_state:
        link, problems = read_link(st.query_params.to_dict(), kind)
        st.session_state[key] = Session(link.experiment, _new_run_id(), problems=problems, hidden=link.hidden)
    session: Session = st.session_state[key]
    return session


def watch() -> str:
    """Make sure the session's run exists and return the token with which the browser may watch it."""
    session = current()
    if not session.started:
        try:
            services().runner.begin(session.run_id, session.experiment)  # the page need not wait for the first frame
            session.started, session.refused = True, None
        except RunnerError as error:
            session.refused = str(error)
    token = session_token()
    services().access.grant(token, session.run_id)
    return token


def show_fields() -> None:
    """Give the widgets the values of their fields; called before they are drawn."""
    session = current()
    session.fields.begin(session.experiment.dataset)
    for name, value in session.experiment:
        if session.fields.must_tell(name, value) or name not in st.session_state:
            st.session_state[name] = value
    st.session_state[DRAWING] = session.fields.drawing


def draw_again() -> NoReturn:
    """Leave what is being drawn and draw the whole page: something on it has changed the session."""
    current().again = st.query_params.to_dict()
    st.rerun(scope="app")


def finish_drawing() -> None:
    """Draw, last of all and unseen, the widget by which the browser says which drawing of the page it has finished."""
    with st.container(key="drawing"):
        st.number_input("Drawing", 0, key=DRAWING)
    context, fields = get_script_run_ctx(), current().fields
    if context is not None:
        fields.end(context.shared.widget_user_keys_this_run.snapshot())


def propose(name: str) -> None:
    """Take over what the visitor chose in the widget of this field."""
    value = chosen(name)
    if value is not None:
        change({name: value})


def chosen(name: str) -> object:
    """What the visitor chose in the widget of this field, in its callback.

    None if the browser only repeats a former value, or the widget is empty: a segment that is clicked again.
    """
    fields, value = current().fields, st.session_state[name]
    fields.arrived(_drawn())
    return value if fields.is_choice(name, value) else None


def other(key: str, shown: object) -> Any:
    """What the visitor chose in the widget of this key, in its callback, instead of what it was drawn with.

    None if that is the same, or nothing: a widget that has just gone with its key still holds what it showed.
    """
    value = st.session_state[key]
    return None if value == shown else value


def change(fields: Mapping[str, object]) -> None:
    """Change fields of the experiment: live where the training allows it, else by starting a new run.

    Values are as widgets give them or as text in the URL. A wrong value changes nothing and leaves a sentence.
    """
    session = current()
    try:
        experiment = session.experiment.changed(**fields)
    except ValidationError as error:
        session.problems = list(explain(error))
        return
    session.problems = []
    changed = {name for name, value in session.experiment if value != getattr(experiment, name)}
    try:
        if changed and changed <= LIVE_FIELDS:
            services().runner.apply(session.run_id, experiment)
            session.experiment = experiment
        elif changed:
            _begin(experiment)
    except RunnerError as error:
        session.problems = [str(error)]


def show_own(values: object) -> None:
    """Let the picture show a sample of the visitor's own: pixels, a recording, a row as column -> value, a text."""
    session = current()
    session.sample.show_own(session.run_id, values)


def sample() -> ShownSample:
    """The sample that the picture is asked to show, for a callback that asks for another."""
    return current().sample


def complain(sentence: str) -> None:
    """Say above the page what is wrong with a choice that no experiment can hold."""
    current().problems = [sentence]


def new_weights() -> None:
    """Draw other initial weights and start from them."""
    change({"init_seed": secrets.randbelow(1_000_000)})


def regenerate() -> None:
    """Draw other points of the same data set."""
    change({"seed": secrets.randbelow(1_000_000)})


def start_again() -> None:
    """Begin the same experiment in a new run: data that it was waiting for has come."""
    session = current()
    session.problems = []
    with suppress(RunnerError):  # the run is gone already
        services().runner.close(session.run_id)
    session.run_id, session.started = _new_run_id(), False


def undo() -> None:
    """Go back to the experiment before the last change that started a new run, with what it had learned."""
    session = current()
    _go_to(session.undo.undo(_on_page(session)))


def redo() -> None:
    """Take the last undo back."""
    session = current()
    _go_to(session.undo.redo(_on_page(session)))


def resume(run_id: str) -> None:
    """Go on with the run that this browser tab watched before it was reloaded, if it is still the same experiment."""
    session = current()
    session.fresh = False
    access, runner = services().access, services().runner
    try:
        if run_id == session.run_id or access.is_watched(run_id) or not runner.has(run_id, session.experiment):
            return
        runner.close(session.run_id)
    except RunnerError:
        return
    session.run_id, session.started = run_id, False


def settle() -> None:
    """The browser has said all it knows about an earlier run: now the run on the page is the tab's run."""
    current().fresh = False


def prefill(key: str, value: object) -> None:
    """Let a widget that can also be empty begin with a value; called before it is drawn."""
    st.session_state.setdefault(key, value)


def widget_value(key: str) -> object:
    """What the widget of this key holds now; None before it is drawn."""
    return st.session_state.get(key)


def set_widget(key: str, value: object) -> None:
    """Give the widget of this key a value; called before it is drawn."""
    st.session_state[key] = value


def kept(key: str, begin: Callable[[], Kept]) -> Kept:
    """What a page without an experiment keeps for the visitor under this key, begun when there is nothing yet."""
    if key not in st.session_state:
        st.session_state[key] = begin()
    value: Kept = st.session_state[key]
    return value


def query() -> dict[str, str]:
    """The parameters of the address."""
    return st.query_params.to_dict()


def write_query(values: Mapping[str, str]) -> None:
    """Give the address these parameters."""
    if st.query_params.to_dict() != dict(values):
        st.query_params.from_dict(values)


def dismiss_problems() -> None:
    """Take the sentences about wrong values off the page."""
    current().problems = []


def write_address() -> None:
    """Let the address hold the page's whole link; each new address is a step in the browser's history."""
    session = current()
    if session.addressed != session.link:
        address = session.link.query()
        write_query(address)  # if a newer click ends the script here, the next one writes it
        session.addressed, session.address, session.addressed_in = session.link, address, session.fields.drawing


def show_all_parts() -> None:
    """Bring back what the link left out of the page."""
    current().hidden = ()


def _visit(query: Mapping[str, str]) -> None:
    session = current()
    link, session.problems = read_link(query, session.experiment.kind)
    session.hidden, session.dialog = link.hidden, None
    known = session.undo.go_to(link.experiment, _on_page(session))
    if known is not None:
        _go_to(known)
    elif link.experiment != session.experiment:
        try:
            _begin(link.experiment)
        except RunnerError as error:
            session.problems.append(str(error))


def _go_to(target: Former | None) -> None:
    """Show what was on the page before, if there is something, where it was left."""
    session = current()
    if target is not None:
        pause(session.run_id)
        session.experiment, session.run_id = target.experiment, target.run_id
        session.started, session.problems = False, []


def _on_page(session: Session) -> Former:
    return Former(session.experiment, session.run_id)


def _begin(experiment: Experiment) -> None:
    session = current()
    playing = pause(session.run_id)
    run_id = _new_run_id()
    runner = services().runner
    runner.start(run_id, experiment, resume=False)
    session.undo.leave(_on_page(session))
    session.experiment, session.run_id, session.started, session.fresh = experiment, run_id, True, False
    session.sample.follow(run_id)
    if playing and experiment.obstacle is None:
        runner.exchange(run_id, {"command": {"name": "play"}})


def _drawn() -> int:
    """The drawing of the page that the browser has finished."""
    return int(st.session_state.get(SHOWN, 0))


def _new_run_id() -> str:
    return secrets.token_urlsafe(12)
