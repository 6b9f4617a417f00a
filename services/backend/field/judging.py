"""Judging positions before they are kept: what cannot be true is not stored, and the sender hears why.

Pure functions over values; what is stored already is handed in.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.backend.field.settings import FieldSettings
from services.domain.calendar import WorkCalendar
from services.geo.coords import distance_m
from services.sql.types import from_ms, to_ms

#: why a point is not taken: code and sentence
REFUSALS = {
    "future": "时间晚于中心的时钟",
    "too_late": "时间太早，已超过补传的期限",
    "off_hours": "不在工作时段内，不记录位置",
    "outside_area": "位置不在本区任何网格内",
    "inaccurate": "定位误差太大",
    "impossible_speed": "与前后位置相比移动太快",
}
#: two points closer in time than this are one moment: speed means nothing there
_MOMENT_S = 1.0


@dataclass(frozen=True, slots=True, order=True)
class Fix:
    """One position: moment in milliseconds, WGS84 degrees, radius in metres (None: not told), grid."""

    at: int
    lon: float
    lat: float
    accuracy_m: float | None = None
    grid: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a batch: points to store, how many were known already, refusals by index."""

    taken: tuple[Fix, ...]
    known: int
    refused: tuple[tuple[int, str], ...]


def judge(
    points: Sequence[Fix],
    stored: Sequence[Fix],
    now: datetime,
    settings: FieldSettings,
    calendar: WorkCalendar,
    grid_of: Callable[[float, float], str | None],
) -> Verdict:
    """Judge a batch against the clock, the district and the points around it, in the order of their moments.

    `stored` are the sender's points that are kept already, at least those an hour before the batch and after
    it. A moment that is known already is a duplicate and ignored, whatever its position (a batch that is sent
    again after a lost answer).
    """
    ways = sorted(stored)
    moments = {fix.at for fix in ways}
    taken: list[Fix] = []
    refused: list[tuple[int, str]] = []
    known = 0
    for index, point in sorted(enumerate(points), key=lambda entry: entry[1].at):
        if point.at in moments:
            known += 1
            continue
        code = _out_of_time(point, now, settings, calendar)
        grid = None if code else grid_of(point.lon, point.lat)
        code = code or _out_of_place(point, grid, settings) or _too_quick(point, ways, settings)
        if code:
            refused.append((index, code))
            continue
        fix = Fix(point.at, point.lon, point.lat, point.accuracy_m, grid)
        insort(ways, fix)
        moments.add(fix.at)
        taken.append(fix)
    return Verdict(tuple(taken), known, tuple(sorted(refused)))


def _out_of_time(point: Fix, now: datetime, settings: FieldSettings, calendar: WorkCalendar) -> str | None:
    """Return why a moment is refused."""
    if point.at > to_ms(now + timedelta(seconds=settings.future_s)):
        return "future"
    if point.at < to_ms(now - timedelta(hours=settings.late_hours)):
        return "too_late"
    return None if settings.at_work(from_ms(point.at), calendar) else "off_hours"


def _out_of_place(point: Fix, grid: str | None, settings: FieldSettings) -> str | None:
    """Return why a place is refused."""
    if point.accuracy_m is not None and point.accuracy_m > settings.worst_accuracy_m:
        return "inaccurate"
    return "outside_area" if grid is None else None


def _too_quick(point: Fix, ways: Sequence[Fix], settings: FieldSettings) -> str | None:
    """Return why a move is refused: the nearest points before and after must be reachable.

    The radius of both points is forgiven. After a wrong first point the way is free again as soon as the
    distance can have been covered.
    """
    at = bisect_left(ways, point)
    for other in (*ways[max(0, at - 1) : at], *ways[at : at + 1]):
        seconds = max(abs(point.at - other.at) / 1000, _MOMENT_S)
        doubt = (point.accuracy_m or 0.0) + (other.accuracy_m or 0.0)
        if distance_m(point.lon, point.lat, other.lon, other.lat) - doubt > settings.most_speed_mps * seconds:
            return "impossible_speed"
    return None
