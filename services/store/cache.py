"""`SqlCaseCache`: the copy of the centre's cases in `cache.db` (contract section 6).

Changes and cursor are stored in one transaction, so that a crash between them cannot happen: either the page
was taken whole and the cursor stands behind it, or neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.domain.case import Case
from services.domain.case_doc import time_text
from services.ports.cache import AppliedPage, Position
from services.ports.centre import Change, ChangesPage, Tagged
from services.ports.picture import CaseQuery, CaseRow
from services.ports.search import DeskColumns, FindQuery, Found
from services.store import case_words
from services.store.case_query import found_by, rows_of, search_of
from services.store.case_rows import (
    DESK_COLUMNS,
    INSERT_COPY,
    ROW_COLUMNS,
    UPSERT,
    case_from,
    case_values,
    row_from,
    to_ms,
)
from services.store.files import EncryptedFile
from services.store.schema import CACHE_STEPS, CASE_COLUMNS, CASE_INDEXES

_PUT_PLACE = (
    "INSERT INTO place (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
_KNOWN = (
    "SELECT case_id, version, number, address, description FROM cases"
    " WHERE case_id IN (SELECT value FROM json_each(?))"
)
#: documents as one text: a row each would hand the interpreter to another thread as often, and the window waits
_DOCS = "SELECT group_concat(doc, char(30)) FROM cases WHERE case_id IN (SELECT value FROM json_each(?))"
#: polygons of a city are tens of megabytes: reading them as one would hold up every other thread for half a second
_LARGE = 1 << 20
_DOCUMENT = (
    "SELECT etag, CASE WHEN length(doc) < ? OR json_type(doc, '$.features') IS NOT 'array' THEN doc END"
    " FROM document WHERE name = ?"
)
_AROUND = "SELECT json_remove(doc, '$.features') FROM document WHERE name = ?"
_FEATURES = (
    "SELECT group_concat(value, char(30) ORDER BY key) FROM document, json_each(doc, '$.features') WHERE name = ?"
    " GROUP BY key / 100 ORDER BY min(key)"
)
_BETWEEN = "\x1e"  # JSON has no such character as it is
_ROW = "SELECT " + ROW_COLUMNS + " FROM cases WHERE case_id = ?"
_DESK = "SELECT " + DESK_COLUMNS + " FROM cases INDEXED BY cases_desk WHERE open = 1"
_DESK_ENDED = "SELECT " + DESK_COLUMNS + " FROM cases WHERE open = 0 AND created_ms >= ?"
#: the copy becomes the table itself: moving a million rows from one to the other would take minutes
_SWAP = (
    "DROP TABLE cases",
    "ALTER TABLE cases_copy RENAME TO cases",
    "CREATE TABLE cases_copy (id INTEGER PRIMARY KEY," + CASE_COLUMNS + ", clock_doc TEXT)",
    *(statement for statement in CACHE_STEPS[0] if statement.startswith("CREATE INDEX")),
    *(statement for _, statement in CASE_INDEXES),
)


class SqlCaseCache:
    """The `CaseCache` on `cache.db`."""

    def __init__(self, file: EncryptedFile) -> None:
        """Take over the file; a small one is indexed at once where an older version has left that to do."""
        self._file = file
        with file.read() as conn:
            left = case_words.next_row(conn) is not None
        if left:
            self.index_words()

    # --- position and changes -------------------------------------------------------------------------

    def position(self) -> Position:
        """Return how far the copy has come."""
        with self._file.read() as conn:
            place = _place(conn)
        heard = place.get("server_time")
        return Position(
            place.get("epoch"),
            int(place.get("cursor", "0")),
            place.get("complete") == "1",
            datetime.fromisoformat(heard) if heard else None,
        )

    def apply(self, page: ChangesPage) -> AppliedPage:
        """Apply a page of the feed and move the cursor to `page.next`, in one transaction."""
        with self._file.write() as conn:
            applied = self._take(conn, page.changes)
            self._move(conn, page)
        return applied

    def _take(self, conn: Connection, changes: Sequence[Change]) -> AppliedPage:
        """Write the changed cases. Of several changes of one case only the last counts."""
        last = {change.case_id: change for change in changes}
        if not last:
            return AppliedPage(frozenset(), frozenset())
        known = _known(conn, last)
        cached = {case_id: row[0] for case_id, row in known.items()}
        fresh = [c for c in last.values() if self.newer(c, cached.get(c.case_id))]
        left = [c.case_id for c in fresh if c.left_scope and c.case_id in cached]
        changed = [c.case for c in fresh if c.case is not None and not c.left_scope]
        _delete(conn, left)
        _write(conn, changed, known)
        return AppliedPage(frozenset(case.case_id for case in changed), frozenset(left))

    def newer(self, change: Change, cached: int | None) -> bool:
        """Tell whether a change says more than the cached version."""
        return cached is None or change.version > cached or (change.left_scope and change.version == cached)

    def _move(self, conn: Connection, page: ChangesPage) -> None:
        """Store the cursor."""
        values = [("cursor", str(page.next)), ("epoch", page.epoch)]
        if page.server_time is not None:
            values.append(("server_time", time_text(page.server_time) or ""))
        conn.exec_driver_sql(_PUT_PLACE, values)

    # --- a whole new copy -----------------------------------------------------------------------------

    def begin_copy(self, epoch: str, as_of_seq: int) -> None:
        """Start a new copy beside the present one; an unfinished one is dropped."""
        with self._file.write() as conn:
            conn.exec_driver_sql("DELETE FROM cases_copy")
            conn.exec_driver_sql(_PUT_PLACE, [("copy_epoch", epoch), ("copy_seq", str(as_of_seq))])

    def add_to_copy(self, cases: Sequence[Case]) -> None:
        """Put a page into the new copy."""
        if not cases:
            return
        with self._file.write() as conn:
            conn.exec_driver_sql(INSERT_COPY, [case_values(case) for case in cases])

    def finish_copy(self, server_time: datetime | None = None) -> int:
        """Replace the present copy by the new one in one transaction; returns the number of cases."""
        with self._file.write() as conn:
            place = _place(conn)
            for statement in _SWAP:
                conn.exec_driver_sql(statement)
            count = int(conn.exec_driver_sql("SELECT count(*) FROM cases").scalar_one())
            values = [("epoch", place["copy_epoch"]), ("cursor", place["copy_seq"]), ("complete", "1")]
            if server_time is not None:
                values.append(("server_time", time_text(server_time) or ""))
            conn.exec_driver_sql(_PUT_PLACE, values)
            case_words.clear(conn, left=True)
            case_words.fill(conn)
        return count

    def put(self, case: Case) -> bool:
        """Store one case read on its own, when it is newer; False when it was not."""
        with self._file.write() as conn:
            known = _known(conn, [case.case_id])
            if case.case_id in known and known[case.case_id][0] >= case.version:
                return False
            _write(conn, [case], known)
        return True

    def replace_cases(self, cases: Sequence[Case], gone: Iterable[str] = ()) -> frozenset[str]:
        """Repair: store cases whatever version is cached, remove `gone`; returns what changed."""
        with self._file.write() as conn:
            known = _known(conn, [case.case_id for case in cases])
            lost = list(_known(conn, gone))
            _delete(conn, lost)
            changed = [c for c in cases if c.case_id not in known or known[c.case_id][0] != c.version]
            _write(conn, changed, known)
        return frozenset(case.case_id for case in changed) | frozenset(lost)

    def forget(self) -> None:
        """Drop the whole copy, its position and its documents."""
        with self._file.write() as conn:
            for statement in ("DELETE FROM cases", "DELETE FROM cases_copy", "DELETE FROM place"):
                conn.exec_driver_sql(statement)
            conn.exec_driver_sql("DELETE FROM document")
            case_words.clear(conn)

    # --- reading ------------------------------------------------------------------------------------

    def get(self, case_id: str) -> Case | None:
        """Return a cached case."""
        return self.many((case_id,)).get(case_id)

    def many(self, case_ids: Iterable[str]) -> dict[str, Case]:
        """Return the cached ones among the ids."""
        with self._file.read() as conn:
            docs = conn.exec_driver_sql(_DOCS, (json.dumps(list(case_ids)),)).scalar()
        return {case.case_id: case for case in map(case_from, docs.split(_BETWEEN) if docs else ())}

    def rows(self, query: CaseQuery) -> list[CaseRow]:
        """Return queue rows; ValueError for an unknown order."""
        with self._file.read() as conn:
            return [row_from(row) for row in conn.execute(rows_of(conn, query))]

    def row(self, case_id: str) -> CaseRow | None:
        """Return one queue row."""
        with self._file.read() as conn:
            found = conn.exec_driver_sql(_ROW, (case_id,)).first()
        return None if found is None else row_from(found)

    def search(self, text: str, limit: int = 50) -> list[CaseRow]:
        """Search number, address and description of cached cases: open ones first, then the newest."""
        if not text.strip():
            return []
        with self._file.read() as conn:
            return [row_from(row) for row in conn.execute(search_of(conn, text.strip(), limit))]

    def find(self, query: FindQuery) -> Found:
        """Find among all cached cases; ValueError for an unknown order."""
        with self._file.read() as conn:
            packed = conn.execute(found_by(conn, query)).scalar()
            whole = not query.text.strip() or case_words.next_row(conn) is None
        return Found(bytes.fromhex(packed or ""), whole)

    def index_words(self) -> bool:
        """Index the next portion of a copy, in one transaction; True when nothing is left to be indexed."""
        with self._file.write() as conn:
            return case_words.fill(conn)

    def desk(self, since: datetime) -> DeskColumns:
        """Return the open cases, and the ended ones reported since a moment, as columns."""
        with self._file.read() as conn:
            raw: Any = conn.connection.driver_connection  # fifty thousand rows: plain tuples cost half
            rows = raw.execute(_DESK).fetchall()
            rows += raw.execute(_DESK_ENDED, (to_ms(since),)).fetchall()
        return DeskColumns(*zip(*rows, strict=True)) if rows else DeskColumns()

    def open_versions(self) -> list[tuple[str, int]]:
        """Return (case_id, version) of the open cases, for the digest."""
        with self._file.read() as conn:
            rows = conn.exec_driver_sql("SELECT case_id, version FROM cases WHERE open = 1")
            return [(row[0], row[1]) for row in rows]

    # --- documents ----------------------------------------------------------------------------------

    def document(self, name: str) -> Tagged:
        """Return a stored document with its ETag; (None, None) when absent."""
        with self._file.read() as conn:
            row = conn.exec_driver_sql(_DOCUMENT, (_LARGE, name)).first()
            if row is not None and row[1] is None:
                return Tagged(row[0], _in_parts(conn, name))
        return Tagged(None, None) if row is None else Tagged(row[0], json.loads(row[1]))

    def put_document(self, name: str, etag: str | None, doc: Mapping[str, Any]) -> None:
        """Store a document with its ETag."""
        text = json.dumps(doc, ensure_ascii=False, separators=(",", ":"))
        with self._file.write() as conn:
            conn.exec_driver_sql(
                "INSERT INTO document (name, etag, doc) VALUES (?, ?, ?)"
                " ON CONFLICT (name) DO UPDATE SET etag = excluded.etag, doc = excluded.doc",
                (name, etag, text),
            )

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _place(conn: Connection) -> dict[str, str]:
    """Return the small facts about the copy."""
    return {row[0]: row[1] for row in conn.exec_driver_sql("SELECT name, value FROM place")}


def _in_parts(conn: Connection, name: str) -> dict[str, Any]:
    """Read a large collection of features, a hundred at a time."""
    doc: dict[str, Any] = json.loads(conn.exec_driver_sql(_AROUND, (name,)).scalar_one())
    doc["features"] = [
        json.loads(feature)
        for row in conn.exec_driver_sql(_FEATURES, (name,)).fetchall()
        for feature in row[0].split(_BETWEEN)
    ]
    return doc


def _known(conn: Connection, case_ids: Iterable[str]) -> dict[str, tuple[Any, ...]]:
    """Return (version, number, address, description) of the cached ones among the ids."""
    rows = conn.exec_driver_sql(_KNOWN, (json.dumps(list(case_ids)),)).fetchall()
    return {row[0]: tuple(row[1:]) for row in rows}


def _write(conn: Connection, cases: Sequence[Case], known: Mapping[str, tuple[Any, ...]]) -> None:
    """Write cases, and index those that say other words than what was known of them."""
    if not cases:
        return
    conn.exec_driver_sql(UPSERT, [case_values(case) for case in cases])
    said = [
        case.case_id
        for case in cases
        if case.case_id not in known or case_words.changed_words(case, known[case.case_id][1:])
    ]
    if said:
        case_words.put(conn, said)


def _delete(conn: Connection, case_ids: Sequence[str]) -> None:
    """Remove cases with their words."""
    if case_ids:
        case_words.drop(conn, case_ids)
        conn.exec_driver_sql("DELETE FROM cases WHERE case_id = ?", [(case_id,) for case_id in case_ids])
