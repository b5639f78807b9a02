"""What the server has to send leaves at once.

Streamlit hands uvicorn a socket that it made without a protocol number, so asyncio does not see that it is TCP and
leaves Nagle's algorithm on. The second part of an answer then waits until the first has been acknowledged, which
systems delay by 40 ms: so much later came every script and style. See https://github.com/Kludex/uvicorn/issues/3149
"""

from __future__ import annotations

import asyncio
import socket

from uvicorn.protocols.http.auto import AutoHTTPProtocol

_connection_made = AutoHTTPProtocol.connection_made


def send_without_delay() -> None:
    """Switch Nagle's algorithm off for every connection to come, which WebSockets keep. Called once, at the start."""
    AutoHTTPProtocol.connection_made = _connected  # type: ignore[method-assign]


def _connected(self: asyncio.BaseProtocol, transport: asyncio.BaseTransport) -> None:
    connection = transport.get_extra_info("socket")
    if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    _connection_made(self, transport)
