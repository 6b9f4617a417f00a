"""When the cases of the invented history were born: morning and evening peaks, quiet nights, lower weekends.

Finished cases are drawn from the daily profile; the few that are open at the end get their birth from where
they have to stand now (`opening.py`). All births are then brought into one order, which gives the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from services.backend.demo.phrases import Phrases
from services.domain.calendar import WorkCalendar, from_s, to_s

#: a finished case is at least this old; most need longer (`_SETTLED_S` is the mean)
_LEAST_AGE_S = 1500
_SETTLED_S = 30 * 3600
_OPEN_DAYS = 6.0


def open_count(cases: int, days: int) -> int:
    """Return how many cases are open at the end: what comes in within six days, at most half of all."""
    return max(1, min(cases // 2, round(cases / days * _OPEN_DAYS)))


def finished_births(
    count: int, now: datetime, days: int, calendar: WorkCalendar, phrases: Phrases, seed: int
) -> NDArray[np.int64]:
    """Return `count` births in seconds since 1970, ascending, within `days` days before `now`."""
    draw = np.random.default_rng([seed, 1])
    end = to_s(now)
    starts, rest = _days(now, days, calendar)
    weights = np.array(
        [phrases.profile["week"][from_s(s).astimezone(ZoneInfo(calendar.zone)).weekday()] for s in starts]
    )
    weights = np.where(rest, np.minimum(weights, 0.66), np.maximum(weights, 0.95)) * draw.uniform(
        0.9, 1.12, len(starts)
    )
    hours = [_cumulated(phrases.profile[name]) for name in ("hours", "rest_hours")]
    by_day = _cumulated(weights)
    found: list[NDArray[np.int64]] = []
    have = 0
    while have < count:
        n = 2 * (count - have) + 64
        day = np.searchsorted(by_day, draw.random(n))
        spot = draw.random(n)
        hour = np.where(rest[day], np.searchsorted(hours[1], spot), np.searchsorted(hours[0], spot))
        births = starts[day] + hour * 3600 + (draw.random(n) * 3600).astype(np.int64)
        age = end - births
        settled = draw.random(n) < 1 - np.exp(-(age - _LEAST_AGE_S) / _SETTLED_S)
        kept = births[(age > _LEAST_AGE_S) & (age < days * 86400) & settled][: count - have]
        found.append(kept)
        have += len(kept)
    return np.sort(np.concatenate(found))


def _days(now: datetime, days: int, calendar: WorkCalendar) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the local midnights of the days that matter, and which of them are days of rest."""
    zone = ZoneInfo(calendar.zone)
    last = now.astimezone(zone).date()
    dates = [last - timedelta(days=back) for back in range(days, -1, -1)]
    starts = [to_s(datetime.combine(day, time.min, zone)) for day in dates]
    return np.array(starts, dtype=np.int64), np.array([not calendar.is_working_day(day) for day in dates])


def _cumulated(weights: Sequence[float] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Return running shares that end at 1."""
    sums = np.cumsum(np.asarray(weights, dtype=float))
    return np.asarray(sums / sums[-1])


def day_numbers(births: Sequence[int], zone: str) -> list[str]:
    """Return the case numbers `yyyyMMdd-NNNN` of births in ascending order, by local day."""
    tz = ZoneInfo(zone)
    numbers, day, rank, until = [], "", 0, -1
    for birth in births:
        if birth >= until:
            local = from_s(birth).astimezone(tz)
            day, rank = f"{local:%Y%m%d}", 0
            until = to_s(datetime.combine(local.date() + timedelta(days=1), time.min, tz))
        rank += 1
        numbers.append(f"{day}-{rank:04d}")
    return numbers
