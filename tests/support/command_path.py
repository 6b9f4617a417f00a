"""Telling a history through the real command path: every step as a body that came over HTTP, at its moment."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select

from services.backend import sequencer
from services.backend.commands.deciding import Desk, decide_batch
from services.backend.commands.outcomes import Outcome
from services.backend.commands.parsing import Parsed, parse_command
from services.backend.db.opening import read_meta
from services.backend.db.tables import cases, metadata
from services.backend.demo.history import CaseStory, Step
from services.backend.history import from_packed
from services.backend.jobs import system_command
from services.backend.places import Places
from services.backend.reference_store import load, newest_number
from services.domain.effects_handling import suspended_until
from services.domain.roles import SYSTEM
from services.sql.engine import glancing, is_sqlite, writing


def desk_of(engine: Engine) -> Desk:
    """Return what decisions rest on in a database that holds areas and reference data."""
    places = Places(engine)
    places.refresh()
    with glancing(engine) as conn:
        reference = load(conn, newest_number(conn))
        return Desk(engine, reference, places, read_meta(conn, "phone_key") or "")


def in_time(stories: Iterable[CaseStory]) -> list[Step]:
    """Return the steps of all stories in the order in which they happened."""
    placed = [
        (step.at, rank, step.case.version, step) for rank, story in enumerate(stories) for step in story.steps
    ]
    return [step for *_, step in sorted(placed, key=lambda entry: entry[:3])]


def body_of(step: Step) -> dict[str, Any]:
    """Return a step's command as a client would send it."""
    command = step.command
    seen = None if command.seen_at is None else command.seen_at.isoformat()
    return {
        "command_id": command.command_id,
        "case_id": command.case_id,
        "action": command.action,
        "base_xver": command.base_xver,
        "seen_at": seen,
        "payload_v": 1,
        "payload": dict(command.payload),
    }


def give(desk: Desk, steps: Iterable[Step]) -> None:
    """Give the commands one by one at their moments; each has to be applied and lead to the told case."""
    for step in steps:
        parsed = _timed(desk, step) if step.actor.id == SYSTEM.id else parse_command(body_of(step))
        outcome = decide_batch(desk, step.actor, [parsed], step.at)[0]
        assert isinstance(outcome, Outcome), outcome
        assert outcome.row["outcome"] == "applied", (step.command.action, outcome.head)
        assert outcome.case == step.case, step.command.action
        if not is_sqlite(desk.engine):
            with writing(desk.engine) as conn:
                sequencer.number_all(conn)


def _timed(desk: Desk, step: Step) -> Parsed:
    """Return a timed command as the centre's own jobs make it from the case that stands in the database."""
    with glancing(desk.engine) as conn:
        doc = conn.execute(select(cases.c.doc).where(cases.c.case_id == step.command.case_id)).scalar_one()
    case = from_packed(doc)
    due = suspended_until(case.marks)
    if step.command.action == "archive":
        assert case.closed_at is not None
        due = case.closed_at + timedelta(days=desk.reference.rules.settings.archive_after_days)
    assert due is not None
    return system_command(case, step.command.action, due)


#: surrogate keys, and the wall clock of whoever wrote
_LEFT_OUT = {
    "cases": {"ref"}, "changes": {"id"}, "dispatches": {"id"}, "callers": {"id"}, "seals": {"at"},
}  # fmt: skip
TABLES = ("cases", "changes", "commands", "dispatches", "callers", "case_files", "counters", "seals")


def contents(engine: Engine, table: str) -> list[dict[str, Any]]:
    """Return a table's rows without surrogate keys, in an order of their own."""
    left_out = _LEFT_OUT.get(table, set())
    columns = [column for column in metadata.tables[table].c if column.name not in left_out]
    with glancing(engine) as conn:
        rows = [dict(row) for row in conn.execute(select(*columns)).mappings()]
    return sorted(rows, key=lambda row: [str(value) for value in row.values()])
