"""From a form and a selection to one wish a case. Runs on a lane: everything it reads is handed in as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from console.viewmodels.actions.choices import category_name, unit_name
from console.viewmodels.actions.generic import field_value
from console.viewmodels.bulk_actions import ONE, BulkAct, tr
from console.viewmodels.rows import state_word
from services.domain.case import Case
from services.domain.experience import Experience
from services.domain.reference import Rules
from services.domain.suggestion import Ask, suggest
from services.ports.picture import Projected
from services.usecases.bulk import Wish

#: fields that steer the form and are no part of a payload
_STEERING = frozenset({"way", "lead_dept", "condition"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for: the act, its cases as shown, the form's values, and what suggestions rest on."""

    act: BulkAct
    cases: tuple[Projected, ...]
    values: Mapping[str, Any]
    rules: Rules
    experience: Experience
    load: Mapping[str, int] = field(default_factory=dict)
    replaces: Mapping[str, str] = field(default_factory=dict)

    @property
    def one_unit(self) -> bool:
        """Whether all go to one unit."""
        return bool(self.values.get("way") == ONE)


def usual_category(cases: Sequence[Projected]) -> str:
    """Return the category most of the cases have, empty when none has one."""
    counted = Counter(entry.case.category for entry in cases if entry.case.category)
    return min(counted, key=lambda code: (-counted[code], code)) if counted else ""


def wishes(plan: Plan) -> tuple[Wish, ...]:
    """Return one wish a case, in order."""
    common = _common(plan)
    units = _Units(plan)
    category = usual_category(plan.cases) if plan.act.id == "file" else ""
    return tuple(_wish(plan, entry, common, units, category) for entry in plan.cases)


def _common(plan: Plan) -> dict[str, Any]:
    """Return the part of the payload that is the same for all."""
    made = {}
    for spec in plan.act.spec.fields:
        value = field_value(spec, plan.values.get(spec.name))
        if value is not None and spec.name not in _STEERING:
            made[spec.name] = value
    return made


def _wish(plan: Plan, entry: Projected, common: Mapping[str, Any], units: _Units, category: str) -> Wish:
    """Return the wish for one case."""
    action = plan.act.action_in(entry.case.state)
    payload, against = dict(common), ""
    if plan.act.id == "dispatch":
        if action == "dispatch":
            payload.pop("reason", None)
        unit = units.of(entry.case)
        payload["lead_dept"] = unit
        against = "" if unit else tr("没有建议单位，请单独派遣")
    elif plan.act.id == "file":
        payload.update(category=category, condition=plan.values.get("condition"))
        if not category or entry.case.category != category:
            other = tr("类别不是“{name}”").format(name=category_name(plan.rules, category))
            against = other if entry.case.category else tr("还没有类别，要单独立案")
    elif plan.act.id == "close" and not common.get("closing_condition"):
        condition = plan.rules.condition(entry.case.category, entry.case.condition)
        payload["closing_condition"] = condition.closing if condition is not None else ""
        against = "" if payload["closing_condition"] else tr("没有对应的结案条件，请填写")
    return Wish(entry, action, payload, against, plan.replaces.get(entry.case.case_id))


class _Units:
    """The unit each case goes to: the one chosen, or the first that suggests itself; equal cases are asked once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[tuple[Any, ...], tuple[str, ...]] = {}

    def of(self, case: Case) -> str:
        """Return the unit of a case, empty when none suggests itself."""
        plan = self._plan
        if plan.one_unit:
            return str(plan.values.get("lead_dept") or "")
        ask = (case.category, case.condition, (case.grid or "")[:9])
        if ask not in self._known:
            found = suggest(
                Ask(case.category, case.condition, case.grid), plan.rules, plan.experience, plan.load
            )
            self._known[ask] = tuple(unit.dept for unit in found)
        # who has just sent it back is not asked again before the others
        sent_back = case.lead_dept if case.state == "returned" else None
        return next((unit for unit in self._known[ask] if unit != sent_back), "")


def what_follows(plan: Plan, before: Case, after: Case) -> str:
    """Return what an accepted wish leads to, in a few words: the unit, else the state."""
    if after.lead_dept and after.lead_dept != before.lead_dept:
        entry = plan.rules.departments.get(after.lead_dept)
        short = entry.short if entry is not None else ""
        return "→ " + (short or unit_name(plan.rules, after.lead_dept))
    if after.state != before.state:
        return "→ " + state_word(after.state)
    return tr("记入流转记录")
