"""Bands and time left of many clocks at once are those the law reads one by one, at every later moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from console.viewmodels.case_columns import CaseColumns
from console.viewmodels.limit_columns import (
    BAND_AT,
    NO_LIMIT,
    ODD,
    PAUSED,
    WALL,
    WORKING,
    WorkedTime,
    limit_facts,
    soon_room,
)
from services.domain.bands import BANDS, BandSettings, read_clock
from services.domain.clocks import Pause, pause, start
from services.domain.limits import Limit
from tests.support.fakes import shipped_rules
from tests.support.many_cases import many

NOW = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
RULES = shipped_rules()
CALENDAR = RULES.calendar
BAND_SETTINGS = BandSettings()


def worked() -> WorkedTime:
    return WorkedTime(CALENDAR, NOW - timedelta(days=1))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("minutes", [0, 1, 7, 29, 31, 61, 240, 700, 1500, 4400, 9000])
def test_bands_move_as_the_law_reads_them(seed: int, minutes: int) -> None:
    entries = many(300, NOW, RULES, seed)
    columns = CaseColumns(worked(), BAND_SETTINGS)
    for entry in entries:
        columns.put(entry, NOW)
    later = NOW + timedelta(minutes=minutes, seconds=seed)
    columns.move_to(later)
    left = columns.remaining(later)
    odd = set(columns.odd().tolist())
    for entry in entries:
        at, clock = columns.slot[entry.case.case_id], entry.case.clock
        assert clock is not None
        reading = read_clock(clock, later, CALENDAR, BAND_SETTINGS)
        assert reading is not None
        if at in odd:
            columns.read_again(at, entry.case.clock, later)
        else:
            assert left[at] == reading.remaining_s
        assert BANDS[columns.band[at]] == reading.band


def test_every_second_around_a_threshold_is_right() -> None:
    clock = start("dispatch", Limit(30, "minute"), NOW, CALENDAR)
    columns = CaseColumns(worked(), BAND_SETTINGS)
    entry = many(1, NOW, RULES)[0]
    facts = limit_facts(clock, NOW, columns.worked, BAND_SETTINGS)
    columns.put(entry, NOW)
    columns._put_limit(0, facts)
    for second in (1439, 1440, 1441, 1799, 1800, 1801, 1800 + 86399, 1800 + 86400, 1800 + 86401):
        moment = NOW + timedelta(seconds=second)
        columns.move_to(moment)
        reading = read_clock(clock, moment, CALENDAR, BAND_SETTINGS)
        assert reading is not None
        assert (second, BANDS[columns.band[0]]) == (second, reading.band)


def test_what_kind_a_clock_is() -> None:
    hour = start("handle", Limit(2, "urgent_hour"), NOW, CALENDAR)
    days = start("handle", Limit(3, "work_day"), NOW, CALENDAR)
    still = pause(days, NOW + timedelta(minutes=5), CALENDAR)
    ahead = Pause("window", NOW + timedelta(hours=1), NOW + timedelta(hours=2), "w1")
    window = start("handle", Limit(3, "work_day"), NOW, CALENDAR, (ahead,))
    kinds = [limit_facts(c, NOW, worked(), BAND_SETTINGS).kind for c in (hour, days, still, window)]
    assert kinds == [WALL, WORKING, PAUSED, ODD]
    assert limit_facts(None, NOW, worked(), BAND_SETTINGS) == NO_LIMIT
    assert NO_LIMIT.band == BAND_AT["ok"]


def test_a_window_that_is_over_leaves_a_clock_even() -> None:
    over = Pause("window", NOW - timedelta(hours=3), NOW - timedelta(hours=1), "w1")
    clock = start("handle", Limit(3, "work_day"), NOW - timedelta(hours=5), CALENDAR, (over,))
    assert limit_facts(clock, NOW, worked(), BAND_SETTINGS).kind == WORKING


def test_soon_is_a_share_or_an_hour() -> None:
    assert soon_room(1800, BAND_SETTINGS) == 360
    assert soon_room(7200, BAND_SETTINGS) == 1440
    assert soon_room(10800, BAND_SETTINGS) == 3600
    assert soon_room(72000, BAND_SETTINGS) == 14400


def test_worked_time_counts_from_its_beginning() -> None:
    time = worked()
    at = int(NOW.timestamp())
    assert time.at(at) == CALENDAR.counted(at - 86400, at, True)
    assert time.at(at + 60) - time.at(at) == 60
    assert time.at(at - 10**7) == 0
    assert np.isfinite(time.at(at))
