"""Slack (余量): the time left minus what the unit usually needs for such a case, for all open cases at once.

The queue's first order asks it: a case with four hours left is late already when its unit takes a day for the class.
The usual times are learned by the centre in the counting of the limit, so both numbers are of one kind.
"""

from __future__ import annotations

import numpy as np

from console.viewmodels.case_columns import STATE_AT, CaseColumns, Floats
from services.domain.experience import Experience

#: states in which the handling clock runs and a unit is at work
AT_WORK = ("pending_sign", "handling")


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
