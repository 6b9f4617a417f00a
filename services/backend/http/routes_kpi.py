"""Routes over figures: `GET /kpi`, and the very cases behind one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from services.backend.access.sessions import Caller
from services.backend.centre import Centre
from services.backend.http.calls import (
    json_answer,
    only_query,
    query_area,
    query_moment,
    query_number,
    query_text,
    signed_in,
)
from services.backend.kpi.asking import Wish, answer, period_doc
from services.backend.kpi.counting import GROUPS, Ask
from services.backend.kpi.drilling import EVERY, case_weights, page_of
from services.backend.kpi.spans import Period, day_number, day_of
from services.backend.problems import invalid, not_found
from services.backend.searching import MAX_LIMIT
from services.domain.calendar import WorkCalendar
from services.domain.ids import canonical_uuid
from services.domain.kpi.definitions import Catalogue, Definition
from services.sql.engine import reading

router = APIRouter()
SIDES = ("numerator", "denominator")
_MOST_DAYS = 366 * 12
_MOST_IDS = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """The query string of a question, checked as far as it can be without the centre."""

    first: date | None
    end: date | None
    moments: tuple[Any, Any]
    area: str | None
    group_by: str


def read_asked(request: Request) -> Asked:
    """Return what a request asks; raises Problem 422 naming each wrong parameter."""
    group_by = query_text(request, "group_by", 20) or "none"
    if group_by not in GROUPS:
        raise invalid({"group_by": "应为 " + "、".join(GROUPS) + " 之一"})
    first, end = _day(request, "from"), _day(request, "to")
    moments = (
        None if first else query_moment(request, "from"),
        None if end else query_moment(request, "to"),
    )
    return Asked(first, end, moments, query_area(request), group_by)


def _day(request: Request, name: str) -> date | None:
    """Return a bare date of the query string; None for anything else."""
    text = query_text(request, name, 40)
    if text is None or len(text) != 10:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid({name: "日期应写成 2026-11-20"}) from None


def ask_of(asked: Asked, centre: Centre, caller: Caller) -> Ask:
    """Return the question; figures are counted by whole local days, so moments are widened to their days.

    Without `from` it begins with the month; without `to` it ends with today.
    """
    now, calendar = centre.now(), centre.calendar
    today = calendar.local(now).date()
    end = _end(asked, calendar)
    last = day_number(today) + 1 if end is None else end
    first = _first(asked, calendar)
    if first is None:
        first = min(day_number(today.replace(day=1)), last - 1)
    if last <= first:
        raise invalid({"to": "应晚于 from（to 当天不计入）"})
    if last - first > _MOST_DAYS:
        raise invalid({"from": "一次最多统计十二年"})
    return Ask(caller.actor, Period(first, last), asked.area, asked.group_by, now)


def _first(asked: Asked, calendar: WorkCalendar) -> int | None:
    if asked.first is not None:
        return day_number(asked.first)
    return None if asked.moments[0] is None else day_of(asked.moments[0], calendar)


def _end(asked: Asked, calendar: WorkCalendar) -> int | None:
    if asked.end is not None:
        return day_number(asked.end)
    if asked.moments[1] is None:
        return None
    return day_of(asked.moments[1] - timedelta(microseconds=1), calendar) + 1


def _flag(request: Request, name: str) -> bool:
    value = query_text(request, name, 10)
    if value not in (None, "true", "false", "1", "0"):
        raise invalid({name: "应为 true 或 false"})
    return value in ("true", "1")


def chosen(catalogue: Catalogue, ids: str | None) -> list[Definition]:
    """Return the definitions asked for, in their order; all figures but base counts without `ids`."""
    if not ids:
        return [d for d in catalogue.definitions.values() if d.id not in catalogue.measures]
    names = list(dict.fromkeys(name.strip() for name in ids.split(",") if name.strip()))
    unknown = [name for name in names if name not in catalogue.definitions]
    if unknown or len(names) > _MOST_IDS:
        raise invalid({"ids": f"没有指标 {unknown[0][:64]}" if unknown else f"一次最多 {_MOST_IDS} 个指标"})
    return [catalogue.definitions[name] for name in names]


@router.get("/kpi")
async def figures(request: Request) -> Response:
    """Return figures of a period in the caller's scope."""
    only_query(request, "ids", "from", "to", "area", "group_by", "compare", "windows")
    asked, ids = read_asked(request), query_text(request, "ids", 8000)
    wish = Wish(_flag(request, "compare"), _flag(request, "windows"))

    def work(centre: Centre, caller: Caller) -> Response:
        ask = ask_of(asked, centre, caller)
        catalogue = centre.figures.catalogue
        wanted = chosen(catalogue, ids)
        behind = centre.figures.catch_up()
        with reading(centre.engine) as conn:
            found = answer(conn, catalogue, wanted, ask, wish)
        return json_answer({**found, "group_by": ask.group_by, "behind": behind})

    return await signed_in(request, work)


@router.get("/kpi/{kpi_id}/cases")
async def cases_behind(request: Request, kpi_id: str) -> Response:
    """Return the very cases behind one side of a figure, optionally of one group of a grouping."""
    only_query(request, "side", "from", "to", "area", "group_by", "group", "windows", "cursor", "limit")
    asked, side = read_asked(request), query_text(request, "side", 20) or "numerator"
    if side not in SIDES:
        raise invalid({"side": "应为 numerator 或 denominator"})
    group: Any = EVERY
    if "group" in request.query_params:
        group = query_text(request, "group", 64)
    limit = min(query_number(request, "limit", 100, 1, 1 << 31), MAX_LIMIT)
    cursor = query_text(request, "cursor", 40)
    if cursor is not None and canonical_uuid(cursor) is None:
        raise invalid({"cursor": "不是有效的续页标记"})
    plain = query_text(request, "windows", 10) == "without"

    def work(centre: Centre, caller: Caller) -> Response:
        definition = centre.figures.catalogue.get(kpi_id)
        if definition is None:
            raise not_found()
        ask = ask_of(asked, centre, caller)
        centre.figures.catch_up()
        with reading(centre.engine) as conn:
            weights = case_weights(conn, definition, ask, side, group, plain=plain)
            page = page_of(conn, weights, cursor, limit, ask.now, centre.calendar)
        head = {"id": definition.id, "side": side, "definition_version": definition.version}
        return json_answer({**page, **head, **period_doc(ask.period)})

    return await signed_in(request, work)
