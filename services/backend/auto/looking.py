"""What a rule looks at: the cases that stand where it acts, and what has to be looked up about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from services.backend.db.access_tables import accounts, claims
from services.backend.db.auto_tables import auto_acts
from services.backend.db.tables import case_files, cases, changes
from services.backend.history import from_packed
from services.backend.scoping import prefix
from services.domain.auto_acting import Sight
from services.domain.auto_rules import STATES_OF, AutoRule
from services.domain.case import Case
from services.domain.ids import canonical_uuid
from services.sql.types import to_ms

_FIELD = frozenset({"supervisor", "grid_worker"})
#: a claim without a beat for so long has lapsed; the presence routes have the same figure
HELD_MS = 60_000
FIRST = "00000000-0000-0000-0000-000000000000"


def in_range(rule: AutoRule) -> ColumnElement[bool]:
    """Return what columns can tell of a rule's cases, whatever their state."""
    when = rule.when
    asked: list[ColumnElement[bool]] = [or_(*(prefix(cases.c.grid, code) for code in when.areas))]
    if when.kinds:
        asked.append(cases.c.kind.in_(when.kinds))
    if when.categories:
        asked.append(or_(*(cases.c.category.startswith(code, autoescape=True) for code in when.categories)))
    if when.sources:
        asked.append(cases.c.source.in_(when.sources))
    return and_(*asked)


def candidates(conn: Connection, rule: AutoRule, after: str, most: int) -> list[Case]:
    """Return open cases where the rule may act, by id behind `after`; not those a rule has acted on this way."""
    known = exists().where(auto_acts.c.case_id == cases.c.case_id, auto_acts.c.action == rule.action)
    rows = conn.execute(
        select(cases.c.doc)
        .where(
            cases.c.open,
            cases.c.case_id > (canonical_uuid(after) or FIRST),
            cases.c.state.in_(STATES_OF[rule.action]),
            in_range(rule),
            ~known,
        )
        .order_by(cases.c.case_id)
        .limit(most)
    ).scalars()
    return [from_packed(doc) for doc in rows]


def sights(conn: Connection, rule: AutoRule, found: Sequence[Case], now: datetime) -> list[Sight]:
    """Return the cases with what a rule asks about them."""
    ids = [case.case_id for case in found]
    if not ids:
        return []
    acted = set(
        conn.execute(
            select(changes.c.case_id).where(changes.c.case_id.in_(ids), changes.c.action == rule.action)
        ).scalars()
    )
    held = set(
        conn.execute(
            select(claims.c.case_id).where(
                claims.c.case_id.in_(ids), claims.c.kind == "hold", claims.c.at >= to_ms(now) - HELD_MS
            )
        ).scalars()
    )
    photos = photo_counts(conn, ids) if rule.when.min_photos else {}
    field = field_reporters(conn, {case.reporter or "" for case in found}) if rule.when.own_report else set()
    return [
        Sight(
            case,
            now,
            photos.get(case.case_id, 0),
            case.reporter in field,
            case.case_id in held,
            case.case_id in acted,
        )
        for case in found
    ]


def photo_counts(conn: Connection, ids: Sequence[str]) -> dict[str, int]:
    """Return how many attachments cases have; those without are left out."""
    rows = conn.execute(
        select(case_files.c.case_id, func.count())
        .where(case_files.c.case_id.in_(ids))
        .group_by(case_files.c.case_id)
    )
    return {case_id: int(count) for case_id, count in rows}


def field_reporters(conn: Connection, users: set[str]) -> set[str]:
    """Return which of some users work in the field (监督员、网格员)."""
    rows = conn.execute(
        select(accounts.c.user_id, accounts.c.roles).where(accounts.c.user_id.in_(sorted(users)))
    )
    return {user for user, roles in rows if not _FIELD.isdisjoint(roles.split())}
