"""Positions of the people in the field: taken, listed, replayed, and deleted after their retention.

A track of a person is sensitive (domain section 13.3): it is taken in working hours only, shown only to those
who steer the field, each look at a track is written into the audit trail, and it is not kept for long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Table, delete, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from services.backend.access.audit import record
from services.backend.db.access_tables import accounts
from services.backend.db.field_tables import last_positions, positions
from services.backend.field.judging import REFUSALS, Fix, Verdict, judge
from services.backend.field.settings import FieldSettings, field_settings
from services.backend.problems import Problem, invalid, not_found
from services.backend.scoping import prefix
from services.domain.case_doc import time_text
from services.domain.roles import Actor
from services.sql.engine import glancing, is_sqlite, reading, writing
from services.sql.types import from_ms, to_ms

if TYPE_CHECKING:
    from services.backend.centre import Centre

#: who walks the district and sends positions; handlers are listed once they have sent one
SENDERS = frozenset({"supervisor", "grid_worker", "handler"})
LISTED = frozenset({"supervisor", "grid_worker"})
#: who steers the field and therefore sees where it is; a street office sees its own area
WATCHERS = frozenset({"acceptor", "dispatcher", "shift_leader", "leader", "street_user"})
#: who may look at a way of the past
TRACKERS = frozenset({"dispatcher", "shift_leader", "leader", "street_user"})
LONGEST_TRACK = timedelta(hours=25)  # a day with a change to winter time
MOST_POINTS = 20_000
_AROUND_MS = 3_600_000
#: without a roster, whoever was heard of so lately is taken to be on duty
_ON_DUTY_MS = 12 * 3_600_000
_DELETE_AT_ONCE = 20_000


def settings_of(centre: Centre) -> FieldSettings:
    """Return the settings in force."""
    return field_settings(centre.reference.doc)


# --- taking ---------------------------------------------------------------------------------------------


def take(centre: Centre, actor: Actor, points: Sequence[Fix]) -> dict[str, Any]:
    """Judge and store a batch of the caller's own positions.

    Raises Problem 403 `positions_not_allowed` for anybody whose post is not in the field.
    """
    if not SENDERS & set(actor.roles):
        raise Problem(403, "positions_not_allowed", "您的岗位不上报位置。")
    settings = settings_of(centre)
    with writing(centre.engine) as conn:
        first, last = min(p.at for p in points), max(p.at for p in points)
        verdict = judge(
            points,
            _stored(conn, actor.id, first - _AROUND_MS, last + _AROUND_MS),
            centre.now(),
            settings,
            centre.calendar,
            lambda lon, lat: centre.places.position(lon, lat).grid,
        )
        store(conn, {actor.id: verdict.taken})
    return _answer(verdict)


def _stored(conn: Connection, user: str, first: int, last: int) -> list[Fix]:
    """Return a user's kept points of a stretch."""
    rows = conn.execute(
        select(positions).where(positions.c.user_id == user, positions.c.at >= first, positions.c.at <= last)
    )
    return [Fix(row.at, row.lon, row.lat, row.accuracy_m, row.grid) for row in rows]


def _answer(verdict: Verdict) -> dict[str, Any]:
    """Return what became of a batch, as sent."""
    return {
        "taken": len(verdict.taken),
        "known": verdict.known,
        "refused": [
            {"index": index, "code": code, "title": REFUSALS[code]} for index, code in verdict.refused
        ],
    }


def store(conn: Connection, by_user: Mapping[str, Sequence[Fix]]) -> None:
    """Write judged points and move the last positions forward; points that are there already are left alone."""
    rows = [_row(user, fix) for user, fixes in by_user.items() for fix in fixes]
    if rows:
        conn.execute(_insert(conn, positions).on_conflict_do_nothing(), rows)
        move_last(conn, by_user)


def move_last(conn: Connection, by_user: Mapping[str, Sequence[Fix]]) -> None:
    """Move last positions forward to each user's newest point; never back."""
    newest = [_row(user, max(fixes, key=lambda fix: fix.at)) for user, fixes in by_user.items() if fixes]
    if not newest:
        return
    fresh = _insert(conn, last_positions)
    values = {name: fresh.excluded[name] for name in ("at", "lon", "lat", "accuracy_m", "grid")}
    conn.execute(
        fresh.on_conflict_do_update(
            index_elements=["user_id"], set_=values, where=last_positions.c.at < fresh.excluded.at
        ),
        newest,
    )


def _insert(conn: Connection, table: Table) -> Any:
    """Return an INSERT that knows ON CONFLICT, in the words of the database."""
    return (sqlite_insert if is_sqlite(conn) else pg_insert)(table)


def _row(user: str, fix: Fix) -> dict[str, Any]:
    """Return a point as a row."""
    return {
        "user_id": user, "at": fix.at, "lon": fix.lon, "lat": fix.lat, "accuracy_m": fix.accuracy_m,
        "grid": fix.grid,
    }  # fmt: skip


