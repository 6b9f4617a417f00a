"""Bands of a limit: the table of the design, at its edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from services.domain import clocks as ck
from services.domain.bands import BANDS, BandSettings, band_of, read_clock
from services.domain.calendar import WorkCalendar
from services.domain.limits import parse_limit

CN = timezone(timedelta(hours=8))
CALENDAR = WorkCalendar()
SETTINGS = BandSettings()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CN)


@pytest.mark.parametrize(
    ("remaining", "limit_s", "band"),
    [
        (1800, 1800, "ok"),
        (361, 1800, "ok"),
        (360, 1800, "soon"),
        (0, 1800, "soon"),
        (-1, 1800, "over1"),
        (3600, 7200, "ok"),  # the hour counts only where the limit is longer than two hours
        (3600, 7201, "soon"),
        (3601, 14400, "ok"),
        (-86399, 1800, "over1"),
        (-86400, 1800, "over2"),
        (-259199, 1800, "over2"),
        (-259200, 1800, "over3"),
    ],
)
def test_band_edges(remaining: int, limit_s: int, band: str) -> None:
    assert band_of(remaining, limit_s, SETTINGS) == band
    assert band in BANDS


def test_a_working_clock_stands_still_at_noon() -> None:
    clock = ck.start("handle", parse_limit("4wh"), at("2026-11-23T11:00"), CALENDAR)
    reading = read_clock(clock, at("2026-11-23T12:30"), CALENDAR, SETTINGS)
    assert reading is not None
    assert (reading.remaining_s, reading.counting, reading.off_hours) == (3 * 3600, False, True)
    working = read_clock(clock, at("2026-11-23T14:00"), CALENDAR, SETTINGS)
    assert working is not None
    assert working.counting
    assert not working.off_hours


def test_an_overdue_working_clock_counts_by_the_wall() -> None:
    clock = ck.start("handle", parse_limit("1wh"), at("2026-11-20T17:00"), CALENDAR)
    reading = read_clock(clock, at("2026-11-21T18:00"), CALENDAR, SETTINGS)
    assert reading is not None
    assert (reading.band, reading.remaining_s, reading.counting) == ("over2", -86400, True)


def test_an_exclusion_window_stops_a_continuous_clock_without_being_off_hours() -> None:
    window = ck.Pause("window", at("2026-11-20T10:00"), at("2026-11-20T11:00"), "w1")
    clock = ck.start("dispatch", parse_limit("30min"), at("2026-11-20T09:50"), CALENDAR, (window,))
    reading = read_clock(clock, at("2026-11-20T10:30"), CALENDAR, SETTINGS)
    assert reading is not None
    assert (reading.remaining_s, reading.counting, reading.off_hours) == (20 * 60, False, False)


def test_a_frozen_clock_is_suspended_and_a_stopped_one_has_no_reading() -> None:
    clock = ck.start("handle", parse_limit("2uh"), at("2026-11-20T09:00"), CALENDAR)
    frozen = ck.pause(clock, at("2026-11-20T10:00"), CALENDAR)
    reading = read_clock(frozen, datetime(2027, 1, 1, tzinfo=UTC), CALENDAR, SETTINGS)
    assert reading is not None
    assert (reading.band, reading.remaining_s, reading.counting) == ("suspended", 3600, False)
    assert (
        read_clock(ck.stop(clock, at("2026-11-20T10:00")), at("2026-11-20T10:01"), CALENDAR, SETTINGS) is None
    )
