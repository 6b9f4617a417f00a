"""A command as a row of `outbox.db` and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.domain.case_doc import time_text
from services.ports.centre import Outcome, Reason, Winner
from services.ports.errors import Problem
from services.ports.outbox import NewCommand, SavedCommand

INSERT = """
    INSERT INTO command
    (command_id, case_id, action, payload, base_xver, seen_at, user_id, saved_at, console_id, label, batch,
     staged)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
COLUMNS = (
    "n, command_id, case_id, action, payload, base_xver, seen_at, user_id, saved_at, console_id, label, "
    "status, tries, decided_at, version, xver, number, answer, replaced_by, "
    "(SELECT group_concat(a.sha256) FROM command_attachment c JOIN attachment a ON a.sha256 = c.sha256"
    " WHERE c.n = command.n AND a.uploaded = 0), batch, staged"
)


def dump(value: Any) -> str:
    """Return compact JSON; NaN is refused with ValueError."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def exact_time(moment: datetime | None) -> str | None:
    """Return a moment as text that keeps every digit: a retry must send the very same `seen_at`."""
    return None if moment is None else moment.isoformat()


def parse_time(text: str | None) -> datetime | None:
    """Read a stored moment."""
    return None if text is None else datetime.fromisoformat(text)


def insert_values(command: NewCommand) -> tuple[Any, ...]:
    """Return the values of INSERT."""
    return (
        command.command_id, command.case_id, command.action, dump(dict(command.payload)), command.base_xver,
        exact_time(command.seen_at), command.user_id, exact_time(command.saved_at), command.console_id,
        command.label, command.batch, int(command.staged),
    )  # fmt: skip


def saved(row: Any) -> SavedCommand:
    """Read a row of COLUMNS."""
    answer: Mapping[str, Any] = json.loads(row[17]) if row[17] else {}
    return SavedCommand(
        n=row[0],
        command_id=row[1],
        case_id=row[2],
        action=row[3],
        payload=json.loads(row[4]),
        base_xver=row[5],
        seen_at=parse_time(row[6]),
        user_id=row[7],
        saved_at=datetime.fromisoformat(row[8]),
        console_id=row[9],
        label=row[10],
        status=row[11],
        tries=row[12],
        decided_at=parse_time(row[13]),
        version=row[14],
        xver=row[15],
        number=row[16],
        reason=_reason(answer.get("reason")),
        winner=_winner(answer.get("winner")),
        problem=_problem(answer.get("problem")),
        replaced_by=row[18],
        uploads=tuple(sorted(row[19].split(","))) if row[19] else (),
        batch=row[20],
        staged=bool(row[21]) and row[11] == "waiting",
    )


def outcome_answer(outcome: Outcome) -> str | None:
    """Return what is kept of an outcome's words."""
    doc: dict[str, Any] = {}
    if outcome.reason is not None:
        doc["reason"] = {"code": outcome.reason.code, "title": outcome.reason.title}
    if outcome.winner is not None:
        won = outcome.winner
        doc["winner"] = {
            "actor": won.actor, "at": time_text(won.at), "action": won.action, "summary": won.summary,
        }  # fmt: skip
    if outcome.problem is not None:
        doc["problem"] = problem_doc(outcome.problem)
    return dump(doc) if doc else None


def problem_doc(problem: Problem) -> dict[str, Any]:
    """Return a problem as a document."""
    return {
        "status": problem.status, "code": problem.code, "title": problem.title, "detail": problem.detail,
        "fields": dict(problem.fields), "trace_id": problem.trace_id,
    }  # fmt: skip


def _reason(doc: Mapping[str, Any] | None) -> Reason | None:
    """Read a reason."""
    return None if doc is None else Reason(doc["code"], doc["title"])


def _winner(doc: Mapping[str, Any] | None) -> Winner | None:
    """Read a winner."""
    if doc is None:
        return None
    return Winner(doc["actor"], parse_time(doc["at"]), doc["action"], doc["summary"])


def _problem(doc: Mapping[str, Any] | None) -> Problem | None:
    """Read a problem."""
    return None if doc is None else Problem(**doc)
