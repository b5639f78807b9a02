"""plotly.min.js of the installed Python package as a file of this server: no CDN, and compressed only once."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache
from importlib.metadata import version
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PATH = "/assets/plotly.min.js"
_YEAR = 31_536_000  # seconds


def plotly_address() -> str:
    """Where the page finds the file, relative to the page's base; another version has another address."""
    return f"{_PATH.lstrip('/')}?v={version('plotly')}"


@cache
def _script() -> tuple[bytes, bytes, str]:
    """The file, the file compressed, and its fingerprint."""
    plain = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return plain, gzip.compress(plain, 6), hashlib.sha256(plain).hexdigest()[:16]


def _serve(request: Request) -> Response:
    plain, compressed, fingerprint = _script()
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    tag = f'"{fingerprint}{"-gz" if zipped else ""}"'
    headers = {"ETag": tag, "Cache-Control": f"public, max-age={_YEAR}, immutable", "Vary": "Accept-Encoding"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(compressed if zipped else plain, media_type="text/javascript", headers=headers)


def plotly_route() -> Route:
    """The route for the app; Starlette runs it in a thread, so compressing at the first request stops nobody."""
    return Route(_PATH, _serve, methods=["GET"])
