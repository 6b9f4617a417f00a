"""The story of one clock: its sentences, in the order in which the deadline came about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.domain import clocks as ck
from services.domain.calendar import WorkCalendar, from_s, to_s
from services.domain.clocks import CLOCK_NAMES, Clock, Pause, Stretch
from services.domain.explain_slices import Slice
from services.domain.explain_words import (
    Sentence,
    counted_words,
    day_words,
    moment_words,
    slot_words,
    span_words,
    week_words,
)
from services.domain.limits import UNITS, Limit
from services.domain.reference import ExclusionWindow

_MAX_DAYS = 4000
_Event = tuple[datetime, Sentence]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where a limit comes from: a filing condition of a category, or (both empty) the centre's stage limits.

    `code` is the case's category, None for a stage limit; a code without words is one the tables no longer have.
    `present` is the limit the tables give the condition today.
    """

    code: str | None = None
    category: str = ""
    condition: str = ""
    present: Limit | None = None


STAGE = Rule()


@dataclass(frozen=True, slots=True)
class Extension:
    """One granted extension: how much, when it was granted, and how it moved the deadline."""

    limit: Limit
    at: datetime
    before: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """The sentences of one clock, told in the order in which the deadline came about."""

    clock: Clock
    rule: Rule
    calendar: WorkCalendar
    windows: Mapping[str, ExclusionWindow]
    end: datetime
    parts: tuple[Slice, ...]
    way: tuple[Stretch, ...]
    overdue: int
    replaced: bool

    @property
    def state(self) -> str:
        """Return the state word of the explanation."""
        if self.replaced:
            return "replaced"
        if self.clock.stopped_at is not None:
            return "stopped_late" if self.overdue else "stopped"
        if self.clock.paused:
            return "paused"
        return "late" if self.overdue else "running"

    @property
    def counted(self) -> int:
        """Return the seconds that have counted so far."""
        return sum(part.seconds for part in self.parts if part.past)

    @property
    def ruled(self) -> int:
        """Return the deadline the ledger gives under the present calendar."""
        return ck.due_of(self.clock, self.calendar)

    @property
    def exact(self) -> bool:
        """Whether the ledger under the present calendar gives the deadline that holds."""
        return self.clock.due_at is None or self.ruled == to_s(self.clock.due_at)

    def sentences(self) -> Iterable[Sentence]:
        """Yield the whole story."""
        yield from self._rule()
        yield self._start()
        yield from self._days()
        events = [*self._pauses(), *self._fixed(), *self._extensions()]
        yield from (sentence for _, sentence in sorted(events, key=lambda event: event[0]))
        if not self.exact:
            yield self._say("calendar", ruled=from_s(self.ruled))
        yield from self._due()
        yield self._last()

    def extensions(self) -> tuple[Extension, ...]:
        """Return the extensions with the deadline before and after each, as it was when it was granted."""
        found = []
        for n, (more, at) in enumerate(zip(self.clock.extensions, self.clock.extended_at, strict=True)):
            then = tuple(p for p in self.clock.pauses if p.kind != "suspend" or p.start < at)
            before, after = (
                replace(self.clock, extensions=self.clock.extensions[:k], pauses=then) for k in (n, n + 1)
            )
            dues = (from_s(ck.due_of(clock, self.calendar)) for clock in (before, after))
            found.append(Extension(more, at, *dues))
        return tuple(found)

    def _extensions(self) -> Iterable[_Event]:
        """Every extension: how much, when it was granted, and how it moved the deadline."""
        for n, more in enumerate(self.extensions(), 1):
            yield (
                more.at,
                self._say(
                    "extension",
                    n=str(n),
                    limit=more.limit.words,
                    at=more.at,
                    before=more.before,
                    due=more.due,
                ),
            )

    def _say(self, code: str, **params: str | datetime) -> Sentence:
        """Return a sentence; moments are put into words."""
        words = {k: v if isinstance(v, str) else moment_words(v, self.calendar) for k, v in params.items()}
        return Sentence(code, words)

    def _count(self, seconds: int) -> str:
        """Say counted seconds the way the clock counts."""
        mixed = any(more.working != self.clock.limit.working for more in self.clock.extensions)
        return counted_words(seconds, self.clock.limit.working and not mixed)

    def _rule(self) -> Iterable[Sentence]:
        """Which limit, from where, and how its unit counts."""
        limit, rule, calendar = self.clock.limit, self.rule, self.calendar
        code = "rule.condition" if rule.condition else "rule.stage" if rule.code is None else "rule.unknown"
        named = {"clock": CLOCK_NAMES[self.clock.name], "limit": limit.words}
        if rule.condition:
            named |= {"condition": rule.condition, "category": rule.category}
        yield Sentence(code, named)
        if rule.present is not None and rule.present != limit:
            yield Sentence("rule.changed", {"limit": rule.present.words})
        unit = UNITS[limit.unit][0]
        if limit.working:
            hours = f"{calendar.day_hours:g}"
            week, slots = week_words(calendar), slot_words(calendar)
            yield Sentence("unit.working", {"unit": unit, "week": week, "slots": slots, "hours": hours})
        else:
            yield Sentence("unit.continuous", {"unit": unit})

    def _start(self) -> Sentence:
        """When the clock started, and when the first second counted."""
        first = self.parts[0] if self.parts else None
        if first is None or first.kind in ("counting", "overdue"):
            return self._say("start.now", start=self.clock.started_at)
        counts = next((part.start for part in self.parts if part.kind == "counting"), None)
        if counts is None:
            return self._say("start.never", start=self.clock.started_at, until=self.parts[-1].end)
        code = "start.later" if first.kind == "non_working" else "start.pause"
        return self._say(code, start=self.clock.started_at, first=counts)

    def _days(self) -> Iterable[Sentence]:
        """Which holidays and make-up days lie on the way."""
        if not any(stretch.working for stretch in self.way) or not self.parts:
            return
        first = self.calendar.local(self.clock.started_at).date()
        last = self.calendar.local(self.clock.due_at or self.end).date()
        days = [first + timedelta(days=n) for n in range(min((last - first).days + 1, _MAX_DAYS))]
        off = [day for day in days if day in self.calendar.holidays - self.calendar.workdays]
        extra = [day for day in days if day in self.calendar.workdays]
        if off:
            yield Sentence("days.off", {"days": day_words(off)})
        if extra:
            yield Sentence("days.on", {"days": day_words(extra)})

    def _pauses(self) -> Iterable[_Event]:
        """Suspensions, and exclusion windows as far as they took effect."""
        for pause in self.clock.pauses:
            if pause.kind == "suspend":
                yield pause.start, self._suspension(pause)
                continue
            lost = self._lost(pause.ref)
            if lost:
                window = self.windows.get(pause.ref)
                code = "window" if window else "window.unknown"
                document = window.document if window else pause.ref
                end = pause.end or self.end
                yield (
                    pause.start,
                    self._say(code, start=pause.start, end=end, document=document, span=self._count(lost)),
                )

    def _suspension(self, pause: Pause) -> Sentence:
        """Say one suspension."""
        if pause.end is None:
            return self._say("pause.open", start=pause.start)
        if to_s(pause.start) > self.way[-1].end:
            return self._say("pause.late", start=pause.start, end=pause.end)
        span = span_words(to_s(pause.end) - to_s(pause.start))
        return self._say("pause.over", start=pause.start, end=pause.end, span=span)

    def _lost(self, ref: str) -> int:
        """Return the seconds of a window that would have counted without it."""
        working = self.clock.limit.working
        return sum(
            self.calendar.counted(to_s(part.start), to_s(part.end), working)
            for part in self.parts
            if part.kind == "window" and part.ref == ref
        )

    def _fixed(self) -> Iterable[_Event]:
        """A deadline that was set by hand or came with an import."""
        clock = self.clock
        if clock.fixed_due is None:
            return
        bare = Clock(clock.name, clock.started_at, clock.limit, None, pauses=clock.pauses)
        ruled = from_s(ck.due_of(bare, self.calendar))
        if clock.fixed_at is None or clock.fixed_at == clock.started_at:
            yield clock.started_at, self._say("fixed.source", due=clock.fixed_due, ruled=ruled)
        else:
            said = self._say("fixed.hand", at=clock.fixed_at, due=clock.fixed_due, ruled=ruled)
            yield clock.fixed_at, said

    def _due(self) -> Iterable[Sentence]:
        """The deadline that follows."""
        if self.clock.due_at is not None:
            yield self._say("due", due=self.clock.due_at)
        elif self.clock.paused:
            left = self.clock.frozen_s or 0
            if left < 0:
                yield self._say("due.open_late", late=span_words(-left))
            else:
                yield self._say("due.open", left=self._count(left))

    def _last(self) -> Sentence:
        """Where the clock stands now, or how it ended."""
        clock, counted = self.clock, self._count(self.counted)
        if self.replaced:
            return self._say("end.replaced", end=self.end, counted=counted)
        if clock.stopped_at is not None and clock.due_at is None:
            return self._say("end.paused", end=self.end, counted=counted)
        late = span_words(self.overdue)
        if clock.stopped_at is not None:
            if self.overdue:
                return self._say("end.late", end=self.end, late=late)
            return self._say("end.in_time", end=self.end, counted=counted)
        if self.overdue:
            return self._say("now.late", now=self.end, late=late)
        left = self._count(ck.remaining_s(clock, self.end, self.calendar) or 0)
        return self._say("now.left", now=self.end, counted=counted, left=left)
