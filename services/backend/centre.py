"""The running centre of one process: database, reference data, grid index, feed, caches, clock.

Everything a request needs hangs here; routes take it from `request.app.state.centre`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from services.backend import jobs, sequencer
from services.backend.access.known import KnownCallers
from services.backend.access.settings import AccessSettings, access_settings
from services.backend.auto.runner import AutoDesk
from services.backend.calls.turns import CallTurns
from services.backend.commands.deciding import Desk, whole_ms
from services.backend.db.opening import read_meta
from services.backend.feed import follow
from services.backend.feed_hub import FeedHub, Recent
from services.backend.field.activity import Activity
from services.backend.field.duties import FieldDuties
from services.backend.history import CaseCache, Lru
from services.backend.kpi.desk import FiguresDesk
from services.backend.learned.following import Learner
from services.backend.places import Places
from services.backend.reference_store import NoReferenceError, Reference, ReferenceStore
from services.backend.ticker import Ticker
from services.domain.calendar import WorkCalendar
from services.sql.engine import glancing

CACHED_CASES = 4000
CACHED_CHANGES = 8000


def system_now() -> datetime:
    """Return now in UTC, in whole milliseconds."""
    return whole_ms(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a data history says of itself."""

    epoch: str
    phone_key: str
    first_seq: int
    centre_code: str
    centre_name: str


class Centre:
    """One backend process's view of the centre.

    `engine` must be migrated. `now` may be replaced by tests. `start` needs a running event loop.
    """

    def __init__(self, engine: Engine, data_dir: Path, now: Callable[[], datetime] = system_now) -> None:
        self.engine = engine
        self.data_dir = data_dir
        self.now = now
        self.references = ReferenceStore(engine)
        self.places = Places(engine)
        self.hub = FeedHub()
        self.recent = Recent()
        self.cases: CaseCache = Lru(CACHED_CASES)
        self.change_bytes: Lru[int, bytes] = Lru(CACHED_CHANGES)
        self.started_at = time.monotonic()
        self.jobs = jobs.Jobs(self)
        self.duties = FieldDuties(self)
        self.callers = KnownCallers()
        self.activity = Activity(engine, lambda: self.now())
        self.ticker = Ticker(engine, lambda head: follow(self, head), self._slow, on_access=self.callers.look)
        self.learner = Learner(engine, lambda: self.calendar)
        self.figures = FiguresDesk(engine, lambda: self.reference)
        self.auto = AutoDesk(self)
        self.calls = CallTurns(self)
        self._facts = self._read_facts()
        self._facts_read = time.monotonic()
        self._slow()

    def _read_facts(self) -> Facts:
        with glancing(self.engine) as conn:
            return Facts(
                read_meta(conn, "feed_epoch") or "",
                read_meta(conn, "phone_key") or "",
                int(read_meta(conn, "first_seq") or 1),
                read_meta(conn, "centre_code") or "",
                read_meta(conn, "centre_name") or "网格调度中心",
            )

    @property
    def facts(self) -> Facts:
        """Return what the data history says of itself; at most half a second old."""
        return self._facts

    def _slow(self) -> None:
        """Take up what others may have written: reference data, areas, facts of the history; do timed work."""
        self.references.refresh()
        self.places.refresh(self._near_m())
        self._facts = self._read_facts()
        self.jobs.turn()
        self.calls.turn()
        self.duties.turn()

    def _near_m(self) -> float:
        try:
            return self.references.current.rules.settings.near_boundary_m
        except NoReferenceError:
            return 30.0

    @property
    def reference(self) -> Reference:
        """Return the reference data in force; raises NoReferenceError before the first was published."""
        return self.references.current

    @property
    def calendar(self) -> WorkCalendar:
        """Return the working calendar in force."""
        return self.reference.rules.calendar

    @property
    def access(self) -> AccessSettings:
        """Return the sign-in settings in force."""
        try:
            return access_settings(self.reference.doc)
        except NoReferenceError:
            return AccessSettings()

    def desk(self) -> Desk:
        """Return what a decision rests on right now."""
        return Desk(self.engine, self.reference, self.places, self.facts.phone_key)

    def start(self) -> None:
        """Begin to serve the running event loop."""
        with glancing(self.engine) as conn:
            head = sequencer.head_of(conn)
        self.recent.start(head)
        self.hub.open(asyncio.get_running_loop(), head)
        self.ticker.start()
        self.learner.start()
        self.figures.start()
        self.auto.start()

    def stop(self) -> None:
        """Answer who waits, stop the beat."""
        self.hub.close()
        self.auto.stop()
        self.figures.stop()
        self.learner.stop()
        self.ticker.stop()
