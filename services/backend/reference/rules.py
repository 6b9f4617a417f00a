"""The `Rules` of the domain from a `/reference` document, wherever the document came from.

The document may have been edited by an administrator or sent by another centre, so everything is checked; a
ReferenceDataError names the place in the document, for example `categories[3].conditions[0].limit`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.domain.calendar import WorkCalendar
from services.domain.clocks import CLOCKS
from services.domain.errors import DomainError, ReferenceDataError
from services.domain.limits import Limit
from services.domain.payloads import PAYLOADS
from services.domain.reference import (
    Category,
    Department,
    ExclusionWindow,
    FilingCondition,
    Rules,
    Settings,
)


class _At:
    """A place in the document; turns what goes wrong below it into a sentence that names it."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, ReferenceDataError):
            return
        if isinstance(error, KeyError):
            raise ReferenceDataError(f"参考数据 {self.path}：缺少 {error.args[0]}") from None
        if isinstance(error, DomainError):
            raise ReferenceDataError(f"参考数据 {self.path}：{error.title}") from None
        if isinstance(error, TypeError | ValueError | AttributeError):
            raise ReferenceDataError(f"参考数据 {self.path}：{error}") from None


def rules_from(doc: Mapping[str, Any]) -> Rules:
    """Return the rules a reference document stands for, without facts; raises ReferenceDataError."""
    departments = {unit.id: unit for unit in _each(doc, "departments", _department)}
    categories = {entry.code: entry for entry in _each(doc, "categories", _category)}
    with _At("sources"):
        sources = {str(entry["id"]): str(entry["name"]) for entry in doc["sources"]}
    with _At("calendar"):
        calendar = calendar_from(doc["calendar"])
    with _At("settings"):
        settings = dict(doc["settings"])
        stages = {name: _limit(limit) for name, limit in settings.pop("stage_limits", {}).items()}
        _stages(stages)
        made = settings_from(settings)
    with _At("version"):
        version = _text(doc["version"])
    rules = Rules(
        version=version,
        categories=MappingProxyType(categories),
        departments=MappingProxyType(departments),
        calendar=calendar,
        sources=MappingProxyType(sources),
        stage_limits=MappingProxyType(stages),
        settings=made,
        windows=tuple(_each(doc, "windows", window_from)),
    )
    _unique(doc)
    return rules


def _each(doc: Mapping[str, Any], name: str, make: Callable[[Mapping[str, Any], str], Any]) -> Iterator[Any]:
    """Yield what `make` builds from every entry of a list of the document."""
    with _At(name):
        entries = doc[name]
        if not isinstance(entries, list):
            raise ReferenceDataError(f"参考数据 {name}：应为列表")
    for at, entry in enumerate(entries):
        path = f"{name}[{at}]"
        with _At(path):
            if not isinstance(entry, Mapping):
                raise ReferenceDataError(f"参考数据 {path}：应为对象")
            made = make(entry, path)
        yield made


def _unique(doc: Mapping[str, Any]) -> None:
    """Refuse doubles: the later entry would hide the earlier one."""
    for name, key in (("categories", "code"), ("departments", "id"), ("sources", "id"), ("windows", "id")):
        seen: set[str] = set()
        for at, entry in enumerate(doc[name]):
            if entry[key] in seen:
                raise ReferenceDataError(f"参考数据 {name}[{at}]：{entry[key]} 重复")
            seen.add(entry[key])


def _text(value: Any, *, empty: bool = True) -> str:
    """Return a text; raises ValueError for anything else."""
    if not isinstance(value, str) or not (value or empty):
        raise ValueError("应为文字" if empty else "应为文字，不能为空")
    return value


def _bool(value: Any) -> bool:
    """Return a truth value; raises ValueError for anything else."""
    if not isinstance(value, bool):
        raise ValueError("应为是或否")
    return value


def _limit(value: Any) -> Limit:
    """Return a limit from {"amount", "unit"}."""
    amount, unit = value["amount"], value["unit"]
    if isinstance(amount, bool) or not isinstance(amount, int | float) or not isinstance(unit, str):
        raise ValueError("时限应有 amount（数）和 unit（单位）")
    return Limit(amount, unit)


def _stages(stages: Mapping[str, Limit]) -> None:
    """Every stage has a limit: without one a case could wait for ever without a running clock."""
    for clock in CLOCKS:
        if clock != "handle" and clock not in stages:
            raise ValueError(f"stage_limits 缺少 {clock}")
    for clock in stages:
        if clock not in CLOCKS or clock == "handle":
            raise ValueError(f"stage_limits 中不认识 {clock}")


