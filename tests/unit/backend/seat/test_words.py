"""Times, numbers and distances as the seats write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.backend.seat import words
from services.domain.calendar import WorkCalendar

NOW = datetime(2026, 11, 20, 6, 32, tzinfo=UTC)
CALENDAR = WorkCalendar()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "余 0:00:00"), (292, "余 0:04:52"), (15036, "余 4:10:36"), (86399, "余 23:59:59"), (86400, "余 1天"),
        (2 * 86400 + 5, "余 2天"), (-1, "超 0:00:01"), (-22360, "超 6:12:40"), (-86400, "超 1天 00:00"),
        (-(3 * 86400 + 8 * 3600 + 14 * 60), "超 3天 08:14"),
    ],
)  # fmt: skip
def test_countdown(seconds: int, text: str) -> None:
    assert words.left_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (292, "余 4 分 52 秒"),
        (0, "余 0 秒"),
        (-7, "超 7 秒"),
        (3600, "余 1 小时 0 分"),
        (-(3 * 86400 + 3600), "超 3 天 1 小时"),
    ],
)
def test_countdown_for_a_screen_reader(seconds: int, text: str) -> None:
    assert words.spoken(seconds) == text


def test_moments_are_as_short_as_they_can_be() -> None:
    for moment, text in (
        (NOW, "14:32"),
        (NOW - timedelta(hours=14, minutes=33), "11-19 23:59"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "01-01 00:00"),
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025-12-31 23:59"),
    ):
        assert words.moment_text(moment, NOW, CALENDAR) == text


def test_numbers_drop_the_year_they_were_given_in() -> None:
    assert words.number_text("20261120-0417", NOW, CALENDAR) == "1120-0417"
    assert words.number_text("20251120-0417", NOW, CALENDAR) == "20251120-0417"
    assert words.number_text("2026X", NOW, CALENDAR) == "2026X"
    assert words.number_text(None, NOW, CALENDAR) == "—"


def test_distances_sizes_days_and_cut_texts() -> None:
    assert words.distance_text(0.2) == "0 米"
    assert words.distance_text(999.4) == "999 米"
    assert words.distance_text(999.6) == "1.0 公里"
    assert words.distance_text(12345) == "12.3 公里"
    assert words.size_text(10) == "1 KB"
    assert words.size_text(700 * 1024) == "700 KB"
    assert words.size_text(3 * 1024 * 1024 + 400 * 1024) == "3.4 MB"
    assert words.day_text(date(2026, 11, 20)) == "11 月 20 日 周五"
    assert words.short_text("  路面\n 积水 ", 10) == "路面 积水"
    assert words.short_text("一二三四五六", 5) == "一二三四…"
