"""Reading `calendar.toml`: slots, week, the year's holidays and make-up days (domain section 6.2)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from services.backend.reference.tables import Table, read_toml

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_LONGEST_HOLIDAY = 31


def load_calendar(path: Path) -> dict[str, Any]:
    """Read a calendar file: slots, week, holidays and make-up days; raises ReferenceDataError.

    A list of one year in the same layout (only `holidays` and `workdays`) can be read too: what it leaves out
    has the shipped default.
    """
    table = read_toml(path)
    table.only("zone", "slots", "week", "day_hours", "holidays", "workdays")
    values = table.values
    return {
        "zone": table.need("zone", str, "时区名") if "zone" in values else "Asia/Shanghai",
        "slots": _slots(table),
        "week": _week(table),
        "day_hours": _hours(table),
        "holidays": _holidays(table),
        "workdays": _workdays(table),
    }


def _slots(table: Table) -> list[list[str]]:
    """Return the slots as pairs of HH:MM; order and overlap are checked by the calendar itself."""
    slots = table.values.get("slots", [["08:00", "12:00"], ["14:00", "18:00"]])
    for slot in slots if isinstance(slots, list) else [None]:
        if (
            not isinstance(slot, list)
            or len(slot) != 2
            or not all(isinstance(t, str) and _CLOCK.fullmatch(t) for t in slot)
        ):
            raise table.wrong("slots", '应为 [["08:00", "12:00"], …]')
    return [list(slot) for slot in slots]


def _week(table: Table) -> list[int]:
    """Return the working weekdays."""
    week = table.values.get("week", [0, 1, 2, 3, 4])
    if not isinstance(week, list) or not all(type(day) is int and 0 <= day <= 6 for day in week):
        raise table.wrong("week", "应为 0（星期一）到 6 的整数")
    return sorted(set(week))


def _hours(table: Table) -> float:
    """Return the hours of a work day."""
    hours = table.values.get("day_hours", 8)
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 24:
        raise table.wrong("day_hours", "应为大于 0、不超过 24 的数")
    return hours


def _dated(entry: Table, *keys: str) -> tuple[str, list[date]]:
    """Return name and days of one entry after checking its year and source."""
    entry.only("name", "year", "source", *keys)
    name = entry.need("name", str, "文字")
    entry.need("source", str, "文字")
    days = [entry.day(key) for key in keys]
    if any(day.year != entry.need("year", int, "年份") for day in days):
        raise entry.wrong("year", "与日期的年份不一致")
    return name, days


def _holidays(table: Table) -> list[dict[str, Any]]:
    """Return the days off, one entry a day."""
    found: dict[str, str] = {}
    for entry in table.tables("holidays"):
        name, (first, last) = _dated(entry, "from", "to")
        length = (last - first).days + 1
        if not 1 <= length <= _LONGEST_HOLIDAY:
            raise entry.wrong("to", f"应不早于 from，且不超过 {_LONGEST_HOLIDAY} 天")
        for offset in range(length):
            day = (first + timedelta(days=offset)).isoformat()
            if day in found:
                raise entry.wrong("from", f"{day} 重复")
            found[day] = name
    return [{"date": day, "name": name} for day, name in sorted(found.items())]


def _workdays(table: Table) -> list[dict[str, Any]]:
    """Return the make-up days."""
    found: dict[str, str] = {}
    off = {entry["date"] for entry in _holidays(table)}
    for entry in table.tables("workdays"):
        name, (day,) = _dated(entry, "date")
        if day.isoformat() in found or day.isoformat() in off:
            raise entry.wrong("date", f"{day} 重复，或同时列为节假日")
        found[day.isoformat()] = name
    return [{"date": day, "name": name} for day, name in sorted(found.items())]
