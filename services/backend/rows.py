"""Rows of the log and its projections, made from plain domain values: nothing here touches a database.

The bulk writer of demo districts and the importers make their rows with these same functions, so that a row
is the same whoever wrote it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.backend.db.packing import compact, pack
from services.backend.db.tables import NO_DUE
from services.domain import case_doc
from services.domain.case import Case, case_depts
from services.domain.effects_handling import suspended_until
from services.domain.roles import Actor
from services.domain.states import DISPATCHED
from services.sql.types import to_ms

Row = dict[str, Any]
HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One change to append: the case before (None for a birth) and after, and how it came about.

    `payload` is as the log may show it: personal fields masked (`masking_log.shown_payload`). `rules` is the
    version of the reference data the decision rested on. `at` is cut to milliseconds when stored: decide
    with a moment of whole milliseconds, or the stored case differs from the decided one.
    """

    before: Case | None
    after: Case
    action: str
    actor: Actor
    role: str
    at: datetime
    command_id: str
    payload: Mapping[str, Any]
    rules: int


def depts_text(case: Case) -> str:
    """Return lead and co departments of the round as the log holds them: `lead,co,co`."""
    return ",".join(case_depts(case))


def scope_text(case: Case) -> str:
    """Return what decides who sees a case: `grid|lead,co`."""
    return f"{case.grid or ''}|{depts_text(case)}"


def change_row(entry: Entry) -> Row:
    """Return the row of `changes`, without `id` and with `seq` None."""
    before, after = entry.before, entry.after
    was = None
    if before is not None and (before.grid != after.grid or case_depts(before) != case_depts(after)):
        was = scope_text(before)
    row: Row = {
        "seq": None,
        "case_id": after.case_id,
        "version": after.version,
        "xver": after.xver,
        "state": after.state,
        "action": entry.action,
        "actor_id": entry.actor.id,
        "role": entry.role,
        "at": to_ms(entry.at),
        "command_id": entry.command_id,
        "grid": after.grid,
        "depts": depts_text(after),
        "was": was,
        "rules": entry.rules,
        "body": pack({"d": case_doc.delta(before, after), "p": entry.payload, "n": entry.actor.name}),
    }
    row["row_hash"] = row_hash(row)
    return row


_HASHED = (
    "case_id", "version", "xver", "state", "action", "actor_id", "role", "at", "command_id", "grid", "depts",
    "was", "rules",
)  # fmt: skip


def row_hash(row: Mapping[str, Any]) -> bytes:
    """Return 16 bytes of sha256 over everything a change says; `id` and `seq` are not part of it."""
    head = "\x1f".join("\x00" if row[name] is None else str(row[name]) for name in _HASHED)
    return hashlib.sha256(head.encode() + b"\x1e" + row["body"]).digest()[:HASH_BYTES]


def wake_at(case: Case) -> datetime | None:
    """Return when the system should look at a case: at a suspension's end, at once where a caller said unsolved."""
    if case.state == "suspended":
        return suspended_until(case.marks)
    return case.closed_at if case.state == "closed" and "unsolved" in case.marks else None


def case_row(case: Case) -> Row:
    """Return the row of `cases`, without `ref`."""
    due, wake = case.due_at, wake_at(case)
    return {
        "case_id": case.case_id,
        "number": case.number,
        "version": case.version,
        "xver": case.xver,
        "state": case.state,
        "open": case.open,
        "kind": case.kind,
        "source": case.source,
        "category": case.category,
        "grid": case.grid,
        "lead_dept": case.lead_dept,
        "co_depts": f",{','.join(case.co_depts)}," if case.co_depts else "",
        "urgent": case.urgent,
        "level": case.level,
        "created_at": to_ms(case.created_at),
        "closed_at": None if case.closed_at is None else to_ms(case.closed_at),
        "due_at": NO_DUE if due is None or not case.open else to_ms(due),
        "wake_at": None if wake is None else to_ms(wake),
        "lon": case.location.lon,
        "lat": case.location.lat,
        "description": case.description,
        "address": case.location.address,
        "doc": pack(case_doc.to_doc(case)),
    }


def command_row(
    command_id: str,
    user_id: str,
    mark: bytes,
    case_id: str,
    decided_at: datetime,
    rules: int,
    *,
    outcome: str = "applied",
    version: int | None = None,
    head: Mapping[str, Any] | None = None,
    diag: str | None = None,
) -> Row:
    """Return the row of `commands`: enough to give the same answer again, byte for byte.

    `mark` is the fingerprint of the compared fields (`fingerprint`); `head` holds `reason` and `winner`.
    """
    return {
        "command_id": command_id,
        "user_id": user_id,
        "fingerprint": mark,
        "case_id": case_id,
        "outcome": outcome,
        "version": version,
        "decided_at": to_ms(decided_at),
        "rules": rules,
        "render": RENDER,
        "head": None if head is None else compact(head),
        "diag": diag,
    }


#: number of the form in which outcomes are rendered; a changed form takes the next one and keeps the old
RENDER = 1


def fingerprint(
    case_id: str, action: str, base_xver: int | None, seen_at: str | None, payload_v: int, payload: Any
) -> bytes:
    """Return 16 bytes that stand for the six compared fields of a command, parsed (contract section 4)."""
    fields = [case_id, action, base_xver, seen_at, payload_v, payload]
    text = json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:HASH_BYTES]


def dispatch_steps(entry: Entry) -> tuple[bool, Row | None]:
    """Return whether a change ends the active dispatch, and the row of `dispatches` it begins."""
    was = entry.before is not None and entry.before.state in DISPATCHED
    now = entry.after.state in DISPATCHED
    fresh = now and (not was or entry.action == "redispatch") and entry.after.lead_dept is not None
    ends = was and (not now or fresh)
    row: Row | None = None
    if fresh:
        row = {
            "case_id": entry.after.case_id,
            "command_id": entry.command_id,
            "round": entry.after.round,
            "lead_dept": entry.after.lead_dept,
            "at": to_ms(entry.at),
            "ended_at": None,
        }
    return ends, row


def file_rows(entry: Entry) -> list[Row]:
    """Return the rows of `case_files`: which attachments the change names."""
    named = [*entry.payload.get("photos", ())]
    if "sha256" in entry.payload:
        named.append(entry.payload["sha256"])
    return [{"sha256": sha, "case_id": entry.after.case_id} for sha in named]
