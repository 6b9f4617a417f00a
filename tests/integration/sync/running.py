"""A running console (engine and all) for tests over a real line, and what the centre says of its clicks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.api.gateway import HttpCentreGateway
from services.ports.outbox import APPLIED
from services.ports.picture import CaseQuery, Changes, Connection
from services.ports.system import RandomIds, SystemClock
from services.sync.documents import Documents
from services.sync.engine import Parts, SyncEngine
from tests.support.console_core import ConsoleCore, quick_folder
from tests.support.demo_centre import RunningCentre

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class RunningConsole:
    """A console's core with its engine running."""

    core: ConsoleCore
    engine: SyncEngine
    gateway: HttpCentreGateway

    def __post_init__(self) -> None:
        self._news = threading.Condition()
        self.states: list[str] = []
        self.engine.subscribe(self._heard)

    def _heard(self, changes: Changes) -> None:
        with self._news:
            if "connection" in changes.kinds:
                self.states.append(self.engine.connection.state)
            self._news.notify_all()

    def until(self, holds: Callable[[], bool], within_s: float) -> float:
        """Wait until something holds; the seconds it took."""
        began = time.monotonic()
        with self._news:
            while not holds():
                left = within_s - (time.monotonic() - began)
                assert left > 0, f"not within {within_s} s; states {self.states}, {self.engine.connection}"
                self._news.wait(min(left, 0.2))
        return time.monotonic() - began

    @property
    def pill(self) -> Connection:
        return self.engine.connection

    def open_cases(self, count: int) -> list[str]:
        rows = self.core.overlay.rows(CaseQuery(order="number"))
        return [row.case_id for row in rows[:count]]

    def comment(self, case_id: str, text: str) -> str:
        """Click; the id of what was saved."""
        saved = self.core.desk.submit("comment", self.core.overlay.project(case_id), {"text": text})
        self.engine.saved(saved)
        return saved.command_id

    def drained(self) -> bool:
        return self.core.outbox.counts().waiting == 0

    def all_applied_once(self, clicks: dict[str, tuple[str, str]]) -> None:
        """Check that every click (command id to case and text) took effect exactly once."""
        statuses = Counter(c.status for c in self.core.outbox.history(100_000) if c.command_id in clicks)
        assert statuses == {APPLIED: len(clicks)}
        check_effects(self.gateway, clicks)


def check_effects(gateway: HttpCentreGateway, clicks: dict[str, tuple[str, str]]) -> None:
    """Ask the centre's log: every text stands in its case exactly once, under its own command id."""
    for case_id in {case_id for case_id, _ in clicks.values()}:
        told = [e for e in gateway.case_detail(case_id).timeline if e.action == "comment"]
        seen = Counter((e.command_id, e.payload.get("text")) for e in told)
        mine = {(command_id, text) for command_id, (case, text) in clicks.items() if case == case_id}
        assert {key: seen[key] for key in mine} == dict.fromkeys(mine, 1)
        texts = Counter(text for _, text in seen)
        assert all(texts[text] == 1 for _, text in mine), "a click took effect twice under two ids"


@contextmanager
def running_console(
    centre: RunningCentre, url: str | None = None, wait_s: float = 8.0
) -> Iterator[RunningConsole]:
    """Sign in (through `url`, a proxy's, when given), fetch the reference data, start the engine."""
    account = centre.account("shift_leader")
    gateway = HttpCentreGateway(url or centre.url)
    session = gateway.sign_in(
        account["username"], account["password"], "01930000-0000-7000-8000-0000000000c2"
    )
    core = ConsoleCore(quick_folder(), gateway, session.actor, SystemClock(), RandomIds())
    gateway.centre_time = core.time
    Documents(core.cache, gateway).reference()
    core.world.reload()
    lost = core.stores.lost
    parts = Parts(core.outbox, core.cache, gateway, core.overlay, core.clock, core.time, core.ids, lost=lost)
    engine = SyncEngine(parts, wait_s=wait_s)
    console = RunningConsole(core, engine, gateway)
    engine.start()
    try:
        yield console
    finally:
        gateway.close()
        engine.stop(5.0)
        core.close()


# --- a console process that is killed ------------------------------------------------------------------------


def start_driver(folder: Path, centre: RunningCentre, history: Path, mode: str) -> subprocess.Popen[str]:
    """Start a console process (tests/support/console_driver.py)."""
    account = centre.account("shift_leader")
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.console_driver", str(folder), centre.url, account["username"],
         account["password"], str(history), mode],
        stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def kill_in_mid_click(folder: Path, centre: RunningCentre, history: Path, after_s: float) -> None:
    """Start clicking, kill -9 after a while."""
    process = start_driver(folder, centre, history, "click")
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "clicking"
    threading.Event().wait(after_s)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()


def nothing_lost_nothing_doubled(folder: Path, centre: RunningCentre, history: Path) -> int:
    """Drain, then compare what was shown as saved with outbox and log; how many clicks were shown."""
    process = start_driver(folder, centre, history, "drain")
    out, _ = process.communicate(timeout=90)
    assert process.returncode == 0
    kept: list[list[Any]] = json.loads(out.strip().splitlines()[-1])
    shown = [json.loads(line) for line in history.read_text("utf-8").splitlines() if line.endswith("]")]
    decided = {command_id: status for command_id, _, status, _, _ in kept}
    assert {decided.get(command_id) for command_id, _, _ in shown} == {APPLIED}
    # a command may be on disk though the kill came before it was shown: it counts as saved all the same
    clicks = {command_id: (case_id, text) for command_id, case_id, _, _, text in kept}
    gateway, _ = centre.seat("shift_leader")
    check_effects(gateway, clicks)
    gateway.close()
    return len(shown)


def fresh_folder() -> Path:
    """A folder for a console process."""
    return quick_folder()


def drop(folder: Path) -> None:
    """Remove a folder."""
    shutil.rmtree(folder, ignore_errors=True)
