"""Appending to the one log (contract section 1): changes, and the projections that are kept beside them.

For whoever writes to the log:

* `append(conn, entries)`: the ordinary way, inside a writing transaction (`services.sql.engine.writing`).
  Takes any number of `rows.Entry`, oldest first, also several of one case; writes `changes`, `cases`,
  `dispatches`, `case_files` and the word index. The caller writes its own `commands` rows
  (`insert_commands`) and, on SQLite, ends the transaction with `sequencer.number(conn)` (on PostgreSQL the
  sequencer loop does it).
* bulk writers make rows by `rows.change_row`, `rows.case_row`, `rows.command_row`, `rows.dispatch_steps`,
  `rows.file_rows`, give them to `insert_rows(conn, Bulk(...))` and call `sequencer.number(conn)` once a
  batch.

Errors: `StaleCaseError` when a case was changed by somebody else meanwhile; SQLAlchemy's IntegrityError when
the one-active-dispatch index or another unique index refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.db.tables import case_files, cases, changes, commands, dispatches
from services.backend.rows import Entry, Row, case_row, change_row, dispatch_steps, file_rows
from services.backend.words import index_cases, words_statement
from services.domain.case import Case
from services.sql.engine import is_sqlite
from services.sql.types import to_ms


class StaleCaseError(RuntimeError):
    """A case has another version than the change was made for; nothing may be written."""


_UPDATED = tuple(c.name for c in cases.c if c.name not in ("ref", "case_id", "created_at"))
_INSERT_CASE = insert(cases).values({c.name: bindparam(c.name) for c in cases.c if c.name != "ref"}).inline()
_UPDATE_CASE = (
    update(cases)
    .where(cases.c.case_id == bindparam("b_case_id"), cases.c.version == bindparam("b_version"))
    .values({name: bindparam(name) for name in _UPDATED})
)
_INSERT_CHANGE = insert(changes).inline()
_INSERT_COMMAND = insert(commands).inline()
_END_DISPATCH = (
    update(dispatches)
    .where(dispatches.c.case_id == bindparam("b_case_id"), dispatches.c.ended_at.is_(None))
    .values(ended_at=bindparam("b_at"))
)
_START_DISPATCH = insert(dispatches).inline()
_FILES_SQLITE = sqlite_insert(case_files).on_conflict_do_nothing()
_FILES_PG = pg_insert(case_files).on_conflict_do_nothing()


def append(conn: Connection, entries: Sequence[Entry]) -> None:
    """Append changes, oldest first, and bring the projections up to them, in the caller's transaction.

    Raises StaleCaseError or IntegrityError (see above); the transaction must then be rolled back.
    """
    first: dict[str, Case | None] = {}
    last: dict[str, Case] = {}
    for entry in entries:
        first.setdefault(entry.after.case_id, entry.before)
        last[entry.after.case_id] = entry.after
    births = [last[case_id] for case_id, before in first.items() if before is None]
    moved = [(before, last[case_id]) for case_id, before in first.items() if before is not None]
    if births:
        conn.execute(_INSERT_CASE, [case_row(case) for case in births])
    if moved:
        _update_cases(conn, moved)
    conn.execute(_INSERT_CHANGE, [change_row(entry) for entry in entries])
    _write_dispatches(conn, entries)
    retold = [after for before, after in moved if _words_differ(before, after)]
    if births or retold:
        index_cases(conn, births, retold)
    files = [row for entry in entries for row in file_rows(entry)]
    if files:
        conn.execute(_FILES_SQLITE if is_sqlite(conn) else _FILES_PG, files)


def insert_commands(conn: Connection, rows: Sequence[Row]) -> None:
    """Insert rows of `commands`, by id so that two batches never wait for each other in a ring.

    Raises IntegrityError when one of the ids is there already.
    """
    conn.execute(_INSERT_COMMAND, sorted(rows, key=lambda row: str(row["command_id"])))


def _update_cases(conn: Connection, moved: Sequence[tuple[Case, Case]]) -> None:
    """Bring case rows from one version to another; raises StaleCaseError when one is not at the first."""
    parameters = []
    for before, after in moved:
        row = case_row(after)
        row["b_case_id"], row["b_version"] = before.case_id, before.version
        del row["case_id"], row["created_at"]
        parameters.append(row)
    done = conn.execute(_UPDATE_CASE, parameters)
    if done.rowcount != len(parameters):
        raise StaleCaseError(
            f"{len(parameters) - done.rowcount} of {len(parameters)} cases had another version"
        )


def _write_dispatches(conn: Connection, entries: Sequence[Entry]) -> None:
    """End and begin dispatches in the order of the entries, many at once where no case comes twice."""
    ends: list[Row] = []
    starts: list[Row] = []
    begun: set[str] = set()

    def flush() -> None:
        if ends:
            conn.execute(_END_DISPATCH, ends)
        if starts:
            conn.execute(_START_DISPATCH, starts)
        ends.clear()
        starts.clear()
        begun.clear()

    for entry in entries:
        ended, row = dispatch_steps(entry)
        if ended:
            if entry.after.case_id in begun:
                flush()
            ends.append({"b_case_id": entry.after.case_id, "b_at": _at(entry)})
        if row is not None:
            starts.append(row)
            begun.add(entry.after.case_id)
    flush()


def _at(entry: Entry) -> int:
    """Return the moment of an entry as stored."""
    return to_ms(entry.at)


def _words_differ(before: Case, after: Case) -> bool:
    """Tell whether the word index must be told."""
    return before.description != after.description or before.location.address != after.location.address


@dataclass(slots=True)
class Bulk:
    """Rows of whole case histories, made by the functions of `rows`, to be inserted in one go.

    `cases` are the last state of cases that are not in the database yet; `words` the parameters of
    `words.words_param` for them; `dispatches` may carry `ended_at`.
    """

    cases: list[Row] = field(default_factory=list)
    changes: list[Row] = field(default_factory=list)
    commands: list[Row] = field(default_factory=list)
    dispatches: list[Row] = field(default_factory=list)
    files: list[Row] = field(default_factory=list)
    words: list[Row] = field(default_factory=list)


def insert_rows(conn: Connection, bulk: Bulk) -> None:
    """Insert the rows of new cases as they are; the same rows that `append` and its caller leave."""
    for statement, rows in (
        (_INSERT_CASE, bulk.cases),
        (_INSERT_CHANGE, bulk.changes),
        (_INSERT_COMMAND, bulk.commands),
        (_START_DISPATCH, bulk.dispatches),
        (_FILES_SQLITE if is_sqlite(conn) else _FILES_PG, bulk.files),
    ):
        if rows:
            conn.execute(statement, rows)
    if bulk.words:
        conn.execute(words_statement(is_sqlite(conn)), bulk.words)
