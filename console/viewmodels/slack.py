"""Slack (余量): the time left minus what the unit usually needs for such a case, for all open cases at once.

The queue's first order asks it: a case with four hours left is late already when its unit takes a day for the class.
The usual times are learned by the centre in the counting of the limit, so both numbers are of one kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from console.viewmodels.case_columns import STATE_AT, CaseColumns, Floats
from services.domain.bands import BandSettings, Reading, read_clock
from services.domain.experience import Experience
from services.ports.picture import Projected

if TYPE_CHECKING:
    from console.viewmodels.seat import SeatViewModel

#: states in which the handling clock runs and a unit is at work
AT_WORK = ("pending_sign", "handling")
#: from fewer cases no usual time is learned
LEAST = 5


class UsualTimes:
    """Usual handling times by unit and category, asked once for each pair that occurs."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self._experience: Experience | None = None
        self._known: dict[tuple[int, int], float] = {}

    def of(self, columns: CaseColumns, experience: Experience) -> Floats:
        """Return seconds for every case: 0 where no unit is at work or nothing is known of it."""
        if experience is not self._experience:
            self._experience, self._known = experience, {}
        found = np.zeros(columns.n)
        at_work = np.isin(columns.state, [STATE_AT[state] for state in AT_WORK])
        slots = np.flatnonzero(at_work & (columns.dept > 0) & (columns.category > 0))
        if not len(slots):
            return found
        pairs = columns.dept[slots].astype(np.int64) << 32 | columns.category[slots].astype(np.int64)
        unique, places = np.unique(pairs, return_inverse=True)
        times = [self._usual(int(pair >> 32), int(pair & 0xFFFFFFFF), columns) for pair in unique]
        found[slots] = np.array(times)[places]
        return found

    def _usual(self, dept: int, category: int, columns: CaseColumns) -> float:
        """Return the usual time of one pair."""
        key = (dept, category)
        if key not in self._known:
            assert self._experience is not None
            usual = self._experience.usual_s(columns.depts.codes[dept], columns.categories.codes[category])
            self._known[key] = 0.0 if usual is None else usual
        return self._known[key]


@dataclass(frozen=True, slots=True)
class Slack:
    """What the slack of one case rests on.

    Attributes:
        reading: the running clock; None without one.
        due_at: when it is due; None while it stands still.
        unit: the unit at work, empty while none is.
        category: code of the category.
        usual_s: usual handling time, seconds in the counting of the limit; None when too few cases are known.
        known: from how many cases it is learned.
        own: whether these are the unit's own cases; else those of every unit in the category.
    """

    reading: Reading | None
    due_at: datetime | None = None
    unit: str = ""
    category: str = ""
    usual_s: float | None = None
    known: int = 0
    own: bool = True

    @property
    def slack_s(self) -> float | None:
        """Time left minus the usual time; None for what is late, stands still or has no clock."""
        if self.reading is None or self.reading.band not in ("ok", "soon"):
            return None
        return self.reading.remaining_s - (self.usual_s or 0.0)


def slack_of(entry: Projected, seat: SeatViewModel, now: datetime, bands: BandSettings) -> Slack:
    """Return what the slack of a case rests on at a moment: the same figures by which the risk order puts it."""
    case, clock = entry.case, entry.case.clock
    reading = read_clock(clock, now, seat.rules.calendar, bands) if clock is not None else None
    due = clock.due_at if clock is not None and not clock.paused else None
    shown = entry.cached if entry.pending and entry.cached is not None else case
    unit = case.lead_dept or "" if shown.state in AT_WORK else ""
    category = case.category or ""
    if not unit or not category:
        return Slack(reading, due, unit, category)
    experience = seat.learned.experience
    known, own = experience.record(unit, category).times.total, True
    if known < LEAST:
        known, own = sum(r.times.total for (_, c), r in experience.records.items() if c == category), False
    return Slack(reading, due, unit, category, experience.usual_s(unit, category, LEAST), known, own)
