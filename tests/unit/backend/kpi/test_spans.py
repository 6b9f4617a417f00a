"""Days, weeks and months as numbers, and the periods figures are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.backend.kpi.months import month_number, period_of
from services.backend.kpi.spans import (
    FIRST_MONTH,
    Period,
    date_of,
    day_number,
    day_of,
    month_name,
    month_of,
    week_name,
)
from tests.unit.domain.ground import CALENDAR

dates = st.dates(date(2015, 1, 1), date(2035, 12, 31))


def between(first: str, end: str) -> Period:
    return Period(day_number(date.fromisoformat(first)), day_number(date.fromisoformat(end)))


def told(period: Period) -> tuple[str, str]:
    return date_of(period.first).isoformat(), date_of(period.end).isoformat()


@given(dates)
def test_a_day_and_its_number_are_one(day: date) -> None:
    number = day_number(day)
    assert date_of(number) == day and number < FIRST_MONTH <= month_of(number)
    assert month_name(month_of(number)) == f"{day:%Y-%m}"
    assert week_name(number) == f"{day:%G-W%V}"


@pytest.mark.parametrize(
    ("day", "week"),
    [
        ("2026-11-20", "2026-W47"),
        ("2026-12-31", "2026-W53"),
        ("2027-01-01", "2026-W53"),  # the Friday of a week that began in the old year
        ("2027-01-03", "2026-W53"),
        ("2027-01-04", "2027-W01"),
        ("2024-12-30", "2025-W01"),  # and one that belongs to the new
    ],
)
def test_weeks_are_those_of_iso_even_at_new_year(day: str, week: str) -> None:
    assert week_name(day_number(date.fromisoformat(day))) == week


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC), "2026-11-20"),
        (datetime(2026, 11, 20, 16, 0, 0, tzinfo=UTC), "2026-11-21"),  # midnight in the centre's zone
        (datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC), "2027-01-01"),
    ],
)
def test_a_day_is_the_centres_own(moment: datetime, day: str) -> None:
    assert date_of(day_of(moment, CALENDAR)).isoformat() == day


# --- covering a period -------------------------------------------------------------------------------------


def days_of_span(first: int, last: int) -> list[int]:
    """The days a range of spans stands for: days themselves, or all days of months."""
    if first < FIRST_MONTH:
        return list(range(first, last + 1))
    end = period_of(last).end
    return list(range(period_of(first).first, end))


@given(dates, st.integers(1, 900))
def test_ranges_cover_every_day_once_and_nothing_else(begin: date, length: int) -> None:
    period = Period(day_number(begin), day_number(begin) + length)
    for by_month in (True, False):
        covered = [day for span in period.ranges(by_month) for day in days_of_span(*span)]
        assert covered == list(range(period.first, period.end))


@given(dates, st.integers(1, 900))
def test_no_range_mixes_days_and_months(begin: date, length: int) -> None:
    period = Period(day_number(begin), day_number(begin) + length)
    for first, last in period.ranges():
        assert (first < FIRST_MONTH) == (last < FIRST_MONTH) and first <= last
    assert all(last < FIRST_MONTH for _, last in period.ranges(by_month=False))
    assert len(period.ranges()) <= 3


@pytest.mark.parametrize(
    ("first", "end", "spans"),
    [
        ("2026-11-01", "2026-12-01", ["2026-11"]),
        ("2026-01-01", "2027-01-01", ["2026-01..2026-12"]),
        ("2026-10-20", "2026-12-03", ["2026-10-20..2026-10-31", "2026-11", "2026-12-01..2026-12-02"]),
        ("2026-10-20", "2026-12-01", ["2026-10-20..2026-10-31", "2026-11"]),
        ("2026-11-01", "2026-12-02", ["2026-11", "2026-12-01"]),
        ("2026-11-02", "2026-12-01", ["2026-11-02..2026-11-30"]),
        ("2026-11-20", "2026-11-21", ["2026-11-20"]),
        ("2026-10-31", "2026-11-02", ["2026-10-31..2026-11-01"]),
    ],
    ids=range(8),
)
def test_whole_months_are_taken_as_such(first: str, end: str, spans: list[str]) -> None:
    def word(span: int) -> str:
        return month_name(span) if span >= FIRST_MONTH else date_of(span).isoformat()

    found = [
        word(low) if low == high else f"{word(low)}..{word(high)}"
        for low, high in between(first, end).ranges()
    ]
    assert found == spans
    assert between(first, end).whole_months == all(len(span.split("..")[0]) == 7 for span in spans)


# --- earlier periods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "end", "before"),
    [
        ("2026-11-01", "2026-12-01", ("2026-10-01", "2026-11-01")),  # a month is compared with a month
        ("2026-03-01", "2026-04-01", ("2026-02-01", "2026-03-01")),
        ("2026-01-01", "2026-02-01", ("2025-12-01", "2026-01-01")),
        ("2026-11-16", "2026-11-23", ("2026-11-09", "2026-11-16")),  # a week with a week
        ("2026-11-20", "2026-11-21", ("2026-11-19", "2026-11-20")),
        ("2026-11-01", "2026-11-21", ("2026-10-12", "2026-11-01")),  # a part of a month with as many days
    ],
    ids=range(6),
)
def test_the_period_before(first: str, end: str, before: tuple[str, str]) -> None:
    assert told(between(first, end).previous) == before


@given(dates, st.integers(1, 400))
def test_the_period_before_ends_where_this_one_begins(begin: date, length: int) -> None:
    period = Period(day_number(begin), day_number(begin) + length)
    before = period.previous
    assert before.end == period.first and before.days >= 1
    assert before.days == period.days or (period.whole_months and before.whole_months)


@pytest.mark.parametrize(
    ("first", "end", "before"),
    [
        ("2026-11-01", "2026-12-01", ("2025-11-01", "2025-12-01")),
        ("2028-02-29", "2028-03-01", ("2027-02-28", "2027-03-01")),  # a leap day
        ("2028-02-01", "2028-03-01", ("2027-02-01", "2027-03-01")),
        ("2027-02-01", "2027-03-01", ("2026-02-01", "2026-03-01")),
    ],
    ids=range(4),
)
def test_the_same_dates_a_year_earlier(first: str, end: str, before: tuple[str, str]) -> None:
    assert told(between(first, end).last_year) == before


# --- months ------------------------------------------------------------------------------------------------


@given(st.integers(1970, 2200), st.integers(1, 12))
def test_a_month_is_its_own_days(year: int, month: int) -> None:
    number = month_number(f"{year:04d}-{month:02d}")
    assert number is not None and month_name(number) == f"{year:04d}-{month:02d}"
    period = period_of(number)
    first, last = date_of(period.first), date_of(period.end - 1)
    assert (first.year, first.month, first.day) == (year, month, 1)
    assert (last.year, last.month) == (year, month)
    assert (last + timedelta(days=1)).day == 1
    assert period.whole_months and period.ranges() == [(number, number)]


@pytest.mark.parametrize(
    "text", ["2026-00", "2026-13", "26-11", "2026-1", "2026/11", " 2026-11", "2026-11-01", ""]
)
def test_other_spellings_are_no_month(text: str) -> None:
    assert month_number(text) is None
