"""Claims: who holds or looks at which case. Presence, not a command: it refuses nothing and is not in the log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select, update
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
KINDS = ("hold", "look")


def put_claim(centre: Centre, actor: Actor, case_id: str, kind: str) -> dict[str, Any]:
    """Say (again) that somebody holds or looks at a case; returns everybody who does.

    Raises Problem 404 for a case out of scope.
    """
    now = to_ms(centre.now())
    with writing(centre.engine) as conn:
        visible_case(conn, actor, case_id)
        conn.execute(delete(claims).where(claims.c.at < now - LAPSE_MS))
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
        rows = conn.execute(select(claims).where(claims.c.case_id == case_id).order_by(claims.c.since)).all()
    return {"case_id": case_id, "lapses_after_s": LAPSE_MS // 1000, "claims": [_wire(row) for row in rows]}


def drop_claim(centre: Centre, actor: Actor, case_id: str) -> None:
    """Take a claim back; nothing happens when there is none. Raises Problem 404 for a case out of scope."""
    with writing(centre.engine) as conn:
        visible_case(conn, actor, case_id)
        conn.execute(delete(claims).where(claims.c.case_id == case_id, claims.c.user_id == actor.id))


def presence(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return all claims on cases in scope that have not lapsed."""
    now = centre.now()
    alive = (
        select(claims)
        .join(cases, cases.c.case_id == claims.c.case_id)
        .where(claims.c.at >= to_ms(now) - LAPSE_MS, scoped(actor))
        .order_by(claims.c.since, claims.c.case_id)
    )
    with glancing(centre.engine) as conn:
        rows = conn.execute(alive).all()
    return {"claims": [_wire(row) for row in rows], "server_time": time_text(now)}


def _wire(row: Any) -> dict[str, Any]:
    """Return a claim as sent."""
    return {
        "case_id": row.case_id,
        "user": {"id": row.user_id, "name": row.name},
        "kind": row.kind,
        "since": time_text(from_ms(row.since)),
        "at": time_text(from_ms(row.at)),
    }
