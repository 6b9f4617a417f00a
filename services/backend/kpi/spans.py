"""Local days and months as numbers: a day is its days since 1970, a month `yyyymm`; the two ranges never meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.domain.calendar import WorkCalendar

_EPOCH = date(1970, 1, 1)
#: every month is a greater number than every day
FIRST_MONTH = 100_000


def day_number(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    """Return the date of a day number."""
    return _EPOCH + timedelta(days=number)


def day_of(moment: datetime, calendar: WorkCalendar) -> int:
    """Return the day number of a moment in the centre's zone."""
    return day_number(calendar.local(moment).date())


def month_of(number: int) -> int:
    """Return the month `yyyymm` of a day number."""
    day = date_of(number)
    return day.year * 100 + day.month


def month_name(month: int) -> str:
    """Return a month as `2026-11`."""
    return f"{month // 100:04d}-{month % 100:02d}"


def week_name(number: int) -> str:
    """Return the ISO week of a day as `2026-W47`."""
    year, week, _ = date_of(number).isocalendar()
    return f"{year:04d}-W{week:02d}"


@dataclass(frozen=True, slots=True)
class Period:
    """Local days from `first` up to but without `end`, as day numbers."""

    first: int
    end: int

    @property
    def days(self) -> int:
        """Return how many days."""
        return self.end - self.first

    def ranges(self, by_month: bool = True) -> list[tuple[int, int]]:
        """Return ranges of spans (both ends included) that cover the period: whole months where they fit, else days."""
        first, last = date_of(self.first), date_of(self.end)
        if not by_month:
            return [(self.first, self.end - 1)]
        begin = first if first.day == 1 else _next_month(first)
        finish = last.replace(day=1)
        if begin >= finish:
            return [(self.first, self.end - 1)]
        found = []
        if first < begin:
            found.append((self.first, day_number(begin) - 1))
        before = finish - timedelta(days=1)
        found.append((begin.year * 100 + begin.month, before.year * 100 + before.month))
        if finish < last:
            found.append((day_number(finish), self.end - 1))
        return found

    @property
    def whole_months(self) -> bool:
        """Whether the period is made of whole months."""
        return all(first >= FIRST_MONTH for first, _ in self.ranges())

    @property
    def previous(self) -> Period:
        """Return the period before (环比): the month before a whole month, else as many days before."""
        first, end = date_of(self.first), date_of(self.end)
        if first.day == 1 and _next_month(first) == end:
            before = (first - timedelta(days=1)).replace(day=1)
            return Period(day_number(before), self.first)
        return Period(self.first - self.days, self.first)

    @property
    def last_year(self) -> Period:
        """Return the same dates a year earlier (同比); 29 February becomes the 28th."""
        return Period(
            day_number(_year_before(date_of(self.first))), day_number(_year_before(date_of(self.end)))
        )


def _next_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
