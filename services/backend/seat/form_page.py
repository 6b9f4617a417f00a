"""Drawing a form: its fields with what was typed, the ids that make it one command, and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from starlette.responses import Response

from services.backend.case_view import visible_case
from services.backend.seat import words
from services.backend.seat.case_page import unit_people
from services.backend.seat.clocks import clock_view
from services.backend.seat.form_fields import Form
from services.backend.seat.form_reading import Photo
from services.backend.seat.frame import framed
from services.backend.seat.giving import Ids
from services.backend.seat.lists import category_name
from services.backend.seat.visitor import Visit
from services.domain.case import Case
from services.domain.decide import allowed_actions
from services.domain.limits import UNITS
from services.domain.reference import Rules
from services.domain.states import STATES
from services.sql.engine import glancing

_KIND_NAMES = {"event": "事件", "component": "部件", "grid": "网格事务", "service": "服务"}


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands above a form: `kind` is `warn`, `error` or `info`, a title, and sentences below it."""

    kind: str
    title: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody has put into a form so far."""

    values: Mapping[str, str]
    photos: tuple[Photo, ...] = ()
    wrong: Mapping[str, str] | None = None


def case_for_form(visit: Visit, case_id: str, form: Form) -> tuple[Case, bool]:
    """Return the case of a form as it is now, and whether the form's action is allowed; raises Problem 404."""
    with glancing(visit.centre.engine) as conn:
        case = visible_case(conn, visit.actor, case_id)
    return case, form.action in allowed_actions(case, visit.actor, visit.rules)


def form_page(
    visit: Visit,
    form: Form,
    ids: Ids,
    case: Case | None,
    typed: Typed,
    *,
    notice: Notice | None = None,
    verb: str | None = None,
    open_form: bool = True,
    status: int = 200,
) -> Response:
    """Return the page of a form. Not `open_form`: what was typed is shown to be copied, and nothing can be sent."""
    rules, now = visit.rules, visit.now
    values: dict[str, Any] = {
        "form": form,
        "ids": ids,
        "case": case,
        "values": {**_starts(form, visit, case), **typed.values} if open_form else _said(form, typed),
        "photos": typed.photos,
        "wrong": typed.wrong or {},
        "notice": notice,
        "verb": verb or form.verb,
        "open_form": open_form,
        "draft_key": f"{visit.actor.id}:{'new' if case is None else case.case_id}:{form.action}",
        "choices": _choices(form, visit, case, rules),
        "say": words.size_text,
        "here": "register" if case is None else "",
    }
    if case is not None:
        values["title"] = category_name(case, rules)
        values["state"] = STATES[case.state].name
        values["clock_view"] = clock_view(case, now, rules)
    return framed(visit, "form.html", values, status)


def _starts(form: Form, visit: Visit, case: Case | None) -> dict[str, str]:
    """Return what stands in the fields at first."""
    found = {field.name: field.start for field in form.fields if field.start}
    local = visit.rules.calendar.local(visit.now)
    for field in form.fields:
        if field.kind == "moment":
            found[field.name] = f"{local:%Y-%m-%dT%H:%M}"
        if field.kind == "here" and case is not None and case.location.lon is not None:
            found["case_lon"], found["case_lat"] = str(case.location.lon), str(case.location.lat)
        if field.kind == "day":
            found["earliest"] = f"{local:%Y-%m-%d}"
            latest = local + timedelta(days=visit.rules.settings.suspend_max_days - 1)
            found["latest"] = f"{latest:%Y-%m-%d}"
    return found


def _said(form: Form, typed: Typed) -> dict[str, str]:
    """Return what somebody typed, choices in words, to be copied from a form that cannot be sent any more."""
    found = {}
    for field in form.fields:
        value = typed.values.get(field.name, "")
        found[field.name] = dict(field.choices).get(value, value)
    return found


def _choices(form: Form, visit: Visit, case: Case | None, rules: Rules) -> dict[str, Any]:
    """Return the choices that come from the centre's data: people, units of limits, categories."""
    kinds = {field.kind for field in form.fields}
    found: dict[str, Any] = {}
    if "person" in kinds and case is not None:
        with glancing(visit.centre.engine) as conn:
            found["people"] = unit_people(conn, case.lead_dept)
    if "limit" in kinds:
        found["units"] = tuple((unit, name) for unit, (name, _, _, _) in UNITS.items())
        clock = case.clock if case is not None else None
        found["original"] = "" if clock is None else clock.limit.words
    if "category" in kinds:
        found["categories"] = _categories(rules)
    return found


def _categories(rules: Rules) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the categories as (group, ((code, name), …)): 事件 before 部件, by 大类."""
    groups: dict[tuple[int, str, str], list[tuple[str, str]]] = {}
    order = list(_KIND_NAMES)
    for category in rules.categories.values():
        place = order.index(category.kind) if category.kind in order else len(order)
        name = f"{_KIND_NAMES.get(category.kind, category.kind)} · {category.major_name}"
        groups.setdefault((place, category.major, name), []).append((category.code, category.name))
    return tuple((key[2], tuple(groups[key])) for key in sorted(groups))
