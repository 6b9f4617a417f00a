"""Opening the centre's database: engine, upgrade of the schema, and the facts of the data history."""

from __future__ import annotations

import secrets
import uuid
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, select, text

from services.backend.db import (
    access_tables,
    auto_tables,
    call_tables,
    field_tables,
    filter_tables,
    handover_tables,
    kpi_month_tables,
    kpi_tables,
    learned_tables,
)
from services.backend.db.tables import meta, metadata
from services.sql.engine import glancing, is_sqlite, open_engine, writing

#: the newest revision in `migrations/versions`; a test holds the two together
HEAD_REVISION = "0009"
_UPGRADE_LOCK = 0x6772_6964_0002
SQLITE_NAME = "centre.db"

__all__ = [
    "HEAD_REVISION",
    "access_tables",
    "auto_tables",
    "call_tables",
    "database_url",
    "field_tables",
    "filter_tables",
    "handover_tables",
    "kpi_month_tables",
    "kpi_tables",
    "learned_tables",
    "migrate",
    "open_database",
    "read_meta",
    "write_meta",
]


def database_url(data_dir: Path, url: str | None = None) -> str:
    """Return the SQLAlchemy URL of a centre: as given, else the SQLite file in its data folder."""
    return url if url else f"sqlite:///{data_dir / SQLITE_NAME}"


def open_database(url: str) -> Engine:
    """Open the database and bring its schema up to date.

    Raises ValueError or ArgumentError for a wrong URL, SQLAlchemy's OperationalError when it cannot be
    reached.
    """
    engine = open_engine(url)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def migrate(engine: Engine) -> None:
    """Run the missing revisions in one transaction with their version rows: old or new, never between.

    Several processes may start at once: the second waits and finds nothing to do.
    """
    if _revision(engine) == HEAD_REVISION:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).resolve().parent.parent / "migrations"))
    with writing(engine) as conn:
        if not is_sqlite(conn):
            conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
        _first_facts(conn)


def _revision(engine: Engine) -> str | None:
    """Return the revision a database is at, None for an empty one."""
    with glancing(engine) as conn:
        if not inspect(conn).has_table("alembic_version"):
            return None
        found = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)


def _first_facts(conn: Connection) -> None:
    """Write what a data history has from its beginning, once."""
    for key, value in (
        ("feed_epoch", str(uuid.uuid4())),
        ("phone_key", secrets.token_hex(32)),
        ("first_seq", "1"),
    ):
        if read_meta(conn, key) is None:
            write_meta(conn, key, value)


def read_meta(conn: Connection, key: str) -> str | None:
    """Return one fact of the data history."""
    found = conn.execute(select(meta.c.value).where(meta.c.key == key)).scalar()
    return None if found is None else str(found)


def write_meta(conn: Connection, key: str, value: str) -> None:
    """Write one fact of the data history."""
    conn.execute(meta.delete().where(meta.c.key == key))
    conn.execute(meta.insert().values(key=key, value=value))


def create_for_comparison(conn: Connection) -> None:
    """Make all tables straight from their definitions; a test compares them with the revisions."""
    metadata.create_all(conn)
