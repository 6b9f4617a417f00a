"""Moments and spans in words: in the centre's zone, as short as the day allows, never negative."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.desk.words import moment_words, span_words
from tests.support.fakes import NOW, shipped_rules

CALENDAR = shipped_rules().calendar


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "09:30"),
        (NOW - timedelta(hours=9, minutes=30), "00:00"),
        (NOW - timedelta(hours=9, minutes=31), "11-19 23:59"),
        (NOW + timedelta(hours=14, minutes=29), "23:59"),
        (NOW + timedelta(hours=14, minutes=30), "11-21 00:00"),
        (datetime(2026, 1, 1, 4, 0, tzinfo=UTC), "01-01 12:00"),
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025-12-31 23:59"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "01-01 00:00"),
        (datetime(2027, 1, 1, 0, 0, tzinfo=UTC), "2027-01-01 08:00"),
    ],
    ids=["now", "midnight", "yesterday", "tonight", "tomorrow", "this_year", "last_year", "its_eve", "next"],
)
def test_a_moment_is_as_short_as_its_day_allows(moment: datetime, words: str) -> None:
    assert moment_words(moment, NOW, CALENDAR) == words


def test_the_day_is_the_centres_not_that_of_utc() -> None:
    """At 07:00 in the centre it is still yesterday in UTC."""
    morning = datetime(2026, 11, 19, 23, 0, tzinfo=UTC)
    assert moment_words(morning, NOW, CALENDAR) == "07:00"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "不到 1 分"), (59, "不到 1 分"), (-300, "不到 1 分"), (60, "1 分"), (12 * 60 + 59, "12 分"),
        (3600, "1 小时 0 分"), (4 * 3600 + 5 * 60, "4 小时 5 分"), (86_399, "23 小时 59 分"),
        (86_400, "1 天 0 小时"), (2 * 86_400 + 3 * 3600 + 1800, "2 天 3 小时"), (60.9, "1 分"),
    ],
)  # fmt: skip
def test_a_span_is_said_in_its_two_largest_units(seconds: float, words: str) -> None:
    assert span_words(seconds) == words


@settings(max_examples=25)
@given(st.integers(60, 400 * 86_400))
def test_what_a_span_says_is_less_than_a_unit_away(seconds: int) -> None:
    parts = span_words(seconds).split()
    unit = {"天": 86_400, "小时": 3600, "分": 60}
    said = sum(int(number) * unit[name] for number, name in zip(parts[::2], parts[1::2], strict=True))
    smallest = unit[parts[-1]]
    assert 0 <= seconds - said < smallest
