"""The working calendar against a slow oracle that looks at every minute, and at the edges of its intervals."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.calendar import WorkCalendar, from_s, merge, to_s
from services.domain.errors import CalendarError
from tests.unit.domain.ground import CALENDAR, CN, OCTOBER, at

BASE = at("2026-09-28 00:00")
BASE_S = to_s(BASE)
ODD = WorkCalendar(
    [(time(0), time(3)), (time(3), time(3, 30)), (time(22), time(23, 59))],
    holidays=frozenset({date(2026, 9, 29)}),
    workdays=frozenset({date(2026, 10, 4)}),
    week=frozenset({0, 1, 2, 5}),
    day_hours=6.5,
)
CALENDARS = {"shipped": CALENDAR, "october": OCTOBER, "odd": ODD}


def works(calendar: WorkCalendar, minute: int) -> bool:
    """The oracle: does the minute that begins here count, by the words of domain section 6.2."""
    wall = datetime.fromtimestamp(minute * 60, CN)
    day = wall.date()
    if day in calendar.workdays:
        open_day = True
    elif day in calendar.holidays:
        open_day = False
    else:
        open_day = day.weekday() in calendar.week
    return open_day and any(a <= wall.time() < b for a, b in calendar.slots)


def counts(calendar: WorkCalendar, minute: int, working: bool, gaps: list[tuple[int, int]]) -> bool:
    if any(a <= minute * 60 < b for a, b in gaps):
        return False
    return works(calendar, minute) if working else True


gaps_in_minutes = st.lists(
    st.tuples(st.integers(0, 12 * 1440), st.integers(0, 2000)).map(
        lambda pair: (BASE_S + pair[0] * 60, BASE_S + (pair[0] + pair[1]) * 60)
    ),
    max_size=4,
)
named_calendars = st.sampled_from(sorted(CALENDARS))


@given(named_calendars, st.integers(0, 9000), st.integers(0, 6000), st.booleans(), gaps_in_minutes)
def test_counted_minutes_are_those_the_oracle_counts(
    name: str, start: int, length: int, working: bool, gaps: list[tuple[int, int]]
) -> None:
    calendar, first = CALENDARS[name], BASE_S // 60 + start
    wanted = sum(counts(calendar, first + n, working, gaps) for n in range(length))
    got = calendar.counted(first * 60, (first + length) * 60, working, merge(gaps))
    assert got == wanted * 60


@given(named_calendars, st.integers(0, 9000), st.integers(1, 900), st.booleans(), gaps_in_minutes)
def test_the_due_minute_is_the_one_the_oracle_finds(
    name: str, start: int, minutes: int, working: bool, gaps: list[tuple[int, int]]
) -> None:
    calendar, at_minute = CALENDARS[name], BASE_S // 60 + start
    left = minutes
    while left:
        left -= counts(calendar, at_minute, working, gaps)
        at_minute += 1
    assert calendar.add((BASE_S // 60 + start) * 60, minutes * 60, working, merge(gaps)) == at_minute * 60


@given(named_calendars, st.integers(0, 9000 * 60), st.integers(1, 200_000), st.booleans(), gaps_in_minutes)
def test_add_and_counted_are_inverse_to_the_second(
    name: str, start: int, seconds: int, working: bool, gaps: list[tuple[int, int]]
) -> None:
    calendar, merged = CALENDARS[name], merge(gaps)
    due = calendar.add(BASE_S + start, seconds, working, merged)
    assert calendar.counted(BASE_S + start, due, working, merged) == seconds
    assert calendar.counted(BASE_S + start, due - 1, working, merged) == seconds - 1


@given(st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 40))), max_size=8))
def test_merged_gaps_cover_the_same_seconds_and_stand_apart(gaps: list[tuple[int, int | None]]) -> None:
    merged = merge(gaps)
    for second in range(50):
        covered = any(a <= second and (b is None or second < b) for a, b in gaps)
        assert covered == any(a <= second and (b is None or second < b) for a, b in merged)
    for (_, end), (start, _) in pairwise(merged):
        assert end is not None and end < start
    assert all(b is None or a < b for a, b in merged)


def test_a_limit_that_ends_at_noon_is_due_at_noon() -> None:
    assert from_s(CALENDAR.add(to_s(at("2026-11-23 08:00")), 4 * 3600, True)) == at("2026-11-23 12:00")


def test_nothing_to_count_is_due_at_once_and_backwards_counts_nothing() -> None:
    start = to_s(at("2026-11-22 09:00"))
    assert CALENDAR.add(start, 0, True) == start
    assert CALENDAR.add(start, -5, True) == start
    assert CALENDAR.counted(start, start, True) == 0
    assert CALENDAR.counted(start, start - 100, False) == 0


def test_what_is_left_of_a_far_deadline_can_always_be_told() -> None:
    monday = at("2026-11-23 08:00")
    weeks = 52 * 30
    far = to_s(monday + timedelta(weeks=weeks))
    assert CALENDAR.counted(to_s(monday), far, True) == weeks * 5 * 8 * 3600
    # the last moment before which a day of work begins, and one in the middle of it
    assert CALENDAR.counted(to_s(monday), far + 90 * 60, True) == weeks * 5 * 8 * 3600 + 90 * 60
    assert list(CALENDAR.spans(to_s(monday), True, to_s(monday) + 1)) == [
        (to_s(at("2026-11-23 08:00")), to_s(at("2026-11-23 12:00"))),
        (to_s(at("2026-11-23 14:00")), to_s(at("2026-11-23 18:00"))),
    ]


def test_a_make_up_day_beats_a_holiday_and_a_holiday_beats_the_week() -> None:
    both = WorkCalendar(holidays=frozenset({date(2026, 11, 28)}), workdays=frozenset({date(2026, 11, 28)}))
    assert both.is_working_day(date(2026, 11, 28))
    assert not OCTOBER.is_working_day(date(2026, 10, 1))
    assert OCTOBER.is_working_day(date(2026, 10, 10))
    assert not OCTOBER.is_working_day(date(2026, 10, 11))
    assert OCTOBER.day_spans(date(2026, 10, 1)) == ()
    assert OCTOBER.day_spans(date(2026, 10, 10)) is OCTOBER.day_spans(date(2026, 10, 10))


def test_seconds_are_cut_not_rounded() -> None:
    assert to_s(datetime(1970, 1, 1, 0, 0, 1, 999_999, UTC)) == 1
    assert to_s(datetime(1969, 12, 31, 23, 59, 59, 500_000, UTC)) == -1
    assert CALENDAR.local(datetime(2026, 11, 20, 1, tzinfo=UTC)).hour == 9


def test_slots_follow_the_wall_clock_of_a_zone_with_summer_time() -> None:
    berlin = WorkCalendar([(time(1), time(4))], week=frozenset(range(7)), zone="Europe/Berlin")
    (span,) = berlin.day_spans(date(2026, 3, 29))
    assert span[1] - span[0] == 2 * 3600  # the hour from two to three does not exist that night
    (span,) = berlin.day_spans(date(2026, 10, 25))
    assert span[1] - span[0] == 4 * 3600


@pytest.mark.parametrize(
    "slots",
    [[], [(time(8), time(8))], [(time(12), time(8))], [(time(8), time(12)), (time(11), time(18))]],
)
def test_slots_that_hold_no_time_or_overlap_are_refused(slots: list[tuple[time, time]]) -> None:
    with pytest.raises(CalendarError):
        WorkCalendar(slots)


def test_a_day_without_hours_is_refused() -> None:
    with pytest.raises(CalendarError):
        WorkCalendar(day_hours=0)


def test_a_calendar_without_working_days_has_no_due_time() -> None:
    idle = WorkCalendar(week=frozenset())
    with pytest.raises(CalendarError, match="工作时间"):
        idle.add(BASE_S, 60, True)
    assert idle.add(BASE_S, 60, False) == BASE_S + 60


def test_behind_a_gap_without_end_there_is_no_due_time() -> None:
    forever = merge([(BASE_S + 10, None)])
    assert CALENDAR.add(BASE_S, 10, False, forever) == BASE_S + 10
    with pytest.raises(CalendarError):
        CALENDAR.add(BASE_S, 11, False, forever)
    with pytest.raises(CalendarError, match="日历之外"):
        CALENDAR.add(BASE_S, 1 << 40, False)
    with pytest.raises(CalendarError, match="日历之外"):
        CALENDAR.add(BASE_S, 1 << 39, False)
    assert CALENDAR.counted(BASE_S, BASE_S + 100, False, forever) == 10


def test_due_times_of_any_second_move_with_the_start() -> None:
    """A later start is never due earlier."""
    dues = [CALENDAR.add(to_s(at("2026-11-20 11:59:58")) + n, 3601, True) for n in range(5)]
    assert dues == sorted(dues)
    assert from_s(dues[0]) - at("2026-11-20 14:59:59") == timedelta(0)
