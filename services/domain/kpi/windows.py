"""Deadlines as they would be without exclusion windows (剔除时段), for figures told with and without them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.domain.calendar import WorkCalendar, from_s
from services.domain.case import Case
from services.domain.clocks import due_of


def plain_dues(case: Case, calendar: WorkCalendar) -> dict[str, datetime]:
    """Return the deadlines of a case's clocks without their exclusion windows, only where windows changed them.

    A clock that stands still (挂账) has no deadline and is left out, as is one whose deadline was set by hand: windows
    do not move it.
    """
    found: dict[str, datetime] = {}
    for name, clock in case.clocks.items():
        kept = tuple(pause for pause in clock.pauses if pause.kind != "window")
        if len(kept) == len(clock.pauses) or clock.due_at is None or clock.fixed_due is not None:
            continue
        due = from_s(due_of(replace(clock, pauses=kept), calendar))
        if due != clock.due_at:
            found[name] = due
    return found
