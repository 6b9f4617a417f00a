"""The embedded centre: `griddesk serve --demo` as a child process on loopback, for a first run and for small sites.

The child prints `listening on URL` when it can answer; it is ended by its own process id, and ends by itself
when this program dies.
"""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

log = logging.getLogger(__name__)
_READY = re.compile(r"listening on (http://\S+)")
#: a first start makes the demo district, which takes minutes on a slow or busy machine; a child that dies is
#: seen at once
START_S = 300.0


class CentreNotStarted(Exception):  # noqa: N818 - says what happened
    """The embedded centre did not come up; `str()` is a Chinese sentence with what it said last."""


class EmbeddedCentre:
    """A child centre in `data`; `start` waits until it listens."""

    def __init__(self, data: Path, *, demo: bool = True, port: int = 0) -> None:
        """Keep what to start; nothing runs before `start`."""
        self._command = [sys.executable, "-m", "console", "serve", "--data", str(data), "--port", str(port)]
        self._command += ["--parent", str(os.getpid())]
        if demo:
            self._command.append("--demo")
        self._process: subprocess.Popen[str] | None = None
        self._ready = threading.Event()
        self._tail: list[str] = []
        self.url = ""

    def start(self, timeout_s: float = START_S) -> str:
        """Start the child and return its URL; raises CentreNotStarted."""
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        threading.Thread(target=self._read, name="centre-output", daemon=True).start()
        self._ready.wait(timeout_s)
        if not self.url:
            self.stop()
            said = self._tail[-1] if self._tail else "没有输出"
            raise CentreNotStarted(f"内置中心没有启动：{said}")
        return self.url

    def _read(self) -> None:
        """Follow the child's output: the ready line first, the rest to the log."""
        assert self._process is not None
        assert self._process.stdout is not None
        for line in self._process.stdout:
            found = _READY.search(line)
            if found and not self.url:
                self.url = found[1]
                self._ready.set()
            else:
                self._tail = [*self._tail[-20:], line.rstrip()]
                log.debug("centre: %s", line.rstrip())
        self._ready.set()

    @property
    def running(self) -> bool:
        """Whether the child lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self, timeout_s: float = 10) -> None:
        """End the child: first politely, then for good."""
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout_s)
        if process.stdout is not None:
            process.stdout.close()
        self._process = None
