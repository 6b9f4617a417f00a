"""`griddesk serve` as a program of its own, for tests that need real processes and sockets."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from tests.support.centre import PASSWORD, Seat

ROOT = Path(__file__).resolve().parents[2]
START_S = 40.0


class Served:
    """One `griddesk serve`; `base` is its address. Ends with `stop` (SIGTERM) or `kill` (SIGKILL).

    Raises RuntimeError with what it wrote when it does not come up.
    """

    def __init__(self, data: Path, *more: str, url: str | None = None, wrap: tuple[str, ...] = ()) -> None:
        command = [*wrap, sys.executable, "-m", "console", "serve", "--data", str(data), *more]
        if url is not None:
            command += ["--db", url]
        self.data = data
        self.lines: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_out, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()
        self.base = self._await_address()

    def _read_out(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors.extend(self.process.stderr)

    def _await_address(self) -> str:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            try:
                line = self.lines.get(timeout=0.1)
            except queue.Empty:
                if self.process.poll() is not None:
                    break
                continue
            if line.startswith("listening on http://"):
                return line.removeprefix("listening on ")
        self.kill()
        raise RuntimeError(
            f"serve did not come up (code {self.process.poll()}): {''.join(self.errors)[-3000:]}"
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def client(self, timeout: float = 30.0) -> httpx.Client:
        return httpx.Client(base_url=self.base, timeout=timeout, trust_env=False)

    def sign_in(self, username: str, password: str = PASSWORD, timeout: float = 30.0) -> Seat:
        """A seat with a connection of its own."""
        client = self.client(timeout)
        answer = client.post(
            "/v1/session", json={"username": username, "password": password, "console_id": "t"}
        )
        assert answer.status_code == 200, answer.text
        return Seat(client, answer.json())

    def account(self, role: str, place: int = 0) -> dict[str, Any]:
        """A demo account of a role."""
        listed = json.loads((self.data / "demo-accounts.json").read_text(encoding="utf-8"))
        found: dict[str, Any] = [entry for entry in listed if entry["roles"] == [role]][place]
        return found

    def stop(self, timeout: float = 20.0) -> int:
        """End it gently; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        finally:
            self._close()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._close()

    def _close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self._readers:
            reader.join(5)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
