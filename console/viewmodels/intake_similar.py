"""附近疑似重复: what the centre finds near the point, or, without it, what the own rows tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import QCoreApplication

from console.viewmodels.actions.choices import category_name
from console.viewmodels.actions.preview import reading_of
from console.viewmodels.rows import short_number, state_word
from services.domain.case import Case
from services.domain.reference import Rules
from services.geo.coords import distance_m
from services.ports.centre import SimilarCase

NEAR_M, NEAR_DAYS, MOST = 250.0, 7, 8
NEAR_DEGREES = (0.006, 0.004)
"""250 m are never more than this, in longitude and latitude, below 60° north."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One case that may be about the same problem; `score` is negative when it was not worked out."""

    case_id: str
    number: str
    category: str
    address: str
    description: str
    state: str
    band: str
    created_at: datetime
    distance_m: float
    score: float = -1.0
    why: str = ""
    open: bool = True
    lon: float | None = None
    lat: float | None = None


def _tr(text: str) -> str:
    return QCoreApplication.translate("Similar", text)


def _candidate(case: Case, distance: float, score: float, why: str, now: datetime, rules: Rules) -> Candidate:
    reading = reading_of(case, now, rules)
    band = reading.band if reading is not None else "ok" if case.open else "closed"
    year = rules.calendar.local(now).year
    return Candidate(
        case.case_id,
        short_number(case.number, year),
        category_name(rules, case.category) or _tr("未分类"),
        case.location.address,
        case.description,
        state_word(case.state),
        band,
        case.created_at,
        distance,
        score,
        why,
        case.open,
        case.location.lon,
        case.location.lat,
    )


def from_centre(found: Iterable[SimilarCase], now: datetime, rules: Rules) -> tuple[Candidate, ...]:
    """Return the centre's candidates, best first."""
    return tuple(
        _candidate(each.case, each.distance_m, each.score, "、".join(each.why), now, rules) for each in found
    )[:MOST]


def from_rows(
    cases: Iterable[Case], lon: float, lat: float, category: str, now: datetime, rules: Rules, own: str = ""
) -> tuple[Candidate, ...]:
    """Return cases within 250 m and 7 days from the own copy: same category first, then the nearest."""
    since = now - timedelta(days=NEAR_DAYS)
    found = []
    for case in cases:
        at = case.location
        if case.case_id == own or at.lon is None or at.lat is None or case.created_at < since:
            continue
        if abs(at.lon - lon) > NEAR_DEGREES[0] or abs(at.lat - lat) > NEAR_DEGREES[1]:
            continue
        metres = distance_m(lon, lat, at.lon, at.lat)
        if metres <= NEAR_M:
            same = bool(category) and case.category == category
            why = _tr("同类别") if same else _tr("位置较近，类别不同") if category else _tr("位置较近")
            found.append((not case.open, not same, metres, _candidate(case, metres, -1.0, why, now, rules)))
    found.sort(key=lambda entry: entry[:3])
    return tuple(entry[3] for entry in found[:MOST])
