"""The lists of the web seats: what is read from the database, sorted into tabs, and shown as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from services.backend.db.packing import unpack
from services.backend.db.tables import areas, cases, changes
from services.backend.history import chunks, from_packed
from services.backend.scoping import prefix, scoped
from services.backend.seat import words
from services.backend.seat.clocks import ClockView, clock_view, risk_key
from services.backend.seat.desks import Tab, tabs_of
from services.backend.seat.visitor import Visit
from services.domain.case import Case, sees
from services.domain.reference import Rules
from services.domain.roles import Actor
from services.domain.states import STATES
from services.sql.engine import reading
from services.sql.types import from_ms, to_ms

#: the most open cases one list looks at, the most urgent first; beyond it the page says so
MOST_OPEN = 1000
#: the most ended cases an evaluator's list of appeals looks through, the newest first
MOST_ENDED = 3000
RECENT_DAYS = 7
APPEAL_DAYS = 60
REPORT_DAYS = 30
MOST_BIRTHS = 20_000
PAGE = 50
#: a word of a row and its tone
Chip = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One case in a list."""

    case_id: str
    number: str
    clock: ClockView | None
    title: str
    text: str
    place: str
    state: str
    level: int
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True, slots=True)
class TabView:
    """One tab with its count; `more` says that the count is a least one."""

    id: str
    name: str
    count: int
    more: bool
    current: bool


@dataclass(frozen=True, slots=True)
class ListView:
    """A page of one list."""

    tabs: tuple[TabView, ...]
    tab: Tab
    rows: tuple[Row, ...]
    page: int
    pages: int
    count: int
    capped: bool


