"""The frame route: a WebSocket on which a browser asks and gets one answer a question, paced by the browser itself.

A browser asks for the next frame when it has painted the last, so a slow one gets fewer frames and nobody queues.
Where a proxy does not let WebSockets through, the same questions come through Streamlit, for `answer_text`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from playground.figures.answer import figure_for, figure_now
from playground.stage.access import Access, Viewer
from playground.stage.question import MAX_QUESTION, FrameQuestion, QuestionError, read_question
from playground.worker.runner import Runner, RunnerError

PATH = "/frames"
PROTOCOL = "nnp."
"""The token follows it as a WebSocket subprotocol: addresses are logged, subprotocols are not."""

ANSWER_SECONDS = 30.0
POLICY, TOO_LARGE, TRY_LATER = 1008, 1009, 1013  # close codes of RFC 6455

Figure = Callable[[Runner, str, object, object, object], Awaitable[dict[str, Any]]]
"""(runner, run_id, name, options, have) -> {"figure", "key"}, {"unchanged"} or {"error"}."""

_log = logging.getLogger(__name__)


class Desk(Protocol):
    """What the route needs of the server."""

    @property
    def runner(self) -> Runner: ...  # noqa: D102

    @property
    def access(self) -> Access: ...  # noqa: D102


def frame_route(desk: Callable[[], Desk], figure: Figure = figure_for, path: str = PATH) -> WebSocketRoute:
    """The route; `desk` is asked for at the first visitor, so that importing the app starts nothing."""

    async def frames(websocket: WebSocket) -> None:
        access = desk().access
        token = _token(websocket)
        viewer = access.enter(token) if token and _same_origin(websocket) else None
        if viewer is None:
            await websocket.close(POLICY)  # before accept: the browser sees a 403
            return
        try:
            await websocket.accept(subprotocol=PROTOCOL + token)
            await _serve(websocket, desk(), viewer, figure)
        except WebSocketDisconnect:
            pass
        finally:
            access.leave(viewer)

    return WebSocketRoute(path, frames)


async def _serve(websocket: WebSocket, desk: Desk, viewer: Viewer, figure: Figure) -> None:
    while desk.access.knows(viewer.token):
        message = await websocket.receive()
        if message["type"] != "websocket.receive":
            return
        text = message.get("text")
        if text is None or len(text) > MAX_QUESTION:
            await websocket.close(TOO_LARGE)
            return
        reply = await answer(desk, viewer, text, figure)
        if isinstance(reply, bytes):
            await websocket.send_bytes(reply)
        else:
            await websocket.send_text(reply)
    if websocket.application_state is WebSocketState.CONNECTED:
        await websocket.close(POLICY)


async def answer(desk: Desk, viewer: Viewer, text: str, figure: Figure = figure_for) -> bytes | str:
    """A frame as bytes (b"" if nothing changed), or JSON text: a figure, or {"error": sentence}."""
    try:
        question = read_question(desk.access, viewer.token, text)
        desk.access.look(viewer, question.run_id)
        async with asyncio.timeout(ANSWER_SECONDS):
            if isinstance(question, FrameQuestion):
                return await desk.runner.async_exchange(question.run_id, question.message)
            return _json(await figure(desk.runner, question.run_id, question.name, question.options, question.have))
    except (QuestionError, RunnerError) as error:
        return _error(str(error))
    except TimeoutError:
        return _error("The training process has not answered for half a minute. It is being asked again.")
    except Exception:  # one broken question must not end the conversation
        _log.exception("a question could not be answered")
        return _error("Something went wrong on the server while it drew this. It is being asked again.")


def answer_text(desk: Desk, token: str, text: str) -> bytes | str:
    """The same for a question that came through Streamlit, in a thread that may wait."""
    try:
        question = read_question(desk.access, token, text)
        desk.access.pull(question.run_id)
        if isinstance(question, FrameQuestion):
            return desk.runner.exchange(question.run_id, question.message)
        return _json(figure_now(desk.runner, question.run_id, question.name, question.options, question.have))
    except (QuestionError, RunnerError) as error:
        return _error(str(error))


def _token(websocket: WebSocket) -> str:
    """The token among the offered subprotocols; empty if there is none."""
    offered = websocket.scope.get("subprotocols") or []
    return next((name.removeprefix(PROTOCOL) for name in offered if name.startswith(PROTOCOL)), "")


def _same_origin(websocket: WebSocket) -> bool:
    """Does the page that asks come from this very server? A browser always says, so silence is refused too."""
    origin, host = websocket.headers.get("origin", ""), websocket.headers.get("host", "")
    try:
        page, own = urlsplit(origin), urlsplit(f"//{host}")
        default = 443 if page.scheme == "https" else 80
        return (
            page.scheme in ("http", "https")
            and bool(page.hostname)
            and (page.hostname, page.port or default) == (own.hostname, own.port or default)
        )
    except ValueError:  # a port that is no number
        return False


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _error(sentence: str) -> str:
    return _json({"error": sentence})
