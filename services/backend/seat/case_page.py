"""The page of one case: facts, clock and its explanation, what may be done now, photos and timeline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from services.backend.case_view import case_attachments, may_see_caller, visible_case
from services.backend.db.access_tables import accounts
from services.backend.history import timeline
from services.backend.seat import words
from services.backend.seat.clocks import ClockView, clock_view
from services.backend.seat.form_fields import Form, forms_for
from services.backend.seat.giving import Ids, fresh_ids
from services.backend.seat.history_words import Step, step_of
from services.backend.seat.lists import Chip, category_name, chips_of, grid_names
from services.backend.seat.visitor import Visit
from services.domain.case import Case
from services.domain.clocks import CLOCK_NAMES
from services.domain.decide import allowed_actions
from services.domain.effects_handling import suspended_until
from services.domain.errors import DomainError
from services.domain.explain import Explanation, from_log
from services.domain.masking import mask_phones_in
from services.domain.reference import Rules
from services.domain.roles import ROLES
from services.domain.states import STAGE_NAMES, STAGES, STATES
from services.sql.engine import reading

_LEVELS = ("一般", "较急", "紧急", "特急")
_KINDS = {"component": "部件", "event": "事件", "grid": "网格事务", "hotline": "热线", "service": "服务"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a deadline's bar: kind of slice, from and width in percent of the whole."""

    kind: str
    x: str
    width: str
    past: bool


