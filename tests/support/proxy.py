"""A TCP proxy between console and centre that breaks the line in the ways lines break."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

OK = "ok"
#: nobody answers the door
DOWN = "down"
#: the line is open and swallows everything, both ways
SILENT = "silent"
#: what is asked arrives, the answer does not: the line is cut at its first byte
NO_REPLY = "no_reply"
#: the answer comes a byte every 400 ms
DRIP = "drip"
#: the answer comes in pieces of three bytes
SLICES = "slices"


class Proxy:
    """Forwards to a port of this machine; `mode` may be changed at any time and holds for new bytes."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.mode = OK
        #: how many replies are still to be lost before the mode goes back to OK by itself (0: for ever)
        self.lose = 0
        self.lost = 0
        self._stop = threading.Event()
        self._lines: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._threads: list[threading.Thread] = []
        self._start(self._accept)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def _start(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, name="proxy", daemon=True)  # type: ignore[arg-type] # any work
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                line, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            if self.mode == DOWN:
                line.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target), 2)
            except OSError:
                line.close()
                continue
            with self._lock:
                self._lines |= {line, far}
            self._start(self._up, line, far)
            self._start(self._down, far, line)

    def _up(self, line: socket.socket, far: socket.socket) -> None:
        """From the console to the centre."""
        for data in self._bytes(line):
            if self.mode == SILENT:
                continue
            with contextlib.suppress(OSError):
                far.sendall(data)
        self._close(line, far)

    def _down(self, far: socket.socket, line: socket.socket) -> None:
        """From the centre to the console."""
        for data in self._bytes(far):
            if self.mode == SILENT:
                continue
            if self.mode == NO_REPLY:
                self.lost += 1
                if self.lose and self.lost >= self.lose:
                    self.mode = OK
                break
            with contextlib.suppress(OSError):
                self._send(line, data)
        self._close(line, far)

    def _send(self, line: socket.socket, data: bytes) -> None:
        size, pause = {DRIP: (1, 0.4), SLICES: (3, 0.0)}.get(self.mode, (len(data), 0.0))
        for at in range(0, len(data), size):
            if pause and self._stop.wait(pause):
                return
            line.sendall(data[at : at + size])

    def _bytes(self, line: socket.socket) -> Iterator[bytes]:
        line.settimeout(0.05)
        while not self._stop.is_set():
            try:
                data = line.recv(65536)
            except TimeoutError:
                if self.mode == DOWN:
                    return
                continue
            except OSError:
                return
            if not data:
                return
            yield data

    def _close(self, *lines: socket.socket) -> None:
        for line in lines:
            with self._lock:
                self._lines.discard(line)
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def cut(self) -> None:
        """Cut every open line now."""
        with self._lock:
            lines = tuple(self._lines)
        self._close(*lines)

    def stop(self) -> None:
        """End all threads."""
        self._stop.set()
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(2)


@contextlib.contextmanager
def proxy_to(port: int) -> Iterator[Proxy]:
    """A proxy for one test."""
    proxy = Proxy(port)
    try:
        yield proxy
    finally:
        proxy.stop()
