"""A real centre in a child process, reached over HTTP only: `griddesk demo` makes it, `griddesk serve` runs it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.api.gateway import HttpCentreGateway
from services.domain.roles import Actor

READY_S = 60


@dataclass
class RunningCentre:
    """One centre on its own data folder; `kill` and `start` may follow each other."""

    folder: Path
    extra: tuple[str, ...] = ()
    port: int = 0
    process: subprocess.Popen[str] | None = None
    lines: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def accounts(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((self.folder / "demo-accounts.json").read_text("utf-8"))
        return found

    def account(self, role: str, index: int = 0) -> dict[str, Any]:
        """The n-th account of a role."""
        return [account for account in self.accounts if account["roles"] == [role]][index]

    def start(self) -> None:
        """Start and wait until it answers; a restart takes the same port."""
        command = [
            sys.executable,
            "-m",
            "console",
            "serve",
            "--data",
            str(self.folder),
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(
            [*command, *self.extra], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        watchdog = threading.Timer(READY_S, self.process.kill)
        watchdog.daemon = True
        watchdog.start()
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("listening on "):
                self.port = int(line.rsplit(":", 1)[1])
                break
        watchdog.cancel()
        if self.process.poll() is not None:
            pytest.fail(f"the centre did not start: exit code {self.process.returncode}", pytrace=False)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(5)
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None

    def seat(self, role: str, index: int = 0) -> tuple[HttpCentreGateway, Actor]:
        """A gateway that is signed in as an account of a role."""
        account = self.account(role, index)
        gateway = HttpCentreGateway(self.url)
        session = gateway.sign_in(
            account["username"], account["password"], "01930000-0000-7000-8000-0000000000c1"
        )
        return gateway, session.actor


def make_demo(folder: Path, cases: int = 60, seed: int = 3) -> None:
    """Make a small demo district."""
    options = ["--grids", "60", "--cases", str(cases), "--days", "10", "--seed", str(seed), "--workers", "1"]
    subprocess.run(
        [sys.executable, "-m", "console", "demo", "--out", str(folder), *options],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip


@pytest.fixture(scope="session")
def demo_data() -> Iterator[Path]:
    """The files of a small demo district, made once; copy them before use."""
    folder = Path(tempfile.mkdtemp(prefix="griddesk-demo-"))
    make_demo(folder / "data")
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


def run_copy(demo_data: Path) -> tuple[Path, RunningCentre]:
    """Start a centre on a fresh copy of the demo district."""
    folder = Path(tempfile.mkdtemp(prefix="griddesk-centre-"))
    shutil.copytree(demo_data, folder / "data")
    centre = RunningCentre(folder / "data")
    centre.start()
    return folder, centre


@pytest.fixture(scope="module")
def demo_centre(demo_data: Path) -> Iterator[RunningCentre]:
    """A running centre on a copy of the demo district, one for the tests of a module."""
    folder, centre = run_copy(demo_data)
    yield centre
    centre.stop()
    shutil.rmtree(folder, ignore_errors=True)
