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


def test_what_waited_for_a_slow_request_is_quick_when_that_is_taken() -> None:
    inbox = Inbox()
    save, first, second, study = Save(RUNS[0]), Exchange(RUNS[0], {}), Info(RUNS[0]), Study(RUNS[1], "loss", {})
    for number, body in enumerate([save, first, second, study]):
        inbox.put(Request(number, body))
    assert inbox.next_quick() is None
    slow = inbox.next_slow()
    assert slow is not None
    assert slow.body == save
    quick = [inbox.next_quick(), inbox.next_quick()]
    assert [request and request.body for request in quick] == [first, second]
    assert inbox.next_quick() is None


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
