"""Streamlit's scripts and styles, compressed: a class that opens the page at once loads less than half as much.

Streamlit sends them as they are, because to compress them for every visitor costs more than it brings. Here each is
compressed once, after the first visitor's page has come, and kept. It cannot become old: its name changes with it.
"""

from __future__ import annotations

import asyncio
import gzip
from contextlib import suppress
from pathlib import Path

import streamlit
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(streamlit.__file__).parent / "static"
FOLDER = "/static/"  # of Streamlit, wherever the app is mounted
KINDS = ("text/javascript", "application/javascript", "text/css", "application/json", "image/svg+xml")
MOST_BYTES = 10_000_000  # of all files that are kept
PATIENCE = 5.0  # seconds until the first visitor surely has the page


class CompressedFiles:
    """ASGI middleware that keeps files of FOLDER compressed, from their second visitor on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}
        self._bytes = 0
        self._waiting: dict[str, Headers] = {}
        self._compressing: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a question for a file that is kept; note a file that may be."""
        if scope["type"] != "http" or scope["method"] != "GET" or FOLDER not in scope["path"]:
            await self._app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        if "gzip" not in asked.get("accept-encoding", "") or "range" in asked:
            await self._app(scope, receive, send)
            return
        if scope["path"] not in self._kept:
            await self._app(scope, receive, self._watched(scope["path"], send))
            return
        headers, body = self._kept[scope["path"]]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _watched(self, path: str, send: Send) -> Send:
        async def watch(message: Message) -> None:
            await send(message)
            if message["type"] != "http.response.start" or message["status"] != 200 or self._bytes >= MOST_BYTES:
                return
            headers = Headers(raw=list(message["headers"]))
            if _may_be_kept(headers):
                self._waiting[path] = headers
                if self._compressing is None or self._compressing.done():
                    self._compressing = asyncio.create_task(self._compress())

        return watch

    async def _compress(self) -> None:
        await asyncio.sleep(PATIENCE)
        while self._waiting:
            path, headers = self._waiting.popitem()
            file = STATIC / path[path.index(FOLDER) + 1 :]
            packed = await asyncio.to_thread(_packed, file, headers.get("content-length"))
            if packed is not None and self._bytes < MOST_BYTES:
                self._kept[path] = _compressed(headers, len(packed)), packed
                self._bytes += len(packed)


def _may_be_kept(headers: Headers) -> bool:
    """Is it a file that never changes, is text, and that nobody has compressed yet?"""
    unchanging = "immutable" in headers.get("cache-control", "")
    return unchanging and headers.get("content-type", "").startswith(KINDS) and "content-encoding" not in headers


def _packed(file: Path, length: str | None) -> bytes | None:
    """The file compressed; None where it is not what was sent: not of this length, or not of Streamlit."""
    with suppress(OSError):
        if file.resolve().is_relative_to(STATIC.resolve()) and str(file.stat().st_size) == length:
            return gzip.compress(file.read_bytes(), 9)
    return None


def _compressed(headers: Headers, length: int) -> list[tuple[bytes, bytes]]:
    """What the answer says of itself when it is compressed. Parts of it cannot be asked for."""
    gone = {b"content-length", b"accept-ranges", b"etag", b"last-modified", b"date", b"server"}
    return [
        *((name, value) for name, value in headers.raw if name not in gone),
        (b"content-encoding", b"gzip"),
        (b"content-length", str(length).encode()),
        (b"vary", b"Accept-Encoding"),
    ]
