"""Time limits of many cases as numbers: bands and time left of all of them at any moment, without reading each clock.

A clock is read once, when its case changes. What it will say later follows from a few moments: since when it
counts as soon, when it is due. Working time is counted once for all cases (`WorkedTime`). Only a clock whose
counting will still be interrupted (an exclusion window to come, an extension that counts in another way) is
*odd* and must be read again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt

from services.domain.bands import BANDS, BandSettings, read_clock
from services.domain.calendar import WorkCalendar, to_s
from services.domain.clocks import Clock

Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.int8]
NONE, WALL, WORKING, PAUSED, ODD = range(5)
BAND_AT = {band: at for at, band in enumerate(BANDS)}


@dataclass(frozen=True, slots=True)
class LimitFacts:
    """What one clock tells of the time to come.

    Attributes:
        kind: NONE, WALL, WORKING, PAUSED or ODD.
        due: deadline, seconds since 1970; NaN without one.
        soon: moment since which the case counts as soon.
        left: seconds left at the reading; for WORKING plus the working time worked so far (`WorkedTime`).
        band: band at the reading, place in `BANDS`.
    """

    kind: int
    due: float
    soon: float
    left: float
    band: int


NO_LIMIT = LimitFacts(NONE, math.nan, math.inf, 0.0, BAND_AT["ok"])


class WorkedTime:
    """Working seconds since a moment, remembered for the last second asked."""

    def __init__(self, calendar: WorkCalendar, since: datetime) -> None:
        """Count from `since`; no case looks further back."""
        self.calendar = calendar
        self._since = to_s(since)
        self._last = (self._since, 0)

    def at(self, moment_s: int) -> int:
        """Return working seconds between the beginning and a moment; 0 before it."""
        if self._last[0] != moment_s:
            self._last = (moment_s, self.calendar.counted(self._since, moment_s, True))
        return self._last[1]


def limit_facts(clock: Clock | None, now: datetime, worked: WorkedTime, bands: BandSettings) -> LimitFacts:
    """Read a clock for the columns."""
    calendar = worked.calendar
    reading = read_clock(clock, now, calendar, bands) if clock is not None else None
    if clock is None or reading is None:
        return NO_LIMIT
    band = BAND_AT[reading.band]
    if clock.paused or clock.due_at is None:
        return LimitFacts(PAUSED, math.nan, math.inf, float(reading.remaining_s), band)
    at, due = to_s(now), float(to_s(clock.due_at))
    if _odd(clock, at):
        return LimitFacts(ODD, due, math.nan, float(reading.remaining_s), band)
    room = reading.remaining_s - soon_room(clock.limit.seconds(calendar.day_hours), bands)
    working = clock.limit.working
    soon = -math.inf if room <= 0 else float(calendar.add(at, math.ceil(room), working))
    left = float(reading.remaining_s)
    if working and left >= 0:
        return LimitFacts(WORKING, due, soon, left + worked.at(at), band)
    return LimitFacts(WALL, due, soon, left, band)


def soon_room(limit_s: int, bands: BandSettings) -> float:
    """Return how many seconds before the deadline a limit begins to count as soon."""
    share = limit_s * bands.soon_ratio
    return max(share, float(bands.soon_floor_s)) if limit_s > bands.soon_floor_above_s else share


def _odd(clock: Clock, at: int) -> bool:
    """Tell whether the counting will still be interrupted, or changes its way."""
    if any(more.working != clock.limit.working for more in clock.extensions):
        return True
    return any(end is None or end > at for _, end in clock.gaps)


def bands_at(
    kind: Bytes, due: Floats, soon: Floats, band: Bytes, now: datetime, settings: BandSettings
) -> Bytes:
    """Return the bands at a moment; NONE, PAUSED and ODD keep the band they have.

    Args:
        kind: kinds of the clocks, shape `(n,)`.
        due: deadlines, seconds since 1970.
        soon: moments since which they count as soon.
        band: bands as last read.
        now: the moment.
        settings: thresholds.
    """
    at = float(to_s(now))
    late = at - due
    with np.errstate(invalid="ignore"):
        moving = np.select(
            [late >= settings.over2_until_s, late >= settings.over1_until_s, late > 0, at >= soon],
            [BAND_AT["over3"], BAND_AT["over2"], BAND_AT["over1"], BAND_AT["soon"]],
            BAND_AT["ok"],
        )
    counts = (kind == WALL) | (kind == WORKING)
    return np.where(counts, moving, band).astype(np.int8)


def left_at(kind: Bytes, due: Floats, left: Floats, now: datetime, worked: WorkedTime) -> Floats:
    """Return seconds left at a moment in each clock's own counting; late: negative wall seconds."""
    at = to_s(now)
    wall = due - at
    with np.errstate(invalid="ignore"):
        working = np.where(wall < 0, wall, left - worked.at(at))
        odd = np.where(wall < 0, wall, left)
    found = np.select(
        [kind == WALL, kind == WORKING, kind == ODD, kind == PAUSED], [wall, working, odd, left], 0.0
    )
    return np.asarray(found, dtype=np.float64)
