"""会商: which cases wait for a joint meeting, and what was asked and decided. Read from marked comments in the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, or_, select

from services.backend.auto.stories import Story
from services.backend.centre import Centre
from services.backend.db.auto_tables import disputes
from services.backend.db.packing import unpack
from services.backend.db.tables import cases
from services.backend.history import from_packed
from services.backend.scoping import scoped
from services.backend.wire import case_wire
from services.domain.bounces import ASKED, DECIDED, meeting_mark
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.sql.engine import glancing
from services.sql.types import from_ms

#: where a case can wait for a meeting: it is with a unit or has come back from one
STATES = ("pending_dispatch", "pending_sign", "handling", "returned")
DESKS = frozenset({"dispatcher", "shift_leader"})
MOST = 200


def meeting_of(conn: Connection, story: Story) -> dict[str, Any]:
    """Return what was last asked for and decided in the present round, straight from the log."""
    begun = max((m.version for m in story.moments if m.action == "reopen"), default=0)
    found: dict[str, Any] = {ASKED: None, DECIDED: None}
    roles = _roles(conn, story.case_id)
    for moment in story.moments:
        if moment.version <= begun or moment.action != "comment" or roles.get(moment.version) not in DESKS:
            continue
        said = meeting_mark(str(moment.payload.get("text", "")))
        if said is not None:
            found[said[0]] = {
                "at": time_text(moment.at), "by": moment.actor_id, "name": moment.actor_name, "text": said[1],
            }  # fmt: skip
    return found


def _roles(conn: Connection, case_id: str) -> dict[int, str]:
    """Return in which role each comment on a case was made."""
    from services.backend.db.tables import changes

    rows = conn.execute(
        select(changes.c.version, changes.c.role).where(
            changes.c.case_id == case_id, changes.c.action == "comment"
        )
    )
    return {row.version: row.role for row in rows}


def waiting(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return the cases in scope that wait for a joint meeting, the longest in dispute first.

    A case waits when it bounced as often as the setting says, or a desk asked; until a decision is recorded after
    the last bounce and the last asking.
    """
    limit = centre.reference.rules.settings.bounce_limit
    d = disputes.c
    asked = and_(d.asked_at.is_not(None), or_(d.decided_at.is_(None), d.asked_at > d.decided_at))
    bounced = and_(d.bounces >= max(1, limit), or_(d.decided_at.is_(None), d.last_at > d.decided_at))
    rule = or_(asked, bounced) if limit > 0 else asked
    with glancing(centre.engine) as conn:
        rows = conn.execute(
            select(disputes, cases.c.doc)
            .join(cases, cases.c.case_id == d.case_id)
            .where(cases.c.open, cases.c.state.in_(STATES), scoped(actor), rule)
            .order_by(d.bounces.desc(), d.last_at, d.case_id)
            .limit(MOST)
        ).mappings()
        found = [dict(row) for row in rows]
    now = centre.now()
    return {
        "cases": [
            {
                "case": case_wire(from_packed(row["doc"]), now, centre.calendar),
                "bounces": row["bounces"],
                "last_at": _time(row["last_at"]),
                "asked": _mark(row["asked"]),
                "decided": _mark(row["decided"]),
            }
            for row in found
        ],
        "limit": limit,
        "server_time": time_text(now),
    }


def _mark(packed: bytes | None) -> Mapping[str, Any] | None:
    if packed is None:
        return None
    mark = unpack(bytes(packed))
    return {**mark, "at": _time(mark["at"])}


def _time(ms: int | None) -> str | None:
    return None if ms is None else time_text(from_ms(ms))
