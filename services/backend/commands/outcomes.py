"""Outcomes: what is stored of one, and how the answer is made from it, the same bytes every time.

Stored is a small head (outcome, version shown, reason, winner); the case in the answer is replayed from the
log and rendered for the moment of the decision with the calendar it was decided under.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.backend.db.packing import compact
from services.backend.rows import Row
from services.backend.wire import case_wire
from services.domain.calendar import WorkCalendar
from services.domain.case import Case
from services.domain.case_doc import time_text
from services.domain.lifecycle import ACTION_NAMES
from services.domain.reference import Rules
from services.sql.types import from_ms


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decided command: its row of `commands`, its head as values, and the case it shows (None: none)."""

    row: Row
    head: Mapping[str, Any] | None
    case: Case | None


def render(outcome: Outcome, calendar: WorkCalendar) -> bytes:
    """Return the answer of contract section 4; equal for equal arguments, for ever (`rows.RENDER` 1)."""
    row, case = outcome.row, outcome.case
    decided = from_ms(row["decided_at"])
    head = outcome.head or {}
    document = {
        "command_id": row["command_id"],
        "case_id": row["case_id"],
        "outcome": row["outcome"],
        "version": None if case is None else case.version,
        "xver": None if case is None else case.xver,
        "number": None if case is None else case.number,
        "decided_at": time_text(decided),
        "case": None if case is None else case_wire(case, decided, calendar),
        "reason": head.get("reason"),
        "winner": head.get("winner"),
    }
    return compact(document).encode()


def summary(action: str, payload: Mapping[str, Any], rules: Rules) -> str:
    """Return what somebody did, in a few words: `派遣：市政公用服务中心`."""
    name = ACTION_NAMES.get(action, action)
    dept = rules.departments.get(str(payload.get("lead_dept", "")))
    if dept is not None:
        return f"{name}：{dept.name}"
    category = rules.categories.get(str(payload.get("category", "")))
    if category is not None:
        return f"{name}：{category.name}"
    for key in ("reason", "result", "closing_condition", "text"):
        text = payload.get(key)
        if isinstance(text, str) and text:
            return f"{name}：{text[:40]}"
    return name


def conflict_title(winner: Mapping[str, Any] | None) -> str:
    """Return the sentence the loser of a race reads."""
    if winner is None:
        return "这件案件已被别人先处理，请看最新情况后再决定。"
    return f"这件案件已由{winner['actor']['name']}先处理（{winner['summary']}），请看最新情况后再决定。"
