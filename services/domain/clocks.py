"""A running time limit of a case: start, limit, pauses, extensions, and the deadline that follows.

Eight clocks: accept, verify, file, dispatch, handle, forward, check, close (contract section 2). The ledger of
a clock (start, limit, gaps, extensions) is kept, so that the deadline can be explained later, not only told.
Sources: domain section 6; the extension rule is "current deadline plus one original limit" [A2].
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter

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
    the pause (negative wall seconds when it was already late). `fixed_due` is a deadline set by hand at
    `fixed_at`; `extended_at` holds the moment of each extension, in the order of `extensions`.
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
    fixed_at: datetime | None = None
    extended_at: tuple[datetime, ...] = ()

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

    @property
    def suspensions(self) -> tuple[Pause, ...]:
        """Return the suspensions (挂账), oldest first."""
        return tuple(pause for pause in self.pauses if pause.kind == "suspend")

    @property
    def last_event(self) -> datetime:
        """Return the latest moment at which something happened to the deadline."""
        ends = [pause.end or pause.start for pause in self.suspensions]
        return max(self.started_at, self.fixed_at or self.started_at, *ends, *self.extended_at)


_FIELDS = tuple(f.name for f in fields(Clock))
_VALUES = attrgetter(*_FIELDS)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of the way to the deadline: from, to, whether only working time counts, and what it comes from.

    `source` is `limit`, `fixed` or `extension`. Seconds since 1970.
    """

    start: int
    end: int
    working: bool
    source: str


def start(
    name: str, limit: Limit, now: datetime, calendar: WorkCalendar, pauses: Sequence[Pause] = ()
) -> Clock:
    """Start a clock at `now`; `pauses` are the exclusion windows known by then, those over are left out."""
    at = now.replace(microsecond=0)
    known = tuple(pause for pause in pauses if pause.end is None or pause.end > at)
    if not known:  # nearly every clock: the limit alone gives the deadline
        due = calendar.add(to_s(at), limit.seconds(calendar.day_hours), limit.working)
        return Clock(name, at, limit, from_s(due))
    clock = Clock(name, at, limit, None, pauses=known)
    return replace(clock, due_at=from_s(due_of(clock, calendar)))


def stretches(clock: Clock, calendar: WorkCalendar) -> tuple[Stretch, ...]:
    """Return the way from the start to the deadline as the ledger tells it, one stretch for each grant.

    The limit (or the deadline set by hand), then every extension in its own unit. A suspension that is still
    open is left out, so that for a frozen clock this is the way as it stood at the freeze.
    Raises CalendarError when the calendar has too little working time.
    """
    closed = [p for p in clock.pauses if p.end is not None or p.kind != "suspend"]
    gaps = merge([p.gap for p in closed]) if closed else ()
    working = clock.limit.working
    if clock.fixed_due is None:
        at = to_s(clock.started_at)
        due = calendar.add(at, clock.limit.seconds(calendar.day_hours), working, gaps)
        found = [Stretch(at, due, working, "limit")]
    else:
        found = [_fixed(clock, calendar, closed)]
    for more in clock.extensions:
        at = found[-1].end
        due = calendar.add(at, more.seconds(calendar.day_hours), more.working, gaps)
        found.append(Stretch(at, due, more.working, "extension"))
    return tuple(found)


def _fixed(clock: Clock, calendar: WorkCalendar, closed: Sequence[Pause]) -> Stretch:
    """Return the stretch to a deadline set by hand; a later suspension moves it, a window does not."""
    since, due = to_s(clock.fixed_at or clock.started_at), to_s(clock.fixed_due or clock.started_at)
    working = clock.limit.working
    windows = merge([p.gap for p in closed if p.kind != "suspend"])
    for pause in closed:
        at, to = pause.gap
        if pause.kind == "suspend" and to is not None and since <= at < due:
            due = calendar.add(to, calendar.counted(at, due, working, windows), working, windows)
    return Stretch(to_s(clock.started_at), due, working, "fixed")


def due_of(clock: Clock, calendar: WorkCalendar) -> int:
    """Return the deadline that follows from the ledger, in seconds since 1970.

    A suspension that began when the clock was late moves the deadline by its whole length: lateness neither
    grows nor shrinks while a case is suspended.
    """
    due = stretches(clock, calendar)[-1].end
    since = to_s(clock.fixed_at) if clock.fixed_at is not None else None
    late = [
        p for p in clock.suspensions if to_s(p.start) >= due and (since is None or to_s(p.start) >= since)
    ]
    return due + sum(to_s(p.end) - to_s(p.start) for p in late if p.end is not None)


