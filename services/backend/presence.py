"""Claims: who holds or looks at which case. Presence, not a command: it refuses nothing and is not in the log.

A claim lapses 60 s after its last beat. A lapsed *hold* is remembered for some minutes as silent, so that the others
see who was at it and can take it over; a claim that was taken back leaves nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.case_view import visible_case
from services.backend.centre import Centre
from services.backend.db.access_tables import claims
from services.backend.db.tables import cases
from services.backend.scoping import scoped
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.sql.engine import glancing, is_sqlite, writing
from services.sql.types import from_ms, to_ms

#: a claim lapses so long after its last beat
LAPSE_MS = 60_000
#: a hold that went silent is told of so long after its last beat
SILENT_MS = 15 * 60_000
KINDS = ("hold", "look")


def put_claim(centre: Centre, actor: Actor, case_id: str, kind: str) -> dict[str, Any]:
    """Say (again) that somebody holds or looks at a case; returns everybody who does.

    Raises Problem 404 for a case out of scope.
    """
    now = to_ms(centre.now())
    with writing(centre.engine) as conn:
        visible_case(conn, actor, case_id)
        alive = claims.c.at >= now - LAPSE_MS
        conn.execute(delete(claims).where(_forgotten(now)))
        if kind == KINDS[0]:  # taken over: who went silent on this case no longer stands beside it
            conn.execute(
                delete(claims).where(claims.c.case_id == case_id, ~alive, claims.c.user_id != actor.id)
            )
        returned = (claims.c.case_id == case_id) & (claims.c.user_id == actor.id) & ~alive
        conn.execute(update(claims).where(returned).values(since=now))
        values = {
            "case_id": case_id,
            "user_id": actor.id,
            "name": actor.name,
            "kind": kind,
            "since": now,
            "at": now,
        }
        insert = sqlite_insert if is_sqlite(conn) else pg_insert
        conn.execute(insert(claims).values(values).on_conflict_do_nothing())
        mine = (claims.c.case_id == case_id) & (claims.c.user_id == actor.id)
        conn.execute(update(claims).where(mine).values(at=now, kind=kind, name=actor.name))
        rows = conn.execute(
            select(claims).where(claims.c.case_id == case_id, alive).order_by(claims.c.since)
        ).all()
    return {"case_id": case_id, "lapses_after_s": LAPSE_MS // 1000, "claims": [_wire(row) for row in rows]}


def drop_claim(centre: Centre, actor: Actor, case_id: str) -> None:
    """Take a claim back; nothing happens when there is none. Raises Problem 404 for a case out of scope."""
    with writing(centre.engine) as conn:
        visible_case(conn, actor, case_id)
        conn.execute(delete(claims).where(claims.c.case_id == case_id, claims.c.user_id == actor.id))


def presence(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return all claims on cases in scope that have not lapsed, and the holds that went silent (`silent`)."""
    now = centre.now()
    ms = to_ms(now)
    known = (
        select(claims)
        .join(cases, cases.c.case_id == claims.c.case_id)
        .where(~_forgotten(ms), scoped(actor))
        .order_by(claims.c.since, claims.c.case_id)
    )
    with glancing(centre.engine) as conn:
        rows = conn.execute(known).all()
    return {
        "claims": [_wire(row) for row in rows if row.at >= ms - LAPSE_MS],
        "silent": [_wire(row) for row in rows if row.at < ms - LAPSE_MS],
        "server_time": time_text(now),
    }


def _forgotten(now: int) -> ColumnElement[bool]:
    """Tell which claims are over for good: a look that lapsed, a hold that has been silent for long."""
    looked = (claims.c.kind == KINDS[1]) & (claims.c.at < now - LAPSE_MS)
    return looked | (claims.c.at < now - SILENT_MS)


def _wire(row: Any) -> dict[str, Any]:
    """Return a claim as sent."""
    return {
        "case_id": row.case_id,
        "user": {"id": row.user_id, "name": row.name},
        "kind": row.kind,
        "since": time_text(from_ms(row.since)),
        "at": time_text(from_ms(row.at)),
    }
