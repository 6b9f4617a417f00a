"""Whole cases read from the log for a trial: every change with the case after it, and what each closing taught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from services.backend.db.packing import unpack
from services.backend.db.tables import changes
from services.backend.history import chunks
from services.backend.learned.following import used_s
from services.domain.calendar import WorkCalendar
from services.domain.case import Case
from services.domain.case_doc import Doc, apply_delta, from_doc
from services.domain.experience import Experience
from services.domain.facts import CaseFacts, fold
from services.sql.types import from_ms

_UNNUMBERED = 1 << 62


@dataclass(frozen=True, slots=True)
class Moment:
    """One change of a case: number in the log, version, action, who, when, with what, and the case after it."""

    seq: int
    version: int
    action: str
    actor_id: str
    actor_name: str
    at: datetime
    payload: Mapping[str, Any]
    case: Case


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a closing taught (`times` 1) or a reopening took back (-1)."""

    seq: int
    at: datetime
    facts: CaseFacts
    used: float | None
    times: int

    def teach(self, experience: Experience, times: int) -> None:
        """Teach it so many times (-1 takes it back)."""
        experience.learn(self.facts, self.used, self.times * times)

    def learn(self, experience: Experience) -> None:
        """Teach it once."""
        self.teach(experience, 1)


@dataclass(frozen=True, slots=True)
class Story:
    """A case from its birth: every change, and the facts as they are now."""

    case_id: str
    moments: tuple[Moment, ...]
    facts: CaseFacts
    closings: tuple[tuple[int, CaseFacts], ...]

    def lessons(self, calendar: WorkCalendar) -> Iterator[Lesson]:
        """Yield what the case taught, oldest first."""
        taught: tuple[CaseFacts, float | None] | None = None
        by_version = dict(self.closings)
        for moment in self.moments:
            if moment.version in by_version:
                taught = by_version[moment.version], used_s(moment.case, calendar)
                yield Lesson(moment.seq, moment.at, *taught, 1)
            elif moment.action == "reopen" and taught is not None:
                yield Lesson(moment.seq, moment.at, *taught, -1)


def read_stories(conn: Connection, ids: Iterable[str]) -> dict[str, Story]:
    """Return cases with everything that happened to them."""
    found: dict[str, Story] = {}
    for part in chunks(ids):
        rows = conn.execute(
            select(
                changes.c.case_id, changes.c.seq, changes.c.version, changes.c.action, changes.c.actor_id,
                changes.c.at, changes.c.body,
            )
            .where(changes.c.case_id.in_(part))
            .order_by(changes.c.case_id, changes.c.version)
        )  # fmt: skip
        builder: _Builder | None = None
        for row in rows:
            if builder is None or builder.case_id != row.case_id:
                if builder is not None:
                    found[builder.case_id] = builder.story()
                builder = _Builder(row.case_id)
            builder.add(row)
        if builder is not None:
            found[builder.case_id] = builder.story()
    return found


class _Builder:
    """Folds the changes of one case."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self._doc: Doc | None = None
        self._facts: CaseFacts | None = None
        self._moments: list[Moment] = []
        self._closings: list[tuple[int, CaseFacts]] = []

    def add(self, row: Any) -> None:
        """Take the next change in."""
        body = unpack(bytes(row.body))
        self._doc = apply_delta(self._doc, body["d"])
        case, payload, at = from_doc(self._doc), body.get("p") or {}, from_ms(row.at)
        self._facts = fold(self._facts, case, row.action, row.actor_id, at, payload)
        seq = _UNNUMBERED if row.seq is None else int(row.seq)
        self._moments.append(Moment(seq, row.version, row.action, row.actor_id, body["n"], at, payload, case))
        if row.action == "close" or (row.action == "import" and case.state == "closed"):
            self._closings.append((row.version, self._facts))

    def story(self) -> Story:
        """Return the case as read."""
        assert self._facts is not None  # a builder is made for a row
        return Story(self.case_id, tuple(self._moments), self._facts, tuple(self._closings))
