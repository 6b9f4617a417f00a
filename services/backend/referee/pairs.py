"""Pairs of units: how often cases went from one to the other in the last months, and where they ended."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, select

from services.backend.db.auto_tables import bounce_steps
from services.backend.db.tables import cases
from services.backend.scoping import scoped
from services.domain.roles import Actor
from services.sql.types import to_ms

DAYS = 90
MOST = 2_000


def pair_wire(conn: Connection, actor: Actor, giver: str, taker: str, now: datetime) -> dict[str, Any]:
    """Return what happened between two units in the last 90 days, over cases in the asker's scope.

    `bounces` went from giver to taker, `back` the other way; of those taken over the taker let go of `passed_on`
    again. `ended` tells who handled the closed ones in the end.
    """
    since = to_ms(now - timedelta(days=DAYS))
    steps = (
        select(bounce_steps.c.case_id, bounce_steps.c.n, cases.c.open, cases.c.lead_dept)
        .join(cases, cases.c.case_id == bounce_steps.c.case_id)
        .where(
            bounce_steps.c.giver == giver,
            bounce_steps.c.taker == taker,
            bounce_steps.c.at >= since,
            scoped(actor),
        )
        .limit(MOST)
    )
    found = conn.execute(steps).all()
    back = conn.execute(
        select(func.count()).select_from(bounce_steps).join(cases, cases.c.case_id == bounce_steps.c.case_id)
        .where(bounce_steps.c.giver == taker, bounce_steps.c.taker == giver, bounce_steps.c.at >= since, scoped(actor))
    ).scalar()  # fmt: skip
    first, then = bounce_steps.alias("first_step"), bounce_steps.alias("next_step")
    passed_on = conn.execute(
        select(func.count())
        .select_from(first)
        .join(then, and_(then.c.case_id == first.c.case_id, then.c.n == first.c.n + 1))
        .join(cases, cases.c.case_id == first.c.case_id)
        .where(first.c.giver == giver, first.c.taker == taker, first.c.at >= since, scoped(actor))
    ).scalar()
    ended = Counter(row.lead_dept for row in found if not row.open and row.lead_dept)
    return {
        "giver": giver, "taker": taker, "bounces": len(found), "back": int(back or 0),
        "passed_on": int(passed_on or 0), "open": sum(bool(row.open) for row in found),
        "ended": [{"dept": dept, "count": count} for dept, count in ended.most_common()],
    }  # fmt: skip
