"""Engines with honest transactions on SQLite and PostgreSQL.

SQLite's usual Python driver runs SELECT outside the transaction, and SQLAlchemy's default BEGIN is deferred:
read and write then loses updates without an error (816 of 1,200 measured). Here the driver's own transaction
control is off, a writer says BEGIN IMMEDIATE, a reader plain BEGIN, and DDL rolls back like everything else.
"""

from __future__ import annotations

import random
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as TurnTimeoutError
from sqlalchemy.pool import QueuePool

from services.sql.driver import sqlite_driver

_MODE = "griddesk_mode"
_READ = "read"
POOL_SIZE = 8
POOL_OVERFLOW = 16
POOL_TIMEOUT_S = 3.0


def sqlite_engine(
    path: str | Path,
    *,
    key: bytes | None = None,
    synchronous: str = "FULL",
    busy_s: float = 10.0,
    pool_size: int = POOL_SIZE,
    pragmas: tuple[str, ...] = (),
) -> Engine:
    """Open (or make) a SQLite file in WAL mode.

    `key` is the raw 32-byte key of an encrypted file; `synchronous` FULL makes every commit durable, NORMAL
    only consistent; `busy_s` is how long a writer waits for another process. Raises ValueError for a key of
    another length; the file itself is opened with the first connection.
    """
    if key is not None and len(key) != 32:
        raise ValueError("the key of an encrypted file has 32 bytes")
    first = () if key is None else (f"PRAGMA key = \"x'{key.hex()}'\"",)
    setup = (
        *first,
        f"PRAGMA busy_timeout = {int(busy_s * 1000)}",
        "PRAGMA journal_mode = WAL",
        f"PRAGMA synchronous = {synchronous}",
        "PRAGMA foreign_keys = ON",
        *pragmas,
    )
    engine = create_engine(
        f"sqlite:///{Path(path)}",
        module=sqlite_driver,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,  # an error is logged with its statement: the values may be a caller's
        connect_args={"timeout": busy_s, "check_same_thread": False, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for statement in setup:
            _set_up(cursor, statement, busy_s)
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        if connection.get_execution_options().get(_MODE) == _READ:
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection, busy_s)

    _turns[engine] = (threading.Lock(), busy_s)
    return engine


def _set_up(cursor: Any, statement: str, busy_s: float) -> None:
    """Run a pragma of a fresh connection; asks again while others hold a new file.

    SQLite does not wait for the change to WAL, whatever its busy timeout: of several processes that start on a new
    file one would be told that it is locked.
    """
    deadline = time.monotonic() + busy_s
    while True:
        try:
            cursor.execute(statement)
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.001, 0.01))
        else:
            return


#: one writer at a time among the threads of a process; who waits for other processes asks often
_turns: weakref.WeakKeyDictionary[Engine, tuple[threading.Lock, float]] = weakref.WeakKeyDictionary()


def _begin_writing(connection: Connection, busy_s: float) -> None:
    """Begin a writing transaction, asking again every millisecond or two while another process writes.

    SQLite's own waiting backs off to 100 ms between attempts: under load the one who has waited longest is the
    least likely to get in (seen: one of eight writers shut out for ten seconds).
    """
    deadline = time.monotonic() + busy_s
    connection.exec_driver_sql("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if "locked" not in str(error.orig) or time.monotonic() > deadline:
                    raise
                time.sleep(random.uniform(0.0005, 0.002))
            else:
                return
    finally:
        connection.exec_driver_sql(  # house: ok built-sql: pragmas take no bind values
            f"PRAGMA busy_timeout = {int(busy_s * 1000)}"
        )


def postgres_engine(
    url: str, *, pool_size: int = POOL_SIZE, idle_limit_s: float | None = None, application: str = "griddesk"
) -> Engine:
    """Open a PostgreSQL database by its SQLAlchemy URL (`postgresql+psycopg://…`).

    With `idle_limit_s` the server cuts off a session that holds a transaction and does nothing (a frozen
    process must not hold its locks for ever), and no statement waits longer than that for a lock.
    """
    limits = ""
    if idle_limit_s is not None:
        ms = int(idle_limit_s * 1000)
        limits = f"-c idle_in_transaction_session_timeout={ms} -c lock_timeout={ms}"
    return create_engine(
        url,
        pool_size=pool_size,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_S,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args={"application_name": application, "connect_timeout": 5, "options": limits},
    )


def open_engine(
    url: str, *, synchronous: str = "FULL", pool_size: int = POOL_SIZE, idle_limit_s: float | None = None
) -> Engine:
    """Open an engine for a SQLAlchemy URL of either database.

    `idle_limit_s` holds for PostgreSQL (see `postgres_engine`).

    Raises ValueError for another kind of database, SQLAlchemy's ArgumentError for no URL at all.
    """
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise ValueError("a SQLite centre needs a file")
        return sqlite_engine(parsed.database, synchronous=synchronous, pool_size=pool_size)
    if kind == "postgresql":
        whole = parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
        return postgres_engine(whole, pool_size=pool_size, idle_limit_s=idle_limit_s)
    raise ValueError(f"neither SQLite nor PostgreSQL: {kind}")


def is_sqlite(bind: Engine | Connection) -> bool:
    """Tell whether an engine or connection speaks to SQLite."""
    return bind.dialect.name == "sqlite"


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a writing transaction; committed at the end, rolled back on any exception.

    On SQLite it is the only writer from its first statement on (BEGIN IMMEDIATE), and threads of this process
    wait for their turn without asking the database; raises SQLAlchemy's TimeoutError when it does not come.
    """
    turn = _turns.get(engine)
    if turn is None:
        with engine.begin() as connection:
            yield connection
        return
    lock, busy_s = turn
    if not lock.acquire(timeout=busy_s):
        raise TurnTimeoutError("another thread has been writing for too long")
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        lock.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a reading transaction in which every statement sees the same state; it writes nothing."""
    options: dict[str, Any] = {_MODE: _READ}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as connection:
        marked = connection.execution_options(**options)
        with marked.begin():
            yield marked


@contextmanager
def glancing(engine: Engine) -> Iterator[Connection]:
    """Open a connection for one or two cheap reads that need no common picture (no REPEATABLE READ).

    On PostgreSQL each read is a transaction of its own: one round trip instead of three.
    """
    options: dict[str, Any] = {_MODE: _READ}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "AUTOCOMMIT"
    with engine.connect() as connection:
        yield connection.execution_options(**options)
