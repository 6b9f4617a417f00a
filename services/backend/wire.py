"""A case, a clock and a change as sent (contract section 4): plain JSON values made from domain values.

`remaining_s` is worked out for the moment given: the moment of the answer in lists, of the decision in
outcomes, of the change in the feed (so that an outcome and a change say the same for ever).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import zip_longest
from typing import Any

from services.domain.calendar import WorkCalendar
from services.domain.case import Case
from services.domain.case_doc import time_text
from services.domain.clocks import CLOCKS, Clock, remaining_s
from services.domain.limits import Limit

Json = dict[str, Any]


def limit_wire(limit: Limit) -> Json:
    """Return a limit as {amount, unit}."""
    return {"amount": limit.amount, "unit": limit.unit}


def clock_wire(clock: Clock, now: datetime, calendar: WorkCalendar) -> Json:
    """Return one clock as sent; `remaining_s` is null for a stopped one, `due_at` while it is paused."""
    return {
        "clock": clock.name,
        "started_at": time_text(clock.started_at),
        "due_at": time_text(clock.due_at),
        "remaining_s": remaining_s(clock, now, calendar),
        "paused": clock.paused,
        "limit": limit_wire(clock.limit),
        "extensions": [
            {**limit_wire(more), "at": time_text(at)}
            for more, at in zip_longest(clock.extensions, clock.extended_at[: len(clock.extensions)])
        ],
        "pauses": [
            {"kind": p.kind, "from": time_text(p.start), "to": time_text(p.end), "ref": p.ref}
            for p in clock.pauses
        ],
        "stopped_at": time_text(clock.stopped_at),
        "fixed_due": time_text(clock.fixed_due),
        "fixed_at": time_text(clock.fixed_at),
    }


def live_clocks(case: Case, now: datetime, calendar: WorkCalendar) -> list[Json]:
    """Return the clocks of a case that run or stand still, in the order of the lifecycle."""
    if not case.open:
        return []
    found = (case.clocks.get(name) for name in CLOCKS)
    return [clock_wire(clock, now, calendar) for clock in found if clock is not None and clock.live]


def all_clocks(history: Iterable[Case], case: Case, now: datetime, calendar: WorkCalendar) -> list[Json]:
    """Return every clock a case ever had: live ones first, then stopped ones, the newest first.

    `history` are all versions, oldest first: a second round, a redispatch or a return starts a clock of the
    same name anew, and the earlier one is kept as it was when it was last seen.
    """
    seen: dict[tuple[str, datetime], Clock] = {}
    last: datetime = now
    for version in history:
        for clock in version.clocks.values():
            seen[(clock.name, clock.started_at)] = clock
    live = live_clocks(case, now, calendar)
    running = {(clock.name, clock.started_at) for clock in case.clocks.values() if case.open and clock.live}
    ended = sorted(
        (clock for key, clock in seen.items() if key not in running),
        key=lambda clock: (clock.stopped_at or last, clock.started_at),
        reverse=True,
    )
    return live + [{**clock_wire(clock, now, calendar), "remaining_s": None} for clock in ended]


def case_wire(case: Case, now: datetime, calendar: WorkCalendar) -> Json:
    """Return a case as sent; only the clocks that run or stand still are in it."""
    due = case.due_at if case.open else None
    counts = case.counts
    return {
        "case_id": case.case_id,
        "number": case.number,
        "kind": case.kind,
        "source": case.source,
        "state": case.state,
        "stage": case.stage,
        "category": case.category,
        "condition": case.condition,
        "description": case.description,
        "location": {"lon": case.location.lon, "lat": case.location.lat, "address": case.location.address},
        "grid": case.grid,
        "area_path": list(case.area_path),
        "urgent": case.urgent,
        "level": case.level,
        "lead_dept": case.lead_dept,
        "co_depts": list(case.co_depts),
        "owner": {"role": case.owner.role, "dept": case.owner.dept, "user": case.owner.user},
        "clocks": live_clocks(case, now, calendar),
        "due_at": time_text(due),
        "counts": {
            "rework": counts.rework,
            "return": counts.return_,
            "extension": counts.extension,
            "suspend": counts.suspend,
            "supervise": counts.supervise,
            "urge": counts.urge,
        },
        "round": case.round,
        "parent": case.parent,
        "flags": sorted(case.flags),
        "upper": None
        if case.upper_id is None and case.upper_due is None
        else {"id": case.upper_id, "due_at": time_text(case.upper_due)},
        "caller_masked": case.caller_masked,
        "created_at": time_text(case.created_at),
        "closed_at": time_text(case.closed_at),
        "version": case.version,
        "xver": case.xver,
        "need_callback": case.need_callback,
        "assignee": case.assignee,
        "reporter": case.reporter,
        "pending": {name: dict(facts) for name, facts in case.pending.items()},
        "marks": sorted(case.marks),
    }


def change_wire(row: Mapping[str, Any], name: str, payload: Mapping[str, Any], at: datetime) -> Json:
    """Return a change as sent, without `case`; `row` is a row of `changes`."""
    return {
        "seq": row["seq"],
        "case_id": row["case_id"],
        "version": row["version"],
        "xver": row["xver"],
        "action": row["action"],
        "actor": {"id": row["actor_id"], "name": name, "role": row["role"]},
        "at": time_text(at),
        "command_id": row["command_id"],
        "payload": dict(payload),
    }
