"""Reading the log: a case as it was after any of its changes, and what changed since a number.

Replay applies stored differences and never decides again (contract section 1).
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Select, func, or_, select

from services.backend.db.packing import unpack
from services.backend.db.tables import cases, changes
from services.domain.case import Case
from services.domain.case_doc import Doc, apply_delta, from_doc

#: ids in one IN list
CHUNK = 400


K = TypeVar("K")
V = TypeVar("V")


class Lru(Generic[K, V]):
    """A small bounded memory, safe between threads; the least recently used entry goes first."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """Return an entry, None when it is not kept."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> None:
        """Keep an entry."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


#: cases by (case_id, version)
CaseCache = Lru[tuple[str, int], Case]


def from_packed(packed: bytes) -> Case:
    """Read the `doc` of a case row."""
    return from_doc(unpack(bytes(packed)))


def chunks(ids: Iterable[str]) -> Iterable[list[str]]:
    """Cut ids into lists that fit one statement."""
    listed = list(ids)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def current(conn: Connection, ids: Iterable[str]) -> dict[str, Case]:
    """Return the cases as they are now; unknown ids are left out."""
    found: dict[str, Case] = {}
    for part in chunks(ids):
        rows = conn.execute(select(cases.c.case_id, cases.c.doc).where(cases.c.case_id.in_(part)))
        found.update((case_id, from_packed(doc)) for case_id, doc in rows)
    return found


def versions(conn: Connection, wanted: Mapping[str, set[int]]) -> dict[tuple[str, int], Case]:
    """Return cases as they were at the versions wanted, by (case_id, version).

    One pass over each case's changes; a version the log does not hold is left out.
    """
    found: dict[tuple[str, int], Case] = {}
    top = {case_id: max(asked) for case_id, asked in wanted.items()}
    for part in chunks(wanted):
        rows = conn.execute(
            select(changes.c.case_id, changes.c.version, changes.c.body)
            .where(changes.c.case_id.in_(part), changes.c.version <= max(top[case_id] for case_id in part))
            .order_by(changes.c.case_id, changes.c.version)
        )
        at: str | None = None
        doc: Doc | None = None
        for case_id, version, body in rows:
            if case_id != at:
                at, doc = case_id, None
            if version > top[case_id]:
                continue
            doc = apply_delta(doc, unpack(bytes(body))["d"])
            if version in wanted[case_id]:
                found[(case_id, version)] = from_doc(doc)
    return found


def case_at(conn: Connection, case_id: str, version: int) -> Case | None:
    """Return one case as it was at a version, None when the log does not hold it."""
    row = conn.execute(select(cases.c.version, cases.c.doc).where(cases.c.case_id == case_id)).first()
    if row is None:
        return None
    if row.version == version:
        return from_packed(row.doc)
    return versions(conn, {case_id: {version}}).get((case_id, version))


def timeline(conn: Connection, case_id: str) -> list[tuple[Any, dict[str, Any], Case]]:
    """Return every change of a case, oldest first: its row, its unpacked body, the case after it."""
    found: list[tuple[Any, dict[str, Any], Case]] = []
    doc: Doc | None = None
    rows = conn.execute(select(changes).where(changes.c.case_id == case_id).order_by(changes.c.version))
    for row in rows.mappings():
        body = unpack(bytes(row["body"]))
        doc = apply_delta(doc, body["d"])
        found.append((row, body, from_doc(doc)))
    return found


def since(as_of: int) -> Select[Any]:
    """Return the statement for the ids of cases that changed after a number (unnumbered changes included)."""
    return select(changes.c.case_id).where(or_(changes.c.seq > as_of, changes.c.seq.is_(None))).distinct()


def count_since(conn: Connection, as_of: int, most: int) -> int:
    """Return how many changes came after a number, at most `most` + 1."""
    later = select(changes.c.id).where(or_(changes.c.seq > as_of, changes.c.seq.is_(None))).limit(most + 1)
    return int(conn.execute(select(func.count()).select_from(later.subquery())).scalar() or 0)


def cases_as_of(conn: Connection, ids: Iterable[str], as_of: int) -> dict[str, Case]:
    """Return cases as they were at a number of the log; those born later are left out."""
    wanted: dict[str, set[int]] = {}
    for part in chunks(ids):
        rows = conn.execute(
            select(changes.c.case_id, func.max(changes.c.version))
            .where(changes.c.case_id.in_(part), changes.c.seq <= as_of)
            .group_by(changes.c.case_id)
        )
        wanted.update((case_id, {version}) for case_id, version in rows)
    return {case_id: case for (case_id, _), case in versions(conn, wanted).items()}
