"""The 退单裁判 sheet of one case: everything the log, the duty table and the ground say about whose it is."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from services.backend.auto.stories import Moment, Story, read_stories
from services.backend.case_view import visible_case
from services.backend.centre import Centre
from services.backend.db.tables import cases
from services.backend.history import from_packed
from services.backend.learned.following import read_experience
from services.backend.referee.ground import ground_of
from services.backend.referee.meetings import meeting_of
from services.backend.referee.pairs import DAYS, pair_wire
from services.backend.scoping import prefix, scoped
from services.domain.bounces import Bounce, bounces
from services.domain.case import Case
from services.domain.case_doc import time_text
from services.domain.experience import Experience
from services.domain.facts import HANDLED, Stint
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.geo.coords import metres_per_degree
from services.sql.engine import reading
from services.sql.types import to_ms

#: precedents shown, and cases looked at for them
SHOWN, LOOKED = 6, 400
#: a precedent further away than this says little about a border
NEAR_M = 3_000.0


def sheet(centre: Centre, actor: Actor, case_id: str) -> dict[str, Any]:
    """Return the sheet of a case in the caller's scope; raises Problem 404 for any other."""
    now, rules = centre.now(), centre.reference.rules
    _, experience = read_experience(centre.engine)
    with reading(centre.engine) as conn:
        case = visible_case(conn, actor, case_id)
        story = read_stories(conn, [case_id])[case_id]
        steps = bounces(story.facts)
        ground = ground_of(conn, centre.places.index, case)
        found = _near_cases(conn, actor, case, now)
        shown = read_stories(conn, [one.case_id for _, one in found[:SHOWN]])
        pairs = [pair_wire(conn, actor, giver, taker, now) for giver, taker in _pairs(steps)]
        meeting = meeting_of(conn, story)
    limit = rules.settings.bounce_limit
    return {
        "case_id": case_id,
        "number": case.number,
        "state": case.state,
        "lead_dept": case.lead_dept,
        "round": case.round,
        "bounces": [_step_wire(one, story) for one in steps],
        "limit": limit,
        "due": limit > 0 and len(steps) >= limit,
        "meeting": meeting,
        "duty": duty_rows(case, rules),
        "units": _unit_rows(story, case, experience),
        "ground": ground,
        "precedents": [_precedent(metres, one, shown[one.case_id], now) for metres, one in found[:SHOWN]],
        "handled": _handled(found),
        "pairs": pairs,
        "days": DAYS,
        "server_time": time_text(now),
    }


def _step_wire(step: Bounce, story: Story) -> dict[str, Any]:
    """Return a bounce with the words of the change that made it."""
    made = next(
        (m for m in story.moments if m.at == step.at and m.action in ("return_case", "redispatch")), None
    )
    return {
        "giver": step.giver,
        "taker": step.taker,
        "at": time_text(step.at),
        "returned": step.returned,
        "by": made.actor_name if made is not None else "",
        "reason": str(made.payload.get("reason", "")) if made is not None else "",
        "basis": str(made.payload.get("basis", "")) if made is not None else "",
        "answer": _answer(step, story, made),
    }


def _answer(step: Bounce, story: Story, made: Moment | None) -> str:
    """Return the reason with which the desk sent a returned case on; "" where nobody has yet."""
    if made is None or not step.returned:
        return ""
    later = (m for m in story.moments if m.version > made.version and m.action == "redispatch")
    sent = next(later, None)
    return "" if sent is None else str(sent.payload.get("reason", ""))


def _pairs(steps: Sequence[Bounce]) -> list[tuple[str, str]]:
    """Return the pairs of units of a case, each once, in order."""
    return list(dict.fromkeys((one.giver, one.taker) for one in steps if one.taker))


def duty_rows(case: Case, rules: Rules) -> list[dict[str, Any]]:
    """Return the rows of the duty table (责任清单) of a case's category: condition, limit, unit here."""
    entry = rules.categories.get(case.category or "")
    if entry is None:
        return []
    return [
        {
            "condition": n,
            "text": condition.text,
            "limit": condition.limit.words,
            "dept": rules.lead_of(entry.code, n, case.area_path),
            "own": condition.dept is not None,
            "chosen": n == case.condition,
        }
        for n, condition in enumerate(entry.conditions)
    ]


def _unit_rows(story: Story, case: Case, experience: Experience) -> list[dict[str, Any]]:
    """Return what is known of every unit that had the case: its record with such cases."""
    seen = list(dict.fromkeys(stint.dept for stint in story.facts.standing))
    rows = []
    for dept in seen:
        record = experience.record(dept, case.category or "")
        rows.append(
            {
                "dept": dept,
                "received": record.received,
                "returned": record.returned,
                "handled": record.handled,
                "in_time": record.in_time,
                "usual_s": experience.usual_s(dept, case.category or ""),
            }
        )
    return rows


# --- precedents ------------------------------------------------------------------------------------------


def _near_cases(conn: Connection, actor: Actor, case: Case, now: datetime) -> list[tuple[float, Case]]:
    """Return closed cases of the same category near by, by distance in metres."""
    lon, lat = case.location.lon, case.location.lat
    if case.category is None or lon is None or lat is None:
        return []
    east, north = metres_per_degree(lat)
    dx, dy = NEAR_M / max(east, 1.0), NEAR_M / north
    rows = conn.execute(
        select(cases.c.doc)
        .where(
            scoped(actor),
            prefix(cases.c.grid, (case.grid or "")[:6]),
            cases.c.category == case.category,
            cases.c.case_id != case.case_id,
            cases.c.created_at >= to_ms(now - timedelta(days=DAYS)),
            cases.c.state.in_(("closed", "archived")),
            cases.c.lead_dept.is_not(None),
            cases.c.lon.between(lon - dx, lon + dx),
            cases.c.lat.between(lat - dy, lat + dy),
        )
        .order_by(cases.c.created_at.desc())
        .limit(LOOKED)
    ).scalars()
    found = []
    for doc in rows:
        one = from_packed(doc)
        if one.location.lon is not None and one.location.lat is not None:
            metres = math.hypot((one.location.lon - lon) * east, (one.location.lat - lat) * north)
            if metres <= NEAR_M:
                found.append((metres, one))
    return sorted(found, key=lambda pair: (pair[0], pair[1].case_id))


def _precedent(metres: float, case: Case, story: Story, now: datetime) -> dict[str, Any]:
    """Return one precedent: which units had it, who handled it in the end, how often it was sent back."""
    stints = story.facts.standing
    final = next((s.dept for s in reversed(stints) if s.outcome == HANDLED), case.lead_dept)
    return {
        "case_id": case.case_id,
        "number": case.number,
        "distance_m": round(metres, 1),
        "days_ago": max(0, (now - case.created_at).days),
        "address": case.location.address,
        "condition": case.condition,
        "units": [_unit_of(stint) for stint in stints],
        "final": final,
        "returned": len(bounces(story.facts)),
        "reworked": case.counts.rework,
    }


def _unit_of(stint: Stint) -> str:
    return stint.dept


def _handled(found: Sequence[tuple[float, Case]]) -> list[dict[str, Any]]:
    """Return who handled the cases near by in the end, most first."""
    counts = Counter(case.lead_dept for _, case in found)
    return [{"dept": dept, "count": count} for dept, count in counts.most_common()]
