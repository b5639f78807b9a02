"""The second part of an answer does not wait until the first has been acknowledged."""

from __future__ import annotations

import asyncio
import socket

import pytest
import uvicorn
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.server import ServerState

from playground.ui.no_delay import send_without_delay


@pytest.fixture(autouse=True)
def mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AutoHTTPProtocol, "connection_made", AutoHTTPProtocol.connection_made)
    send_without_delay()


async def waits(listening: socket.socket) -> bool:
    """Whether Nagle's algorithm is on at the server's end of a connection through a socket that somebody else bound."""
    config = uvicorn.Config(lambda scope: None, interface="asgi2", log_level="error")
    config.load()
    delayed: list[bool] = []

    class Protocol(AutoHTTPProtocol):  # type: ignore[misc,valid-type]
        def connection_made(self, transport: asyncio.Transport) -> None:
            super().connection_made(transport)
            option = transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            delayed.append(not option)

    def protocol() -> asyncio.Protocol:
        return Protocol(config=config, server_state=ServerState(), app_state={})

    server = await asyncio.get_running_loop().create_server(protocol, sock=listening)
    reader, writer = await asyncio.open_connection(*listening.getsockname()[:2])
    writer.write(b"no request\r\n\r\n")
    await reader.read()  # the refusal, after which the server closes
    writer.close()
    await writer.wait_closed()
    server.close()
    return delayed == [True]


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_socket_without_a_protocol_number_sends_at_once(family: socket.AddressFamily) -> None:
    listening = socket.socket(family)
    try:
        listening.bind(("127.0.0.1" if family == socket.AF_INET else "::1", 0))
    except OSError as error:
        listening.close()
        pytest.skip(f"this machine has no such address: {error}")
    assert listening.proto == 0  # what Streamlit makes, and what asyncio does not take for TCP
    assert not asyncio.run(waits(listening))
