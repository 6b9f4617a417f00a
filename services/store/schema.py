"""The schema of both files, version by version. A shipped version is never edited; a new one is appended."""

from __future__ import annotations

#: outbox.db: commands with their fate, attachments, drafts, settings
OUTBOX_STEPS: tuple[tuple[str, ...], ...] = (
    (
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
        "CREATE INDEX command_waiting ON command (case_id, n) WHERE status = 'waiting'",
        "CREATE INDEX command_status ON command (status, n)",
        "CREATE INDEX command_case ON command (case_id, n)",
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
        "CREATE INDEX command_attachment_sha ON command_attachment (sha256)",
        """
        CREATE TABLE draft (
            case_id TEXT PRIMARY KEY,
            title TEXT NOT NULL,
            fields TEXT NOT NULL,
            saved_at TEXT NOT NULL
        )
        """,
        "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    ),
    # acts on many cases: which act a command belongs to, and whether it may leave yet
    (
        "ALTER TABLE command ADD COLUMN batch TEXT",
        "ALTER TABLE command ADD COLUMN staged INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX command_batch ON command (batch, n) WHERE batch IS NOT NULL",
    ),
)

CASE_COLUMNS = """
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
"""

TRIGGERS: dict[str, str] = {
    "cases_text_insert": """
        CREATE TRIGGER cases_text_insert AFTER INSERT ON cases BEGIN
            INSERT INTO case_text (rowid, number, address, description)
            VALUES (new.id, new.number, new.address, new.description);
        END
        """,
    "cases_text_delete": """
        CREATE TRIGGER cases_text_delete AFTER DELETE ON cases BEGIN
            INSERT INTO case_text (case_text, rowid, number, address, description)
            VALUES ('delete', old.id, old.number, old.address, old.description);
        END
        """,
    "cases_text_update": """
        CREATE TRIGGER cases_text_update AFTER UPDATE OF number, address, description ON cases
        WHEN old.number IS NOT new.number OR old.address <> new.address OR old.description <> new.description
        BEGIN
            INSERT INTO case_text (case_text, rowid, number, address, description)
            VALUES ('delete', old.id, old.number, old.address, old.description);
            INSERT INTO case_text (rowid, number, address, description)
            VALUES (new.id, new.number, new.address, new.description);
        END
        """,
}

#: indexes of `cases` since version 2: built anew behind a copy, in one go
CASE_INDEXES: tuple[tuple[str, str], ...] = (
    ("cases_number", "CREATE INDEX cases_number ON cases (number)"),
    ("cases_created", "CREATE INDEX cases_created ON cases (created_ms)"),
    ("cases_closed", "CREATE INDEX cases_closed ON cases (closed_ms) WHERE closed_ms IS NOT NULL"),
    (  # every case in a hundred bytes: finding, filtering and ordering need nothing else
        "cases_narrow",
        """
        CREATE INDEX cases_narrow ON cases (
            id, open, created_ms, case_id, number, state, stage, category, grid, source, lead_dept, urgent, level,
            due_ms, lon
        )
        """,
    ),
    (  # what a desk shows and filters of its open cases, side by side
        "cases_desk",
        """
        CREATE INDEX cases_desk ON cases (
            open, case_id, number, state, stage, category, grid, source, lead_dept, owner_user, urgent, level,
            due_ms, lon, lat, created_ms, flags, clock_doc, address, description
        ) WHERE open = 1
        """,
    ),
)

#: cache.db: cases with the columns of a queue row, full text, position in the feed, documents
CACHE_STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE cases (id INTEGER PRIMARY KEY," + CASE_COLUMNS + ")",
        "CREATE INDEX cases_state ON cases (state, due_ms)",
        "CREATE INDEX cases_open ON cases (case_id, version) WHERE open = 1",
        "CREATE TABLE cases_copy (id INTEGER PRIMARY KEY," + CASE_COLUMNS + ")",
        """
        CREATE VIRTUAL TABLE case_text USING fts5(
            number, address, description, content = 'cases', content_rowid = 'id', tokenize = 'trigram'
        )
        """,
        *TRIGGERS.values(),
        "CREATE TABLE place (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE document (name TEXT PRIMARY KEY, etag TEXT, doc TEXT NOT NULL)",
    ),
    (  # 2: found by trigrams and initials, closed ones too; the open ones are read without their documents
        *("DROP TRIGGER " + name for name in TRIGGERS),
        "DROP TABLE case_text",
        "DELETE FROM cases_copy",
        "ALTER TABLE cases ADD COLUMN clock_doc TEXT",
        "ALTER TABLE cases_copy ADD COLUMN clock_doc TEXT",
        """
        UPDATE cases SET clock_doc = json_extract(doc, '$.clocks.' || clock)
        WHERE open = 1 AND clock IS NOT NULL
        """,
        """
        CREATE VIRTUAL TABLE case_words USING fts5(
            number, text, initials, content = '', contentless_delete = 1, tokenize = 'trigram'
        )
        """,
        "CREATE VIRTUAL TABLE case_terms USING fts5vocab (case_words, 'row')",
        "INSERT INTO place (name, value) SELECT 'words_next', '0' FROM cases LIMIT 1",
        *(statement for _, statement in CASE_INDEXES),
    ),
)