def task_list(visit: Visit, wanted: str | None, page: int) -> ListView:
    """Return a page of one of the caller's lists (default: the first that is not empty)."""
    actor, rules = visit.actor, visit.rules
    tabs = tabs_of(actor)
    with reading(visit.centre.engine) as conn:
        found, capped = _sorted_in(conn, visit, tabs)
        tab = next((tab for tab in tabs if tab.id == wanted), None)
        if tab is None:
            tab = next((tab for tab in tabs if found[tab.id]), tabs[0])
        here = found[tab.id]
        pages = max(1, -(-len(here) // PAGE))
        page = min(max(1, page), pages)
        shown = here[(page - 1) * PAGE : page * PAGE]
        grids = grid_names(conn, {case.grid for case in shown if case.grid})
    # in a list of one state its name on every row would say nothing
    rows = tuple(row_of(case, visit, rules, grids, state=len(tab.states) > 1) for case in shown)
    views = tuple(TabView(t.id, t.name, len(found[t.id]), capped[t.id], t is tab) for t in tabs)
    return ListView(views, tab, rows, page, pages, len(here), capped[tab.id])


def _sorted_in(
    conn: Connection, visit: Visit, tabs: tuple[Tab, ...]
) -> tuple[dict[str, list[Case]], dict[str, bool]]:
    """Return the cases of every tab in their order, and whether a tab's reading was cut off."""
    actor, rules, now = visit.actor, visit.rules, visit.now
    states = frozenset().union(*(tab.states for tab in tabs if not tab.recent))
    opened = _open_cases(conn, actor, states)
    views = {case.case_id: clock_view(case, now, rules) for case in opened}
    found: dict[str, list[Case]] = {}
    capped: dict[str, bool] = {}
    for tab in tabs:
        if tab.recent:
            days, most = (APPEAL_DAYS, MOST_ENDED) if tab.keep is not None else (RECENT_DAYS, 300)
            ended = _ended_cases(conn, actor, tab.states, to_ms(now - timedelta(days=days)), most)
            found[tab.id] = [case for case in ended if tab.keep is None or tab.keep(case, actor)]
            capped[tab.id] = len(ended) == most
            continue
        mine = [
            case
            for case in opened
            if case.state in tab.states and (tab.keep is None or tab.keep(case, actor))
        ]
        if tab.late:
            mine = [case for case in mine if _is_late(views[case.case_id])]
        found[tab.id] = sorted(mine, key=lambda case: risk_key(case, views[case.case_id], rules))
        capped[tab.id] = len(opened) == MOST_OPEN
    return found, capped


def _is_late(view: ClockView | None) -> bool:
    return view is not None and view.band.startswith("over")


def _open_cases(conn: Connection, actor: Actor, states: frozenset[str]) -> list[Case]:
    if not states:
        return []
    rows = conn.execute(
        select(cases.c.doc)
        .where(cases.c.open, scoped(actor), cases.c.state.in_(sorted(states)))
        .order_by(cases.c.due_at, cases.c.case_id)
        .limit(MOST_OPEN)
    )
    return [from_packed(doc) for doc in rows.scalars()]


def _ended_cases(
    conn: Connection, actor: Actor, states: frozenset[str], since_ms: int, most: int
) -> list[Case]:
    rows = conn.execute(
        select(cases.c.doc)
        .where(cases.c.closed_at >= since_ms, scoped(actor), cases.c.state.in_(sorted(states)))
        .order_by(cases.c.closed_at.desc(), cases.c.case_id)
        .limit(most)
    )
    return [from_packed(doc) for doc in rows.scalars()]


def grid_names(conn: Connection, codes: set[str]) -> dict[str, str]:
    """Return the names of areas by code."""
    found: dict[str, str] = {}
    for part in chunks(sorted(codes)):
        rows = conn.execute(select(areas.c.code, areas.c.name).where(areas.c.code.in_(part)))
        found.update((code, name) for code, name in rows)
    return found


def category_name(case: Case, rules: Rules) -> str:
    """Return the name of a case's category."""
    found = rules.categories.get(case.category or "")
    return found.name if found is not None else "类别待定"


def row_of(case: Case, visit: Visit, rules: Rules, grids: dict[str, str], *, state: bool = True) -> Row:
    """Return a case as a row of a list."""
    return Row(
        case.case_id,
        words.number_text(case.number, visit.now, rules.calendar),
        clock_view(case, visit.now, rules),
        category_name(case, rules),
        case.description,
        case.location.address or grids.get(case.grid or "", ""),
        STATES[case.state].name if state else "",
        3 if case.urgent else case.level,
        chips_of(case, visit.actor),
    )


def chips_of(case: Case, actor: Actor) -> tuple[Chip, ...]:
    """Return the words a row needs besides its state, each with its tone: `urgent`, `ask` (somebody waits) or quiet."""
    flags, counts = case.flags, case.counts
    found = [
        ("急要件", "urgent", case.urgent),
        ("协办", "", actor.dept is not None and actor.dept in case.co_depts and actor.dept != case.lead_dept),
        ("延期待批", "ask", "extension_pending" in flags),
        ("挂账待批", "ask", "suspend_pending" in flags),
        ("申诉待裁定", "ask", "appeal_pending" in flags),
        ("督办待回复", "ask", "reply_due" in flags),
        (f"返工 {counts.rework}", "", counts.rework > 0),
        (f"催办 {counts.urge}", "", counts.urge > 0),
        (f"第 {case.round} 轮", "", case.round > 1),
        ("指派给我", "", case.assignee == actor.id),
        ("已指派", "", case.assignee is not None and case.assignee != actor.id),
        ("指名给我", "", case.state == "verifying" and case.owner.user == actor.id),
    ]
    return tuple((word, tone) for word, tone, holds in found if holds)


@dataclass(frozen=True, slots=True)
class Report:
    """One report the caller has registered; without `row` the case is out of their sight by now."""

    number: str
    at: str
    text: str
    row: Row | None


def own_reports(visit: Visit) -> list[Report]:
    """Return what the caller registered in the last 30 days, the newest first.

    Looks through at most the 20,000 newest cases of the district.
    """
    since = to_ms(visit.now - timedelta(days=REPORT_DAYS))
    with reading(visit.centre.engine) as conn:
        rows = conn.execute(_births(visit.actor, since)).mappings().all()
        grids = grid_names(conn, {row["grid"] for row in rows if row["grid"]})
    return [_report(visit, row, grids) for row in rows]


def _births(actor: Actor, since_ms: int) -> Any:
    newest = (
        select(cases.c.case_id, cases.c.number, cases.c.created_at, cases.c.grid, cases.c.doc)
        .where(cases.c.created_at >= since_ms, prefix(cases.c.grid, (actor.area_code or "")[:6]))
        .order_by(cases.c.created_at.desc())
        .limit(MOST_BIRTHS)
        .subquery()
    )
    return (
        select(newest, changes.c.body)
        .join(changes, (changes.c.case_id == newest.c.case_id) & (changes.c.version == 1))
        .where(changes.c.actor_id == actor.id, changes.c.action == "register")
        .order_by(newest.c.created_at.desc())
        .limit(200)
    )


def _report(visit: Visit, row: Any, grids: dict[str, str]) -> Report:
    rules, case = visit.rules, from_packed(row["doc"])
    shown = row_of(case, visit, rules, grids) if sees(visit.actor, case) else None
    said = str(unpack(bytes(row["body"]))["p"].get("description", ""))
    at = words.moment_text(from_ms(row["created_at"]), visit.now, rules.calendar)
    return Report(words.number_text(row["number"], visit.now, rules.calendar), at, said, shown)