def forget_old(centre: Centre) -> int:
    """Delete what is older than its retention, a portion a call; returns how many points went."""
    before = to_ms(centre.now() - timedelta(days=settings_of(centre).retention_days))
    with glancing(centre.engine) as conn:
        oldest = select(positions.c.at).where(positions.c.at < before).order_by(positions.c.at)
        limit = conn.execute(oldest.offset(_DELETE_AT_ONCE).limit(1)).scalar()
        some = conn.execute(oldest.limit(1)).scalar() is not None
    if not some:
        return 0
    with writing(centre.engine) as conn:
        gone = conn.execute(delete(positions).where(positions.c.at < (limit or before))).rowcount
        conn.execute(delete(last_positions).where(last_positions.c.at < before))
    return int(gone)


# --- showing --------------------------------------------------------------------------------------------


def watched(actor: Actor) -> Any:
    """Return the condition on `accounts` for whom an actor sees in the field: always oneself, and those one steers."""
    own = accounts.c.user_id == actor.id
    if not WATCHERS & set(actor.roles) or not actor.area_code:
        return own
    return or_(own, prefix(accounts.c.area_code, actor.area_code))


def officers(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return everybody in the field whom an actor may see, with the last position of working hours."""
    now, settings = centre.now(), settings_of(centre)
    statement = (
        select(
            accounts.c.user_id, accounts.c.name, accounts.c.roles, accounts.c.area_code,
            last_positions.c.at, last_positions.c.lon, last_positions.c.lat, last_positions.c.accuracy_m,
            last_positions.c.grid,
        )
        .outerjoin(last_positions, last_positions.c.user_id == accounts.c.user_id)
        .where(accounts.c.active, watched(actor))
        .order_by(accounts.c.user_id)
    )  # fmt: skip
    with glancing(centre.engine) as conn:
        rows = conn.execute(statement).all()
    duty = {str(p.get("user")): bool(p.get("on_duty")) for p in centre.reference.doc.get("roster", ())}
    working = settings.at_work(now, centre.calendar)
    return {
        "officers": [
            _officer(row, role, working and duty.get(row.user_id, _lately(row.at, now)))
            for row in rows
            if (role := _role(row)) is not None
        ],
        "lost_after_s": settings.lost_after_s,
        "server_time": time_text(now),
    }


def _lately(at: int | None, now: datetime) -> bool:
    return at is not None and to_ms(now) - at < _ON_DUTY_MS


def _role(row: Any) -> str | None:
    """Return the role under which somebody is listed, None when not at all."""
    roles = row.roles.split()
    listed = [role for role in roles if role in LISTED]
    if not listed and row.at is not None:
        listed = [role for role in roles if role in SENDERS]
    return listed[0] if listed else None


def _officer(row: Any, role: str, on_duty: bool) -> dict[str, Any]:
    """Return one person as sent."""
    return {
        "user": row.user_id,
        "name": row.name,
        "role": role,
        "area_code": row.area_code or "",
        "on_duty": on_duty,
        "at": None if row.at is None else time_text(from_ms(row.at)),
        "lon": row.lon,
        "lat": row.lat,
        "accuracy_m": row.accuracy_m,
        "grid": row.grid or "",
    }


def track(
    centre: Centre, actor: Actor, user: str, start: datetime, end: datetime, trace: str
) -> dict[str, Any]:
    """Return a person's way between two moments, and write down who looked.

    Raises Problem 404 for somebody out of scope, 403 `track_not_allowed` without the right (written down as
    well), 422 for a stretch that is empty or longer than a day.
    """
    if not timedelta(0) < end - start <= LONGEST_TRACK:
        raise invalid({"to": "应晚于 from，最多相隔一天"})
    settings = settings_of(centre)
    with writing(centre.engine) as conn:
        person = conn.execute(
            select(accounts.c.user_id, accounts.c.name).where(accounts.c.user_id == user, watched(actor))
        ).first()
        allowed = user == actor.id or bool(TRACKERS & set(actor.roles))
        asked = {"from": time_text(start), "to": time_text(end)}
        if person is not None or not allowed:
            record(conn, actor.id, "track_shown" if allowed else "track_refused", user, asked, trace)
    if not allowed:
        raise Problem(403, "track_not_allowed", "您的岗位不能查看人员轨迹。")
    if person is None:
        raise not_found()
    with reading(centre.engine) as conn:
        points = _way(conn, user, start, end)
    shown = [p for p in points if settings.at_work(from_ms(p.at), centre.calendar)]
    return {
        "user": {"id": person.user_id, "name": person.name},
        **asked,
        "points": [
            {"at": time_text(from_ms(p.at)), "lon": p.lon, "lat": p.lat, "accuracy_m": p.accuracy_m}
            for p in shown
        ],
        "server_time": time_text(centre.now()),
    }


def _way(conn: Connection, user: str, start: datetime, end: datetime) -> list[Fix]:
    """Return a person's points of a stretch, oldest first."""
    rows = conn.execute(
        select(positions)
        .where(positions.c.user_id == user, positions.c.at >= to_ms(start), positions.c.at < to_ms(end))
        .order_by(positions.c.at)
        .limit(MOST_POINTS)
    )
    return [Fix(row.at, row.lon, row.lat, row.accuracy_m, row.grid) for row in rows]
