"""Reads somebody else's SQLite file: never written, not trusted, and no question takes longer than told."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import QueuePool

from services.sql.driver import sqlite_driver

_STEPS = 20_000
_SETUP = (
    "PRAGMA query_only = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA mmap_size = 0",
)


def foreign_engine(path: Path, *, pool_size: int = 4) -> Engine:
    """Make an engine that opens a file read-only; the file is touched with the first connection.

    Nothing is written beside it either, so that files on a read-only medium can be used.
    """
    uri = f"file:{quote(str(path))}?mode=ro&immutable=1"

    def connect() -> Any:
        raw = sqlite_driver.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        try:
            for statement in _SETUP:
                raw.execute(statement)
        except BaseException:
            raw.close()
            raise
        return raw

    return create_engine(
        "sqlite://", creator=connect, module=sqlite_driver, poolclass=QueuePool, pool_size=pool_size
    )


@contextmanager
def limited(engine: Engine, seconds: float) -> Iterator[Connection]:
    """Open a connection whose statements are interrupted after some seconds (a view can be written to run for ever).

    An interrupted statement raises SQLAlchemy's OperationalError.
    """
    with engine.connect() as conn:
        ends = time.monotonic() + seconds
        raw: Any = conn.connection.dbapi_connection
        raw.set_progress_handler(lambda: int(time.monotonic() > ends), _STEPS)
        try:
            yield conn
        finally:
            raw.set_progress_handler(None, 0)
