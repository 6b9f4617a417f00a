"""The schema of both files of a console as first shipped, frozen: files like these lie on machines in use.

Never changed; what a later program makes of them is what the tests ask.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from services.sql.driver import sqlite_driver

OUTBOX = (
    """
    CREATE TABLE command (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    command_id TEXT NOT NULL UNIQUE,
    case_id TEXT NOT NULL,
    action TEXT NOT NULL,
    payload TEXT NOT NULL,
    base_xver INTEGER,
    seen_at TEXT,
    user_id TEXT NOT NULL,
    saved_at TEXT NOT NULL,
    console_id TEXT NOT NULL,
    label TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'waiting',
    tries INTEGER NOT NULL DEFAULT 0,
    decided_at TEXT,
    version INTEGER NOT NULL DEFAULT 0,
    xver INTEGER NOT NULL DEFAULT 0,
    number TEXT,
    answer TEXT,
    replaced_by TEXT
    )
    """,
    """
    CREATE INDEX command_waiting ON command (case_id, n) WHERE status = 'waiting'
    """,
    """
    CREATE INDEX command_status ON command (status, n)
    """,
    """
    CREATE INDEX command_case ON command (case_id, n)
    """,
    """
    CREATE TABLE attachment (
    sha256 TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    mime TEXT NOT NULL,
    size INTEGER NOT NULL,
    uploaded INTEGER NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE TABLE command_attachment (
    n INTEGER NOT NULL REFERENCES command (n) ON DELETE CASCADE,
    sha256 TEXT NOT NULL REFERENCES attachment (sha256),
    PRIMARY KEY (n, sha256)
    )
    """,
    """
    CREATE INDEX command_attachment_sha ON command_attachment (sha256)
    """,
    """
    CREATE TABLE draft (
    case_id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    fields TEXT NOT NULL,
    saved_at TEXT NOT NULL
    )
    """,
    """
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)
    """,
)

CACHE = (
    """
    CREATE TABLE cases (id INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    number TEXT,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT,
    open INTEGER NOT NULL,
    category TEXT,
    grid TEXT,
    lead_dept TEXT,
    owner_role TEXT,
    owner_user TEXT,
    urgent INTEGER NOT NULL,
    level INTEGER NOT NULL,
    due_ms INTEGER,
    clock TEXT,
    paused INTEGER NOT NULL,
    lon REAL,
    lat REAL,
    address TEXT NOT NULL,
    description TEXT NOT NULL,
    flags TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    version INTEGER NOT NULL,
    xver INTEGER NOT NULL,
    doc TEXT NOT NULL
    )
    """,
    """
    CREATE INDEX cases_state ON cases (state, due_ms)
    """,
    """
    CREATE INDEX cases_open ON cases (case_id, version) WHERE open = 1
    """,
    """
    CREATE TABLE cases_copy (id INTEGER PRIMARY KEY,
    case_id TEXT NOT NULL UNIQUE,
    number TEXT,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT NOT NULL,
    stage TEXT,
    open INTEGER NOT NULL,
    category TEXT,
    grid TEXT,
    lead_dept TEXT,
    owner_role TEXT,
    owner_user TEXT,
    urgent INTEGER NOT NULL,
    level INTEGER NOT NULL,
    due_ms INTEGER,
    clock TEXT,
    paused INTEGER NOT NULL,
    lon REAL,
    lat REAL,
    address TEXT NOT NULL,
    description TEXT NOT NULL,
    flags TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    version INTEGER NOT NULL,
    xver INTEGER NOT NULL,
    doc TEXT NOT NULL
    )
    """,
    """
    CREATE VIRTUAL TABLE case_text USING fts5(
    number, address, description, content = 'cases', content_rowid = 'id', tokenize = 'trigram'
    )
    """,
    """
    CREATE TRIGGER cases_text_insert AFTER INSERT ON cases BEGIN
    INSERT INTO case_text (rowid, number, address, description)
    VALUES (new.id, new.number, new.address, new.description);
    END
    """,
    """
    CREATE TRIGGER cases_text_delete AFTER DELETE ON cases BEGIN
    INSERT INTO case_text (case_text, rowid, number, address, description)
    VALUES ('delete', old.id, old.number, old.address, old.description);
    END
    """,
    """
    CREATE TRIGGER cases_text_update AFTER UPDATE OF number, address, description ON cases
    WHEN old.number IS NOT new.number OR old.address <> new.address OR old.description <> new.description
    BEGIN
    INSERT INTO case_text (case_text, rowid, number, address, description)
    VALUES ('delete', old.id, old.number, old.address, old.description);
    INSERT INTO case_text (rowid, number, address, description)
    VALUES (new.id, new.number, new.address, new.description);
    END
    """,
    """
    CREATE TABLE place (name TEXT PRIMARY KEY, value TEXT NOT NULL)
    """,
    """
    CREATE TABLE document (name TEXT PRIMARY KEY, etag TEXT, doc TEXT NOT NULL)
    """,
)


def as_first_shipped(today: Path, then: Path, steps: Sequence[str], key: bytes) -> None:
    """Write what a file holds today into a file of the first version, as a program of that time left it.

    Rows are copied column by column; what the first version did not know is lost, as it was unknown then.
    """
    raw = sqlite_driver.connect(str(then), isolation_level=None)
    secret = f"\"x'{key.hex()}'\""
    raw.execute(f"PRAGMA key = {secret}")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.execute(f"ATTACH DATABASE '{today}' AS today KEY {secret}")
    raw.execute("BEGIN IMMEDIATE")
    for statement in steps:
        raw.execute(statement)
    plain = "SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%'"
    for (table,) in raw.execute(plain).fetchall():
        if table.startswith(("case_text", "sqlite_")):
            continue
        columns = ", ".join(row[1] for row in raw.execute(f"PRAGMA main.table_info({table})"))
        raw.execute(f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM today.{table}")
    raw.execute("PRAGMA main.user_version = 1")
    raw.execute("COMMIT")
    raw.execute("DETACH DATABASE today")
    raw.close()
