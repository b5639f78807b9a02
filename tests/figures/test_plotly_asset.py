"""The file of Plotly as the server hands it out."""

from __future__ import annotations

import asyncio
from importlib.resources import files

import httpx
from starlette.applications import Starlette

from playground.figures.plotly_asset import plotly_address, plotly_route


def fetched(headers: dict[str, str]) -> httpx.Response:
    async def get() -> httpx.Response:
        transport = httpx.ASGITransport(app=Starlette(routes=[plotly_route()]))
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            return await client.get("/" + plotly_address(), headers=headers)

    return asyncio.run(get())


def test_it_is_compressed_kept_and_not_sent_again() -> None:
    first = fetched({"Accept-Encoding": "gzip, br"})
    assert first.status_code == 200
    assert first.headers["content-encoding"] == "gzip"
    assert int(first.headers["content-length"]) < 2_000_000
    assert first.content == files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    assert "immutable" in first.headers["cache-control"]
    again = fetched({"Accept-Encoding": "gzip, br", "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""


def test_a_client_that_cannot_unpack_gets_it_plain() -> None:
    plain = fetched({"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content.startswith(b"/**")
