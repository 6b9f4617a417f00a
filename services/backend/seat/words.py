"""How the web seats write times, numbers and names (design section 11); pure functions."""

from __future__ import annotations

from datetime import date, datetime

from services.domain.calendar import WorkCalendar

_DAY = 86_400
_WEEKDAYS = "一二三四五六日"


def left_text(seconds: int) -> str:
    """Write what is left or late: `余 4:10:36`, `余 2天`, `超 6:12:40`, `超 3天 08:14`; late is negative."""
    if seconds >= _DAY:
        return f"余 {seconds // _DAY}天"
    if seconds >= 0:
        return f"余 {_clock(seconds)}"
    late = -seconds
    if late < _DAY:
        return f"超 {_clock(late)}"
    days, rest = divmod(late, _DAY)
    return f"超 {days}天 {rest // 3600:02d}:{rest % 3600 // 60:02d}"


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}"


def spoken(seconds: int) -> str:
    """Write the same for a screen reader: `余 4 分 52 秒`, `超 3 天 8 小时`."""
    head, whole = ("余", seconds) if seconds >= 0 else ("超", -seconds)
    days, rest = divmod(whole, _DAY)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(days, "天"), (hours, "小时"), (minutes, "分"), (left, "秒")]
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    return f"{head} " + " ".join(f"{amount} {unit}" for amount, unit in parts[:2])


def moment_text(moment: datetime, now: datetime, calendar: WorkCalendar) -> str:
    """Write a moment in the centre's zone: today `14:32`, this year `11-20 14:32`, else with the year."""
    at, today = calendar.local(moment), calendar.local(now)
    if at.date() == today.date():
        return f"{at:%H:%M}"
    return f"{at:%m-%d %H:%M}" if at.year == today.year else f"{at:%Y-%m-%d %H:%M}"


def day_text(day: date) -> str:
    """Write a heading: `11 月 20 日 周五`."""
    return f"{day.month} 月 {day.day} 日 周{_WEEKDAYS[day.weekday()]}"


def number_text(number: str | None, now: datetime, calendar: WorkCalendar) -> str:
    """Write a case number for a list: `1120-0417` in its own year, else in full."""
    if number is None:
        return "—"
    return number[4:] if number.startswith(f"{calendar.local(now):%Y}") and "-" in number else number


def distance_text(metres: float) -> str:
    """Write a distance: `180 米`, from 1,000 m `1.2 公里`."""
    return f"{metres:.0f} 米" if metres < 999.5 else f"{metres / 1000:,.1f} 公里"


def short_text(text: str, most: int) -> str:
    """Cut a text to `most` characters, with an ellipsis where something is missing."""
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def size_text(size: int) -> str:
    """Write the size of a file: `640 KB`, `3.4 MB`."""
    return f"{max(1, size // 1024):,} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
