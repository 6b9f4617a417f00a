"""Below the application: what is no HTTP request is answered with a problem document, slow senders are cut off."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from services.backend.http import line
from services.backend.http.line import Line
from tests.support.waiting import rest, until


class _Kept(uvicorn.Server):
    """A server in a thread of this process."""

    def install_signal_handlers(self) -> None:
        """Leave the signals to the tests."""


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    """The smallest application: reads the body, says how long it was."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"%2d" % size})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server on `Line` whose patience is short."""
    import threading

    monkeypatch.setattr(line, "HEAD_S", 0.4)
    listening = socket.create_server(("127.0.0.1", 0))
    server = _Kept(uvicorn.Config(_hello, http=Line, log_config=None, lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    assert until(lambda: server.started, 10, 0.02)
    yield int(listening.getsockname()[1])
    server.should_exit = True
    thread.join(10)
    listening.close()


def _until_closed(connection: socket.socket) -> bytes:
    connection.settimeout(5)
    found = b""
    while part := connection.recv(65536):
        found += part
    return found


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET /x?q=" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n",
        b"GET /x HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    ],
    ids=["tls", "long url", "bad length", "nul in a header"],
)
@pytest.mark.allow_log("uvicorn.error")
def test_what_is_no_request_is_answered_with_a_problem(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)
        answer = _until_closed(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and b"application/problem+json" in head
    document = json.loads(body[body.index(b"{") : body.rindex(b"}") + 1])
    assert document["code"] == "bad_request" and len(document["trace_id"]) == 16
    assert {"title", "detail", "fields"} <= set(document)


@pytest.mark.parametrize("sent", [b"", b"GET /x HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_end_is_cut_off(port: int, sent: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(sent)
        began = time.monotonic()
        assert _until_closed(connection) == b""
        assert 0.2 < time.monotonic() - began < 4


def test_a_slow_body_and_a_quiet_connection_are_left_alone(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(5)
        for _ in range(2):
            connection.sendall(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na")
            rest(0.8)
            connection.sendall(b"bc")
            answer = b""
            while not answer.endswith(b"\r\n\r\n 3"):
                answer += connection.recv(65536)
            rest(0.8)
        connection.sendall(b"GET /x HTT")
        assert _until_closed(connection) == b""
