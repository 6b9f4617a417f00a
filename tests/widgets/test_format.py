"""How numbers, dates and spans are written, case by case."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from widgets import format as fmt

BEIJING = timezone(timedelta(hours=8))
NOW = datetime(2026, 11, 20, 14, 32, 8, tzinfo=BEIJING)
H, D = 3600, 86400


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "余 0:00:00"),
        (-5, "余 0:00:00"),
        (0.2, "余 0:00:01"),
        (1, "余 0:00:01"),
        (59, "余 0:00:59"),
        (60, "余 0:01:00"),
        (292, "余 0:04:52"),
        (291.4, "余 0:04:52"),
        (15036, "余 4:10:36"),
        (D - 1, "余 23:59:59"),
        (D - 0.5, "余 1天"),
        (D, "余 1天"),
        (2 * D - 1, "余 1天"),
        (2 * D, "余 2天"),
        (400 * D, "余 400天"),
    ],
)
def test_remaining(seconds: float, text: str) -> None:
    assert fmt.remaining(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "screen", "wall"),
    [
        (0, "超 0:00:00", "超 0:00:00"),
        (0.9, "超 0:00:00", "超 0:00:00"),
        (22360, "超 6:12:40", "超 6:12:40"),
        (D - 1, "超 23:59:59", "超 23:59:59"),
        (D, "超 1天 00:00", "超 1天 0时"),
        (D + 19 * H + 5 * 60, "超 1天 19:05", "超 1天 19时"),
        (3 * D + 8 * H + 14 * 60 + 59, "超 3天 08:14", "超 3天 8时"),
        (3 * D + 21 * H, "超 3天 21:00", "超 3天 21时"),
        (-3, "超 0:00:00", "超 0:00:00"),
    ],
)
def test_overdue(seconds: float, screen: str, wall: str) -> None:
    assert fmt.overdue(seconds) == screen
    assert fmt.overdue(seconds, wall=True) == wall


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 秒"),
        (52, "52 秒"),
        (292, "4 分 52 秒"),
        (H + 61, "1 小时 1 分"),
        (2 * D + 3 * H, "2 天 3 小时"),
        (-9, "0 秒"),
    ],
)
def test_span_words(seconds: float, text: str) -> None:
    assert fmt.span_words(seconds) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (NOW, "14:32"),
        (NOW.replace(hour=0, minute=0), "00:00"),
        (NOW - timedelta(days=1), "11-19 14:32"),
        (NOW.replace(month=1, day=2), "01-02 14:32"),
        (NOW.replace(year=2025), "2025-11-20 14:32"),
        (NOW + timedelta(days=60), "2027-01-19 14:32"),
    ],
)
def test_moment_text(moment: datetime, text: str) -> None:
    assert fmt.moment_text(moment, NOW) == text


def test_time_of_day() -> None:
    assert fmt.time_of_day(NOW) == "14:32"
    assert fmt.time_of_day(NOW, seconds=True) == "14:32:08"
    assert fmt.time_of_day(NOW.astimezone(UTC)) == "06:32"  # in the zone it carries


@pytest.mark.parametrize(
    ("day", "short", "long"),
    [
        (date(2026, 11, 16), "周一", "星期一"),
        (date(2026, 11, 17), "周二", "星期二"),
        (date(2026, 11, 18), "周三", "星期三"),
        (date(2026, 11, 19), "周四", "星期四"),
        (date(2026, 11, 20), "周五", "星期五"),
        (date(2026, 11, 21), "周六", "星期六"),
        (date(2026, 11, 22), "周日", "星期日"),
    ],
)
def test_weekday(day: date, short: str, long: str) -> None:
    assert fmt.weekday(day) == short
    assert fmt.weekday(day, long=True) == long


def test_dates_of_headings() -> None:
    day = date(2026, 11, 20)
    assert fmt.date_heading(day) == "11 月 20 日 周五"
    assert fmt.date_short(day) == "11-20 周五"
    assert fmt.date_full(day) == "2026 年 11 月 20 日 星期五"


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=-4), "0 秒前"),
        (timedelta(0), "0 秒前"),
        (timedelta(seconds=3.9), "3 秒前"),
        (timedelta(seconds=59), "59 秒前"),
        (timedelta(seconds=60), "1 分钟前"),
        (timedelta(minutes=25), "25 分钟前"),
        (timedelta(minutes=59, seconds=59), "59 分钟前"),
        (timedelta(hours=2), "2 小时前"),
        (timedelta(hours=23, minutes=59), "23 小时前"),
        (timedelta(days=1), "11-19 14:32"),
        (timedelta(days=366), "2025-11-19 14:32"),
    ],
)
def test_age(before: timedelta, text: str) -> None:
    assert fmt.age(NOW - before, NOW) == text


@pytest.mark.parametrize(
    ("seconds", "call", "wait"),
    [
        (0, "0:00", "0 秒"),
        (11, "0:11", "11 秒"),
        (151, "2:31", "151 秒"),
        (3600, "60:00", "3600 秒"),
        (-1, "0:00", "0 秒"),
    ],
)
def test_durations(seconds: int, call: str, wait: str) -> None:
    assert fmt.call_duration(timedelta(seconds=seconds)) == call
    assert fmt.wait(timedelta(seconds=seconds)) == wait


@pytest.mark.parametrize(
    ("number", "screen", "wall"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (33385, "33,385", "33,385"),
        (99999, "99,999", "99,999"),
        (100000, "100,000", "10.0 万"),
        (190000, "190,000", "19.0 万"),
        (-1234, "−1,234", "−1,234"),
    ],
)
def test_count(number: int, screen: str, wall: str) -> None:
    assert fmt.count(number) == screen
    assert fmt.count(number, wall=True) == wall


@pytest.mark.parametrize(
    ("part", "whole", "screen", "report"),
    [
        (0, 0, "—", "—"),
        (5, 0, "—", "—"),
        (0, 10, "0%", "0%"),
        (10, 10, "100%", "100%"),
        (875, 1000, "87.5%", "87.50%"),
        (8752, 10000, "87.5%", "87.52%"),
        (38, 10000, "0.38%", "0.38%"),
        (9996, 10000, "99.9%", "99.96%"),
        (99999, 100000, "99.9%", "99.99%"),
        (999999, 1000000, "99.9%", "99.99%"),
        (15, 10, "150.0%", "150.00%"),
        (-34, 1000, "−3.4%", "−3.40%"),
    ],
)
def test_rate(part: float, whole: float, screen: str, report: str) -> None:
    """100% appears only when it is exact; without denominator there is no rate."""
    assert fmt.rate(part, whole) == screen
    assert fmt.rate(part, whole, report=True) == report


@pytest.mark.parametrize(
    ("difference", "text"),
    [(-3.4, "−3.4"), (0.6, "+0.6"), (0, "0.0"), (-0.04, "0.0"), (0.04, "0.0"), (12, "+12.0")],
)
def test_points(difference: float, text: str) -> None:
    assert fmt.points(difference) == text


@pytest.mark.parametrize(
    ("metres", "text"),
    [
        (0, "0 米"),
        (180, "180 米"),
        (999.4, "999 米"),
        (999.6, "1.0 公里"),
        (1000, "1.0 公里"),
        (1249, "1.2 公里"),
        (15100, "15.1 公里"),
    ],
)
def test_distance(metres: float, text: str) -> None:
    assert fmt.distance(metres) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("20261120-0417", "1120-0417"),
        ("20251120-0417", "20251120-0417"),
        ("20261120-10417", "1120-10417"),
        ("2026", "2026"),
        ("", ""),
        ("草-019", "草-019"),
    ],
)
def test_short_number(number: str, text: str) -> None:
    assert fmt.short_number(number, 2026) == text


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (2, "紧急工作时", "2 紧急工作时"),
        (4.0, "工作时", "4 工作时"),
        (0.5, "工作日", "0.5 工作日"),
        (30, "分钟", "30 分钟"),
    ],
)
def test_limit_amount(amount: float, unit: str, text: str) -> None:
    assert fmt.limit_amount(amount, unit) == text


def test_the_minus_is_a_true_minus() -> None:
    assert fmt.signed("-3") == "−3"
    assert fmt.signed("3-4") == "3-4"
    assert fmt.MINUS == "\u2212"
