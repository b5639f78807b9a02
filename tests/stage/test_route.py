"""The route is driven as an ASGI application: what a server would send it, and what it says back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from playground.stage.access import Access
from playground.stage.question import MAX_QUESTION
from playground.stage.route import PROTOCOL, answer_text, frame_route
from playground.worker.runner import Runner, RunnerError

FRAME = b"NNP1 a frame"
TOKEN = "a-token-of-this-session"


class FakeRunner:
    """Answers like a runner whose only run is called "run"."""

    def __init__(self) -> None:
        self.asked: list[Mapping[str, Any]] = []

    def exchange(self, run_id: str, message: Mapping[str, Any]) -> bytes:
        self.asked.append(message)
        if run_id != "run":
            raise RunnerError("The run has ended. Reload the page.")
        if message["view"].get("have") == 1:
            return b""
        if message["view"].get("have") == 2:
            raise ZeroDivisionError
        return FRAME

    async def async_exchange(self, run_id: str, message: Mapping[str, Any]) -> bytes:
        return self.exchange(run_id, message)


@dataclass
class Desk:
    access: Access = field(default_factory=Access)
    fake: FakeRunner = field(default_factory=FakeRunner)

    @property
    def runner(self) -> Runner:
        return cast(Runner, self.fake)


async def figure(runner: Runner, run_id: str, name: object, options: object, have: object) -> dict[str, Any]:
    return {"unchanged": True} if have == "same" else {"figure": {"data": [], "layout": {"title": name}}, "key": "same"}


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.access.grant(TOKEN, "run")
    desk.access.grant(TOKEN, "ended")
    return desk


def visit(
    desk: Desk,
    *messages: str | bytes,
    token: str | None = TOKEN,
    origin: str | None = "http://play.example:8501",
    host: str = "play.example:8501",
) -> list[dict[str, Any]]:
    """What the route sends to a browser that says these messages one after the other and goes away."""
    headers = [(b"host", host.encode())]
    if origin is not None:
        headers.append((b"origin", origin.encode()))
    scope = {
        "type": "websocket",
        "path": "/frames",
        "headers": headers,
        "query_string": b"",
        "subprotocols": [] if token is None else ["other", PROTOCOL + token],
    }
    incoming: list[dict[str, Any]] = [{"type": "websocket.connect"}]
    for message in messages:
        incoming.append({"type": "websocket.receive", "text" if isinstance(message, str) else "bytes": message})
    incoming.append({"type": "websocket.disconnect", "code": 1001})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return incoming.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(dict(message))

    asyncio.run(frame_route(lambda: desk, figure).handle(scope, receive, send))  # type: ignore[arg-type]
    assert desk.access.viewer_count == 0
    return sent


def frame(have: int = 0, run: str = "run") -> str:
    return json.dumps({"kind": "frame", "run": run, "command": None, "view": {"have": have}})


def answers(sent: list[dict[str, Any]]) -> list[Any]:
    assert sent[0]["type"] == "websocket.accept"
    said = [message for message in sent[1:] if message["type"] == "websocket.send"]
    return [message["bytes"] if message.get("bytes") is not None else json.loads(message["text"]) for message in said]


def test_a_question_gets_a_frame(desk: Desk) -> None:
    sent = visit(desk, frame())
    assert sent[0]["subprotocol"] == PROTOCOL + TOKEN
    assert answers(sent) == [FRAME]


def test_each_question_gets_one_answer_in_order(desk: Desk) -> None:
    question = json.dumps({"kind": "figure", "run": "run", "name": "loss", "options": {}, "have": None})
    same = json.dumps({"kind": "figure", "run": "run", "name": "loss", "options": {}, "have": "same"})
    sent = answers(visit(desk, frame(), frame(have=1), question, same))
    assert sent[:2] == [FRAME, b""]
    assert sent[2]["figure"]["layout"] == {"title": "loss"}
    assert sent[3] == {"unchanged": True}


@pytest.mark.parametrize(
    ("token", "origin", "host"),
    [
        ("another-token", "http://play.example:8501", "play.example:8501"),
        ("", "http://play.example:8501", "play.example:8501"),
        (None, "http://play.example:8501", "play.example:8501"),
        (TOKEN, None, "play.example:8501"),
        (TOKEN, "null", "play.example:8501"),
        (TOKEN, "http://evil.example", "play.example:8501"),
        (TOKEN, "http://play.example:8502", "play.example:8501"),
        (TOKEN, "http://play.example:8501.evil.example", "play.example:8501"),
        (TOKEN, "file://play.example:8501", "play.example:8501"),
        (TOKEN, "http://play.example:99999999", "play.example:8501"),
    ],
)
def test_strangers_are_refused_before_the_socket_opens(
    desk: Desk, token: str | None, origin: str | None, host: str
) -> None:
    sent = visit(desk, frame(), token=token, origin=origin, host=host)
    assert [message["type"] for message in sent] == ["websocket.close"]
    assert desk.fake.asked == []


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://play.example", "play.example:443"),
        ("http://play.example:80", "play.example"),
        ("http://[::1]:8501", "[::1]:8501"),
    ],
)
def test_a_default_port_may_be_said_or_not(desk: Desk, origin: str, host: str) -> None:
    assert answers(visit(desk, frame(), origin=origin, host=host)) == [FRAME]


def test_too_many_viewers_are_refused() -> None:
    desk = Desk(Access(max_viewers=0))
    desk.access.grant(TOKEN, "run")
    assert visit(desk, frame())[0]["type"] == "websocket.close"


@pytest.mark.parametrize("text", ["nonsense", "[]", frame(run="somebody else's")])
def test_a_wrong_question_gets_a_sentence_and_the_conversation_goes_on(desk: Desk, text: str) -> None:
    refused, answered = answers(visit(desk, text, frame()))
    assert refused["error"].endswith(".")
    assert answered == FRAME


def test_a_runner_that_refuses_says_why(desk: Desk) -> None:
    assert answers(visit(desk, frame(run="ended"))) == [{"error": "The run has ended. Reload the page."}]


def test_a_fault_of_ours_is_one_sentence_too(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    broken, answered = answers(visit(desk, frame(have=2), frame()))
    assert "went wrong" in broken["error"]
    assert "ZeroDivisionError" not in broken["error"]
    assert answered == FRAME
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize("message", ["x" * (MAX_QUESTION + 1), b"bytes are not text"])
def test_a_message_that_is_too_long_or_no_text_ends_the_conversation(desk: Desk, message: str | bytes) -> None:
    sent = visit(desk, message, frame())
    assert [part["type"] for part in sent] == ["websocket.accept", "websocket.close"]
    assert desk.fake.asked == []


def test_a_revoked_token_is_shown_the_door(desk: Desk) -> None:
    class Revoking(FakeRunner):
        def exchange(self, run_id: str, message: Mapping[str, Any]) -> bytes:
            desk.access.revoke(TOKEN)
            return FRAME

    desk.fake = Revoking()
    sent = visit(desk, frame(), frame())
    assert [message["type"] for message in sent] == ["websocket.accept", "websocket.send", "websocket.close"]


def test_a_slow_answer_becomes_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(run_id: str, message: Mapping[str, Any]) -> bytes:
        await asyncio.sleep(60)
        return FRAME

    monkeypatch.setattr("playground.stage.route.ANSWER_SECONDS", 0.01)
    monkeypatch.setattr(desk.fake, "async_exchange", never)
    assert "not answered" in answers(visit(desk, frame()))[0]["error"]


def test_the_same_questions_through_streamlit(desk: Desk) -> None:
    assert answer_text(desk, TOKEN, frame()) == FRAME
    assert answer_text(desk, TOKEN, frame(have=1)) == b""
    assert json.loads(cast(str, answer_text(desk, TOKEN, frame(run="ended"))))["error"].startswith("The run has ended")
    assert "may not watch" in json.loads(cast(str, answer_text(desk, "another", frame())))["error"]
    assert desk.access.is_watched("run")
