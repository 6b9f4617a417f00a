"""Engines on encrypted SQLite files: the only place that knows `sqlcipher3`, and how its traps are avoided.

* The driver's own transactions are off (`isolation_level=None`); writers begin with BEGIN IMMEDIATE, readers
  (execution option `reading=True`) with BEGIN. So a read-then-write loses nothing and DDL rolls back.
* The key is raw (32 bytes): a passphrase would cost 117 ms a connection.
* QueuePool: SQLAlchemy's default for `sqlite://` hands one connection to several threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2

KEY_BYTES = 32
SQLITE_BUSY, SQLITE_FULL, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_CANTOPEN, SQLITE_NOTADB = 5, 13, 10, 11, 14, 26


def cipher_engine(path: Path, key: bytes | None, *, synchronous: str = "NORMAL", wal: bool = True) -> Engine:
    """Make an engine on one file; `key` is 32 raw bytes, None leaves the file unencrypted (tests).

    The file is made readable for its owner only. Errors come as SQLAlchemy's, see `error_number`.
    """
    if key is not None and len(key) != KEY_BYTES:
        raise ValueError("a raw key has 32 bytes")
    _make_private(path)

    def connect() -> Any:
        raw = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False, timeout=5.0)
        try:
            if key is not None:
                raw.execute("PRAGMA cipher_log_level = NONE")
                # a pragma takes no bind values; the key is hex of our own making
                unlock = f"PRAGMA key = \"x'{key.hex()}'\""
                raw.execute(unlock)
            raw.execute("PRAGMA temp_store = MEMORY")
            raw.execute("PRAGMA journal_mode = WAL" if wal else "PRAGMA journal_mode = DELETE")
            raw.execute(_SYNCHRONOUS[synchronous])
            raw.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            raw.close()
            raise
        return raw

    engine = create_engine(
        "sqlite://",
        creator=connect,
        module=dbapi2,
        poolclass=QueuePool,
        pool_size=4,
        hide_parameters=True,  # an error is logged with its statement: the values may be a caller's
    )
    event.listen(engine, "begin", _begin)
    return engine


_SYNCHRONOUS = {
    "FULL": "PRAGMA synchronous = FULL",
    "NORMAL": "PRAGMA synchronous = NORMAL",
    "OFF": "PRAGMA synchronous = OFF",
}


def _begin(conn: Connection) -> None:
    """Open the transaction ourselves; the driver would only do so at the first write."""
    reading = conn.get_execution_options().get("reading", False)
    conn.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _make_private(path: Path) -> None:
    """Make the file with mode 0600 before SQLite would make it with the umask's."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Run a block in one write transaction: all of it or nothing."""
    with engine.begin() as conn:
        yield conn


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Run a block on one consistent state without holding up writers."""
    with engine.connect() as plain:
        conn = plain.execution_options(reading=True)
        with conn.begin():
            yield conn


def error_number(error: BaseException) -> int | None:
    """Return SQLite's primary result code behind an exception, None when it has none."""
    origin = getattr(error, "orig", None) or error
    code = getattr(origin, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF
