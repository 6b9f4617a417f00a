"""The working calendar: which seconds count for a clock of working time (domain section 6.2).

Times go in and come out as aware datetimes; inside, whole seconds since 1970 keep the arithmetic exact.
Intervals are half-open: a limit that ends exactly at 12:00 is due at 12:00, not at 14:00.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.domain.errors import CalendarError

#: a stretch of seconds [from, to); `to` may be None for a stretch that has no end yet
Gap = tuple[int, int | None]
Span = tuple[int, int]

_FOREVER = 1 << 40
_MAX_DAYS = 4000


def to_s(moment: datetime) -> int:
    """Return whole seconds since 1970, fractions cut off (deadlines are exact to the second)."""
    return int(moment.timestamp() // 1)


def from_s(seconds: int) -> datetime:
    """Return the UTC datetime of whole seconds since 1970."""
    return datetime.fromtimestamp(seconds, UTC)


class WorkCalendar:
    """Working slots of a centre, with holidays and make-up days; immutable after construction.

    `slots` are (from, to) wall times of a working day in ascending order; `holidays` are days off,
    `workdays` make-up days that work although they fall on a day of rest; `week` holds the working
    weekdays (Monday 0). `day_hours` is what one 工作日 is worth in 工作时.
    Raises CalendarError when slots overlap or hold no time.
    """

    def __init__(
        self,
        slots: Sequence[tuple[time, time]] = ((time(8), time(12)), (time(14), time(18))),
        *,
        holidays: frozenset[date] = frozenset(),
        workdays: frozenset[date] = frozenset(),
        week: frozenset[int] = frozenset(range(5)),
        day_hours: float = 8.0,
        zone: str = "Asia/Shanghai",
    ) -> None:
        """Check the slots and keep the tables."""
        self.slots = tuple(slots)
        self.holidays = holidays
        self.workdays = workdays
        self.week = week
        self.day_hours = day_hours
        self.zone = zone
        self._tz = ZoneInfo(zone)
        self._days: dict[date, tuple[Span, ...]] = {}
        last = time.min
        for start, end in self.slots:
            if start < last or end <= start:
                raise CalendarError(f"工作时段 {start:%H:%M}–{end:%H:%M} 与前一段重叠或为空")
            last = end
        if not self.slots or day_hours <= 0:
            raise CalendarError("工作日历没有工作时段")

    def same(self, other: WorkCalendar) -> bool:
        """Tell whether another calendar counts every second as this one does."""
        return self._facts() == other._facts()

    def _facts(self) -> tuple[object, ...]:
        """Return what the counting rests on."""
        return self.slots, self.holidays, self.workdays, self.week, self.day_hours, self.zone

    def is_working_day(self, day: date) -> bool:
        """Tell whether a day works; a make-up day beats a holiday, a holiday beats the weekday."""
        if day in self.workdays:
            return True
        return day.weekday() in self.week and day not in self.holidays

    def local(self, moment: datetime) -> datetime:
        """Return a moment in the centre's zone."""
        return moment.astimezone(self._tz)

    def day_spans(self, day: date) -> tuple[Span, ...]:
        """Return the working stretches of one local day in seconds since 1970 (empty on a day of rest)."""
        known = self._days.get(day)
        if known is None:
            known = ()
            if self.is_working_day(day):
                known = tuple(
                    (to_s(datetime.combine(day, a, self._tz)), to_s(datetime.combine(day, b, self._tz)))
                    for a, b in self.slots
                )
            self._days[day] = known
        return known

    def spans(self, start: int, working: bool, until: int | None = None) -> Iterator[Span]:
        """Yield the counting stretches from `start` on, cut at `start`; continuous time is one stretch.

        With `until` they end with its day, however far away that is. Without it they go on for eleven years,
        then CalendarError is raised.
        """
        if not working:
            yield start, _FOREVER
            return
        day = from_s(start).astimezone(self._tz).date()
        days = _MAX_DAYS if until is None else (from_s(until).astimezone(self._tz).date() - day).days + 1
        for offset in range(days):
            for a, b in self.day_spans(day + timedelta(days=offset)):
                if b > start:
                    yield max(a, start), b
        if until is None:
            raise CalendarError("工作日历在十年内没有足够的工作时间")

    def counting(
        self, start: int, working: bool, gaps: Sequence[Gap] = (), until: int | None = None
    ) -> Iterator[Span]:
        """Yield the counting stretches from `start` on, less the gaps (sorted, disjoint; see `merge`).

        `until` as in `spans`.
        """
        ends = [_FOREVER if to is None else to for _, to in gaps]
        for a, b in self.spans(start, working, until):
            at = bisect_right(ends, a)
            while a < b:
                if at >= len(gaps) or gaps[at][0] >= b:
                    yield a, b
                    break
                if gaps[at][0] > a:
                    yield a, gaps[at][0]
                a = max(a, ends[at])
                at += 1

    def add(self, start: int, seconds: int, working: bool, gaps: Sequence[Gap] = ()) -> int:
        """Return the moment at which `seconds` have counted since `start`.

        With nothing to count the answer is `start` itself. Raises CalendarError when it lies beyond all
        reason, for example behind a gap without end.
        """
        left = seconds
        if left <= 0:
            return start
        if not working and not gaps and start + left < _FOREVER >> 1:
            return start + left
        for a, b in self.counting(start, working, gaps):
            if left <= b - a:
                due = a + left
                if due >= _FOREVER >> 1:
                    break
                return due
            left -= b - a
        raise CalendarError("时限落在日历之外，无法计算到期时间")

    def counted(self, start: int, end: int, working: bool, gaps: Sequence[Gap] = ()) -> int:
        """Return how many seconds count between two moments (0 when `end` is not after `start`).

        Never fails: this tells what is left of any deadline a case may have, whoever set it.
        """
        if end <= start:
            return 0
        if not working and not gaps:
            return end - start
        total = 0
        for a, b in self.counting(start, working, gaps, end):
            if a >= end:
                break
            total += min(b, end) - a
        return total


def merge(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Return gaps sorted and joined where they touch or overlap; empty ones are dropped."""
    joined: list[tuple[int, int]] = []
    for a, b in sorted((a, _FOREVER if b is None else b) for a, b in gaps):
        if b <= a:
            continue
        if joined and a <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], b))
        else:
            joined.append((a, b))
    return tuple((a, None if b == _FOREVER else b) for a, b in joined)
