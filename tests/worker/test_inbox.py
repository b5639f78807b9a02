from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playground.worker.inbox import Inbox
from playground.worker.messages import Body, Devices, Exchange, Info, Request, Save, Study

RUNS = ("run-0001", "run-0002", "run-0003")
BODIES = st.sampled_from(
    [body for run in RUNS for body in (Exchange(run, {}), Info(run), Save(run), Study(run, "loss", {}))] + [Devices()]
)


def taken(inbox: Inbox) -> list[Request]:
    """As the loop takes them: what is quick, then one of the others, and again."""
    requests: list[Request] = []
    while inbox:
        while request := inbox.next_quick():
            requests.append(request)
        if request := inbox.next_slow():
            requests.append(request)
    return requests


def test_a_frame_overtakes_another_runs_study_but_not_its_own() -> None:
    inbox = Inbox()
    study, own, other = Study(RUNS[0], "surface", {}), Exchange(RUNS[0], {}), Exchange(RUNS[1], {})
    for number, body in enumerate([study, own, other]):
        inbox.put(Request(number, body))
    assert [request.body for request in taken(inbox)] == [other, study, own]


@given(st.lists(BODIES, max_size=30))
def test_all_are_taken_and_each_runs_own_in_their_order(bodies: list[Body]) -> None:
    inbox = Inbox()
    for number, body in enumerate(bodies):
        inbox.put(Request(number, body))
    requests = taken(inbox)
    assert sorted(request.number for request in requests) == list(range(len(bodies)))
    for run in RUNS:
        numbers = [request.number for request in requests if getattr(request.body, "run_id", None) == run]
        assert numbers == sorted(numbers)
