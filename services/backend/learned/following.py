"""Follows the numbered log for what closes and reopens, and keeps the experience of units up to date.

The place in the log and what was learned up to it are one row, written in one transaction: a crash learns nothing
twice. Of several processes one wins the row and the others see that it has moved on. Nothing here is needed to decide a
command, so it may lag behind; on a machine with a long log it takes its time and leaves most of a core to others.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from services.backend.db.learned_tables import learned
from services.backend.db.packing import pack, unpack
from services.backend.db.tables import changes
from services.backend.reference_store import NoReferenceError
from services.domain.calendar import WorkCalendar, to_s
from services.domain.case import Case
from services.domain.case_doc import Doc, apply_delta, from_doc
from services.domain.experience import Experience
from services.domain.facts import CaseFacts, fold
from services.sql.engine import glancing, reading, writing
from services.sql.types import from_ms

logger = logging.getLogger(__name__)
NAME = "experience"
#: changes looked at in one turn
SPAN = 4_000
#: cases folded in one turn; about a millisecond each
CASES = 150
REST_S = 30.0
#: while behind: one part work, four parts rest
SHARE = 0.2
_TEACHES = ("close", "reopen", "import")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A case that teaches (`times` 1) or is taken back (-1), as of a version of it."""

    case_id: str
    version: int
    times: int


def read_experience(engine: Engine) -> tuple[int, Experience]:
    """Return how far the log was followed and what was learned; (0, nothing) before the first turn."""
    with glancing(engine) as conn:
        return _stored(conn)


def _stored(conn: Connection) -> tuple[int, Experience]:
    row = conn.execute(select(learned.c.seq, learned.c.doc).where(learned.c.name == NAME)).first()
    if row is None:
        return 0, Experience()
    return int(row.seq), Experience.from_doc(unpack(bytes(row.doc)))


def lessons(conn: Connection, since: int, span: int = SPAN, most: int = CASES) -> tuple[list[Lesson], int]:
    """Return what the next changes teach, in order, and the number up to which they were looked at."""
    rows = conn.execute(
        select(changes.c.seq, changes.c.case_id, changes.c.version, changes.c.action, changes.c.state)
        .where(changes.c.seq > since, changes.c.seq <= since + span)
        .order_by(changes.c.seq)
    ).all()
    found: list[Lesson] = []
    for row in rows:
        if row.action in _TEACHES and (row.action != "import" or row.state == "closed"):
            again = row.action == "reopen"
            found.append(Lesson(row.case_id, row.version - again, -1 if again else 1))
            if len(found) >= most:
                return found, int(row.seq)
    return found, int(rows[-1].seq) if rows else since


def facts_at(conn: Connection, case_id: str, version: int) -> tuple[CaseFacts, Case] | None:
    """Return the facts of a case and the case as of a version, folded from the log; None for an unknown one."""
    rows = conn.execute(
        select(changes.c.action, changes.c.actor_id, changes.c.at, changes.c.body)
        .where(changes.c.case_id == case_id, changes.c.version <= version)
        .order_by(changes.c.version)
    )
    facts: CaseFacts | None = None
    case: Case | None = None
    doc: Doc | None = None
    for action, actor, at, body in rows:
        change = unpack(bytes(body))
        doc = apply_delta(doc, change["d"])
        case = from_doc(doc)
        facts = fold(facts, case, action, actor, from_ms(at), change.get("p"))
    return (facts, case) if facts is not None and case is not None else None


def used_s(case: Case, calendar: WorkCalendar) -> float | None:
    """Return the seconds the last handling took in the counting of its limit; None where it was never handled."""
    clock = case.clocks.get("handle")
    if clock is None or clock.stopped_at is None:
        return None
    return float(
        calendar.counted(to_s(clock.started_at), to_s(clock.stopped_at), clock.limit.working, clock.gaps)
    )


class Learner:
    """Keeps the experience of a centre up to date, on a thread of its own."""

    def __init__(self, engine: Engine, calendar: Callable[[], WorkCalendar]) -> None:
        """Take the database and where to ask for the calendar in force; nothing runs before `start`."""
        self._engine = engine
        self._calendar = calendar
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="griddesk-learner", daemon=True)
        self._known: tuple[int, Experience] | None = None

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def turn(self, calendar: WorkCalendar) -> bool:
        """Take in the next part of the log; True when there may be more."""
        known = self._known or read_experience(self._engine)
        self._known = None
        since, experience = known
        with reading(self._engine) as conn:
            todo, upto = lessons(conn, since)
            taught = [(lesson, facts_at(conn, lesson.case_id, lesson.version)) for lesson in todo]
        if upto == since:
            self._known = known
            return False
        for lesson, found in taught:
            if found is not None:
                experience.learn(found[0], used_s(found[1], calendar), lesson.times)
        if self._keep(since, upto, experience):
            self._known = (upto, experience)
        return True

    def _keep(self, since: int, upto: int, experience: Experience) -> bool:
        """Store what was learned; False when another process was quicker, whose row then counts."""
        doc = pack(experience.to_doc())
        try:
            with writing(self._engine) as conn:
                if since:
                    moved = conn.execute(
                        update(learned)
                        .where(learned.c.name == NAME, learned.c.seq == since)
                        .values(seq=upto, doc=doc)
                    )
                    return moved.rowcount == 1
                conn.execute(insert(learned).values(name=NAME, seq=upto, doc=doc))
                return True
        except IntegrityError:
            return False

    def _run(self) -> None:
        """Follow until stopped; an error of the database is waited out."""
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                more = self.turn(self._calendar())
            except (SQLAlchemyError, NoReferenceError) as error:
                logger.info("learning waits: %s", str(error.__cause__ or error).splitlines()[0])
                more = False
            except Exception:
                logger.exception("learning stumbled")
                more = False
            took = time.monotonic() - begun
            self._stop.wait(took * (1 / SHARE - 1) if more else REST_S)
