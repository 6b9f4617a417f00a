"""A map server on this machine that answers by path, well or as badly as a test wants."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request: path, parameters with names in lower case, headers in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    url: str


@dataclass(frozen=True)
class Answer:
    """What is sent: `hang` sends nothing until the server ends, `drip` waits so many seconds before each byte,
    `length` is what is told instead of the truth.
    """

    body: bytes = b""
    status: int = 200
    kind: str = "image/png"
    headers: Sequence[tuple[str, str]] = ()
    hang: bool = False
    drip: float = 0.0
    length: int | None = None


Rule = Callable[[Asked], Answer]


@dataclass
class MapServer:
    """Answers with what `rule` says; keeps what was asked. `rule` may be changed while it runs."""

    rule: Rule
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.over = threading.Event()
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                owner.serve(self)

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

            def handle_error(self, *_: Any) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {name.lower(): value for name, value in parse_qsl(parts.query, keep_blank_values=True)}
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(unquote(parts.path), query, headers, handler.path)
        self.asked.append(asked)
        answer = self.rule(asked)
        with contextlib.suppress(OSError):
            self._send(handler, answer)

    def _send(self, handler: BaseHTTPRequestHandler, answer: Answer) -> None:
        if answer.hang:
            self.over.wait()
            handler.close_connection = True
            return
        handler.send_response(answer.status)
        handler.send_header("Content-Type", answer.kind)
        length = len(answer.body) if answer.length is None else answer.length
        handler.send_header("Content-Length", str(length))
        for name, value in answer.headers:
            handler.send_header(name, value)
        handler.end_headers()
        if answer.drip:
            for at in range(len(answer.body)):
                if self.over.wait(answer.drip):
                    return
                handler.wfile.write(answer.body[at : at + 1])
                handler.wfile.flush()
        else:
            handler.wfile.write(answer.body)
        if length != len(answer.body):
            handler.close_connection = True

    def paths(self) -> list[str]:
        """What was asked for, without parameters."""
        return [asked.path for asked in self.asked]

    def stop(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2)


@contextlib.contextmanager
def map_server(rule: Rule) -> Iterator[MapServer]:
    """A server for one test."""
    server = MapServer(rule)
    try:
        yield server
    finally:
        server.stop()
