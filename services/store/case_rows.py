"""A case as a row of `cache.db`: columns for queues and maps, the whole case as a document beside them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from services.domain.case import Case
from services.domain.case_doc import from_doc, to_doc
from services.ports.picture import CaseRow, row_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

_NAMES = (
    "case_id, number, kind, source, state, stage, open, category, grid, lead_dept, owner_role, owner_user, "
    "urgent, level, due_ms, clock, paused, lon, lat, address, description, flags, created_ms, closed_ms, "
    "version, xver, doc, clock_doc"
)
_text = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode  # one for all: making it costs as much
_MARKS = ", ".join("?" * 28)
COPY_COLUMNS = _NAMES

UPSERT = (
    "INSERT INTO cases (" + _NAMES + ") VALUES (" + _MARKS + ") ON CONFLICT (case_id) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMES.split(", ")[1:])
)  # fmt: skip
INSERT_COPY = "INSERT OR REPLACE INTO cases_copy (" + _NAMES + ") VALUES (" + _MARKS + ")"
ROW_COLUMNS = (
    "case_id, number, kind, source, state, stage, category, grid, lead_dept, owner_role, owner_user, urgent, "
    "level, due_ms, clock, paused, lon, lat, address, substr(description, 1, 200), flags, created_ms, "
    "closed_ms, version, xver"
)


def to_ms(moment: datetime | None) -> int | None:
    """Return a moment as milliseconds since 1970."""
    return None if moment is None else (moment - _EPOCH) // _MS


def from_ms(value: int | None) -> datetime | None:
    """Return milliseconds since 1970 as a moment in UTC."""
    return None if value is None else _EPOCH + timedelta(milliseconds=value)


def case_values(case: Case) -> tuple[Any, ...]:
    """Return the values of UPSERT and INSERT_COPY."""
    row = row_of(case)
    doc = to_doc(case)
    return (
        row.case_id, row.number, row.kind, row.source, row.state, row.stage, case.open, row.category,
        row.grid, row.lead_dept, row.owner_role, row.owner_user, row.urgent, row.level, to_ms(row.due_at),
        row.clock, row.paused, row.lon, row.lat, row.address, case.description, " ".join(row.flags),
        to_ms(row.created_at), to_ms(row.closed_at), row.version, row.xver, _text(doc),
        _text(doc["clocks"][row.clock]) if case.open and row.clock else None,
    )  # fmt: skip


#: columns of `DeskColumns`, in order
DESK_COLUMNS = (
    "case_id, number, state, stage, open, category, grid, source, lead_dept, owner_user, urgent, level, due_ms, "
    "lon, lat, created_ms, flags, clock_doc, address, description"
)


def case_from(doc: str) -> Case:
    """Read the document of a row."""
    return from_doc(json.loads(doc))


def row_from(r: Any) -> CaseRow:
    """Read a row of ROW_COLUMNS."""
    return CaseRow(
        r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], bool(r[11]), r[12], from_ms(r[13]),
        r[14], bool(r[15]), r[16], r[17], r[18], r[19], tuple(r[20].split()), _EPOCH + r[21] * _MS,
        from_ms(r[22]), r[23], r[24],
    )  # fmt: skip
