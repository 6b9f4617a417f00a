"""What can be picked in a dialog: units with their reason and load, categories, filing conditions, cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from console.viewmodels.actions.pinyin import spell
from services.domain.calendar import from_s, merge, to_s
from services.domain.case import Case
from services.domain.limits import Limit
from services.domain.reference import Category, Department, Rules


@dataclass(frozen=True, slots=True)
class Choice:
    """One candidate of a picker, in words; `reason` says why it stands where it stands."""

    id: str
    name: str
    short: str = ""
    code: str = ""
    pinyin: str = ""
    initials: str = ""
    note: str = ""
    right: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ConditionChoice:
    """A filing condition with the limit it fixes and the due time if the case were dispatched now."""

    index: int
    text: str
    limit: Limit
    due_at: datetime
    closing: str = ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Choices", text)


def unit_reasons(case: Case | None, rules: Rules) -> dict[str, str]:
    """Return why a unit is near at hand: the duty table, the category's usual unit, the street of the place."""
    if case is None:
        return {}
    reasons: dict[str, str] = {}
    duty = rules.lead_of(case.category, case.condition, case.area_path)
    usual = rules.lead_of(case.category, None, case.area_path)
    street = next((f"street-{code}" for code in case.area_path if len(code) == 9), None)
    for unit, reason in ((duty, "责任清单"), (usual, "同类别常办单位"), (street, "属地街道")):
        if unit is not None and unit in rules.departments:
            reasons.setdefault(unit, _tr(reason))
    return reasons


def unit_choices(
    case: Case | None, rules: Rules, load: Counter[str], leave_out: frozenset[str] = frozenset()
) -> tuple[Choice, ...]:
    """Return the units that can be made responsible, the duty table's first, then by name; `load` is what they hold."""
    reasons = unit_reasons(case, rules)
    order = {unit: place for place, unit in enumerate(reasons)}
    units = [unit for unit in rules.departments.values() if unit.active and unit.id not in leave_out]
    units.sort(key=lambda unit: (order.get(unit.id, len(order)), unit.kind == "street", unit.name))
    return tuple(_unit(unit, load[unit.id], reasons.get(unit.id, "")) for unit in units)


def _unit(unit: Department, load: int, reason: str) -> Choice:
    pinyin, initials = spell(unit.name)
    right = _tr("在办 {n} 件").format(n=load)
    short = unit.short if unit.short != unit.name else ""
    return Choice(unit.id, unit.name, short, unit.id, pinyin, initials, right=right, reason=reason)


def unit_name(rules: Rules, unit: str | None) -> str:
    """Return the name of a unit, its id when the tables do not know it, empty for none."""
    found = rules.departments.get(unit or "")
    return found.name if found else unit or ""


def category_choices(rules: Rules, current: str | None = None) -> tuple[Choice, ...]:
    """Return all categories in the order of the tables, the present one first."""
    entries = sorted(rules.categories.values(), key=lambda entry: entry.code != current)
    return tuple(_category(entry) for entry in entries)


def _category(entry: Category) -> Choice:
    pinyin, initials = spell(entry.name)
    kinds = {
        "component": _tr("部件"),
        "event": _tr("事件"),
        "grid": _tr("网格事项"),
        "service": _tr("服务事项"),
    }
    note = f"{kinds.get(entry.kind, entry.kind)} · {entry.major_name}"
    digits = entry.code.partition("-")[2]
    return Choice(entry.code, entry.name, "", digits, pinyin, initials, note, entry.code)


def category_name(rules: Rules, code: str | None) -> str:
    """Return the name of a category, empty for none."""
    found = rules.categories.get(code or "")
    return found.name if found else code or ""


def due_after(limit: Limit, start: datetime, rules: Rules, grid: str | None, unit: str | None) -> datetime:
    """Return the due time of a handling limit that starts at `start`, calendar and exclusion windows counted."""
    pauses = rules.pauses("handle", grid, unit)
    gaps = tuple(sorted(pause.gap for pause in pauses))
    seconds = limit.seconds(rules.calendar.day_hours)
    return from_s(rules.calendar.add(to_s(start), seconds, limit.working, merge(gaps)))


def condition_choices(
    rules: Rules, category: str | None, start: datetime, grid: str | None, unit: str | None = None
) -> tuple[ConditionChoice, ...]:
    """Return the filing conditions of a category with limit and due time."""
    entry = rules.categories.get(category or "")
    if entry is None:
        return ()
    return tuple(
        ConditionChoice(
            at, found.text, found.limit, due_after(found.limit, start, rules, grid, unit), found.closing
        )
        for at, found in enumerate(entry.conditions)
    )


def case_choices(
    cases: Iterable[Case], query: str, rules: Rules, *, without: str = "", limit: int = 8
) -> tuple[Choice, ...]:
    """Find cases by number (also its end), address or category: open ones first, newest first."""
    words = query.split()
    found = []
    for case in cases:
        if case.case_id == without or case.number is None:
            continue
        text = f"{case.number} {case.location.address} {category_name(rules, case.category)}"
        if all(word in text for word in words):
            found.append(case)
    found.sort(key=lambda case: (case.open, case.created_at), reverse=True)
    return tuple(
        Choice(
            case.case_id,
            f"{case.number} {category_name(rules, case.category) or _tr('未定类别')}",
            code=case.number or "",
            note=case.location.address,
        )
        for case in found[:limit]
    )
