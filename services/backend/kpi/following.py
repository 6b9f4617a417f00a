"""Follows the numbered log and keeps the sums of all figures equal to a count from scratch.

Each turn takes the cases that changed, folds them from the log, puts their new rows in place of the old ones and moves
the sums by the difference: all of it and the place in the log in one transaction, so that a crash counts nothing twice,
and counting a case again changes nothing. Of several processes one wins the place and the others see that it has
moved on. When definitions change, everything is counted again from the first change.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from services.backend.db.kpi_tables import kpi_parts, kpi_place, kpi_sums
from services.backend.db.packing import unpack
from services.backend.db.tables import changes
from services.backend.history import chunks
from services.backend.kpi.parts import Accounting, Row, SumKey, sums_of
from services.backend.reference_store import NoReferenceError
from services.backend.sequencer import head_of
from services.domain.case import Case
from services.domain.case_doc import Doc, apply_delta, from_doc
from services.domain.facts import CaseFacts, fold
from services.sql.engine import glancing, is_sqlite, reading, writing
from services.sql.types import from_ms

logger = logging.getLogger(__name__)
NAME = "figures"
#: changes looked at in one turn
SPAN = 4_000
#: cases folded in one turn; about a millisecond each
CASES = 100
REST_S = 2.0
#: while behind: one part work, so many parts rest
SHARE = 0.3
_Folded = dict[str, tuple[CaseFacts, Case]]


def read_place(conn: Connection) -> tuple[int, str]:
    """Return how far the log was followed and by which definitions; (0, "") before the first turn."""
    row = conn.execute(
        select(kpi_place.c.seq, kpi_place.c.fingerprint).where(kpi_place.c.name == NAME)
    ).first()
    return (0, "") if row is None else (int(row.seq), str(row.fingerprint))


def fold_cases(conn: Connection, ids: Iterable[str]) -> _Folded:
    """Return facts and present state of cases, folded from the log."""
    found: _Folded = {}
    for part in chunks(ids):
        rows = conn.execute(
            select(changes.c.case_id, changes.c.action, changes.c.actor_id, changes.c.at, changes.c.body)
            .where(changes.c.case_id.in_(part))
            .order_by(changes.c.case_id, changes.c.version)
        )
        at, doc, facts = "", None, None
        for case_id, action, actor, moment, body in rows:
            if case_id != at:
                at, doc, facts = case_id, None, None
            change = unpack(bytes(body))
            doc, facts = _folded(doc, facts, change, (action, actor, moment))
            found[case_id] = (facts[0], facts[1])
    return found


def _folded(
    doc: Doc | None,
    facts: tuple[CaseFacts, Case] | None,
    change: Mapping[str, object],
    how: tuple[str, str, int],
) -> tuple[Doc, tuple[CaseFacts, Case]]:
    """Fold one change."""
    doc = apply_delta(doc, change["d"])  # type: ignore[arg-type]  # the log holds what apply_delta takes
    case = from_doc(doc)
    before = None if facts is None else facts[0]
    payload = change.get("p")
    after = fold(before, case, how[0], how[1], from_ms(how[2]), payload)  # type: ignore[arg-type]  # a JSON object
    return doc, (after, case)


def put_rows(conn: Connection, rows: Mapping[str, Sequence[Row]]) -> None:
    """Put the rows of cases in place of their old ones and move the sums by the difference."""
    old: dict[str, list[Row]] = {}
    for part in chunks(rows):
        for row in conn.execute(
            select(kpi_parts).where(kpi_parts.c.case_id.in_(part)).order_by(kpi_parts.c.n)
        ):
            old.setdefault(row.case_id, []).append(dict(row._mapping))
    moved: dict[SumKey, int] = {}
    for case_id, fresh in rows.items():
        for key, amount in (*sums_of(old.get(case_id, ()), -1).items(), *sums_of(fresh).items()):
            moved[key] = moved.get(key, 0) + amount
    for part in chunks(old):
        conn.execute(delete(kpi_parts).where(kpi_parts.c.case_id.in_(part)))
    made = [row for fresh in rows.values() for row in fresh]
    if made:
        conn.execute(insert(kpi_parts), made)
    add_sums(conn, moved)


_ADD_SQLITE = (
    "INSERT INTO kpi_sums (measure, cube, area, span, key, n) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (measure, cube, area, span, key) DO UPDATE SET n = n + excluded.n"
)
_ADD_PG = (
    "INSERT INTO kpi_sums (measure, cube, area, span, key, n) VALUES (%s, %s, %s, %s, %s, %s)"
    " ON CONFLICT (measure, cube, area, span, key) DO UPDATE SET n = kpi_sums.n + excluded.n"
)


def add_sums(conn: Connection, moved: Mapping[SumKey, int]) -> None:
    """Add to the sums; in the order of their keys, so that no two transactions wait for each other in a ring."""
    rows = [(*key, n) for key, n in sorted(moved.items()) if n]
    if rows:
        # straight to the driver: a busy day's turn moves ten thousands of sums
        conn.exec_driver_sql(_ADD_SQLITE if is_sqlite(conn) else _ADD_PG, rows)


class Follower:
    """Keeps the figures of a centre up to date, on a thread of its own and whenever a question asks for it."""

    def __init__(self, engine: Engine, accounting: Callable[[], Accounting], cases: int = CASES) -> None:
        """Take the database and where to ask for what is in force; nothing runs before `start`.

        `cases` is how many are folded in one turn; with nobody else at work more at once are quicker.
        """
        self._engine = engine
        self._cases = cases
        self._accounting = accounting
        self._stop = threading.Event()
        self._turn = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="griddesk-figures", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """Stop and wait for the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def behind(self) -> int:
        """Return how many changes have not been taken in; all of them when other definitions came into force."""
        fingerprint = self._accounting().fingerprint
        with glancing(self._engine) as conn:
            head, (place, known) = head_of(conn), read_place(conn)
        return max(0, head - place) if known == fingerprint else head

    def catch_up(self, budget_s: float = 0.3) -> int:
        """Take in what is new, for about so long; returns how many changes are left behind."""
        until = time.monotonic() + budget_s
        while (left := self.behind()) and time.monotonic() < until:
            if not self.turn():
                return self.behind()
        return left

    def turn(self) -> bool:
        """Take in the next part of the log; True when there may be more."""
        with self._turn:
            return self._take(self._accounting())

    def _take(self, accounting: Accounting) -> bool:
        with reading(self._engine) as conn:
            since, fingerprint = read_place(conn)
            anew = fingerprint != accounting.fingerprint
            upto, ids = _next_cases(conn, 0 if anew else since, anew, self._cases)
            folded = fold_cases(conn, ids)
        if upto == since and not anew:
            return False
        rows = {case_id: accounting.rows(*found) for case_id, found in folded.items()}
        try:
            with writing(self._engine) as conn:
                if not self._move(conn, (since, fingerprint), upto, accounting.fingerprint):
                    return True
                if anew:
                    conn.execute(delete(kpi_parts))
                    conn.execute(delete(kpi_sums))
                put_rows(conn, rows)
        except IntegrityError:
            logger.info("another process took the first turn")
        return True

    def _move(self, conn: Connection, known: tuple[int, str], upto: int, fingerprint: str) -> bool:
        """Move the place from where it was known to be; False when another process was quicker."""
        if known == (0, ""):
            conn.execute(insert(kpi_place).values(name=NAME, seq=upto, fingerprint=fingerprint))
            return True
        moved = conn.execute(
            update(kpi_place)
            .where(kpi_place.c.name == NAME, kpi_place.c.seq == known[0], kpi_place.c.fingerprint == known[1])
            .values(seq=upto, fingerprint=fingerprint)
        )
        return moved.rowcount == 1

    def _run(self) -> None:
        """Follow until stopped; an error of the database is waited out."""
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                more = self.turn()
            except (SQLAlchemyError, NoReferenceError) as error:
                logger.info("figures wait: %s", str(error.__cause__ or error).splitlines()[0])
                more = False
            except Exception:
                logger.exception("figures stumbled")
                more = False
            took = time.monotonic() - begun
            self._stop.wait(took * (1 / SHARE - 1) if more else REST_S)


def _next_cases(conn: Connection, since: int, anew: bool, most: int) -> tuple[int, list[str]]:
    """Return up to which number the next cases reach, and those not counted as they are yet."""
    newest: dict[str, int] = {}
    upto = since
    rows = conn.execute(
        select(changes.c.seq, changes.c.case_id, changes.c.version)
        .where(changes.c.seq > since, changes.c.seq <= since + max(SPAN, most * 10))
        .order_by(changes.c.seq)
    ).all()
    for seq, case_id, version in rows:
        if case_id not in newest and len(newest) >= most:
            break
        upto, newest[case_id] = int(seq), version
    if anew:
        return upto, list(newest)
    known: dict[str, int] = {}
    for part in chunks(newest):
        found = conn.execute(
            select(kpi_parts.c.case_id, kpi_parts.c.version).where(
                kpi_parts.c.case_id.in_(part), kpi_parts.c.n == 0
            )
        )
        known.update((case_id, version) for case_id, version in found)
    return upto, [case_id for case_id, version in newest.items() if known.get(case_id, 0) < version]
