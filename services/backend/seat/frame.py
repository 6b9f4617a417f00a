"""What stands around every page of a signed-in person: name, centre, form token, last sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from services.backend.seat import words
from services.backend.seat.desks import report_source, tabs_of, works_here
from services.backend.seat.pages import page
from services.backend.seat.visitor import LAST_COOKIE, ROOT, Visit
from services.domain.roles import ROLES
from services.sql.types import from_ms

_BIG = 1 << 45


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame's values: `last` is the sentence about the sign-in before this one, `warned` asks to look at it."""

    root: str
    centre: str
    user: str
    name: str
    posts: str
    unit: str
    form_token: str
    clock: str
    last: str
    warned: bool
    has_tasks: bool
    may_report: bool


def frame_of(visit: Visit) -> Frame:
    """Return the frame of a visit's page."""
    actor, calendar = visit.actor, visit.rules.calendar
    last, warned = last_sign_in(visit)
    unit = visit.rules.departments.get(actor.dept or "")
    return Frame(
        ROOT,
        visit.centre.facts.centre_name,
        actor.id,
        actor.name,
        "、".join(ROLES.get(role, role) for role in actor.roles),
        unit.name if unit is not None else "",
        visit.form_token,
        f"{calendar.local(visit.now):%H:%M}",
        last,
        warned,
        bool(tabs_of(actor)),
        report_source(actor) is not None and works_here(actor),
    )


def framed(visit: Visit, template: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """Render a page inside the frame."""
    return page(template, {"frame": frame_of(visit), **values}, status)


def last_value(last_login_ms: int | None, failed: int) -> str:
    """Return what the cookie about the sign-in before this one holds."""
    return f"{last_login_ms or 0}.{failed}"


def last_sign_in(visit: Visit) -> tuple[str, bool]:
    """Return the sentence about the sign-in before this one, and whether failures since ask for attention."""
    first, _, second = visit.request.cookies.get(LAST_COOKIE, "").partition(".")
    if not (first.isascii() and first.isdigit() and second.isascii() and second.isdigit()):
        return "", False
    at, failed = int(first[:15]), int(second[:6])
    if at > _BIG:
        return "", False
    text = "这是您第一次登录"
    if at:
        text = f"上次登录 {words.moment_text(from_ms(at), visit.now, visit.rules.calendar)}"
    return (f"{text}，之后有 {failed} 次登录失败", True) if failed else (text, False)
