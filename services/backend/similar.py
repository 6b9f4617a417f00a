"""Cases that may be about the same thing: near in place and time, alike in category and words (domain section 5.3)."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from services.backend.centre import Centre
from services.backend.db.tables import cases
from services.backend.history import from_packed
from services.backend.scoping import scoped
from services.backend.wire import case_wire
from services.backend.words import pairs
from services.domain.case import Case
from services.domain.roles import Actor
from services.geo.coords import metres_per_degree
from services.sql.engine import glancing
from services.sql.types import to_ms

MOST = 20
#: how far and how old a candidate may be at most, in multiples of the settings
REACH = 4


def find_similar(
    centre: Centre, actor: Actor, lon: float, lat: float, category: str | None, words: str
) -> dict[str, Any]:
    """Return candidates, the likeliest first: case, `distance_m`, `age_s`, `score` 0–1 and `why`.

    Score: half the distance, a quarter the category, a quarter the shared words; within `similar_m` and
    `similar_hours` of the settings a candidate is marked `likely` when its category is the same.
    """
    now = centre.now()
    settings = centre.reference.rules.settings
    reach_m, reach_h = settings.similar_m * REACH, settings.similar_hours * REACH
    east, north = metres_per_degree(lat)
    dx, dy = reach_m / max(east, 1.0), reach_m / north
    near = (
        select(cases.c.doc)
        .where(
            scoped(actor),
            cases.c.created_at >= to_ms(now - timedelta(hours=reach_h)),
            cases.c.lon.between(lon - dx, lon + dx),
            cases.c.lat.between(lat - dy, lat + dy),
            cases.c.state.not_in(("cancelled", "not_accepted")),
        )
        .order_by(cases.c.created_at.desc())
        .limit(500)
    )
    with glancing(centre.engine) as conn:
        found = [from_packed(doc) for doc in conn.execute(near).scalars()]
    asked = set(pairs(words))
    scored = []
    for case in found:
        if case.location.lon is None or case.location.lat is None:
            continue
        metres = math.hypot((case.location.lon - lon) * east, (case.location.lat - lat) * north)
        if metres <= reach_m:
            scored.append(
                _candidate(case, metres, asked, category, now, settings.similar_m, settings.similar_hours)
            )
    scored.sort(key=lambda entry: (-entry["score"], entry["distance_m"]))
    for entry in scored[:MOST]:
        entry["case"] = case_wire(entry["case"], now, centre.calendar)
    return {"candidates": scored[:MOST]}


def _candidate(
    case: Case,
    metres: float,
    asked: set[str],
    category: str | None,
    now: datetime,
    near_m: float,
    hours: float,
) -> dict[str, Any]:
    """Return one candidate with its score and the reasons for it."""
    age_s = int((now - case.created_at).total_seconds())
    theirs = set(pairs(case.description))
    shared = len(asked & theirs) / len(asked | theirs) if asked and theirs else 0.0
    same = category is not None and category == case.category
    akin = category is not None and case.category is not None and category[:8] == case.category[:8]
    score = (
        0.5 * max(0.0, 1 - metres / (near_m * REACH))
        + (0.25 if same else 0.1 if akin else 0.0)
        + 0.25 * shared
    )
    why = [f"相距 {metres:.0f} 米", _age(age_s)]
    if same:
        why.append("同一类别")
    elif akin:
        why.append("同一大类")
    if shared >= 0.2:
        why.append("描述相近")
    return {
        "case_id": case.case_id,
        "number": case.number,
        "distance_m": round(metres, 1),
        "age_s": age_s,
        "score": round(score, 3),
        "likely": metres <= near_m and age_s <= hours * 3600 and (same or category is None),
        "why": why,
        "case": case,
    }


def _age(seconds: int) -> str:
    """Return an age in words."""
    if seconds < 3600:
        return f"{max(1, seconds // 60)} 分钟前上报"
    return f"{seconds // 3600} 小时前上报" if seconds < 172_800 else f"{seconds // 86_400} 天前上报"
