"""Deciding commands: one transaction for a command or a whole batch, each entry decided on its own.

The order is that of contract section 4. A race that the database settles (the same command twice at once, two
commands for one case, the one-active-dispatch index) ends in a repeated attempt, which finds the winner in
the log.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.backend import log, sequencer
from services.backend.commands.facts import Looked, Numbers, facts_for, look_up
from services.backend.commands.outcomes import Outcome, conflict_title, summary
from services.backend.commands.parsing import Parsed
from services.backend.db.packing import unpack
from services.backend.db.tables import callers, changes, commands
from services.backend.history import versions
from services.backend.payload_mask import caller_row, shown_payload
from services.backend.places import Places
from services.backend.problems import Problem
from services.backend.reference_store import Reference
from services.backend.rows import Entry, Row, command_row
from services.domain.case import Case, sees
from services.domain.case_doc import time_text
from services.domain.commands import Applied, Command, Conflict, NeedsConfirm, Rejected, Verdict
from services.domain.decide import judge
from services.domain.errors import DomainError
from services.domain.lifecycle import ADDITIVE, BIRTH
from services.domain.roles import SYSTEM, Actor
from services.sql.engine import is_sqlite, writing
from services.sql.types import from_ms, to_ms

logger = logging.getLogger(__name__)
ATTEMPTS = 6
_RETRY_STATES = frozenset({"40001", "40P01"})
_ACTIVE_INDEX = ("uq_dispatches_active", "dispatches.case_id")


@dataclass(frozen=True, slots=True)
class Desk:
    """What decisions rest on besides the commands: database, reference data, grid index, key of the phone index."""

    engine: Engine
    reference: Reference
    places: Places
    phone_key: str


@dataclass(slots=True)
class _Round:
    """One attempt: what was looked up, and what will be written at its end."""

    looked: Looked
    entries: list[Entry] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    people: list[Row] = field(default_factory=list)


def decide_batch(desk: Desk, actor: Actor, batch: Sequence[Parsed], now: datetime) -> list[Outcome | Problem]:
    """Decide commands in order, each on its own; the answer holds an outcome or a problem for each.

    One transaction where possible; where the database refuses, one transaction each. Raises Problem 503 when
    a single command could not be brought through.
    """
    if len(batch) > 1:
        try:
            return _attempt(desk, actor, batch, now, frozenset())
        except (IntegrityError, log.StaleCaseError):
            pass
        except DBAPIError as error:
            if not _is_race(error):
                raise
    found: list[Outcome | Problem] = []
    for parsed in batch:
        found.append(_decide_one(desk, actor, parsed, now))
    return found


def _decide_one(desk: Desk, actor: Actor, parsed: Parsed, now: datetime) -> Outcome | Problem:
    """Decide one command, again and again while others get in between."""
    refused: frozenset[str] = frozenset()
    for _ in range(ATTEMPTS):
        try:
            return _attempt(desk, actor, [parsed], now, refused)[0]
        except IntegrityError as error:
            if any(name in str(error.orig) for name in _ACTIVE_INDEX):
                refused = frozenset({parsed.command.command_id})
        except log.StaleCaseError:
            continue
        except DBAPIError as error:
            if not _is_race(error):
                raise
    raise Problem(503, "busy", "中心正忙，请稍后重试。", headers={"Retry-After": "1"})


def _is_race(error: DBAPIError) -> bool:
    """Tell whether the database asks for the transaction to be repeated (deadlock, serialisation)."""
    return getattr(error.orig, "sqlstate", None) in _RETRY_STATES


def _attempt(
    desk: Desk, actor: Actor, batch: Sequence[Parsed], now: datetime, refused: frozenset[str]
) -> list[Outcome | Problem]:
    """Decide a batch in one transaction. `refused` are commands that the active-dispatch index refused before."""
    with writing(desk.engine) as conn:
        known = known_commands(conn, [parsed.command.command_id for parsed in batch])
        fresh = [parsed for parsed in batch if parsed.command.command_id not in known]
        done = _Round(look_up(conn, fresh) if fresh else Looked())
        most = sum(_births(parsed.command) for parsed in fresh)
        numbers = Numbers(conn, desk.reference.rules.calendar, now, most)
        results: dict[str, Outcome] = {}
        marks: dict[str, bytes] = {}
        answers: list[Outcome | Problem] = []
        for parsed in batch:
            command_id = parsed.command.command_id
            stored = known.get(command_id)
            if stored is not None:
                answers.append(recall(conn, stored, actor, parsed.mark))
            elif command_id in results:
                same = marks[command_id] == parsed.mark
                answers.append(results[command_id] if same else _other_body())
            else:
                outcome = _decide(conn, desk, actor, parsed, now, done, numbers, command_id in refused)
                results[command_id], marks[command_id] = outcome, parsed.mark
                answers.append(outcome)
        _write(conn, done, numbers)
    return answers


def _write(conn: Connection, done: _Round, numbers: Numbers) -> None:
    """Write what an attempt has decided."""
    if done.rows:
        log.insert_commands(conn, done.rows)
    if done.entries:
        log.append(conn, done.entries)
        if done.people:
            conn.execute(insert(callers), done.people)
        numbers.give_back()
        if is_sqlite(conn):
            sequencer.number_all(conn)


def _births(command: Command) -> int:
    """Return how many cases a command may give birth to."""
    return 1 if command.action in BIRTH else len(command.payload.get("parts", ()))


def _decide(
    conn: Connection,
    desk: Desk,
    actor: Actor,
    parsed: Parsed,
    now: datetime,
    done: _Round,
    numbers: Numbers,
    index_refused: bool,
) -> Outcome:
    """Decide one command against the cases as they stand in this attempt, and note what is to be written."""
    command, looked, rules = parsed.command, done.looked, desk.reference.rules
    case = looked.cases.get(command.case_id)
    verdict: Verdict
    if index_refused and case is not None:
        verdict = Conflict(case.xver)
    else:
        facts = facts_for(command, actor, looked, desk.places)
        try:
            verdict = judge(case, command, actor, now, rules.with_facts(facts))
        except DomainError as error:  # a limit beyond the calendar, and the like
            verdict = Rejected(error.code, error.title)
    head: dict[str, Any] | None = None
    if isinstance(verdict, Applied):
        shown: Case | None = _apply(desk, actor, parsed, now, done, numbers, case, verdict)
        outcome = "applied"
    else:
        shown = case if case is not None and sees(actor, case) else None
        outcome, head = _refusal(conn, desk, command, case, done, verdict, shown is not None)
    row = command_row(
        command.command_id,
        actor.id,
        parsed.mark,
        command.case_id,
        now,
        desk.reference.number,
        outcome=outcome,
        version=None if shown is None else shown.version,
        head=head,
        diag=parsed.diag,
    )
    # a timed command that came too early or too late is looked at again, so its answer is not kept
    if outcome == "applied" or actor.id != SYSTEM.id:
        done.rows.append(row)
    return Outcome(row, head, shown)


def _apply(
    desk: Desk,
    actor: Actor,
    parsed: Parsed,
    now: datetime,
    done: _Round,
    numbers: Numbers,
    before: Case | None,
    verdict: Applied,
) -> Case:
    """Note the changes of an applied command and return the case after it, with its number."""
    command, looked = parsed.command, done.looked
    after = verdict.case
    if before is None and after.number is None:
        after = replace(after, number=numbers.next())
    births = tuple(replace(part, number=numbers.next()) for part in verdict.births)
    confidential = "confidential" in after.flags
    payload = shown_payload(command.action, command.payload, confidential)
    for old, new in ((before, after), *((None, part) for part in births)):
        done.entries.append(
            Entry(
                old, new, command.action, actor, verdict.role, now, command.command_id, payload,
                desk.reference.number,
            )
        )  # fmt: skip
        looked.cases[new.case_id] = new
    person = caller_row(
        command.case_id, command.command_id, command.action, command.payload, now, desk.phone_key
    )
    if person is not None:
        done.people.append(person)
    return after


def _refusal(
    conn: Connection,
    desk: Desk,
    command: Command,
    case: Case | None,
    done: _Round,
    verdict: Rejected | Conflict | NeedsConfirm,
    visible: bool,
) -> tuple[str, dict[str, Any]]:
    """Return outcome word and head of a command that was not applied."""
    if isinstance(verdict, Rejected):
        return "rejected", {"reason": {"code": verdict.code, "title": verdict.title}}
    if isinstance(verdict, NeedsConfirm):
        minutes = max(1, verdict.age_s // 60)
        title = f"您看到的画面已是约 {minutes} 分钟前的，请核对最新情况后重新确认。"
        return "needs_confirm", {"reason": {"code": "stale_view", "title": title}}
    winner = _winner(conn, desk, case, done) if case is not None and visible else None
    return "conflict", {"reason": {"code": "conflict", "title": conflict_title(winner)}, "winner": winner}


def _winner(conn: Connection, desk: Desk, case: Case, done: _Round) -> dict[str, Any] | None:
    """Return who made the exclusive change a case stands at: of this attempt, or of the log."""
    rules = desk.reference.rules
    for entry in reversed(done.entries):
        if entry.after.case_id == case.case_id and entry.action not in ADDITIVE:
            by = {"id": entry.actor.id, "name": entry.actor.name, "role": entry.role}
            at = time_text(entry.at)
            return {
                "actor": by,
                "at": at,
                "action": entry.action,
                "summary": summary(entry.action, entry.payload, rules),
            }
    row = conn.execute(
        select(changes)
        .where(changes.c.case_id == case.case_id, changes.c.xver == case.xver)
        .order_by(changes.c.version)
        .limit(1)
    ).first()
    if row is None:
        return None
    body = unpack(bytes(row.body))
    return {
        "actor": {"id": row.actor_id, "name": body["n"], "role": row.role},
        "at": time_text(from_ms(row.at)),
        "action": row.action,
        "summary": summary(row.action, body["p"], rules),
    }


def known_commands(conn: Connection, ids: Sequence[str]) -> dict[str, RowMapping]:
    """Return the stored rows of commands that were decided before."""
    rows = conn.execute(select(commands).where(commands.c.command_id.in_(ids))).mappings()
    return {row["command_id"]: row for row in rows}


def recall(conn: Connection, stored: RowMapping, actor: Actor, mark: bytes) -> Outcome | Problem:
    """Return the stored outcome of a known command, or the problem when it is not this one."""
    if stored["user_id"] != actor.id:
        return Problem(422, "id_taken", "这个命令编号已被使用。")
    if bytes(stored["fingerprint"]) != mark:
        return _other_body()
    case: Case | None = None
    if stored["version"] is not None:
        key = (stored["case_id"], stored["version"])
        case = versions(conn, {key[0]: {key[1]}}).get(key)
    return Outcome(dict(stored), json.loads(stored["head"]) if stored["head"] else None, case)


def _other_body() -> Problem:
    """Return the problem of an id that was used for another command."""
    return Problem(
        422, "id_reused", "这个命令编号已用于内容不同的命令。", fields={"command_id": "已用于另一条命令"}
    )


def whole_ms(moment: datetime) -> datetime:
    """Return a moment cut to milliseconds: what is decided must be what is stored."""
    return from_ms(to_ms(moment))
