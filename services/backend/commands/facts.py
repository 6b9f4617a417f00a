"""What has to be looked up before commands can be decided: cases (locked), positions, attachments, users, numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, text, update

from services.backend.commands.parsing import Parsed
from services.backend.db.access_tables import accounts
from services.backend.db.tables import attachments, cases, counters
from services.backend.history import chunks, from_packed
from services.backend.places import Places
from services.domain.calendar import WorkCalendar
from services.domain.case import Case, sees
from services.domain.commands import Command
from services.domain.payloads import locations_in, photos_in
from services.domain.reference import Facts
from services.domain.roles import Actor
from services.sql.engine import is_sqlite


@dataclass(slots=True)
class Looked:
    """What one transaction has looked up: cases as they stand (kept up as commands apply), hashes, users.

    `users` maps an active user's id to (department, roles).
    """

    cases: dict[str, Case] = field(default_factory=dict)
    stored: frozenset[str] = frozenset()
    users: dict[str, tuple[str | None, frozenset[str]]] = field(default_factory=dict)


_LOCKED = (
    select(cases.c.case_id, cases.c.doc)
    .where(cases.c.case_id.in_(bindparam("ids", expanding=True)))
    .order_by(cases.c.case_id)
)


def named_cases(command: Command) -> set[str]:
    """Return every case a command touches or points to."""
    found = {command.case_id}
    payload = command.payload
    for name in (
        ("duplicate_of",) if command.action == "cancel" else ("to",) if command.action == "link" else ()
    ):
        if payload.get(name):
            found.add(payload[name])
    found.update(part["case_id"] for part in payload.get("parts", ()))
    return found


def look_up(conn: Connection, commands: Sequence[Parsed]) -> Looked:
    """Read everything a batch of commands needs in a handful of statements; the cases stay locked.

    On PostgreSQL the case rows are locked in the order of their ids, so that batches never wait in a ring; on
    SQLite the transaction is the only writer anyway.
    """
    looked = Looked()
    ids: set[str] = set()
    hashes: set[str] = set()
    users: set[str] = set()
    for parsed in commands:
        command = parsed.command
        ids |= named_cases(command)
        hashes |= photos_in(command.payload)
        if command.action in ("assign", "send_verify") and command.payload.get("to"):
            users.add(command.payload["to"])
    statement = _LOCKED if is_sqlite(conn) else _LOCKED.with_for_update()
    for part in chunks(sorted(ids)):
        looked.cases.update(
            (case_id, from_packed(doc)) for case_id, doc in conn.execute(statement, {"ids": part})
        )
    if hashes:
        looked.stored = stored_hashes(conn, hashes)
    if users:
        rows = conn.execute(
            select(accounts.c.user_id, accounts.c.dept, accounts.c.roles).where(
                accounts.c.user_id.in_(sorted(users)), accounts.c.active
            )
        )
        looked.users = {user_id: (dept, frozenset(roles.split())) for user_id, dept, roles in rows}
    return looked


def stored_hashes(conn: Connection, hashes: Iterable[str]) -> frozenset[str]:
    """Return which attachments are stored."""
    rows = conn.execute(select(attachments.c.sha256).where(attachments.c.sha256.in_(sorted(hashes))))
    return frozenset(rows.scalars())


def facts_for(command: Command, actor: Actor, looked: Looked, places: Places) -> Facts:
    """Return the facts one command is decided with; birth numbers are given afterwards (`give_numbers`)."""
    positions = {
        case_id: places.position(lon, lat)
        for case_id, (lon, lat) in locations_in(command.case_id, command.payload).items()
    }
    parts = {part["case_id"] for part in command.payload.get("parts", ())}
    known: dict[str, str | None] = {}
    for case_id in named_cases(command) - {command.case_id}:
        case = looked.cases.get(case_id)
        if case is not None and (case_id in parts or sees(actor, case)):
            known[case_id] = case.parent if case.state == "cancelled" else None
    wanted = "supervisor" if command.action == "send_verify" else ""
    return Facts(
        positions=positions,
        missing=photos_in(command.payload) - looked.stored,
        users={user: dept for user, (dept, roles) in looked.users.items() if not wanted or wanted in roles},
        cases=known,
    )


_TAKE = text(
    "INSERT INTO counters (day, value) VALUES (:day, :count)"
    " ON CONFLICT (day) DO UPDATE SET value = counters.value + excluded.value RETURNING value"
)
_GIVE_BACK = (
    update(counters)
    .where(counters.c.day == bindparam("b_day"))
    .values(value=counters.c.value - bindparam("b_count"))
)


class Numbers:
    """Readable case numbers `yyyyMMdd-NNNN` of one transaction.

    The day's counter is taken (and its row locked) with the first number for all that may follow, and what
    was not used is given back at the end: numbers run without gaps, and no transaction waits longer than it
    must.
    """

    def __init__(self, conn: Connection, calendar: WorkCalendar, now: datetime, most: int) -> None:
        self._conn = conn
        self._day = calendar.local(now).strftime("%Y%m%d")
        self._most = max(1, most)
        self._next = self._last = 0

    def next(self) -> str:
        """Return the next number."""
        if self._next == self._last:
            taken = self._conn.execute(_TAKE, {"day": self._day, "count": self._most}).scalar_one()
            self._last, self._next = int(taken), int(taken) - self._most
        self._next += 1
        return f"{self._day}-{self._next:04d}"

    def give_back(self) -> None:
        """Return the numbers that were not used; to be called once, at the end."""
        if self._next < self._last:
            self._conn.execute(_GIVE_BACK, {"b_day": self._day, "b_count": self._last - self._next})
            self._last = self._next
