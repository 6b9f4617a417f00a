"""Trying a rule on history (试运行): what it would have done in the last weeks, knowing only what came before.

The log is walked in its own order over the cases registered in the window. Whatever the rule chooses by experience it
chooses by what was known at that moment: the lessons of the window are taken back from what the centre has learned
and given again one by one as the walk passes the closing that taught them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, select

from services.backend.auto.looking import field_reporters, in_range, photo_counts
from services.backend.auto.stories import Moment, Story, read_stories
from services.backend.db.tables import cases
from services.backend.learned.following import read_experience
from services.domain.auto_acting import Proposal, Sight, entered, next_within, propose
from services.domain.auto_rules import (
    AGAIN,
    ID_PREFIX,
    STATES_OF,
    SUGGESTED,
    UNDONE_BY,
    USUAL,
    AutoRule,
    When,
)
from services.domain.auto_trial import BY_RULE, OPEN, OTHER, SAME, Tried, figures, same
from services.domain.case import Case, sees
from services.domain.case_doc import time_text
from services.domain.experience import Experience
from services.domain.facts import HANDLED
from services.domain.lifecycle import ADDITIVE
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.sql.engine import reading
from services.sql.types import from_ms, to_ms

DAYS, DAYS_MOST = 30, 92
#: cases walked at most; the window is shortened to the latest so many, and the answer says which it was
CASES = 3_000
SHOWN = 200


@dataclass(frozen=True, slots=True)
class _Ask:
    """A rule's moment with one case: the case as it would have met it, and what came after."""

    at: datetime
    story: Story
    met: Moment
    case: Case


@dataclass(frozen=True, slots=True)
class _Ground:
    """What a trial rests on besides the stories."""

    rule: AutoRule
    rules: Rules
    photos: Mapping[str, int]
    field: frozenset[str]


def try_rule(
    engine: Engine, rules: Rules, rule: AutoRule, actor: Actor, now: datetime, days: int = DAYS
) -> dict[str, Any]:
    """Return the figures of a trial and its cases (those in the asker's scope), as JSON values."""
    with reading(engine) as conn:
        since = _window(conn, rule, now, days)
        ids = _ids(conn, since, in_range(rule))
        taught = _ids(conn, since, _same_categories(rule), closed=True) if _learns(rule) else []
        stories = read_stories(conn, [*ids, *(case_id for case_id in taught if case_id not in set(ids))])
        photos = photo_counts(conn, ids[:CASES]) if rule.when.min_photos else {}
        field = field_reporters(conn, {s.moments[0].case.reporter or "" for s in stories.values()})
    ground = _Ground(rule, rules, photos, frozenset(field))
    own = [stories[case_id] for case_id in ids if case_id in stories]
    asks = [ask for story in own if (ask := _ask(ground, story, now)) is not None]
    looked = sum(_stood(rule, story) is not None for story in own)
    experience, lessons = _taken_back(engine, rules, stories.values(), since)
    tried, passed = _walk(ground, sorted(asks, key=lambda one: one.at), experience, lessons)
    passed["early"] = looked - len(asks)
    found = figures(tried, {word: count for word, count in passed.items() if count}, looked)
    scope = {s.case_id for s in own if sees(actor, s.moments[-1].case)}
    return {
        "days_asked": days, "from": time_text(since), "to": time_text(now), **found,
        "cases": [_wire(one) for one in tried if one.case_id in scope][-SHOWN:],
    }  # fmt: skip


# --- the window ----------------------------------------------------------------------------------------


def _learns(rule: AutoRule) -> bool:
    """Tell whether the rule chooses by experience."""
    return bool(rule.when.min_confidence) or SUGGESTED in rule.then.values() or USUAL in rule.then.values()


def _same_categories(rule: AutoRule) -> Any:
    """Return the condition of cases that teach what the rule asks."""
    codes = rule.when.categories
    return in_range(replace(rule, when=When(categories=codes, areas=(rule.when.areas[0][:6],))))


def _window(conn: Connection, rule: AutoRule, now: datetime, days: int) -> datetime:
    """Return when the window begins: so many days ago, later where there are too many cases."""
    since = now - timedelta(days=days)
    conditions = [in_range(rule)] + ([_same_categories(rule)] if _learns(rule) else [])
    for condition, column in zip(conditions, (cases.c.created_at, cases.c.closed_at), strict=False):
        edge = conn.execute(
            select(column)
            .where(condition, column >= to_ms(since))
            .order_by(column.desc())
            .offset(CASES)
            .limit(1)
        ).scalar()
        if edge is not None:
            since = from_ms(int(edge) + 1)
    return since


def _ids(conn: Connection, since: datetime, condition: Any, *, closed: bool = False) -> list[str]:
    """Return the cases born (or closed) in the window."""
    column = cases.c.closed_at if closed else cases.c.created_at
    rows = conn.execute(
        select(cases.c.case_id).where(condition, column >= to_ms(since)).order_by(column).limit(CASES)
    )
    return list(rows.scalars())