def _category(entry: Mapping[str, Any], path: str) -> Category:
    """Return one category; it needs at least one filing condition, or it could never be filed."""
    conditions = []
    for at, item in enumerate(entry["conditions"]):
        with _At(f"{path}.conditions[{at}]"):
            text = _text(item["text"], empty=False)
            limit = _limit(item["limit"])
            conditions.append(FilingCondition(text, limit, _text(item.get("closing", "")), item.get("dept")))
    if not conditions:
        raise ValueError("没有立案条件")
    return Category(
        code=_text(entry["code"], empty=False),
        name=_text(entry["name"], empty=False),
        major=_text(entry["major"]),
        major_name=_text(entry["major_name"]),
        dept=entry.get("dept"),
        conditions=tuple(conditions),
        safety=_bool(entry.get("safety", False)),
    )


def _department(entry: Mapping[str, Any], path: str) -> Department:
    """Return one department."""
    del path
    return Department(
        id=_text(entry["id"], empty=False),
        name=_text(entry["name"], empty=False),
        short=_text(entry.get("short", "")),
        kind=_text(entry.get("kind", "dept")),
        area_code=entry.get("area_code"),
        active=_bool(entry.get("active", True)),
    )


def window_from(entry: Mapping[str, Any], path: str = "") -> ExclusionWindow:
    """Return one exclusion window; it ends after it begins and names the document it rests on."""
    del path
    start, end = datetime.fromisoformat(entry["start"]), datetime.fromisoformat(entry["end"])
    if start.tzinfo is None or end.tzinfo is None or end <= start:
        raise ValueError("起止时间应带时区，且结束在开始之后")
    clock = _text(entry.get("clock") or "")
    if clock and clock not in CLOCKS:
        raise ValueError(f"不认识的时限 {clock}")
    return ExclusionWindow(
        id=_text(entry["id"], empty=False),
        start=start,
        end=end,
        document=_text(entry["document"], empty=False),
        area_code=_text(entry.get("area_code") or ""),
        dept=_text(entry.get("dept") or ""),
        clock=clock,
        declared_by=_text(entry.get("declared_by") or ""),
    )


def calendar_from(entry: Mapping[str, Any]) -> WorkCalendar:
    """Return the working calendar; raises ReferenceDataError, CalendarError, KeyError or ValueError."""
    zone = _text(entry["zone"], empty=False)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ReferenceDataError(f"参考数据 calendar：没有 {zone[:40]} 这个时区") from None
    holidays = frozenset(date.fromisoformat(day["date"]) for day in entry["holidays"])
    workdays = frozenset(date.fromisoformat(day["date"]) for day in entry["workdays"])
    if holidays & workdays:
        raise ReferenceDataError(f"参考数据 calendar：{min(holidays & workdays)} 同时是节假日和调休工作日")
    week = frozenset(int(day) for day in entry["week"])
    if not week <= frozenset(range(7)) or not week:
        raise ReferenceDataError("参考数据 calendar：week 应为 0（星期一）到 6，至少一天")
    return WorkCalendar(
        [(time.fromisoformat(a), time.fromisoformat(b)) for a, b in entry["slots"]],
        holidays=holidays,
        workdays=workdays,
        week=week,
        day_hours=float(entry["day_hours"]),
        zone=zone,
    )


def settings_from(values: Mapping[str, Any]) -> Settings:
    """Return settings; every value has the type of the shipped one, numbers are not negative.

    Raises ValueError.
    """
    shipped = Settings()
    known = {field.name for field in fields(Settings)}
    made: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"不认识的设置 {name}")
        made[name] = _setting(name, value, getattr(shipped, name))
    return Settings(**made)


def _setting(name: str, value: Any, shipped: Any) -> Any:
    """Check one setting against the shipped value's type."""
    if isinstance(shipped, bool):
        if not isinstance(value, bool):
            raise ValueError(f"{name} 应为是或否")
        return value
    if isinstance(shipped, int | float):
        whole = isinstance(shipped, int)
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or not value >= 0:
            raise ValueError(f"{name} 应为不小于 0 的{'整数' if whole else '数'}")
        return value if whole else float(value)
    if not isinstance(value, Mapping) or not all(isinstance(entry, bool) for entry in value.values()):
        raise ValueError(f"{name} 应为名称到是否的对照")
    for key in value:
        # an action that takes no photos could never be carried out again
        if name == "photos_required" and "photos" not in PAYLOADS.get(key, ({}, {}))[1]:
            raise ValueError(f"{name} 中没有可附照片的操作 {key}")
    return MappingProxyType(dict(value))
