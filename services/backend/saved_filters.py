"""Saved filters: everybody keeps their own; who leads the shift shares them with a post, or all posts, of the area.

A filter says what to ask the queue for (steps, states, bands, areas …), never which cases: it holds no personal data
but what its author types into the words to find, which is why a text of more than forty characters is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, insert, or_, select, update

from services.backend.access.audit import record
from services.backend.db.filter_tables import saved_filters
from services.backend.db.packing import compact, pack, unpack
from services.backend.problems import Problem, not_found
from services.domain import fields as f
from services.domain.bands import BANDS
from services.domain.case_doc import time_text
from services.domain.roles import ROLES, Actor
from services.domain.states import STAGES, STATES
from services.sql.types import from_ms, to_ms

#: who may share filters with others
SHARERS = frozenset({"shift_leader"})
ALL, NOBODY = "all", ""
MOST = 40
"""Filters one person keeps."""
MOST_CHOICES = 200
MOST_POINTS = 4000

_code = f.text(1, 40)
_coordinate = f.number(-30_000_000, 30_000_000)


def _points(value: Any) -> list[list[float]]:
    """Check the corners of a drawn region (world metres)."""
    if not isinstance(value, list) or not 3 <= len(value) <= MOST_POINTS:
        raise f.Bad(f"应有 3 到 {MOST_POINTS} 个点")
    if not all(isinstance(point, list) and len(point) == 2 for point in value):
        raise f.Bad("每个点应为两个数")
    return [[_coordinate(x), _coordinate(y)] for x, y in value]


_region = f.record({"points": _points}, {"drawn": f.one_of("box", "lasso")})
check_filter = f.record(
    {},
    {
        "text": f.text(0, 40),
        "stages": f.listed(f.one_of(*STAGES), len(STAGES)),
        "states": f.listed(f.one_of(*STATES), len(STATES)),
        "bands": f.listed(f.one_of(*BANDS), len(BANDS)),
        "urgency": f.listed(f.whole(0, 3), 4),
        "categories": f.listed(_code, MOST_CHOICES),
        "sources": f.listed(_code, MOST_CHOICES),
        "departments": f.listed(_code, MOST_CHOICES),
        "areas": f.listed(_code, MOST_CHOICES),
        "region": _region,
        "unplaced": f.flag,
    },
)
check_saved = f.record(
    {"name": f.text(1, 20), "filter": check_filter},
    {"share": f.one_of(NOBODY, ALL, *ROLES), "place": f.whole(0, 999), "tab": f.text(0, 40)},
)


def seen_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of what an actor sees: the own ones, and those shared with one of the posts in the area."""
    theirs = saved_filters.c.share.in_((ALL, *actor.roles))
    # shared within an area: the actor's own area is that one, or lies in it
    area = actor.area_code or "-"
    around = saved_filters.c.area_code.in_([area[:n] for n in range(1, len(area) + 1)])
    return or_(saved_filters.c.owner == actor.id, theirs & around)


def list_filters(conn: Connection, actor: Actor) -> tuple[str, dict[str, Any]]:
    """Return what an actor sees, the own ones first, with the tag of that state."""
    rows = conn.execute(select(saved_filters).where(seen_by(actor))).mappings().all()
    wires = [filter_wire(row, actor) for row in rows]
    wires.sort(key=lambda wire: (not wire["mine"], wire["place"], wire["name"], wire["filter_id"]))
    body = {"filters": wires, "may_share": not SHARERS.isdisjoint(actor.roles)}
    mark = hashlib.sha256(compact(body).encode()).hexdigest()[:32]
    return f'"flt-{mark}"', body


def filter_wire(row: RowMapping | Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    """Return a filter as sent."""
    doc = unpack(bytes(row["doc"]))
    return {
        "filter_id": row["filter_id"],
        "name": row["name"],
        "filter": doc["filter"],
        "tab": doc.get("tab", ""),
        "share": row["share"],
        "place": int(row["place"]),
        "mine": row["owner"] == actor.id,
        "owner": {"id": row["owner"], "name": row["owner_name"]},
        "at": time_text(from_ms(int(row["at"]))),
    }


def put_filter(
    conn: Connection, actor: Actor, filter_id: str, given: Mapping[str, Any], now: datetime, trace: str
) -> dict[str, Any]:
    """Keep a filter, new or changed; the same once more changes nothing.

    Raises Problem 404 for another's filter, 403 when the post may not share, 409 when there are too many.
    """
    row = conn.execute(select(saved_filters).where(saved_filters.c.filter_id == filter_id)).mappings().first()
    if row is not None and row["owner"] != actor.id:
        raise not_found("没有这个筛选，或它不是您的。")
    share = given.get("share", NOBODY)
    if share and SHARERS.isdisjoint(actor.roles):
        raise Problem(403, "not_allowed", "只有值班长可以把筛选共享给其他岗位。")
    if row is None:
        _make_room(conn, actor)
    values = {
        "owner": actor.id,
        "owner_name": actor.name,
        "area_code": actor.area_code or "",
        "name": given["name"],
        "share": share,
        "place": int(given.get("place", 0)),
        "doc": pack({"filter": given["filter"], "tab": given.get("tab", "")}),
        "at": to_ms(now),
    }
    if row is None:
        conn.execute(insert(saved_filters).values(filter_id=filter_id, **values))
    else:
        conn.execute(update(saved_filters).where(saved_filters.c.filter_id == filter_id).values(**values))
    if share or (row is not None and row["share"]):
        told = {"name": given["name"], "share": share}
        record(conn, actor.id, "filter_shared", filter_id, told, trace)
    return filter_wire({"filter_id": filter_id, **values}, actor)


def _make_room(conn: Connection, actor: Actor) -> None:
    """Raise Problem 409 when somebody keeps as many as there may be."""
    kept = conn.execute(
        select(func.count()).select_from(saved_filters).where(saved_filters.c.owner == actor.id)
    ).scalar_one()
    if kept >= MOST:
        raise Problem(409, "too_many", f"每人最多保存 {MOST} 个筛选，请先删除不用的。")


def drop_filter(conn: Connection, actor: Actor, filter_id: str, trace: str) -> None:
    """Take a filter away: the own, or, for who shares in the area, one that is shared there.

    Raises Problem 404 for one the actor does not see, 403 for one that is another's.
    """
    wanted = (saved_filters.c.filter_id == filter_id) & seen_by(actor)
    row = conn.execute(select(saved_filters).where(wanted)).mappings().first()
    if row is None:
        raise not_found("没有这个筛选。")
    mine = row["owner"] == actor.id
    leads = not SHARERS.isdisjoint(actor.roles) and str(row["area_code"]).startswith(actor.area_code or "-")
    if not mine and not leads:
        raise Problem(403, "not_allowed", "这个筛选是别人共享的，只有共享者或值班长可以删除。")
    conn.execute(delete(saved_filters).where(saved_filters.c.filter_id == filter_id))
    if row["share"]:
        record(conn, actor.id, "filter_dropped", filter_id, {"name": row["name"]}, trace)
