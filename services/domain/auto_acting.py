"""What a rule (自动规则) would do with a case right now: a payload with its confidence, or why it leaves it alone.

Pure: what has to be looked up (photos, who reported, who holds the case) comes with the `Sight`. The live follower
and the trial on history ask the same function, so a trial shows what would really have been done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.domain.auto_rules import STATES_OF, SUGGESTED, USUAL, AutoRule, When
from services.domain.calendar import WorkCalendar
from services.domain.case import Case
from services.domain.experience import Experience
from services.domain.reference import Rules
from services.domain.suggestion import Ask, Suggestion, suggest

#: why a rule leaves a case alone -> the word for people
PASSED: dict[str, str] = {
    "state": "不在这个环节",
    "kind": "案件性质不符",
    "category": "类别不符",
    "area": "不在区域内",
    "source": "来源不符",
    "special": "急要、安全、保密、交界或有级别，留给人",
    "hours": "不在时段内",
    "waiting": "先留给人处理的时间未到",
    "words": "描述里没有约定用语",
    "photos": "照片不够",
    "reporter": "不是一线人员自采",
    "street": "不是本街道承办",
    "callback": "要求回访",
    "unknown": "没有先例可循",
    "unsure": "把握不够",
    "held": "有人正在办",
    "acted": "这个动作已经做过",
}
#: least cases that make a usual filing condition
FEW = 5
_STREET = 9


@dataclass(frozen=True, slots=True)
class Sight:
    """A case as a rule sees it.

    Attributes:
        case: the case.
        now: the moment.
        photos: how many attachments it has.
        field_report: whether a supervisor or grid worker reported it.
        held: whether a person holds it (认领).
        acted: whether the rule's action was ever taken on it, by whom ever: what a person took back stays so.
    """

    case: Case
    now: datetime
    photos: int = 0
    field_report: bool = False
    held: bool = False
    acted: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a rule would do: the payload, and its confidence (0 to 1; None where nothing is chosen)."""

    payload: Mapping[str, Any]
    confidence: float | None = None


def entered(case: Case) -> datetime:
    """Return since when the case stands in its state; its birth where no clock tells."""
    clock = case.clock
    return case.created_at if clock is None else clock.started_at


def propose(rule: AutoRule, sight: Sight, rules: Rules, experience: Experience) -> Proposal | str:
    """Return what the rule would do with a case, or the word of `PASSED` why not."""
    why = _out_of_range(rule, sight.case, rules) or _not_yet(rule.when, sight, rules.calendar)
    if why:
        return why
    return _choose(rule, sight.case, rules, experience)


def _out_of_range(rule: AutoRule, case: Case, rules: Rules) -> str:
    """Return why the case is none of the rule's, "" when it is."""
    when = rule.when
    if case.state not in STATES_OF[rule.action]:
        return "state"
    if when.kinds and case.kind not in when.kinds:
        return "kind"
    if when.categories and not (case.category or "").startswith(when.categories):
        return "category"
    if when.areas and not (case.grid or "").startswith(when.areas):
        return "area"
    if when.sources and case.source not in when.sources:
        return "source"
    return "special" if _special(case, rules) - set(when.include) else ""


def _special(case: Case, rules: Rules) -> set[str]:
    """Return what makes a case one for people."""
    found: set[str] = {name for name in ("confidential", "near_boundary") if name in case.flags}
    category = rules.categories.get(case.category or "")
    if category is not None and category.safety:
        found.add("safety")
    if case.urgent:
        found.add("urgent")
    elif case.level:
        found.add("level")
    return found


def _not_yet(when: When, sight: Sight, calendar: WorkCalendar) -> str:
    """Return why the rule leaves the case alone as it is now, "" when it does not."""
    case = sight.case
    if sight.acted:
        return "acted"
    if sight.held:
        return "held"
    if (sight.now - entered(case)).total_seconds() < when.wait_s:
        return "waiting"
    if not within(when.hours, sight.now, calendar):
        return "hours"
    if when.words and not any(word in case.description for word in when.words):
        return "words"
    if sight.photos < when.min_photos:
        return "photos"
    if when.own_report and not sight.field_report:
        return "reporter"
    if when.street_handled and case.lead_dept != f"street-{(case.grid or '')[:_STREET]}":
        return "street"
    return ""


