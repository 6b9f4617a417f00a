"""What these tests stand on: a furnished centre in this process and consoles whose files are real and encrypted.

A console here is the core itself (stores, overlay, desk, sender, feed) on the real wire format; nothing runs by
itself, so every test is the same on a slow machine. `settled` is the oracle: nothing lost, doubled or answered
wrongly, no copy diverged, every queue empty.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, select

from services.backend.db.tables import changes, commands
from services.ports.errors import GatewayError
from services.ports.outbox import SavedCommand
from services.ports.picture import CaseQuery
from services.sql.engine import glancing
from services.sync.engine import Parts, SyncEngine
from tests.integration.faults.upgrade_kills import KEY
from tests.support.centre import HERE, PASSWORD, Backend, command
from tests.support.console_core import ConsoleCore, quick_folder
from tests.support.log_oracle import examine
from tests.support.real_machine import Ids, RealClock, RealGateway

LEADER = "shift_leader1"


class Hall:
    """A centre and the consoles that sit in front of it."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.consoles: list[ConsoleCore] = []
        self.reference: dict[str, Any] = backend.seat(LEADER).get("/reference").json()

    def sit_down(self, username: str = LEADER, clock: Any = None, folder: Path | None = None) -> ConsoleCore:
        """A console of its own with a first copy; its files are encrypted."""
        gateway = RealGateway(self.backend)
        session = gateway.sign_in(username, PASSWORD, f"console-{len(self.consoles)}")
        core = ConsoleCore(
            folder or quick_folder(), gateway, session.actor, clock or RealClock(), Ids(), self.reference, key=KEY
        )  # fmt: skip
        core.time.heard(gateway.meta().server_time)
        self.consoles.append(core)
        self.catch_up(core)
        return core

    def catch_up(self, core: ConsoleCore) -> None:
        """Number what waits at the centre, then pull until nothing more comes."""
        self.backend.settle()
        core.catch_up()

    def cases(self, count: int, state: str = "reported") -> list[dict[str, Any]]:
        """Cases of a state, made by other seats."""
        return [self.backend.reach(state) for _ in range(count)]

    def drain(self, core: ConsoleCore, rounds: int = 500) -> list[Any]:
        """Send until nothing waits or nothing moves any more; the failures on the way."""
        failures = []
        for _ in range(rounds):
            if not core.outbox.waiting():
                break
            report = core.push()
            if report.failure is not None:
                failures.append(report.failure)
                core.sender.line_is_back()
        return failures

    def settled(self, clicks: Iterable[SavedCommand], *, stay: frozenset[str] = frozenset()) -> Counter[str]:
        """The oracle over all consoles; how many clicks ended how. `stay`: ids that rightly have no answer."""
        for core in self.consoles:
            self.drain(core)
        for core in self.consoles:
            self.catch_up(core)
        clicks = list(clicks)
        kept = {row.command_id: row for core in self.consoles for row in core.outbox.history(1_000_000)}
        lost = [click.command_id for click in clicks if click.command_id not in kept]
        assert not lost, f"{len(lost)} clicks are in no outbox any more"
        waiting = [row.command_id for row in kept.values() if row.status == "waiting"]
        assert not waiting, f"{len(waiting)} still wait"
        examine(self.backend.url)
        log, answers = self._centre()
        for click in clicks:
            row = kept[click.command_id]
            if click.command_id in stay:
                assert click.command_id not in answers, "an answer to what never left"
                continue
            outcome, version = answers.get(click.command_id, ("none", 0))
            assert row.status in (outcome, "replaced", "discarded"), f"told {row.status}, decided {outcome}"
            assert log[click.command_id] == (1 if outcome == "applied" else 0), "lost or doubled"
            assert outcome != "applied" or row.version == version, "another version was told"
        for core in self.consoles:
            assert diverged(core, self.backend) == 0
        return Counter(kept[click.command_id].status for click in clicks)

    def _centre(self) -> tuple[Counter[str], dict[str, tuple[str, int]]]:
        """Effects by command id, and the stored answers."""
        with glancing(self.backend.engine) as conn:
            log = Counter(conn.execute(select(changes.c.command_id)).scalars())
            versions = {
                row[0]: row[1] for row in conn.execute(select(changes.c.command_id, changes.c.version))
            }
            stored = conn.execute(select(commands.c.command_id, commands.c.outcome)).all()
        return log, {row[0]: (row[1], versions.get(row[0], 0)) for row in stored}

    def close(self) -> None:
        """Go home."""
        for core in self.consoles:
            core.close()


def diverged(core: ConsoleCore, backend: Backend) -> int:
    """How many open cases of a copy differ in version or state from what the centre would copy out today."""
    theirs: dict[str, tuple[int, str]] = {}
    page: str | None = None
    while True:
        asked = core.gateway.snapshot(page)
        theirs |= {case.case_id: (case.version, case.state) for case in asked.cases if case.open}
        page = asked.next_page
        if page is None:
            break
    mine = {row.case_id: (row.version, row.state) for row in core.cache.rows(CaseQuery(limit=1_000_000))}
    return len(set(mine.items()) ^ set(theirs.items()))


def say(core: ConsoleCore, case_id: str, text: str) -> SavedCommand:
    """Click: a comment on what is on the screen."""
    return core.desk.submit("comment", core.overlay.project(case_id), {"text": text})


def act(core: ConsoleCore, action: str, case_id: str, **payload: Any) -> SavedCommand:
    """Click: an action on what is on the screen."""
    return core.desk.submit(action, core.overlay.project(case_id), payload)


def born(core: ConsoleCore, description: str = "路边有垃圾堆积", **more: Any) -> SavedCommand:
    """Click: register a case."""
    payload = {"kind": "event", "source": "hotline", "description": description, "location": HERE, **more}
    return core.desk.register(payload)


def engine_of(core: ConsoleCore, wait_s: float = 0.0) -> SyncEngine:
    """The engine around a core, its threads not started: a test calls its rounds."""
    parts = Parts(
        core.outbox, core.cache, core.gateway, core.overlay, core.clock, core.time, core.ids, lambda: 0.5,
        core.stores.lost,
    )  # fmt: skip
    return SyncEngine(parts, wait_s=wait_s)


class Disk:
    """A disk of which a database file gets no page more than it has, until room is made."""

    def __init__(self, *engines: Engine) -> None:
        self._full = False
        for engine in engines:
            event.listen(engine, "checkout", self._measure)

    def _measure(self, raw: Any, _record: Any, _proxy: Any) -> None:
        pages = raw.execute("PRAGMA page_count").fetchone()[0] if self._full else 1 << 30
        raw.execute(f"PRAGMA max_page_count = {pages}")

    def fill(self) -> None:
        """No more room from here on."""
        self._full = True

    def clear(self) -> None:
        """Somebody has made room."""
        self._full = False


@contextmanager
def swallowed(*kinds: type[BaseException]) -> Iterator[None]:
    """Run what may fail for want of a line."""
    with suppress(GatewayError, *kinds):
        yield


__all__ = ["HERE", "KEY", "LEADER", "PASSWORD", "Disk", "Hall", "act", "born", "command", "diverged", "engine_of",
           "say", "swallowed"]  # fmt: skip
