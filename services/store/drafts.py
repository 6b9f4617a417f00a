"""Drafts of intake forms and small settings, beside the commands in `outbox.db`."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from services.ports.cache import Draft
from services.store.command_rows import dump, exact_time
from services.store.files import EncryptedFile

_COLUMNS = "SELECT case_id, fields, saved_at, title FROM draft "


class SqlDraftStore:
    """The `DraftStore`: open forms, stored while the operator types. A draft never reaches the log."""

    def __init__(self, file: EncryptedFile) -> None:
        """Share the file with the outbox."""
        self._file = file

    def keep(self, draft: Draft) -> None:
        """Store or replace a draft. Raises StorageFull."""
        with self._file.write() as conn:
            conn.exec_driver_sql(
                "INSERT INTO draft (case_id, fields, saved_at, title) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (case_id) DO UPDATE SET fields = excluded.fields,"
                " saved_at = excluded.saved_at, title = excluded.title",
                (draft.case_id, dump(dict(draft.fields)), exact_time(draft.saved_at), draft.title),
            )

    def drafts(self) -> tuple[Draft, ...]:
        """Return all drafts, the latest first."""
        with self._file.read() as conn:
            rows = conn.exec_driver_sql(_COLUMNS + "ORDER BY saved_at DESC, case_id").all()
        return tuple(_draft(row) for row in rows)

    def draft(self, case_id: str) -> Draft | None:
        """Return one draft."""
        with self._file.read() as conn:
            row = conn.exec_driver_sql(_COLUMNS + "WHERE case_id = ?", (case_id,)).first()
        return None if row is None else _draft(row)

    def drop(self, case_id: str) -> None:
        """Remove a draft (registered, or given up)."""
        with self._file.write() as conn:
            conn.exec_driver_sql("DELETE FROM draft WHERE case_id = ?", (case_id,))


def _draft(row: Any) -> Draft:
    """Read a row."""
    return Draft(row[0], json.loads(row[1]), datetime.fromisoformat(row[2]), row[3])


class SqlSettingsStore:
    """The `SettingsStore`: small JSON values of one user on this machine."""

    def __init__(self, file: EncryptedFile) -> None:
        """Share the file with the outbox."""
        self._file = file

    def value(self, name: str, default: Any = None) -> Any:
        """Return a value."""
        with self._file.read() as conn:
            row = conn.exec_driver_sql("SELECT value FROM setting WHERE name = ?", (name,)).first()
        return default if row is None else json.loads(row[0])

    def put_value(self, name: str, value: Any) -> None:
        """Store a value. Raises StorageFull."""
        with self._file.write() as conn:
            conn.exec_driver_sql(
                "INSERT INTO setting (name, value) VALUES (?, ?)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, dump(value)),
            )
