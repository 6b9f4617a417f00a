"""Moments and spans in words, as the desk's lists write them (design section 11)."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QCoreApplication

from services.domain.calendar import WorkCalendar

_DAY = 86_400


def tr(text: str) -> str:
    """Translate a word of time."""
    return QCoreApplication.translate("DeskWords", text)


def moment_words(moment: datetime, now: datetime, calendar: WorkCalendar) -> str:
    """Write a moment in the centre's zone: today 16:32, this year 11-23 10:00, else 2025-11-23 10:00."""
    local, today = calendar.local(moment), calendar.local(now)
    if local.date() == today.date():
        return local.strftime("%H:%M")
    return local.strftime("%m-%d %H:%M" if local.year == today.year else "%Y-%m-%d %H:%M")


def span_words(seconds: float) -> str:
    """Write a span: 2 天 3 小时, 4 小时 5 分, 12 分; less than a minute 不到 1 分."""
    minutes = max(0, int(seconds)) // 60
    days, rest = divmod(minutes, _DAY // 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return tr("{d} 天 {h} 小时").format(d=days, h=hours)
    if hours:
        return tr("{h} 小时 {m} 分").format(h=hours, m=minutes)
    return tr("{m} 分").format(m=minutes) if minutes else tr("不到 1 分")