def remaining_s(clock: Clock, now: datetime, calendar: WorkCalendar) -> int | None:
    """Return the seconds left in the clock's own counting; late: negative wall seconds; stopped: None.

    When an extension counts in another way than the limit, each part is counted in its own way.
    """
    if clock.stopped_at is not None:
        return None
    if clock.frozen_s is not None:
        return clock.frozen_s
    if clock.due_at is None:
        return None
    at, due = to_s(now), to_s(clock.due_at)
    if at > due:
        return due - at
    gaps = clock.gaps
    if not _mixed(clock):
        return calendar.counted(at, due, clock.limit.working, gaps)
    return sum(calendar.counted(max(at, s.start), s.end, s.working, gaps) for s in stretches(clock, calendar))


def _mixed(clock: Clock) -> bool:
    """Tell whether an extension counts in another way than the limit."""
    return any(more.working != clock.limit.working for more in clock.extensions)


def is_late(clock: Clock, moment: datetime) -> bool:
    """Tell whether a finish at `moment` is late: finish > deadline, exact to the second [A2]."""
    return clock.due_at is not None and to_s(moment) > to_s(clock.due_at)


def stop(clock: Clock, now: datetime) -> Clock:
    """Stop a clock for good (it may still `run_on`)."""
    values = dict(zip(_FIELDS, _VALUES(clock), strict=True))  # nearly every step stops one; `replace` is slow
    values["stopped_at"] = now.replace(microsecond=0)
    return Clock(**values)


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
    if left <= 0:
        due = to_s(at) + left
    elif _mixed(clock):
        due = due_of(clock, calendar)
    else:
        due = calendar.add(to_s(at), left, clock.limit.working, clock.gaps)
    return replace(clock, due_at=from_s(due))


def extend(clock: Clock, more: Limit, calendar: WorkCalendar, now: datetime | None = None) -> Clock:
    """Grant an extension at `now` (default: right after what happened last): current deadline plus `more`.

    Raises ValueError when the clock has no deadline to extend, CalendarError when it lies beyond reason.
    """
    if clock.due_at is None:
        raise ValueError("a paused clock has no deadline to extend")
    at = clock.last_event if now is None else now.replace(microsecond=0)
    seconds = more.seconds(calendar.day_hours)
    due = calendar.add(to_s(clock.due_at), seconds, more.working, clock.gaps)
    extensions, extended_at = (*clock.extensions, more), (*clock.extended_at, at)
    return replace(clock, due_at=from_s(due), extensions=extensions, extended_at=extended_at)


def set_due(clock: Clock, due: datetime, now: datetime | None = None) -> Clock:
    """Set the deadline by hand at `now` (adjust_limit); earlier extensions are contained in it.

    Without `now` it was set when the clock started, as with a deadline that an import brings along.
    """
    fixed = due.replace(microsecond=0)
    at = clock.started_at if now is None else now.replace(microsecond=0)
    return replace(clock, due_at=fixed, fixed_due=fixed, fixed_at=at, extensions=(), extended_at=())


def change_limit(clock: Clock, limit: Limit, calendar: WorkCalendar) -> Clock:
    """Compute the deadline anew from the clock's own start with another limit (amend of the condition).

    Extensions and pauses stay; a deadline set by hand is given up. A frozen clock gets its remaining
    seconds anew and stays frozen.
    """
    return _recount(replace(clock, limit=limit, fixed_due=None, fixed_at=None), calendar)


def _recount(clock: Clock, calendar: WorkCalendar) -> Clock:
    """Return the clock with its deadline, or when frozen its remaining seconds, computed from the ledger."""
    if clock.due_at is not None:
        return replace(clock, due_at=from_s(due_of(clock, calendar)))
    suspension = next((p for p in clock.suspensions if p.end is None), None)
    if suspension is None:
        return clock
    running = replace(
        clock,
        pauses=tuple(p for p in clock.pauses if p is not suspension),
        stopped_at=None,
        frozen_s=None,
        due_at=from_s(due_of(clock, calendar)),
    )
    return replace(clock, frozen_s=remaining_s(running, suspension.start, calendar))


def add_windows(clock: Clock, windows: Sequence[Pause], calendar: WorkCalendar) -> Clock:
    """Take exclusion windows declared after the start into account; known ones are not taken twice.

    Windows that were over before the clock started are left out. A deadline set by hand stays where it was
    set: no window is taken into such a clock.
    """
    if clock.fixed_due is not None:
        return clock
    known = {pause.ref for pause in clock.pauses if pause.kind == "window"}
    fresh = tuple(
        window
        for window in windows
        if window.ref not in known and (window.end is None or window.end > clock.started_at)
    )
    if not fresh:
        return clock
    widened = replace(clock, pauses=tuple(sorted((*clock.pauses, *fresh), key=lambda p: p.start)))
    return _recount(widened, calendar)
