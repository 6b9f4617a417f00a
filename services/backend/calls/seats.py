"""How the seats of the hotline stand: said by each seat, kept as a log that the figures of the hotline rest on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, insert, select

from services.backend.calls.desk import may
from services.backend.centre import Centre
from services.backend.db.call_tables import seat_states
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import from_ms, to_ms

#: 空闲, 通话, 整理, 小休, 离席
STATES = ("idle", "talking", "wrap_up", "break", "away")


def say(centre: Centre, actor: Actor, state: str, extension: str) -> dict[str, Any]:
    """Note how a seat stands now; saying the same again adds nothing."""
    may(actor)
    now = to_ms(centre.now())
    with writing(centre.engine) as conn:
        last = conn.execute(
            select(seat_states.c.state, seat_states.c.extension)
            .where(seat_states.c.user_id == actor.id)
            .order_by(seat_states.c.id.desc())
            .limit(1)
        ).first()
        if last is None or (last.state, last.extension) != (state, extension):
            row = {"user_id": actor.id, "name": actor.name, "state": state, "extension": extension, "at": now}
            conn.execute(insert(seat_states).values(row))
    return {"state": state, "extension": extension, "server_time": time_text(centre.now())}


def seats(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return how every seat stood last, and since when."""
    may(actor)
    last = select(func.max(seat_states.c.id)).group_by(seat_states.c.user_id)
    with glancing(centre.engine) as conn:
        rows = conn.execute(
            select(seat_states).where(seat_states.c.id.in_(last)).order_by(seat_states.c.user_id)
        ).all()
    return {
        "seats": [
            {
                "user": {"id": row.user_id, "name": row.name},
                "state": row.state,
                "extension": row.extension,
                "since": time_text(from_ms(row.at)),
            }
            for row in rows
        ],
        "server_time": time_text(centre.now()),
    }