def within(hours: tuple[str, ...], now: datetime, calendar: WorkCalendar) -> bool:
    """Tell whether a moment lies in the hours of a rule; over midnight when the end is the smaller one."""
    if not hours:
        return True
    clock = calendar.local(now).strftime("%H:%M")
    start, end = hours
    return start <= clock < end if start < end else clock >= start or clock < end


def next_within(hours: tuple[str, ...], now: datetime, calendar: WorkCalendar) -> datetime:
    """Return the first moment from `now` on that lies in the hours of a rule."""
    if within(hours, now, calendar):
        return now
    local = calendar.local(now)
    hour, minute = int(hours[0][:2]) % 24, int(hours[0][3:])
    start = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (start if start >= local else start + timedelta(days=1)).astimezone(now.tzinfo)


def _choose(rule: AutoRule, case: Case, rules: Rules, experience: Experience) -> Proposal | str:
    """Fill the template in and weigh it."""
    if rule.action == "dispatch":
        return _dispatch(rule, case, rules, experience)
    if rule.action == "file":
        return _file(rule, case, rules, experience)
    if rule.action == "close":
        return _close(rule, case, rules)
    if rule.action == "accept" and rule.when.min_confidence:
        # a case whose unit is known well is clear enough to be taken without being read
        best = _best(case, rules, experience)
        return "unknown" if best is None else _sure(rule, {}, best.score)
    return Proposal(dict(rule.then))


def _best(case: Case, rules: Rules, experience: Experience) -> Suggestion | None:
    """Return the unit that suggests itself most."""
    found = suggest(Ask(case.category, case.condition, case.grid), rules, experience, most=1)
    return found[0] if found else None


def _dispatch(rule: AutoRule, case: Case, rules: Rules, experience: Experience) -> Proposal | str:
    """Choose the unit."""
    if case.category is None or case.condition is None or case.grid is None:
        return "unknown"
    lead = str(rule.then["lead_dept"])
    found = suggest(
        Ask(case.category, case.condition, case.grid), rules, experience, most=len(rules.departments)
    )
    if lead == SUGGESTED:
        if not found:
            return "unknown"
        lead = found[0].dept
    elif lead == "street":
        lead = f"street-{case.grid[:_STREET]}"
    # a unit may be closed down after the rule was written
    if lead not in rules.departments or not rules.departments[lead].active:
        return "unknown"
    chance = next((one.score for one in found if one.dept == lead), 0.0)
    note = {"note": rule.then["note"]} if rule.then.get("note") else {}
    return _sure(rule, {"lead_dept": lead, **note}, chance)


def _file(rule: AutoRule, case: Case, rules: Rules, experience: Experience) -> Proposal | str:
    """Choose the filing condition: the one named, or the usual one of the category."""
    entry = rules.categories.get(case.category or "")
    if entry is None or case.grid is None:
        return "unknown"
    counts = experience.filed.get(entry.code, {})
    seen = sum(counts.values())
    if rule.then["condition"] != USUAL:
        condition = int(rule.then["condition"])
    elif len(entry.conditions) == 1:
        condition = 0
    elif seen >= FEW:
        condition = max(sorted(counts), key=lambda index: counts[index])
    else:
        return "unknown"
    if condition >= len(entry.conditions):
        return "unknown"
    sole = len(entry.conditions) == 1
    # one expectation more than was seen: five of five are no certainty
    share = 1.0 if sole else counts.get(condition, 0) / (seen + 1)
    return _sure(rule, {"category": entry.code, "condition": condition}, share)


def _close(rule: AutoRule, case: Case, rules: Rules) -> Proposal | str:
    """Close with the filing condition's own words where the rule has none."""
    if case.need_callback and "called_back" not in case.marks:
        return "callback"
    condition = rules.condition(case.category, case.condition)
    words = rule.then.get("closing_condition") or (condition.closing if condition else "")
    return Proposal({"closing_condition": words}) if words else "unknown"


def _sure(rule: AutoRule, payload: Mapping[str, Any], confidence: float) -> Proposal | str:
    """Return the proposal when it is sure enough."""
    return Proposal(payload, confidence) if confidence >= rule.when.min_confidence else "unsure"