def _taken_back(
    engine: Engine, rules: Rules, stories: Iterable[Story], since: datetime
) -> tuple[Experience, list[tuple[datetime, Callable[[Experience], None]]]]:
    """Return what was known when the window began, and the lessons since, oldest first."""
    seq, experience = read_experience(engine)
    lessons: list[tuple[datetime, Callable[[Experience], None]]] = []
    for story in stories:
        for moment in story.lessons(rules.calendar):
            if moment.at < since:
                continue
            if moment.seq <= seq:
                moment.teach(experience, -1)
            lessons.append((moment.at, moment.learn))
    lessons.sort(key=lambda one: one[0])
    return experience, lessons


# --- the walk ------------------------------------------------------------------------------------------


def _stood(rule: AutoRule, story: Story) -> int | None:
    """Return the place of the first moment at which the case stood where the rule acts."""
    states = STATES_OF[rule.action]
    return next((n for n, moment in enumerate(story.moments) if moment.case.state in states), None)


def _ask(ground: _Ground, story: Story, now: datetime) -> _Ask | None:
    """Return when the rule would have met a case; None where people were quicker, or it is still to come."""
    rule = ground.rule
    first = _stood(rule, story)
    if first is None:
        return None
    met = story.moments[first]
    at = entered(met.case) + timedelta(seconds=rule.when.wait_s)
    at = next_within(rule.when.hours, max(at, met.at), ground.rules.calendar)
    if at > now:
        return None
    last = met
    for moment in story.moments[first + 1 :]:
        if moment.at > at:
            break
        last = moment
    states = STATES_OF[rule.action]
    return _Ask(at, story, last, last.case) if last.case.state in states else None


def _walk(
    ground: _Ground,
    asks: Iterable[_Ask],
    experience: Experience,
    lessons: list[tuple[datetime, Callable[[Experience], None]]],
) -> tuple[list[Tried], Counter[str]]:
    """Ask the rule about every case in order, with what was known by then."""
    rule, calendar = ground.rule, ground.rules.calendar
    tried: list[Tried] = []
    passed: Counter[str] = Counter()
    by_day: Counter[str] = Counter()
    place = 0
    for ask in asks:
        while place < len(lessons) and lessons[place][0] <= ask.at:
            lessons[place][1](experience)
            place += 1
        sight = Sight(
            ask.case, ask.at, ground.photos.get(ask.case.case_id, 0), ask.case.reporter in ground.field
        )
        proposal = propose(rule, sight, ground.rules, experience)
        if isinstance(proposal, str):
            passed[proposal] += 1
            continue
        day = calendar.local(ask.at).strftime("%Y%m%d")
        by_day[day] += 1
        if by_day[day] > rule.cap:
            passed["cap"] += 1
            continue
        tried.append(_judge(rule, ask, proposal, day))
    return tried, passed


def _judge(rule: AutoRule, ask: _Ask, proposal: Proposal, day: str) -> Tried:
    """Hold what the rule would have done against what people did."""
    later = [moment for moment in ask.story.moments if moment.version > ask.met.version]
    did = next((m for m in later if m.action not in ADDITIVE and m.action != "amend"), None)
    last = ask.story.moments[-1]
    case_id, number = ask.case.case_id, last.case.number
    at = time_text(ask.at) or ""
    if did is None:
        return Tried(case_id, number, day, at, proposal.payload, proposal.confidence, OPEN)
    if did.actor_id.startswith(ID_PREFIX):
        verdict = BY_RULE
    else:
        verdict = SAME if same(rule.action, proposal.payload, did.action, did.payload) else OTHER
    after = [moment for moment in later if moment.version > did.version]
    undone = any(m.action in UNDONE_BY[rule.action] for m in after)
    again = any(m.action in AGAIN for m in after) and rule.action in ("dispatch", "close")
    return Tried(
        case_id, number, day, at, proposal.payload, proposal.confidence, verdict, did.action, did.actor_name,
        {name: did.payload[name] for name in ("lead_dept", "category", "condition", "reason") if name in did.payload},
        undone, again, _final(rule, ask.story),
    )  # fmt: skip


def _final(rule: AutoRule, story: Story) -> str | None:
    """Return the unit that handled the case in the end, where the rule dispatches."""
    stints = story.facts.standing
    if rule.action != "dispatch" or not stints or stints[-1].outcome != HANDLED:
        return None
    return stints[-1].dept


def _wire(one: Tried) -> dict[str, Any]:
    """Return a tried case as sent."""
    return {
        "case_id": one.case_id, "number": one.number, "at": one.at, "payload": dict(one.payload),
        "confidence": None if one.confidence is None else round(one.confidence, 3), "verdict": one.verdict,
        "action": one.action, "actor": one.actor, "did": dict(one.did), "undone": one.undone, "again": one.again,
        "final": one.final, "right": one.right,
    }  # fmt: skip
