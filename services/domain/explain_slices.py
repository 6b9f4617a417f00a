"""The slices a clock ran through: what counted, what did not and why, as stretches of time to be drawn.

The slices of a clock join without holes from its start to the later of its deadline and its end (or now). The
seconds of all `counting` slices up to the deadline are the limit and its extensions; nothing else counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from services.domain.calendar import WorkCalendar, from_s, to_s
from services.domain.clocks import Clock, Pause, Stretch, stretches

#: counting; 非工作时间; 挂账; 免计时段; 超期
KINDS = ("counting", "non_working", "pause", "window", "overdue")


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of one kind, [start, end); `seconds` is what of it counts against the limit.

    `past` tells what has run from what is still to come (or, for a stopped clock, never came). `ref` is the id
    of the exclusion window.
    """

    start: datetime
    end: datetime
    kind: str
    seconds: int
    past: bool
    ref: str = ""


#: (from, to, kind, ref) in seconds since 1970
_Piece = tuple[int, int, str, str]


def slices(clock: Clock, calendar: WorkCalendar, now: datetime) -> tuple[Slice, ...]:
    """Return the slices of a clock as seen at `now`; raises CalendarError like the clock itself."""
    until = max(to_s(clock.stopped_at or now), to_s(clock.started_at))
    way = _way(clock, calendar)
    frozen = next((to_s(p.start) for p in clock.suspensions if p.end is None), None)
    due = None if clock.due_at is None else to_s(clock.due_at)
    horizon = max(until, due if due is not None else until)
    marks = _marks(clock.pauses, to_s(clock.started_at), horizon)
    pieces: list[_Piece] = []
    for stretch in way:
        end = stretch.end if frozen is None else min(stretch.end, max(frozen, stretch.start))
        pieces += _cut(stretch.start, end, marks, calendar, "counting", stretch.working)
    reached = pieces[-1][1] if pieces else to_s(clock.started_at)
    late = [mark for mark in marks if mark[2] == "pause"]
    pieces += _cut(reached, horizon, late, calendar, "overdue", False)
    return tuple(_joined(pieces, until))


def _way(clock: Clock, calendar: WorkCalendar) -> tuple[Stretch, ...]:
    """Return the stretches to the deadline, the last one cut or drawn out to the deadline that holds.

    The two differ only when the calendar was changed after the clock had started: a running deadline is not
    moved by that (domain section 6.2).
    """
    way = list(stretches(clock, calendar))
    last, due = way[-1], clock.due_at
    if due is not None and to_s(due) != last.end and not _late_suspension(clock, last.end):
        kept = [s for s in way[:-1] if s.end <= to_s(due)]
        start = kept[-1].end if kept else way[0].start
        way = [*kept, Stretch(start, max(start, to_s(due)), last.working, last.source)]
    return tuple(way)


def _late_suspension(clock: Clock, end: int) -> bool:
    """Tell whether the clock was suspended after its time had run out, which moves the deadline by itself."""
    return any(to_s(p.start) >= end for p in clock.suspensions)


def _marks(pauses: Sequence[Pause], start: int, horizon: int) -> list[_Piece]:
    """Return what does not count as disjoint pieces in order; where two overlap a suspension comes first."""
    taken: list[_Piece] = []
    for pause in sorted(pauses, key=lambda p: (p.kind != "suspend", p.start)):
        a, b = pause.gap
        free = [(max(a, start), horizon if b is None else min(b, horizon))]
        for at, to, _, _ in taken:
            free = [
                part
                for x, y in free
                for part in ((x, min(y, at)), (max(x, to), y))
                if part[0] < part[1] and x < y
            ]
        kind = "pause" if pause.kind == "suspend" else "window"
        taken += [(x, y, kind, pause.ref) for x, y in free if x < y]
        taken.sort()
    return taken


def _cut(
    start: int, end: int, marks: Sequence[_Piece], calendar: WorkCalendar, kind: str, working: bool
) -> Iterator[_Piece]:
    """Yield the pieces of [start, end): the marks in it, between them what counts and what lies off hours."""
    at = start
    for a, b, mark, ref in marks:
        a, b = max(a, at), min(b, end)
        if a < b:
            yield from _plain(at, a, calendar, kind, working)
            yield a, b, mark, ref
            at = b
    yield from _plain(at, end, calendar, kind, working)


def _plain(start: int, end: int, calendar: WorkCalendar, kind: str, working: bool) -> Iterator[_Piece]:
    """Yield counting and off-hours pieces of a stretch without marks."""
    at = start
    if start < end:
        for a, b in calendar.spans(start, working):
            if a >= end:
                break
            if a > at:
                yield at, a, "non_working", ""
            yield a, min(b, end), kind, ""
            at = min(b, end)
    if at < end:
        yield at, end, "non_working", ""


def _joined(pieces: Sequence[_Piece], until: int) -> Iterator[Slice]:
    """Yield slices: neighbours of one kind in one, cut where the past ends."""
    merged: list[_Piece] = []
    for a, b, kind, ref in pieces:
        if merged and merged[-1][1] == a and merged[-1][2:] == (kind, ref):
            merged[-1] = (merged[-1][0], b, kind, ref)
        else:
            merged.append((a, b, kind, ref))
    for a, b, kind, ref in merged:
        edges = (a, until, b) if a < until < b else (a, b)
        for x, y in pairwise(edges):
            seconds = y - x if kind == "counting" else 0
            yield Slice(from_s(x), from_s(y), kind, seconds, y <= until, ref)
