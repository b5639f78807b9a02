"""A file that never changes is compressed once, and everything else goes by as it is."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest
from starlette.types import Message, Receive, Scope, Send

from playground.ui import compressed_files
from playground.ui.compressed_files import CompressedFiles

SCRIPT = b"export const answer = 42;\n" * 100
HEADERS = {
    "content-type": "text/javascript; charset=utf-8",
    "cache-control": "public, immutable, max-age=31536000",
    "content-length": str(len(SCRIPT)),
    "accept-ranges": "bytes",
    "etag": '"1"',
}
ASKED = {"accept-encoding": "gzip, br"}


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder as Streamlit has it, and no patience."""
    monkeypatch.setattr(compressed_files, "PATIENCE", 0.0)
    monkeypatch.setattr(compressed_files, "STATIC", tmp_path)
    for name in ("js/a.1.js", "js/b.2.js", "css/a.1.css"):
        file = tmp_path / "static" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(SCRIPT)
    (tmp_path.parent / "secret.js").write_bytes(SCRIPT)
    return tmp_path


class Site:
    """Answers with one file in two parts, and counts how often it is asked."""

    def __init__(self, headers: dict[str, str], status: int = 200) -> None:
        self.asked = 0
        self._headers, self._status = headers, status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked += 1
        raw = [(name.encode(), value.encode()) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": self._status, "headers": raw})
        await send({"type": "http.response.body", "body": SCRIPT[:700], "more_body": True})
        await send({"type": "http.response.body", "body": SCRIPT[700:]})


async def ask(app: CompressedFiles, path: str, method: str, asked: dict[str, str]) -> tuple[dict[str, str], bytes]:
    headers = [(name.encode(), value.encode()) for name, value in asked.items()]
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request"}

    await app({"type": "http", "method": method, "path": path, "headers": headers}, receive, send)
    answer = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return answer, b"".join(message["body"] for message in sent[1:])


async def visits(
    site: Site, path: str = "/static/js/a.1.js", method: str = "GET", asked: dict[str, str] = ASKED
) -> list[tuple[dict[str, str], bytes]]:
    """The answers to two visitors, of whom the second comes when there is nothing left to compress."""
    app = CompressedFiles(site)
    first = await ask(app, path, method, asked)
    if app._compressing is not None:
        await app._compressing
    return [first, await ask(app, path, method, asked)]


@pytest.mark.parametrize("path", ["/static/js/a.1.js", "/lesson/static/css/a.1.css"])
def test_the_second_visitor_gets_it_compressed(path: str) -> None:
    site = Site(HEADERS)
    (plain, whole), (headers, packed) = asyncio.run(visits(site, path))
    assert site.asked == 1
    assert (plain, whole) == (HEADERS, SCRIPT)
    assert gzip.decompress(packed) == SCRIPT
    assert headers == {
        "content-type": HEADERS["content-type"],
        "cache-control": HEADERS["cache-control"],
        "content-encoding": "gzip",
        "content-length": str(len(packed)),
        "vary": "Accept-Encoding",
    }


@pytest.mark.parametrize(
    ("changes", "question"),
    [
        ({"cache-control": "no-cache"}, {}),
        ({"content-type": "font/woff2"}, {}),
        ({"content-encoding": "br"}, {}),
        ({}, {"path": "/media/a.js"}),
        ({}, {"method": "HEAD"}),
        ({}, {"asked": {}}),
        ({}, {"asked": {**ASKED, "range": "bytes=0-9"}}),
    ],
    ids=["may change", "a font", "compressed already", "not of Streamlit", "its head only", "takes no gzip", "a part"],
)
def test_everything_else_goes_by(changes: dict[str, str], question: dict[str, str]) -> None:
    site = Site({**HEADERS, **changes})
    for headers, body in asyncio.run(visits(site, **question)):  # type: ignore[arg-type]
        assert (headers, body) == ({**HEADERS, **changes}, SCRIPT)
    assert site.asked == 2


def test_an_error_is_not_kept() -> None:
    site = Site(HEADERS, status=404)
    asyncio.run(visits(site))
    assert site.asked == 2


@pytest.mark.parametrize("path", ["/static/js/gone.js", "/static/../../secret.js"])
def test_a_file_that_is_not_there_is_not_kept(path: str) -> None:
    site = Site(HEADERS)
    asyncio.run(visits(site, path))
    assert site.asked == 2


def test_a_file_that_is_not_what_was_sent_is_not_kept(files: Path) -> None:
    (files / "static" / "js" / "a.1.js").write_bytes(SCRIPT + b"more")
    site = Site(HEADERS)
    asyncio.run(visits(site))
    assert site.asked == 2


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compressed_files, "MOST_BYTES", 1)

    paths = ("/static/js/a.1.js", "/static/js/b.2.js")

    async def two_files() -> list[int]:
        site = Site(HEADERS)
        app = CompressedFiles(site)
        for path in paths:
            await ask(app, path, "GET", ASKED)
        assert app._compressing is not None
        await app._compressing
        answers = [await ask(app, path, "GET", ASKED) for path in paths]
        assert site.asked == 3
        return sorted(len(body) for _, body in answers)

    small, large = asyncio.run(two_files())
    assert small < large == len(SCRIPT)
