"""Clocks: the ten worked examples, pauses, extensions, hand-set deadlines, windows; recompute equals increments."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain import clocks as ck
from services.domain.calendar import WorkCalendar, to_s
from services.domain.case_doc import clock_doc, clock_from
from services.domain.clocks import Clock, Pause
from services.domain.errors import CalendarError
from services.domain.limits import UNITS, Limit, parse_limit
from tests.unit.domain.ground import CALENDAR, OCTOBER, at

WORKED = [
    ("2026-11-20 17:30", "2uh", "2026-11-20 19:30"),
    ("2026-11-20 16:00", "4wh", "2026-11-23 10:00"),
    ("2026-11-20 16:00", "1wd", "2026-11-23 16:00"),
    ("2026-11-20 18:00", "2wh", "2026-11-23 10:00"),
    ("2026-11-22 09:00", "2wh", "2026-11-23 10:00"),
    ("2026-11-23 12:30", "2wh", "2026-11-23 16:00"),
    ("2026-11-23 08:00", "4wh", "2026-11-23 12:00"),
]


def started(text: str, limit: str, calendar: WorkCalendar = CALENDAR, *windows: Pause) -> Clock:
    return ck.start("handle", parse_limit(limit), at(text), calendar, windows)


def window(start: str, end: str, ref: str = "w1") -> Pause:
    return Pause("window", at(start), at(end), ref)


@pytest.mark.parametrize(("start", "limit", "due"), WORKED)
def test_worked_examples_of_the_field(start: str, limit: str, due: str) -> None:
    assert started(start, limit).due_at == at(due)


def test_worked_example_with_holidays_and_make_up_day() -> None:
    assert started("2026-09-30 10:00", "5wd", OCTOBER).due_at == at("2026-10-13 10:00")


def test_worked_example_of_suspension() -> None:
    clock = started("2026-11-23 09:00", "4wh")
    assert clock.due_at == at("2026-11-23 15:00")
    frozen = ck.pause(clock, at("2026-11-23 11:00"), CALENDAR)
    assert (frozen.due_at, frozen.frozen_s, frozen.paused, frozen.running) == (None, 7200, True, False)
    assert ck.remaining_s(frozen, at("2026-11-24 11:00"), CALENDAR) == 7200
    assert not ck.is_late(frozen, at("2030-01-01 00:00"))
    resumed = ck.resume(frozen, at("2026-11-25 14:30"), CALENDAR)
    assert resumed.due_at == at("2026-11-25 16:30")


def test_worked_example_of_extension() -> None:
    clock = started("2026-11-23 09:00", "4wh")
    extended = ck.extend(clock, clock.limit, CALENDAR)
    assert extended.due_at == at("2026-11-24 09:00")


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        ("3uh", "2026-11-20 20:00"),
        ("2ud", "2026-11-22 17:00"),
        ("3wh", "2026-11-23 10:00"),
        ("2wd", "2026-11-24 17:00"),
        ("2nd", "2026-11-22 17:00"),
        ("30min", "2026-11-20 17:30"),
        ("1.5wh", "2026-11-23 08:30"),
    ],
)
def test_all_six_units(limit: str, due: str) -> None:
    assert started("2026-11-20 17:00", limit).due_at == at(due)


def test_a_make_up_saturday_counts_and_a_weekday_holiday_does_not() -> None:
    assert started("2026-10-09 17:00", "2wh", OCTOBER).due_at == at("2026-10-10 09:00")
    assert started("2026-10-10 17:00", "2wh", OCTOBER).due_at == at("2026-10-12 09:00")
    assert started("2026-09-30 17:00", "2wh", OCTOBER).due_at == at("2026-10-08 09:00")


def test_late_is_after_the_deadline_to_the_second() -> None:
    clock = started("2026-11-23 09:00", "1wh")
    assert not ck.is_late(clock, at("2026-11-23 10:00"))
    assert not ck.is_late(clock, at("2026-11-23 10:00") + timedelta(microseconds=999_999))
    assert ck.is_late(clock, at("2026-11-23 10:00:01"))


def test_remaining_counts_in_the_clocks_own_time_and_wall_time_when_late() -> None:
    clock = started("2026-11-20 16:00", "4wh")
    assert ck.remaining_s(clock, at("2026-11-20 17:00"), CALENDAR) == 3 * 3600
    assert ck.remaining_s(clock, at("2026-11-21 17:00"), CALENDAR) == 2 * 3600
    assert ck.remaining_s(clock, at("2026-11-23 10:00"), CALENDAR) == 0
    assert ck.remaining_s(clock, at("2026-11-24 10:00"), CALENDAR) == -86400
    stopped = ck.stop(clock, at("2026-11-20 17:00"))
    assert ck.remaining_s(stopped, at("2026-11-20 17:30"), CALENDAR) is None
    assert not stopped.live and not stopped.running and not stopped.paused
    assert ck.run_on(stopped) == clock
    assert ck.remaining_s(replace(clock, due_at=None), at("2026-11-20 17:00"), CALENDAR) is None


def test_fractions_of_a_second_are_cut_off() -> None:
    clock = ck.start(
        "handle", Limit(1, "minute"), at("2026-11-23 09:00") + timedelta(microseconds=7), CALENDAR
    )
    assert clock.started_at == at("2026-11-23 09:00")
    assert clock.due_at == at("2026-11-23 09:01")


def test_a_late_clock_stays_late_by_as_much_over_a_suspension() -> None:
    clock = started("2026-11-23 08:00", "2uh")
    frozen = ck.pause(clock, at("2026-11-23 11:00"), CALENDAR)
    assert frozen.frozen_s == -3600
    resumed = ck.resume(frozen, at("2026-11-25 11:00"), CALENDAR)
    assert ck.remaining_s(resumed, at("2026-11-25 11:00"), CALENDAR) == -3600
    assert to_s(resumed.due_at or at("2000-01-01 00:00")) == ck.due_of(resumed, CALENDAR)


def test_a_continuous_extension_of_a_working_limit_survives_a_suspension_at_night() -> None:
    """Counted in working time the rest would be nothing, and the clock would be late the moment it resumes."""
    clock = ck.extend(started("2026-11-27 16:00", "2wh"), Limit(16, "urgent_hour"), CALENDAR)
    assert clock.due_at == at("2026-11-28 10:00")
    frozen = ck.pause(clock, at("2026-11-27 19:00"), CALENDAR)
    assert frozen.frozen_s == 15 * 3600
    resumed = ck.resume(frozen, at("2026-11-30 09:00"), CALENDAR)
    assert resumed.due_at == at("2026-12-01 00:00")


def test_an_extension_in_another_unit_leaves_both_parts_in_the_remaining_time() -> None:
    clock = ck.extend(started("2026-11-27 16:00", "2wh"), Limit(16, "urgent_hour"), CALENDAR)
    assert ck.remaining_s(clock, at("2026-11-27 17:00"), CALENDAR) == 17 * 3600
    assert ck.remaining_s(clock, at("2026-11-27 20:00"), CALENDAR) == 14 * 3600


def test_a_frozen_clock_cannot_be_extended() -> None:
    frozen = ck.pause(started("2026-11-23 09:00", "4wh"), at("2026-11-23 10:00"), CALENDAR)
    with pytest.raises(ValueError, match="paused"):
        ck.extend(frozen, frozen.limit, CALENDAR)


def test_a_deadline_set_by_hand_contains_earlier_extensions_and_takes_later_ones() -> None:
    clock = ck.extend(started("2026-11-23 09:00", "4wh"), Limit(1, "work_day"), CALENDAR)
    fixed = ck.set_due(clock, at("2026-11-30 12:00"), at("2026-11-23 10:00"))
    assert (fixed.due_at, fixed.extensions) == (at("2026-11-30 12:00"), ())
    extended = ck.extend(fixed, Limit(4, "work_hour"), CALENDAR)
    assert extended.due_at == at("2026-11-30 18:00")
    assert ck.due_of(extended, CALENDAR) == to_s(at("2026-11-30 18:00"))
    assert ck.change_limit(extended, Limit(1, "work_day"), CALENDAR).due_at == at(
        "2026-11-24 14:00"
    ) + timedelta(hours=1)


def test_a_hand_set_deadline_moves_with_a_later_suspension_but_not_with_an_earlier_one() -> None:
    clock = ck.pause(started("2026-11-23 09:00", "4wh"), at("2026-11-23 10:00"), CALENDAR)
    clock = ck.resume(clock, at("2026-11-24 10:00"), CALENDAR)
    fixed = ck.set_due(clock, at("2026-11-25 12:00"), at("2026-11-24 11:00"))
    assert ck.due_of(fixed, CALENDAR) == to_s(at("2026-11-25 12:00"))
    frozen = ck.pause(fixed, at("2026-11-25 10:00"), CALENDAR)
    resumed = ck.resume(frozen, at("2026-11-26 10:00"), CALENDAR)
    assert resumed.due_at == at("2026-11-26 12:00")
    assert ck.due_of(resumed, CALENDAR) == to_s(at("2026-11-26 12:00"))


def test_windows_known_at_the_start_do_not_count_and_those_over_are_left_out() -> None:
    over = window("2026-11-20 08:00", "2026-11-21 08:00", "old")
    clock = started("2026-11-23 09:00", "4wh", CALENDAR, over, window("2026-11-23 10:00", "2026-11-23 15:00"))
    assert [pause.ref for pause in clock.pauses] == ["w1"]
    assert clock.due_at == at("2026-11-23 18:00")


def test_a_window_declared_later_moves_the_deadline_once() -> None:
    clock = started("2026-11-23 09:00", "4wh")
    typhoon = window("2026-11-23 10:00", "2026-11-23 15:00")
    moved = ck.add_windows(clock, [typhoon], CALENDAR)
    assert moved.due_at == at("2026-11-23 18:00")
    assert ck.add_windows(moved, [typhoon], CALENDAR) is moved
    assert ck.add_windows(clock, [window("2026-11-20 08:00", "2026-11-23 09:00")], CALENDAR) is clock


def test_a_window_does_not_move_a_deadline_set_by_hand() -> None:
    fixed = ck.set_due(started("2026-11-23 09:00", "4wh"), at("2026-11-24 12:00"))
    assert ck.add_windows(fixed, [window("2026-11-23 10:00", "2026-11-23 15:00")], CALENDAR) is fixed


def test_a_window_declared_while_frozen_gives_back_the_time_it_covers() -> None:
    frozen = ck.pause(started("2026-11-23 09:00", "4wh"), at("2026-11-23 11:00"), CALENDAR)
    later = window("2026-11-24 09:00", "2026-11-24 12:00", "later")
    earlier = window("2026-11-23 10:00", "2026-11-23 10:30", "earlier")
    moved = ck.add_windows(frozen, [later, earlier], CALENDAR)
    assert (moved.frozen_s, moved.due_at, moved.paused) == (7200 + 1800, None, True)
    resumed = ck.resume(moved, at("2026-11-25 14:30"), CALENDAR)
    assert resumed.due_at == at("2026-11-25 17:00")
    assert [p.end for p in resumed.suspensions] == [at("2026-11-25 14:30")]


def test_another_limit_counts_from_the_clocks_own_start() -> None:
    clock = started("2026-11-23 09:00", "4wh")
    assert ck.change_limit(clock, Limit(1, "work_day"), CALENDAR).due_at == at("2026-11-24 09:00")
    frozen = ck.pause(clock, at("2026-11-23 11:00"), CALENDAR)
    changed = ck.change_limit(frozen, Limit(1, "work_day"), CALENDAR)
    assert (changed.frozen_s, changed.due_at) == (6 * 3600, None)
    assert ck.resume(changed, at("2026-11-25 08:00"), CALENDAR).due_at == at("2026-11-25 16:00")


def test_a_frozen_clock_with_windows_ahead_finds_its_own_suspension() -> None:
    clock = started("2026-11-23 09:00", "4wh")
    frozen = ck.pause(clock, at("2026-11-23 11:00"), CALENDAR)
    ahead = ck.add_windows(frozen, [window("2026-11-30 08:00", "2026-11-30 18:00")], CALENDAR)
    assert ck.change_limit(ahead, Limit(8, "work_hour"), CALENDAR).frozen_s == 6 * 3600


def test_a_clock_without_deadline_and_without_suspension_is_left_alone() -> None:
    bare = replace(started("2026-11-23 09:00", "4wh"), due_at=None)
    assert ck.change_limit(bare, Limit(8, "work_hour"), CALENDAR).due_at is None


def test_a_limit_no_calendar_can_hold_is_an_error_of_the_calendar() -> None:
    with pytest.raises(CalendarError):
        started("2026-11-23 09:00", "100000wd")
    never = Pause("window", at("2026-11-23 10:00"), None, "open")
    with pytest.raises(CalendarError):
        started("2026-11-23 09:00", "4wh", CALENDAR, never)


# --- the ledger and the increments tell the same -----------------------------------------------------

_LIMITS = st.builds(Limit, st.integers(1, 40), st.sampled_from(sorted(UNITS))).filter(
    lambda limit: limit.seconds() <= 20 * 86400
)


@st.composite
def histories(draw: st.DrawFn, *, same_unit: bool = False) -> tuple[Clock, datetime]:
    """A clock with a random legal history, and the moment of its last event; at most one step a second."""
    now = at("2026-09-28 00:00") + timedelta(seconds=draw(st.integers(0, 14 * 86400)))
    windows = tuple(
        Pause("window", start, start + timedelta(minutes=draw(st.integers(1, 3000))), f"w{n}")
        for n in range(draw(st.integers(0, 2)))
        for start in [now + timedelta(minutes=draw(st.integers(-2000, 6000)))]
    )
    clock = ck.start("handle", draw(_LIMITS), now, OCTOBER, windows)
    for step in draw(st.lists(st.sampled_from(["suspend", "extend", "fix", "window"]), max_size=4)):
        now += timedelta(seconds=draw(st.integers(1, 3 * 86400)))
        if step == "suspend":
            clock = ck.pause(clock, now, OCTOBER)
            now += timedelta(seconds=draw(st.integers(1, 5 * 86400)))
            clock = ck.resume(clock, now, OCTOBER)
        elif step == "extend" and not ck.is_late(clock, now):
            more = draw(_LIMITS)
            if same_unit and more.working != clock.limit.working:
                more = clock.limit
            clock = ck.extend(clock, more, OCTOBER, now)
        elif step == "fix":
            clock = ck.set_due(clock, now + timedelta(minutes=draw(st.integers(-500, 9000))), now)
        elif step == "window":
            start = now + timedelta(minutes=draw(st.integers(-500, 500)))
            stretch = Pause(
                "window", start, start + timedelta(minutes=draw(st.integers(1, 2000))), f"late{now}"
            )
            clock = ck.add_windows(clock, [stretch], OCTOBER)
    return clock, now


@given(histories())
def test_the_ledger_gives_the_deadline_the_increments_gave(history: tuple[Clock, datetime]) -> None:
    clock, _ = history
    assert clock.due_at is not None
    assert ck.due_of(clock, OCTOBER) == to_s(clock.due_at)


@given(histories(), st.integers(1, 9 * 86400))
def test_a_suspension_neither_takes_nor_gives_time(history: tuple[Clock, datetime], gap: int) -> None:
    clock, now = history
    frozen = ck.pause(clock, now, OCTOBER)
    resumed = ck.resume(frozen, now + timedelta(seconds=gap), OCTOBER)
    if frozen.frozen_s == 0:  # due in a stretch that does not count: it resumes at the next one that does
        return
    assert ck.remaining_s(resumed, now + timedelta(seconds=gap), OCTOBER) == frozen.frozen_s


@given(histories())
def test_the_document_of_a_clock_gives_it_back(history: tuple[Clock, datetime]) -> None:
    clock, now = history
    for form in (clock, ck.pause(clock, now, OCTOBER), ck.stop(clock, now)):
        assert clock_from("handle", clock_doc(form)) == form


def test_what_counted_before_an_open_pause_can_be_asked() -> None:
    """A case that is suspended now: the used part of its limit ends where the pause began."""
    start, pause = at("2026-11-23T09:00"), at("2026-11-23T11:00")
    gaps = ((to_s(pause), None),)
    later = to_s(at("2026-12-01T10:00"))
    assert CALENDAR.counted(to_s(start), later, True, gaps) == 2 * 3600
    assert CALENDAR.counted(to_s(start), later, False, gaps) == 2 * 3600
