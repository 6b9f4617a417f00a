"""Numbering the log after commit, and sealing it (contract section 7).

A cursor on an auto-increment id loses changes when writers overlap; so rows are inserted without a number,
and one sequencer at a time numbers what is committed, without gaps, and chains a hash over the batch. On
PostgreSQL every process runs `number` in a loop under an advisory lock; on SQLite it is the last statement
of a writing transaction.
"""

from __future__ import annotations

import hashlib
import time

from sqlalchemy import Connection, insert, select, text

from services.backend.db.tables import changes, seals
from services.sql.engine import is_sqlite

ALGO = "sha256"
#: the advisory lock of the sequencer
LOCK = 0x6772_6964_0001
GENESIS = bytes(32)
BATCH = 5000

_HEAD = select(seals.c.to_seq, seals.c.hash).order_by(seals.c.to_seq.desc()).limit(1)
_WAITING = (
    select(changes.c.id, changes.c.row_hash)
    .where(changes.c.seq.is_(None))
    .order_by(changes.c.id)
    .limit(BATCH)
)
_NUMBER_PG = text(
    "UPDATE changes AS c SET seq = :head + n.place FROM"
    " (SELECT id, row_number() OVER (ORDER BY id) AS place FROM"
    " (SELECT id FROM changes WHERE seq IS NULL ORDER BY id LIMIT :most) AS w) AS n"
    " WHERE c.id = n.id RETURNING c.seq, c.row_hash"
)
_NUMBER_SQLITE = text("UPDATE changes SET seq = :seq WHERE id = :id")
_ANY_WAITING = text("SELECT EXISTS (SELECT 1 FROM changes WHERE seq IS NULL)")
_LOOK = text(
    "SELECT EXISTS (SELECT 1 FROM changes WHERE seq IS NULL), (SELECT max(to_seq) FROM seals),"
    " (SELECT value FROM meta WHERE key = 'access_version')"
)
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:key)").bindparams(key=LOCK)


def seal_hash(previous: bytes, first: int, last: int, row_hashes: list[bytes]) -> bytes:
    """Return the seal of a batch: sha256 over the seal before it, its numbers and its row hashes in order."""
    mark = hashlib.sha256(previous)
    mark.update(f"|{first}|{last}|".encode())
    mark.update(b"".join(row_hashes))
    return mark.digest()


def number(conn: Connection, now_ms: int | None = None) -> int:
    """Number the committed (on SQLite: this transaction's) changes that have no number, and seal them.

    Returns how many were numbered: 0 when there was nothing, or another sequencer is at it. Must run in a
    writing transaction; at most `BATCH` rows a call.
    """
    return _number_sqlite(conn, now_ms) if is_sqlite(conn) else _number_postgres(conn, now_ms)


def number_all(conn: Connection) -> int:
    """Number everything that waits, batch by batch; returns how many."""
    total = 0
    while done := number(conn):
        total += done
    return total


def _number_sqlite(conn: Connection, now_ms: int | None) -> int:
    """Number on SQLite, where the caller is the only writer."""
    waiting = conn.execute(_WAITING).all()
    if not waiting:
        return 0
    head, previous = _last_seal(conn)
    conn.execute(_NUMBER_SQLITE, [{"seq": head + n, "id": row.id} for n, row in enumerate(waiting, 1)])
    _seal(conn, head, previous, [row.row_hash for row in waiting], now_ms)
    return len(waiting)


def _number_postgres(conn: Connection, now_ms: int | None) -> int:
    """Number on PostgreSQL under the lock; the statement after it sees all that was committed before."""
    if not anything_waits(conn) or not conn.execute(_TRY_LOCK).scalar():
        return 0
    head, previous = _last_seal(conn)
    rows = conn.execute(_NUMBER_PG, {"head": head, "most": BATCH})
    done = sorted((int(seq), bytes(mark)) for seq, mark in rows)
    if not done:
        return 0
    _seal(conn, head, previous, [mark for _, mark in done], now_ms)
    return len(done)


def anything_waits(conn: Connection) -> bool:
    """Tell whether there are changes without a number."""
    return bool(conn.execute(_ANY_WAITING).scalar())


def look(conn: Connection) -> tuple[bool, int, int]:
    """Return whether changes wait for a number, the highest number given, and the version of all access."""
    row = conn.execute(_LOOK).one()
    return bool(row[0]), int(row[1] or 0), int(row[2] or 0)


def _last_seal(conn: Connection) -> tuple[int, bytes]:
    """Return number and hash of the last seal."""
    last = conn.execute(_HEAD).first()
    return (0, GENESIS) if last is None else (last.to_seq, bytes(last.hash))


def _seal(conn: Connection, head: int, previous: bytes, marks: list[bytes], now_ms: int | None) -> None:
    """Write the seal of a batch."""
    last = head + len(marks)
    row = {
        "to_seq": last,
        "from_seq": head + 1,
        "hash": seal_hash(previous, head + 1, last, marks),
        "prev_hash": previous,
        "algo": ALGO,
        "at": int(time.time() * 1000) if now_ms is None else now_ms,
    }
    conn.execute(insert(seals), row)


def head_of(conn: Connection) -> int:
    """Return the highest number given so far."""
    found = conn.execute(select(seals.c.to_seq).order_by(seals.c.to_seq.desc()).limit(1)).scalar()
    return int(found or 0)


__all__ = [
    "ALGO",
    "BATCH",
    "GENESIS",
    "LOCK",
    "anything_waits",
    "head_of",
    "number",
    "number_all",
    "seal_hash",
]
