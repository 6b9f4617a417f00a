"""What rules have done, day by day, and when one is switched off by itself because too much came back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, case, func, or_, select

from services.backend.auto.store import Kept, stop_by_itself
from services.backend.db.auto_tables import auto_acts
from services.backend.db.packing import unpack
from services.backend.db.tables import cases
from services.backend.scoping import scoped
from services.domain.case_doc import time_text
from services.domain.reference import Settings
from services.domain.roles import Actor
from services.sql.engine import glancing, writing
from services.sql.types import from_ms, to_ms

if TYPE_CHECKING:
    from services.backend.centre import Centre

DAYS, ACTS = 31, 100


@dataclass(frozen=True, slots=True)
class Today:
    """What concerns a rule today: acts made today or come back today, and how many came back today."""

    concerned: int
    bounced: int

    def too_many(self, settings: Settings) -> bool:
        """Tell whether so much came back that the rule must stop."""
        return (
            self.bounced >= max(1, settings.rule_bounce_least)
            and self.bounced > settings.rule_bounce_share * self.concerned
        )


def today(conn: Connection, rule_id: str, day: str, since: int) -> Today:
    """Return today's figures of a rule; `since` is the day's beginning in milliseconds.

    A return often comes the morning after, so acts that came back today count whatever day they were made.
    """
    c = auto_acts.c
    back = and_(c.undone_at.is_not(None), c.undone_at >= since)
    row = conn.execute(
        select(func.count(), func.coalesce(func.sum(case((back, 1), else_=0)), 0)).where(
            c.rule_id == rule_id, c.outcome == "applied", or_(c.day == day, back)
        )
    ).one()
    return Today(int(row[0]), int(row[1]))


def stop_bad_ones(centre: Centre, kept: Sequence[Kept]) -> list[str]:
    """Switch off every active rule of which too much came back today; returns their ids."""
    now = centre.now()
    settings = centre.reference.rules.settings
    day, since = day_and_start(centre, now)
    stopped = []
    for one in kept:
        if not one.active:
            continue
        with glancing(centre.engine) as conn:
            found = today(conn, one.rule.id, day, since)
        # what came back before it was switched on again by a person is known to that person
        if found.too_many(settings) and not _known(centre, one, since):
            share = f"{100 * found.bounced / max(1, found.concerned):.0f}%"
            limit = f"{100 * settings.rule_bounce_share:.0f}%"
            why = f"今日 {found.concerned} 件中退回 {found.bounced} 件（{share}），超过 {limit}，自动停用"
            with writing(centre.engine) as conn:
                if stop_by_itself(conn, one.rule.id, one.edit, why, now):
                    stopped.append(one.rule.id)
    return stopped


def _known(centre: Centre, one: Kept, since: int) -> bool:
    """Tell whether nothing more came back since a person switched the rule on today."""
    switched = one.row["switched_at"] or 0
    if switched < since:
        return False
    c = auto_acts.c
    with glancing(centre.engine) as conn:
        later = conn.execute(
            select(func.count()).where(
                c.rule_id == one.rule.id, c.outcome == "applied", c.undone_at > switched
            )
        ).scalar()
    return not later


def day_and_start(centre: Centre, now: datetime) -> tuple[str, int]:
    """Return the centre's day of a moment and when it began, in milliseconds."""
    local = centre.calendar.local(now)
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return local.strftime("%Y%m%d"), to_ms(start)


def days_of(conn: Connection, rule_id: str) -> list[dict[str, Any]]:
    """Return what a rule did on its last days, oldest first: acts, how they came out, what became of them."""
    c = auto_acts.c

    def count(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    rows = conn.execute(
        select(
            c.day,
            count(c.outcome == "applied").label("applied"),
            count(c.outcome == "refused").label("refused"),
            count(and_(c.outcome == "applied", c.undone_at.is_not(None))).label("bounced"),
            count(and_(c.outcome == "applied", c.again > 0)).label("reworked"),
        )
        .where(c.rule_id == rule_id)
        .group_by(c.day)
        .order_by(c.day.desc())
        .limit(DAYS)
    ).mappings()
    names = ("applied", "refused", "bounced", "reworked")
    return [{"day": row["day"], **{name: int(row[name]) for name in names}} for row in rows][::-1]


def acts_of(conn: Connection, actor: Actor, rule_id: str) -> list[dict[str, Any]]:
    """Return the last acts of a rule on cases in an actor's scope, newest first."""
    c = auto_acts.c
    rows = conn.execute(
        select(auto_acts, cases.c.number)
        .join(cases, cases.c.case_id == c.case_id)
        .where(c.rule_id == rule_id, scoped(actor))
        .order_by(c.at.desc(), c.slot.desc())
        .limit(ACTS)
    ).mappings()
    return [
        {
            "case_id": row["case_id"],
            "number": row["number"],
            "at": time_text(from_ms(row["at"])),
            **unpack(bytes(row["doc"])),
            "outcome": row["outcome"],
            "undone_at": None if row["undone_at"] is None else time_text(from_ms(row["undone_at"])),
            "undone_by": row["undone_by"],
            "again": row["again"],
        }
        for row in rows
    ]
