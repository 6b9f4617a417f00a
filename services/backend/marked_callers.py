"""Marked callers (骚扰、无理缠诉): what a shift leader noted of a number, shown at intake. A mark never blocks a call.

Only the keyed mark of the number is kept (the same key as the caller index), with its last four digits.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from services.backend.access.audit import record
from services.backend.access.sessions import Caller
from services.backend.case_view import visible_case
from services.backend.centre import Centre
from services.backend.db.handover_tables import marked_callers
from services.backend.db.tables import callers
from services.backend.payload_mask import normal_phone, phone_mac
from services.backend.problems import Problem, invalid, not_found
from services.domain.case_doc import time_text
from services.domain.ids import uuid7
from services.domain.masking import mask_phones_in
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import from_ms, to_ms

#: who sees marks: the desk that answers calls; who may set and lift them
SEES = frozenset({"acceptor", "shift_leader"})
MAX_DAYS = 366
_MOST = 500


def match(centre: Centre, actor: Actor, phone: str) -> dict[str, Any]:
    """Return the mark that holds for a number (None: there is none) and how often the number called in 30 days."""
    _may(actor, SEES)
    mac = _mac(centre, phone)
    now = to_ms(centre.now())
    with glancing(centre.engine) as conn:
        row = conn.execute(
            select(marked_callers)
            .where(marked_callers.c.phone_mac == mac, *_valid(now))
            .order_by(marked_callers.c.at.desc())
        ).first()
        calls = _calls(conn, mac, now)
    return {"mark": None if row is None else _wire(row), "calls_30d": calls}


def listing(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return the marks that hold now, the newest first."""
    _may(actor, SEES)
    with glancing(centre.engine) as conn:
        rows = conn.execute(
            select(marked_callers)
            .where(*_valid(to_ms(centre.now())))
            .order_by(marked_callers.c.at.desc())
            .limit(_MOST)
        ).all()
    return {"marks": [_wire(row) for row in rows], "server_time": time_text(centre.now())}


def mark(centre: Centre, caller: Caller, given: dict[str, Any], trace: str) -> dict[str, Any]:
    """Mark a number (`phone`), or the caller of a case (`case_id`); audited without the number.

    Raises Problem 403 for anybody but a shift leader, 404 for a case out of scope, 422 when there is no number.
    """
    actor = caller.actor
    _may(actor, {"shift_leader"})
    now = centre.now()
    with writing(centre.engine) as conn:
        mac, last4 = _number(centre, conn, actor, given)
        row = {
            "mark_id": uuid7(), "phone_mac": mac, "last4": last4, "reason": mask_phones_in(given["reason"]),
            "calls": _calls(conn, mac, to_ms(now)), "until": to_ms(now + timedelta(days=given["days"])),
            "user_id": actor.id, "name": actor.name, "at": to_ms(now),
        }  # fmt: skip
        conn.execute(insert(marked_callers).values(row))
        record(conn, actor.id, "caller_marked", str(row["mark_id"]), {"reason": row["reason"]}, trace)
        stored = conn.execute(select(marked_callers).where(marked_callers.c.mark_id == row["mark_id"])).one()
        return _wire(stored)


def lift(centre: Centre, caller: Caller, mark_id: str, trace: str) -> None:
    """Take a mark off before its end; audited. Raises Problem 403, or 404 when it does not hold any more."""
    _may(caller.actor, {"shift_leader"})
    now = to_ms(centre.now())
    with writing(centre.engine) as conn:
        done = conn.execute(
            update(marked_callers)
            .where(marked_callers.c.mark_id == mark_id, *_valid(now))
            .values(lifted_at=now, lifted_by=caller.actor.name)
        )
        if not done.rowcount:
            raise not_found("没有找到这条标记，或它已经失效。")
        record(conn, caller.actor.id, "caller_unmarked", mark_id, None, trace)


def _number(centre: Centre, conn: Connection, actor: Actor, given: dict[str, Any]) -> tuple[bytes, str]:
    """Return the keyed mark of the number meant and its last four digits."""
    if given.get("phone"):
        return _mac(centre, given["phone"]), normal_phone(given["phone"])[-4:]
    visible_case(conn, actor, given["case_id"])
    row = conn.execute(
        select(callers.c.phone_mac, callers.c.last4)
        .where(callers.c.case_id == given["case_id"], callers.c.phone_mac.is_not(None))
        .order_by(callers.c.id)
    ).first()
    if row is None:
        raise invalid({"case_id": "这件案件没有来电号码"})
    return bytes(row.phone_mac), row.last4 or ""


def _mac(centre: Centre, phone: str) -> bytes:
    digits = normal_phone(phone)
    if not 5 <= len(digits) <= 20:
        raise invalid({"phone": "不是有效的电话号码"})
    return phone_mac(digits, centre.facts.phone_key)


def _calls(conn: Connection, mac: bytes, now: int) -> int:
    """Return how often a number called in the last 30 days."""
    after = now - 30 * 86_400_000
    asked = select(func.count()).select_from(callers).where(callers.c.phone_mac == mac, callers.c.at >= after)
    return int(conn.execute(asked).scalar() or 0)


def _valid(now: int) -> tuple[Any, ...]:
    return (marked_callers.c.lifted_at.is_(None), marked_callers.c.until > now)


def _may(actor: Actor, roles: Any) -> None:
    if not set(actor.roles) & set(roles):
        raise Problem(403, "not_allowed", "您的岗位不能使用来电标记。")


def _wire(row: Any) -> dict[str, Any]:
    return {
        "mark_id": row.mark_id,
        "last4": row.last4,
        "reason": row.reason,
        "calls": row.calls,
        "until": time_text(from_ms(row.until)),
        "by": {"id": row.user_id, "name": row.name},
        "at": time_text(from_ms(row.at)),
    }