@dataclass(frozen=True, slots=True)
class Told:
    """The explanation of one clock: name, sentences, bar, and whether it is the one that runs."""

    name: str
    sentences: tuple[str, ...]
    bars: tuple[Bar, ...]
    current: bool


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the page of a case shows."""

    case: Case
    number: str
    title: str
    state: str
    clock: ClockView | None
    chips: tuple[Chip, ...]
    level: int
    level_word: str
    stages: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    description: str
    forms: tuple[Form, ...]
    ids: dict[str, Ids]
    told: tuple[Told, ...]
    steps: tuple[Step, ...]
    photos: tuple[str, ...]
    files: tuple[dict[str, Any], ...]
    may_reveal: bool


def case_view(visit: Visit, case_id: str) -> CaseView:
    """Return what the page of a case shows; raises Problem 404 out of scope."""
    rules, now = visit.rules, visit.now
    with reading(visit.centre.engine) as conn:
        case = visible_case(conn, visit.actor, case_id)
        story = timeline(conn, case_id)
        stored = case_attachments(conn, case_id)
        names = grid_names(conn, set(case.area_path))
        people = people_names(conn, [case.assignee, case.owner.user])
    level = 3 if case.urgent else case.level
    forms = forms_for(allowed_actions(case, visit.actor, rules))
    return CaseView(
        case,
        case.number or "—",
        category_name(case, rules),
        STATES[case.state].name,
        clock_view(case, now, rules),
        chips_of(case, visit.actor),
        level,
        _LEVELS[level],
        _stages(case),
        tuple(_facts(case, visit, rules, names, people)),
        mask_phones_in(case.description),
        forms,
        # a form without fields is sent from this page
        {form.action: fresh_ids(visit, case_id, case.xver) for form in forms if not form.fields},
        _told(case, [body["d"] for _, body, _ in story], visit, rules),
        tuple(step_of(row, body, now, rules) for row, body, _ in reversed(story)),
        tuple(file["sha256"] for file in stored if file["mime"].startswith("image/")),
        tuple(file for file in stored if not file["mime"].startswith("image/")),
        case.caller_masked is not None and may_see_caller(case, visit.actor),
    )


def people_names(conn: Connection, ids: Iterable[str | None]) -> dict[str, str]:
    """Return the names of users by id."""
    wanted = sorted({user for user in ids if user})
    if not wanted:
        return {}
    rows = conn.execute(select(accounts.c.user_id, accounts.c.name).where(accounts.c.user_id.in_(wanted)))
    return {user_id: name for user_id, name in rows}


def unit_people(conn: Connection, dept: str | None) -> tuple[tuple[str, str], ...]:
    """Return the active people of a unit whom a case can be assigned to, as (id, name and post)."""
    rows = conn.execute(
        select(accounts.c.user_id, accounts.c.name, accounts.c.roles)
        .where(accounts.c.dept == dept, accounts.c.active)
        .order_by(accounts.c.name)
    )
    found = [
        (row.user_id, row.name, [ROLES[role] for role in row.roles.split() if role in ROLES]) for row in rows
    ]
    return tuple((user, f"{name}（{'、'.join(posts)}）" if posts else name) for user, name, posts in found)


def _stages(case: Case) -> tuple[tuple[str, str], ...]:
    """Return the six steps as (`done`, `now` or `to_come`, word); nothing for a case that ended off the line."""
    if case.stage is None:
        return ()
    at = STAGES.index(case.stage)
    ended = not case.open
    return tuple(
        ("done" if i < at or ended else "now" if i == at else "to_come", STAGE_NAMES[stage])
        for i, stage in enumerate(STAGES)
    )


def _facts(
    case: Case, visit: Visit, rules: Rules, names: dict[str, str], people: dict[str, str]
) -> Iterable[tuple[str, str]]:
    """Yield the facts as (label, text); of the caller the masked line only."""
    now, calendar = visit.now, rules.calendar
    yield "类型", f"{_KINDS[case.kind]} · {rules.sources.get(case.source, case.source)}"
    condition = rules.condition(case.category, case.condition)
    if condition is not None:
        yield "立案条件", f"{condition.text}（{condition.limit.words}）"
        if condition.closing:
            yield "结案条件", condition.closing
    yield "位置", case.location.address or "没有地址"
    yield "网格", " · ".join(names.get(code, code) for code in case.area_path[1:]) or "未定位"
    if case.lead_dept:
        yield "主办", _dept(case.lead_dept, rules)
    if case.co_depts:
        yield "协办", "、".join(_dept(dept, rules) for dept in case.co_depts)
    if case.assignee:
        yield "处置人员", people.get(case.assignee, case.assignee)
    if case.state == "verifying" and case.owner.user:
        yield "核实人员", people.get(case.owner.user, case.owner.user)
    until = suspended_until(case.marks) if case.state == "suspended" else None
    if until is not None:
        yield "挂账到", words.moment_text(until, now, calendar)
    if case.caller_masked:
        yield "来电人", case.caller_masked
    yield "上报时间", words.moment_text(case.created_at, now, calendar)
    if case.closed_at is not None:
        yield "结束时间", words.moment_text(case.closed_at, now, calendar)


def _dept(dept: str, rules: Rules) -> str:
    found = rules.departments.get(dept)
    return found.name if found is not None else dept


def _told(case: Case, deltas: list[Any], visit: Visit, rules: Rules) -> tuple[Told, ...]:
    """Return 时限说明书 of every clock the case ever had: the running one, then the newest first.

    Nothing where a calendar fails.
    """
    try:
        found = from_log(deltas, rules, visit.now)
    except DomainError:
        return ()
    running = case.clock if case.open else None
    made = [
        Told(
            CLOCK_NAMES[told.clock.name],
            tuple(sentence.text for sentence in told.sentences),
            _bars(told),
            running is not None
            and told.clock.name == running.name
            and told.clock.started_at == running.started_at,
        )
        for told in reversed(found)
    ]
    return tuple(sorted(made, key=lambda told: not told.current))


def _bars(told: Explanation) -> tuple[Bar, ...]:
    """Return the slices of a clock as pieces of a bar over wall time."""
    if not told.slices:
        return ()
    begin, end = told.slices[0].start, told.slices[-1].end
    whole = (end - begin).total_seconds()
    if whole <= 0:
        return ()
    return tuple(
        Bar(
            part.kind,
            f"{100 * (part.start - begin).total_seconds() / whole:.2f}",
            f"{100 * (part.end - part.start).total_seconds() / whole:.2f}",
            part.past,
        )
        for part in told.slices
    )
