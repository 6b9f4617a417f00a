"""Suggested units of a case in words: the domain's order and reasons, offline too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication

from console.viewmodels.seat import SeatViewModel
from services.domain.case import Case
from services.domain.suggestion import Ask, Reason, suggest
from services.ports.centre import TimelineEntry

#: history never makes it certain, and a card that says 100% would be believed
SUREST = 0.99
#: lead departments of these states may still change
_ASKED_IN = ("pending_dispatch", "returned")


@dataclass(frozen=True, slots=True)
class SuggestedUnit:
    """A unit that suggests itself: id, name, its chance (0 to 1), reasons for and against in one line each."""

    id: str
    name: str
    score: float
    reason: str
    against: str = ""


def tr(text: str) -> str:
    """Translate a word of the suggestions."""
    return QCoreApplication.translate("Suggested", text)


def suggested_units(
    seat: SeatViewModel,
    case: Case,
    near: tuple[str, float] | None = None,
    timeline: Sequence[TimelineEntry] = (),
) -> tuple[SuggestedUnit, ...]:
    """Return up to three units for a case that waits for dispatch, best first; none for any other.

    `near` is the neighbouring grid and how many metres away its border is, when the point lies close to it; `timeline`
    the changes of the case where they are known.
    """
    if case.state not in _ASKED_IN:
        return ()
    street, metres = _next_street(case, near)
    back = sent_back(case, timeline)
    ask = Ask(case.category, case.condition, case.grid, neighbour=street, boundary_m=metres, sent_back=back)
    load = load_of(seat)
    found = suggest(ask, seat.rules, seat.learned.experience, load)
    return tuple(_unit(seat, one.dept, one.score, one.reasons, one.against, load) for one in found)


def sent_back(case: Case, timeline: Sequence[TimelineEntry] = ()) -> frozenset[str]:
    """Return the units that sent this case back in this round: by its changes, and by where it stands now."""
    found = {case.lead_dept} if case.state == "returned" and case.lead_dept else set()
    lead = ""
    for entry in timeline:
        if entry.action in ("dispatch", "redispatch"):
            lead = str(entry.payload.get("lead_dept") or "")
        elif entry.action == "return_case" and lead:
            found.add(lead)
        elif entry.action == "reopen":
            found, lead = set(), ""
    return frozenset(found)


def load_of(seat: SeatViewModel) -> dict[str, int]:
    """Return the open cases each unit holds in this seat's scope."""
    columns = seat.book.columns
    held = np.bincount(columns.dept[columns.open], minlength=len(columns.depts.codes)).tolist()
    return {code: count for code, count in zip(columns.depts.codes, held, strict=False) if code and count}


def _next_street(case: Case, near: tuple[str, float] | None) -> tuple[str, float]:
    """Return the street next door and the metres to it; a border inside the own street is none."""
    if near is None or not case.grid or near[0][:9] == case.grid[:9]:
        return "", 0.0
    return near[0][:9], near[1]


def _unit(
    seat: SeatViewModel,
    dept: str,
    score: float,
    reasons: tuple[Reason, ...],
    against: tuple[Reason, ...],
    load: dict[str, int],
) -> SuggestedUnit:
    """Put one suggestion into words."""
    entry = seat.rules.departments[dept]
    said = [_for(seat, reason) for reason in reasons]
    if not any(reason.kind == "loaded" for reason in against):
        said.append(tr("在办 {n} 件").format(n=load.get(dept, 0)))
    return SuggestedUnit(
        dept,
        entry.short or entry.name,
        min(score, SUREST),
        " · ".join(said),
        " · ".join(_against(seat, r) for r in against),
    )


def _for(seat: SeatViewModel, reason: Reason) -> str:
    """Return a reason for a unit in words."""
    if reason.kind == "duty":
        return tr("责任清单匹配")
    if reason.kind == "territory":
        return tr("属地街道")
    if reason.kind == "quick":
        return tr("通常 {time} 办结").format(time=span(reason.seconds))
    where = seat.areas.name(reason.street) if reason.street else tr("全区")
    return tr("{where}同类 {n}/{of} 件由其办结").format(where=where, of=reason.of, n=reason.count)


def _against(seat: SeatViewModel, reason: Reason) -> str:
    """Return a reason against a unit in words."""
    percent = f"{100 * reason.share:.0f}%"
    if reason.kind == "returned_this":
        return tr("本案已被其退回")
    if reason.kind == "often_returns":
        return tr("同类退单 {p}（{n}/{of}）").format(p=percent, n=reason.count, of=reason.of)
    if reason.kind == "late":
        return tr("同类按期仅 {p}（{n}/{of}）").format(p=percent, n=reason.count, of=reason.of)
    if reason.kind == "slow":
        return tr("通常要 {time}，时限不够").format(time=span(reason.seconds))
    if reason.kind == "loaded":
        return tr("在办 {n} 件，为平均的 {x:.1f} 倍").format(n=reason.count, x=reason.share)
    where = seat.areas.name(reason.street)
    return tr("距{where}边界 {m:.0f} 米").format(where=where, m=reason.seconds)


def span(seconds: float) -> str:
    """Return a handling time in rough words: minutes under two hours, hours under two days, else days."""
    if seconds < 7200:
        return tr("{n:.0f} 分钟").format(n=max(1.0, seconds / 60))
    if seconds < 172_800:
        return tr("{n:.0f} 小时").format(n=seconds / 3600)
    return tr("{n:.1f} 天").format(n=seconds / 86_400)
