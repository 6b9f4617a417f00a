"""Settings of the field: part `field` of the reference document, with shipped values for what it leaves out.

All values are choices of the product [U]: no source fixes them, so a centre sets its own.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.domain.calendar import WorkCalendar

_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
_NUMBERS = ("retention_days", "lost_after_s", "future_s", "late_hours", "most_speed_mps", "worst_accuracy_m")


@dataclass(frozen=True, slots=True)
class FieldSettings:
    """How positions are judged and how long they are kept.

    `hours` are the working hours in which positions are taken and shown, as minutes of the local day (domain
    section 13.3: purpose-bound; who is off work is not followed). `retention_days` of tracks; `lost_after_s`
    until somebody on duty counts as 失联; a point may lie at most `future_s` ahead of the centre's clock and
    `late_hours` behind it (a phone without a line); `most_speed_mps` between two points; `worst_accuracy_m`
    the largest radius that is still a position.
    """

    hours: tuple[int, int] = (7 * 60, 21 * 60)
    retention_days: float = 30.0
    lost_after_s: float = 600.0
    future_s: float = 120.0
    late_hours: float = 24.0
    most_speed_mps: float = 42.0
    worst_accuracy_m: float = 500.0

    def at_work(self, moment: datetime, calendar: WorkCalendar) -> bool:
        """Tell whether a moment lies in the working hours of the centre's zone."""
        local = calendar.local(moment)
        minute = local.hour * 60 + local.minute
        start, end = self.hours
        return start <= minute < end if start <= end else minute >= start or minute < end


def field_settings(doc: Mapping[str, Any]) -> FieldSettings:
    """Return the settings of a reference document; a wrong value takes the shipped one."""
    given = doc.get("field")
    if not isinstance(given, Mapping):
        return FieldSettings()
    numbers = {name: float(given[name]) for name in _NUMBERS if _positive(given.get(name))}
    return FieldSettings(hours=_hours(given.get("hours")), **numbers)


def _positive(value: object) -> bool:
    """Tell whether a value is a number above zero."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _hours(value: object) -> tuple[int, int]:
    """Read `["07:00", "21:00"]`; a night shift ends before it begins. Anything else: the shipped hours."""
    shipped = FieldSettings().hours
    if not isinstance(value, list) or len(value) != 2:
        return shipped
    found = [_CLOCK.fullmatch(text) if isinstance(text, str) else None for text in value]
    if found[0] is None or found[1] is None:
        return shipped
    start, end = (int(match[1]) * 60 + int(match[2]) for match in found if match is not None)
    return (start, end) if max(start, end) <= 24 * 60 and start != end else shipped
