"""The band of a time limit: ok, soon, over1–3, suspended, closed (design section 3.1); thresholds are settings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.domain.calendar import WorkCalendar, to_s
from services.domain.clocks import Clock, remaining_s

BANDS = ("ok", "soon", "over1", "over2", "over3", "suspended", "closed")


@dataclass(frozen=True, slots=True)
class BandSettings:
    """When a limit counts as soon or how late it is; seconds but for `soon_ratio` (share of the limit)."""

    soon_ratio: float = 0.2
    soon_floor_s: int = 3600
    soon_floor_above_s: int = 7200
    over1_until_s: int = 86400
    over2_until_s: int = 259200


@dataclass(frozen=True, slots=True)
class Reading:
    """A clock read at one moment: band, seconds left (late: negative wall seconds), and whether it counts now.

    `off_hours` says that a working clock stands still because of the calendar.
    """

    band: str
    remaining_s: int
    counting: bool
    off_hours: bool = False


def band_of(remaining: int, limit_s: int, settings: BandSettings) -> str:
    """Return the band of a running clock with `remaining` seconds of a limit of `limit_s`."""
    if remaining < 0:
        late = -remaining
        if late < settings.over1_until_s:
            return "over1"
        return "over2" if late < settings.over2_until_s else "over3"
    if remaining <= limit_s * settings.soon_ratio:
        return "soon"
    if limit_s > settings.soon_floor_above_s and remaining <= settings.soon_floor_s:
        return "soon"
    return "ok"


def read_clock(clock: Clock, now: datetime, calendar: WorkCalendar, settings: BandSettings) -> Reading | None:
    """Read a live clock at `now`; None for a stopped one."""
    left = remaining_s(clock, now, calendar)
    if left is None:
        return None
    if clock.paused:
        return Reading("suspended", left, counting=False)
    band = band_of(left, clock.limit.seconds(calendar.day_hours), settings)
    if left < 0:
        return Reading(band, left, counting=True)
    at = to_s(now)
    start, _ = next(calendar.counting(at, clock.limit.working, clock.gaps))
    counts = start == at
    return Reading(band, left, counts, off_hours=not counts and clock.limit.working)
