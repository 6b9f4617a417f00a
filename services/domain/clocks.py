"""A running time limit of a case: start, limit, pauses, extensions, and the deadline that follows.

Eight clocks: accept, verify, file, dispatch, handle, forward, check, close (contract section 2). The ledger of
a clock (start, limit, gaps, extensions) is kept, so that the deadline can be explained later, not only told.
Sources: domain section 6; the extension rule is "current deadline plus one original limit" [A2].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.domain.calendar import Gap, WorkCalendar, from_s, merge, to_s
from services.domain.limits import Limit

CLOCKS = ("accept", "verify", "file", "dispatch", "handle", "forward", "check", "close")

CLOCK_NAMES = {
    "accept": "受理时限",
    "verify": "核实时限",
    "file": "立案时限",
    "dispatch": "派遣时限",
    "handle": "处置时限",
    "forward": "批转时限",
    "check": "核查时限",
    "close": "结案时限",
}


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch that does not count. `kind` is `suspend` (挂账) or `window` (exclusion window, `ref` its id)."""

    kind: str
    start: datetime
    end: datetime | None
    ref: str = ""

    @property
    def gap(self) -> Gap:
        """Return the stretch in seconds since 1970."""
        return to_s(self.start), None if self.end is None else to_s(self.end)


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case with its ledger; values only, the functions below make new ones.

    `due_at` is None while the clock is paused. `frozen_s` holds the remaining seconds of its own counting at
    the pause (negative wall seconds when it was already late). `fixed_due` is a deadline set by hand.
    """

    name: str
    started_at: datetime
    limit: Limit
    due_at: datetime | None
    stopped_at: datetime | None = None
    extensions: tuple[Limit, ...] = ()
    pauses: tuple[Pause, ...] = ()
    fixed_due: datetime | None = None
    frozen_s: int | None = None

    @property
    def paused(self) -> bool:
        """Whether the clock stands still."""
        return self.stopped_at is None and self.frozen_s is not None

    @property
    def live(self) -> bool:
        """Whether the clock runs or stands still, as opposed to stopped."""
        return self.stopped_at is None

    @property
    def running(self) -> bool:
        """Whether the clock runs."""
        return self.stopped_at is None and self.frozen_s is None

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Return what does not count, joined and in order."""
        return merge([pause.gap for pause in self.pauses]) if self.pauses else ()


def start(
    name: str, limit: Limit, now: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> Clock:
    """Start a clock at `now`; `pauses` are the exclusion windows known by then."""
    clock = Clock(name, now.replace(microsecond=0), limit, None, pauses=tuple(pauses))
    return replace(clock, due_at=_due(clock, calendar))


def _due(clock: Clock, calendar: WorkCalendar) -> datetime:
    """Return the deadline that follows from the ledger (limit, then each extension in its own unit)."""
    gaps = clock.gaps
    if clock.fixed_due is not None:
        due = to_s(clock.fixed_due)
    else:
        seconds = clock.limit.seconds(calendar.day_hours)
        due = calendar.add(to_s(clock.started_at), seconds, clock.limit.working, gaps)
    for more in clock.extensions:
        due = calendar.add(due, more.seconds(calendar.day_hours), more.working, gaps)
    return from_s(due)


def remaining_s(clock: Clock, now: datetime, calendar: WorkCalendar) -> int | None:
    """Return the seconds left in the clock's own counting; late: negative wall seconds; stopped: None."""
    if clock.stopped_at is not None:
        return None
    if clock.frozen_s is not None:
        return clock.frozen_s
    if clock.due_at is None:
        return None
    at, due = to_s(now), to_s(clock.due_at)
    if at > due:
        return due - at
    return calendar.counted(at, due, clock.limit.working, clock.gaps)


def is_late(clock: Clock, moment: datetime) -> bool:
    """Tell whether a finish at `moment` is late: finish > deadline, exact to the second [A2]."""
    return clock.due_at is not None and to_s(moment) > to_s(clock.due_at)


def stop(clock: Clock, now: datetime) -> Clock:
    """Stop a clock for good (it may still `run_on`)."""
    return replace(clock, stopped_at=now.replace(microsecond=0))


def run_on(clock: Clock) -> Clock:
    """Let a stopped clock go on as if it had not stopped: a failed check does not buy time."""
    return replace(clock, stopped_at=None)


def pause(clock: Clock, now: datetime, calendar: WorkCalendar) -> Clock:
    """Freeze a running clock (挂账); the deadline is open until it resumes."""
    at = now.replace(microsecond=0)
    return replace(
        clock,
        frozen_s=remaining_s(clock, at, calendar),
        due_at=None,
        pauses=(*clock.pauses, Pause("suspend", at, None)),
    )


def resume(clock: Clock, now: datetime, calendar: WorkCalendar) -> Clock:
    """Let a frozen clock go on: deadline = resume moment + remaining, in the same counting (domain 6.5).

    A clock that was late when it was frozen keeps being late by as much.
    """
    at = now.replace(microsecond=0)
    left = clock.frozen_s or 0
    pauses = tuple(
        replace(p, end=max(at, p.start)) if p.kind == "suspend" and p.end is None else p for p in clock.pauses
    )
    clock = replace(clock, pauses=pauses, frozen_s=None)
    due = to_s(at) + left if left <= 0 else calendar.add(to_s(at), left, clock.limit.working, clock.gaps)
    return replace(clock, due_at=from_s(due))


def extend(clock: Clock, more: Limit, calendar: WorkCalendar) -> Clock:
    """Grant an extension: the new deadline is the current one plus `more`.

    Raises ValueError when the clock has no deadline to extend.
    """
    if clock.due_at is None:
        raise ValueError("a paused clock has no deadline to extend")
    seconds = more.seconds(calendar.day_hours)
    due = calendar.add(to_s(clock.due_at), seconds, more.working, clock.gaps)
    return replace(clock, due_at=from_s(due), extensions=(*clock.extensions, more))


def set_due(clock: Clock, due: datetime) -> Clock:
    """Set the deadline by hand (adjust_limit); earlier extensions are contained in it."""
    fixed = due.replace(microsecond=0)
    return replace(clock, due_at=fixed, fixed_due=fixed, extensions=())


def change_limit(clock: Clock, limit: Limit, calendar: WorkCalendar) -> Clock:
    """Compute the deadline anew from the clock's own start with another limit (amend of the condition).

    Extensions and pauses stay; a deadline set by hand is given up. A frozen clock gets its remaining
    seconds anew and stays frozen.
    """
    changed = replace(clock, limit=limit, fixed_due=None)
    if not clock.paused:
        return replace(changed, due_at=_due(changed, calendar))
    since = clock.pauses[-1].start
    before = replace(changed, pauses=clock.pauses[:-1], frozen_s=None)
    before = replace(before, due_at=_due(before, calendar))
    return replace(changed, frozen_s=remaining_s(before, since, calendar))


def add_windows(clock: Clock, windows: Sequence[Pause], calendar: WorkCalendar) -> Clock:
    """Take exclusion windows declared after the start into account; known ones are not taken twice.

    A deadline set by hand stays where it was set.
    """
    known = {pause.ref for pause in clock.pauses if pause.kind == "window"}
    fresh = tuple(window for window in windows if window.ref not in known)
    if not fresh:
        return clock
    widened = replace(clock, pauses=tuple(sorted((*clock.pauses, *fresh), key=lambda p: p.start)))
    if clock.paused or clock.fixed_due is not None:
        return widened
    return replace(widened, due_at=_due(widened, calendar))
