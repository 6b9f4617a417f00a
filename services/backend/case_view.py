"""One case in full: timeline, every clock, attachments, what the caller may do; and the caller's own data."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from services.backend.access.audit import record
from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.db.tables import attachments, callers, case_files, cases
from services.backend.history import from_packed, timeline
from services.backend.problems import Problem, not_found
from services.backend.wire import all_clocks, case_wire, change_wire
from services.domain.case import Case, sees
from services.domain.case_doc import time_text
from services.domain.decide import allowed_actions
from services.domain.lifecycle import BIRTH
from services.domain.roles import Actor
from services.sql.engine import reading, writing
from services.sql.types import from_ms

#: desk roles that may see a caller's full data of any case in their scope; a lead unit may for its own cases
CALLER_ROLES = frozenset({"acceptor", "shift_leader"})


def visible_case(conn: Connection, actor: Actor, case_id: str) -> Case:
    """Return a case in an actor's scope; raises Problem 404 for any other, whether it exists or not."""
    packed = conn.execute(select(cases.c.doc).where(cases.c.case_id == case_id)).scalar()
    case = None if packed is None else from_packed(packed)
    if case is None or not sees(actor, case):
        raise not_found("没有找到这件案件，或它不在您的范围内。")
    return case


def show_case(centre: Centre, actor: Actor, case_id: str) -> dict[str, Any]:
    """Return a case with everything that belongs to it."""
    now = centre.now()
    reference = centre.reference
    with reading(centre.engine) as conn:
        case = visible_case(conn, actor, case_id)
        story = timeline(conn, case_id)
        files = case_attachments(conn, case_id)
    shown = case_wire(case, now, reference.rules.calendar)
    shown["timeline"] = [change_wire(row, body["n"], body["p"], from_ms(row["at"])) for row, body, _ in story]
    shown["clocks"] = all_clocks([after for _, _, after in story], case, now, reference.rules.calendar)
    shown["attachments"] = files
    shown["allowed"] = [
        action for action in allowed_actions(case, actor, reference.rules) if action not in BIRTH
    ]
    shown["server_time"] = time_text(now)
    return shown


def case_attachments(conn: Connection, case_id: str) -> list[dict[str, Any]]:
    """Return the attachments a case names, by the moment they were stored."""
    rows = conn.execute(
        select(attachments.c.sha256, attachments.c.size, attachments.c.mime, attachments.c.at)
        .join(case_files, case_files.c.sha256 == attachments.c.sha256)
        .where(case_files.c.case_id == case_id)
        .order_by(attachments.c.at, attachments.c.sha256)
    )
    return [
        {"sha256": row.sha256, "size": row.size, "mime": row.mime, "at": time_text(from_ms(row.at))}
        for row in rows
    ]


def may_see_caller(case: Case, actor: Actor) -> bool:
    """Tell whether an actor may see a caller's full data: the intake desk, or the unit that handles the case now.

    Of a confidential caller only the shift leader learns more (domain section 13.3).
    """
    if "confidential" in case.flags:
        return "shift_leader" in actor.roles
    if CALLER_ROLES & set(actor.roles):
        return True
    lead = actor.dept is not None and actor.dept == case.lead_dept and case.open
    return lead and bool({"dept_user", "street_user"} & set(actor.roles))


def reveal_caller(centre: Centre, caller: Caller, case_id: str, reason: str, trace: str) -> dict[str, Any]:
    """Return all callers of a case in full and write down who looked and why.

    Raises Problem 404 out of scope, 403 `caller_not_allowed` without the right (written down as well).
    """
    with writing(centre.engine) as conn:
        case = visible_case(conn, caller.actor, case_id)
        allowed = may_see_caller(case, caller.actor)
        action = "caller_revealed" if allowed else "caller_refused"
        record(conn, caller.actor.id, action, case_id, {"reason": reason}, trace)
        rows = conn.execute(select(callers).where(callers.c.case_id == case_id).order_by(callers.c.id)).all()
    if not allowed:
        raise Problem(403, "caller_not_allowed", "您的岗位不能查看来电人信息。")
    found = [
        {
            "name": row.name,
            "phone": row.phone,
            "facts": json.loads(row.facts) if row.facts else {},
            "at": time_text(from_ms(row.at)),
        }
        for row in rows
    ]
    first = found[0] if found else {"name": None, "phone": None}
    return {"case_id": case_id, "name": first["name"], "phone": first["phone"], "callers": found}
