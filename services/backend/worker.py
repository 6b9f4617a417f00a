"""One backend process: opens the database, serves the application on a socket it was given.

Used by `serve` in its own process, and as a program of its own by the supervisor (`python -m
services.backend.worker`), which passes the listening socket and a pipe. The worker writes a byte into the
pipe when it is ready and one with every second of good beat, and ends when the supervisor is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from services.backend.centre import Centre
from services.backend.http.app import create_app
from services.backend.http.line import Line
from services.sql.engine import open_engine

SHUTDOWN_S = 15
_PR_SET_PDEATHSIG = 1
#: a worker that has not beaten for so long says nothing any more; the supervisor replaces it
STALE_BEAT_S = 8.0


class _Server(uvicorn.Server):
    """Tells when it is ready to answer, and that waiters must be answered when it stops."""

    def __init__(self, config: uvicorn.Config, centre: Centre, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._centre = centre
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: object) -> None:
        """Answer the long polls at once, so that the shutdown need not wait for them."""
        self._centre.hub.close()
        super().handle_exit(sig, frame)  # type: ignore[arg-type]  # the frame is passed through


def build(url: str, data_dir: Path, networks: tuple[str, ...] = ()) -> tuple[FastAPI, Centre]:
    """Return application and centre over a migrated database."""
    centre = Centre(open_engine(url, idle_limit_s=10.0), data_dir)
    return create_app(centre, networks), centre


def serve_socket(app: FastAPI, centre: Centre, listening: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called when requests are answered."""
    config = uvicorn.Config(
        app,
        http=Line,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=SHUTDOWN_S,
        timeout_keep_alive=75,
        forwarded_allow_ips="",
        proxy_headers=False,
    )
    server = _Server(config, centre, ready)
    # what was imported stays for good: a full collection over all of it would hold every answer up for 100 ms
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    for signum in (signal.SIGTERM, signal.SIGINT):
        # uvicorn sends itself the signal once more when it is done; a gentle end has exit code 0
        signal.signal(signum, lambda *_: None)
    try:
        asyncio.run(server.serve(sockets=[listening]))
    finally:
        centre.engine.dispose()
    if not server.started:
        raise RuntimeError("the server did not start")


def die_with_parent(parent: int) -> None:
    """End this process when its parent ends, also by kill -9 (Linux)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def _beats(centre: Centre, pipe: int) -> Callable[[], None]:
    """Return what starts the thread that tells the supervisor of life."""

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                if time.monotonic() - centre.ticker.last_beat < STALE_BEAT_S or centre.ticker.down:
                    os.write(pipe, b".")
                time.sleep(1)

    return threading.Thread(target=run, name="griddesk-beats", daemon=True).start


def work(
    url: str, data_dir: Path, listening: socket.socket, networks: Sequence[str], parent: int, pipe: int
) -> None:
    """Serve as a forked worker until told to stop."""
    die_with_parent(parent)
    app, centre = build(url, data_dir, tuple(networks))
    serve_socket(app, centre, listening, _beats(centre, pipe))
