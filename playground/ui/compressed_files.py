"""Streamlit's scripts and styles, compressed: a class that opens the page at once loads less than half as much.

Streamlit sends them as they are, because to compress them for every visitor costs more than it brings. Here each is
compressed once, after the first visitor's page has come, and kept. It cannot become old: its name changes with it.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FOLDER = "/static/"  # of Streamlit, wherever the app is mounted
KINDS = ("text/javascript", "application/javascript", "text/css", "application/json", "image/svg+xml")
SMALLEST = 500  # bytes; below, a compressed answer needs as many packets
MOST_BYTES = 10_000_000  # of all files that are kept
PATIENCE = 5.0  # seconds until the first visitor surely has the page


class CompressedFiles:
    """ASGI middleware that keeps files of FOLDER compressed, from their second visitor on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._bytes = 0
        self._waiting: dict[str, tuple[Headers, bytes]] = {}
        self._compressing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question for a file that is kept; watch the answer to one that may be."""
        if scope["type"] != "http" or scope["method"] != "GET" or FOLDER not in scope["path"]:
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        if "gzip" not in asked.get("accept-encoding", "") or "range" in asked:
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self._kept:
            await self._app(scope, receive, self._watched(path, send))
            return
        headers, body = self._kept[path]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _watched(self, path: str, send: Send) -> Send:
        """The same answer, but a copy of it is put by if it may be kept."""
        headers: Headers | None = None
        parts: list[bytes] = []

        async def watch(message: Message) -> None:
            nonlocal headers
            await send(message)
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = Headers(raw=list(message["headers"]))
                headers = headers if _may_be_kept(headers) else None
            elif message["type"] == "http.response.body" and headers is not None:
                parts.append(message.get("body", b""))
                if not message.get("more_body", False):
                    self._put_by(path, headers, b"".join(parts))

        return watch

    def _put_by(self, path: str, headers: Headers, body: bytes) -> None:
        if len(body) >= SMALLEST and path not in self._waiting and self._bytes + len(body) <= MOST_BYTES:
            self._waiting[path] = headers, body
            self._bytes += len(body)
            if self._compressing is None or self._compressing.done():
                self._compressing = asyncio.create_task(self._compress())

    async def _compress(self) -> None:
        await asyncio.sleep(PATIENCE)
        while self._waiting:
            path, (headers, body) = self._waiting.popitem()
            packed = await asyncio.to_thread(gzip.compress, body, 9)
            self._kept[path] = _compressed(headers, len(packed)), packed
            self._bytes += len(packed) - len(body)


def _may_be_kept(headers: Mapping[str, str]) -> bool:
    """Does it never change, is it text, and has nobody compressed it yet?"""
    unchanging = "immutable" in headers.get("cache-control", "")
    return unchanging and headers.get("content-type", "").startswith(KINDS) and "content-encoding" not in headers


def _compressed(headers: Headers, length: int) -> list[tuple[bytes, bytes]]:
    """What the answer says of itself when it is compressed. Parts of it cannot be asked for."""
    gone = {b"content-length", b"accept-ranges", b"etag", b"last-modified", b"date", b"server"}
    kept = [(name, value) for name, value in headers.raw if name not in gone]
    return [
        *kept,
        (b"content-encoding", b"gzip"),
        (b"content-length", str(length).encode()),
        (b"vary", b"Accept-Encoding"),
    ]
