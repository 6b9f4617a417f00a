"""The reference document as the centre keeps it: every published version, and the `Rules` made from it.

`publish(conn, doc)` stores a document (layout: `services.backend.reference.load`) and returns its number, the
`rules` of every change decided under it. Besides the tables of the domain a document may hold `access`
(sign-in settings, see `services.backend.access.settings`), `field` (positions, see
`services.backend.field.settings`), `silence` (see `services.domain.silence`) and `map_sources` (base maps and layers
of all seats, see `services.backend.reference.load`). Old versions are kept for ever: an outcome is rendered again with
the calendar it was decided under.
"""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from services.backend.db.packing import compact
from services.backend.db.tables import reference
from services.backend.reference.kpis import catalogue_of
from services.backend.reference.rules import rules_from
from services.domain.reference import Rules
from services.sql.engine import glancing
from services.sql.types import to_ms


class NoReferenceError(RuntimeError):
    """The centre has no reference document yet."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One published document: its number, the document itself, and the rules that follow from it."""

    number: int
    doc: Mapping[str, Any]
    rules: Rules

    @property
    def etag(self) -> str:
        """Return the ETag of the document."""
        return f'"r{self.number}-{self.rules.version}"'


def publish(conn: Connection, doc: Mapping[str, Any], at: datetime | None = None) -> int:
    """Store a document and return its number; one equal to the newest is not stored again.

    Raises ReferenceDataError when it contradicts itself. Must run in a writing transaction.
    """
    rules = rules_from(dict(doc))
    catalogue_of(doc)
    packed = zlib.compress(compact(doc).encode(), 6)
    newest = conn.execute(
        select(reference.c.version, reference.c.doc).order_by(reference.c.version.desc()).limit(1)
    ).first()
    if newest is not None and bytes(newest.doc) == packed:
        return int(newest.version)
    number = 1 if newest is None else int(newest.version) + 1
    moment = to_ms(at or datetime.now(UTC))
    conn.execute(insert(reference).values(version=number, label=rules.version, doc=packed, at=moment))
    return number


def newest_number(conn: Connection) -> int:
    """Return the number of the newest document, 0 when there is none."""
    return int(conn.execute(select(func.max(reference.c.version))).scalar() or 0)


def load(conn: Connection, number: int) -> Reference:
    """Read one document; raises NoReferenceError when there is none of this number."""
    packed = conn.execute(select(reference.c.doc).where(reference.c.version == number)).scalar()
    if packed is None:
        raise NoReferenceError(f"no reference document {number}")
    doc = json.loads(zlib.decompress(bytes(packed)))
    return Reference(number, doc, rules_from(doc))


class ReferenceStore:
    """The documents of a running centre; the newest is at hand, older ones are read when asked for.

    Thread-safe. `refresh` looks for a newer one (the ticker does so twice a second, and `publish` of this
    process's own routes right away).
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[int, Reference] = {}
        self._newest = 0
        self._lock = threading.Lock()

    def refresh(self) -> bool:
        """Take up a newer document; tells whether there was one."""
        with glancing(self._engine) as conn:
            number = newest_number(conn)
        if number <= self._newest:
            return False
        self.at(number)
        self._newest = number
        return True

    @property
    def current(self) -> Reference:
        """Return the newest document; raises NoReferenceError while the centre has none."""
        if self._newest == 0 and not self.refresh():
            raise NoReferenceError("the centre has no reference document")
        return self._known[self._newest]

    def at(self, number: int) -> Reference:
        """Return a document by its number; raises NoReferenceError."""
        found = self._known.get(number)
        if found is None:
            with self._lock, glancing(self._engine) as conn:
                found = self._known[number] = load(conn, number)
        return found
