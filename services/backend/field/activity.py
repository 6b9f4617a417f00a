"""Activity of the grids: how many reports each gave in the last days, and when its last one came.

The figures come straight from the index over (grid, created_at), without touching a case: a count over the last
90 days and one step to the newest entry for each grid. They are read at most every `FRESH_S` in each process,
so that a hall of consoles costs as much as one.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, func, select

from services.backend.db.packing import compact
from services.backend.db.tables import areas, cases
from services.domain.case_doc import time_text
from services.domain.roles import DEPT_ROLES, Actor
from services.domain.silence import OBSERVED_DAYS
from services.sql.engine import reading
from services.sql.types import from_ms, to_ms

#: how long figures may be used again; silence is a matter of days
FRESH_S = 120.0


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports of one grid in the days observed, and the moment of its last one (ms; None: none ever)."""

    code: str
    reports: int
    last_at: int | None


def read_activity(engine: Engine, now: datetime) -> tuple[Reports, ...]:
    """Read the figures of every grid, by code. Reports are counted whatever became of them."""
    since = to_ms(now - timedelta(days=OBSERVED_DAYS))
    here = cases.c.grid == areas.c.code
    lately = select(func.count()).select_from(cases).where(here, cases.c.created_at >= since)
    newest = (
        select(cases.c.created_at).where(here).order_by(cases.c.created_at.desc()).limit(1).scalar_subquery()
    )
    statement = (
        select(areas.c.code, lately.correlate(areas).scalar_subquery(), newest)
        .where(areas.c.level == "grid")
        .order_by(areas.c.code)
    )
    with reading(engine) as conn:
        return tuple(Reports(row[0], row[1], row[2]) for row in conn.execute(statement))


class Activity:
    """The figures of a process, read again when they are old; safe between threads."""

    def __init__(
        self, engine: Engine, now: Callable[[], datetime], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        """Take where to read; nothing is read yet."""
        self._engine = engine
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._grids: tuple[Reports, ...] = ()
        self._as_of: datetime | None = None
        self._read_at = -FRESH_S

    def current(self) -> tuple[tuple[Reports, ...], datetime]:
        """Return the figures and the moment they stand for; one thread reads, the others wait for it."""
        with self._lock:
            as_of = self._as_of
            if as_of is None or self._monotonic() - self._read_at >= FRESH_S:
                as_of = self._now()
                self._grids, self._as_of = read_activity(self._engine, as_of), as_of
                self._read_at = self._monotonic()
            return self._grids, as_of

    def forget(self) -> None:
        """Read anew at the next question."""
        with self._lock:
            self._as_of = None


def scope_of(actor: Actor) -> str | None:
    """Return the area prefix whose grids an actor may judge; None for nobody's.

    A street office sees the grids of its street; other units see cases, not territories.
    """
    if not actor.area_code:
        return None
    if actor.roles and all(role in DEPT_ROLES and role != "street_user" for role in actor.roles):
        return None
    return actor.area_code


def activity_body(activity: Activity, actor: Actor) -> tuple[str, bytes]:
    """Return ETag and JSON of the figures in an actor's scope; the tag follows the figures, not the clock."""
    area = scope_of(actor)
    grids, as_of = activity.current()
    rows = [
        {
            "code": grid.code,
            "reports": grid.reports,
            "last_at": None if grid.last_at is None else time_text(from_ms(grid.last_at)),
        }
        for grid in grids
        if area is not None and grid.code.startswith(area)
    ]
    text = compact(rows)
    tag = f'"g-{hashlib.sha256(text.encode()).hexdigest()[:20]}"'
    head = compact({"days": OBSERVED_DAYS, "as_of": time_text(as_of)})
    return tag, f'{head[:-1]},"grids":{text}}}'.encode()
