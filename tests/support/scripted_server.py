"""A TCP server that answers with exactly the bytes a test gives it, at the pace the test gives it."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

#: one answer: pieces of bytes with a pause in seconds before each; None, or an empty piece, closes the line
Script = Sequence[tuple[float, bytes]] | None


def http(
    body: bytes,
    status: str = "200 OK",
    kind: str = "application/json",
    headers: Sequence[str] = (),
    length: int | None = None,
) -> bytes:
    """A whole HTTP answer."""
    lines = [
        f"HTTP/1.1 {status}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body) if length is None else length}",
    ]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


@dataclass
class ScriptedServer:
    """Answers the n-th request with the n-th script (the last one again and again); keeps what was asked."""

    scripts: list[Script] = field(default_factory=list)
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, name="scripted-server", daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            self.connections += 1
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.settimeout(0.05)
            while not self._stop.is_set():
                request = self._read(line)
                if request is None:
                    return
                index = len(self.requests)
                self.requests.append(request)
                script = self.scripts[min(index, len(self.scripts) - 1)]
                if script is None:
                    return
                for pause, piece in script:
                    if pause and self._stop.wait(pause):
                        return
                    if not piece:
                        return
                    line.sendall(piece)

    def _read(self, line: socket.socket) -> bytes | None:
        """One request with its body."""
        data = b""
        while not self._stop.is_set():
            head, mark, body = data.partition(b"\r\n\r\n")
            if mark:
                wanted = 0
                for row in head.split(b"\r\n"):
                    if row.lower().startswith(b"content-length:"):
                        wanted = int(row.split(b":")[1])
                if len(body) >= wanted:
                    return data
            try:
                more = line.recv(65536)
            except TimeoutError:
                continue
            if not more:
                return None
            data += more
        return None

    def stop(self) -> None:
        """End all threads."""
        self._stop.set()
        self._listener.close()
        self._accepting.join(2)
        for thread in self._threads:
            thread.join(2)


@contextlib.contextmanager
def scripted(*scripts: Script) -> Iterator[ScriptedServer]:
    """A server for one test."""
    server = ScriptedServer(list(scripts))
    try:
        yield server
    finally:
        server.stop()


def at_once(raw: bytes) -> Script:
    """An answer in one piece."""
    return ((0.0, raw),)
