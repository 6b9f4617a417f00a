"""Schema steps of a small file database: old or new, never between.

Each version is a list of statements run in one transaction together with the version number (SQLite keeps
`user_version` in the file's header, so it rolls back with the rest).
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from services.sql.cipher import reading, writing

Steps = Sequence[Sequence[str]]


class TooNewError(Exception):
    """The file has a schema version this program does not know."""


def schema_version(conn: Connection) -> int:
    """Return the version stored in the file (0 for an empty one)."""
    return int(conn.exec_driver_sql("PRAGMA user_version").scalar_one())


def upgrade(engine: Engine, steps: Steps) -> int:
    """Bring a file to the newest version, one transaction a version; returns how many were run.

    `steps[0]` leads from version 0 to 1. Raises TooNewError for a file of a newer program.
    """
    with reading(engine) as conn:
        seen = schema_version(conn)
    if seen > len(steps):
        raise TooNewError(f"schema {seen}, known up to {len(steps)}")
    done = 0
    for target in range(seen + 1, len(steps) + 1):
        with writing(engine) as conn:
            # another process may have been quicker; the version is read again under the write lock
            if schema_version(conn) >= target:
                continue
            for statement in steps[target - 1]:
                conn.exec_driver_sql(statement)
            stamp = f"PRAGMA user_version = {target:d}"  # a pragma takes no bind values
            conn.exec_driver_sql(stamp)
            done += 1
    return done
