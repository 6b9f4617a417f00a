"""Automatic rules as data, and what they would do with a case."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from services.domain.auto_acting import PASSED, Proposal, Sight, entered, next_within, propose, within
from services.domain.auto_rules import (
    ROLE_OF,
    STATES_OF,
    UNDONE_BY,
    AutoRule,
    common,
    misfit,
    rule_command_id,
    rule_from,
)
from services.domain.case import Case
from services.domain.experience import Experience
from services.domain.fields import Bad
from services.domain.lifecycle import ACTIONS, GRANTS, MOVES
from services.domain.payloads import check_payload
from tests.unit.domain.ground import (
    CALENDAR,
    CASE_ID,
    DISTRICT,
    NOW,
    OTHER_ID,
    RULES,
    STREET,
    at,
)
from tests.unit.domain.ground import case_in as reached

NOTHING = Experience()


def rule(action: str = "accept", then: dict[str, Any] | None = None, **when: Any) -> AutoRule:
    doc = {
        "id": "r1",
        "name": "试",
        "action": action,
        "when": {"areas": [DISTRICT], **when},
        "then": then or {},
    }
    return rule_from(doc)


def case_in(state: str, **changes: Any) -> Case:
    return replace(reached(state), **{"flags": frozenset(), **changes})


def seen(case: Case, **more: Any) -> Sight:
    return Sight(case, more.pop("now", NOW), **more)


def ask(one: AutoRule, sight: Sight, experience: Experience = NOTHING) -> Proposal | str:
    return propose(one, sight, RULES, experience)


# --- as data ------------------------------------------------------------------------------------------------


def test_a_rule_is_the_same_read_again() -> None:
    one = rule(
        "dispatch", {"lead_dept": "sani", "note": "自动"}, min_confidence=0.9, hours=["22:00", "06:00"]
    )
    assert rule_from(one.to_doc()) == one


def test_every_action_of_a_rule_is_one_of_the_contract_in_a_role_that_may() -> None:
    for action, states in STATES_OF.items():
        assert action in ACTIONS and set(states) <= set(MOVES[action])
        assert ROLE_OF[action] in {grant.role for grant in GRANTS[action]}
        assert UNDONE_BY[action] <= set(ACTIONS)


def test_the_actor_has_the_one_role_and_the_smallest_area() -> None:
    one = rule("file", {"condition": 0}, areas=["440106001001", "440106001002"])
    assert one.actor.id == "rule-r1" and one.actor.name == "自动规则·试"
    assert (one.actor.roles, one.actor.area_code) == (("shift_leader",), "440106001")
    assert common(("440106", "440107")) == "4401" and common(("4401", "9901")) == "" and common(()) == ""


def test_ids_of_commands_are_alike_everywhere_and_differ_by_everything() -> None:
    same = rule_command_id("r1", CASE_ID, "accept", 1)
    assert same == rule_command_id("r1", CASE_ID, "accept", 1)
    others = {
        rule_command_id("r2", CASE_ID, "accept", 1), rule_command_id("r1", OTHER_ID, "accept", 1),
        rule_command_id("r1", CASE_ID, "file", 1), rule_command_id("r1", CASE_ID, "accept", 2),
    }  # fmt: skip
    assert len(others | {same}) == 5


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"id": "R"}, ".id"), ({"name": ""}, ".name"), ({"action": "cancel"}, ".action"), ({"cap": 0}, ".cap"),
        ({"when": {"hours": ["22:00"]}}, ".when.hours"), ({"when": {"hours": ["7:00", "08:00"]}}, ".when.hours"),
        ({"when": {"hours": ["07:00", "07:00"]}}, ".when.hours"), ({"when": {"areas": ["x"]}}, ".when.areas"),
        ({"when": {"include": ["moon"]}}, ".when.include"), ({"when": {"more": 1}}, ".when"),
        ({"when": {"min_confidence": 2}}, ".when.min_confidence"), ({"then": {"x": 1}}, ".then"),
        ({"action": "close", "when": {"min_confidence": 0.5}}, ".when.min_confidence"),
        ({"when": {"street_handled": True}}, ".when.street_handled"),
        ({"action": "self_close", "then": {"result": "好"}}, ".when"),
        ({"action": "self_close", "when": {"own_report": True}}, ".then"),
        ({"action": "file", "then": {"condition": "often"}}, ".then.condition"),
        ({"action": "dispatch", "then": {}}, ".then.lead_dept"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(changes: dict[str, Any], where: str) -> None:
    doc = {"id": "r1", "name": "试", "action": "accept", "when": {}, "then": {}, **changes}
    with pytest.raises(Bad) as caught:
        rule_from(doc)
    assert caught.value.at.startswith(where)


def test_a_rule_must_fit_the_reference_data() -> None:
    assert misfit(rule(categories=["event-01"]), RULES) is None
    assert misfit(rule(categories=["event-99"]), RULES) == ("when.categories", "没有以“event-99”开头的类别")
    assert (misfit(rule(sources=["moon"]), RULES) or ("",))[0] == "when.sources"
    assert (misfit(rule("dispatch", {"lead_dept": "moon"}), RULES) or ("",))[0] == "then.lead_dept"
    for unit in ("suggested", "street", "sani"):
        assert misfit(rule("dispatch", {"lead_dept": unit}), RULES) is None


# --- which cases -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "changes", "why"),
    [
        ({}, {"state": "handling"}, "state"), ({"kinds": ["component"]}, {"kind": "event"}, "kind"),
        ({"categories": ["component-01"]}, {"category": "event-0110"}, "category"),
        ({"categories": ["event-01"]}, {"category": None}, "category"),
        ({"areas": ["440106002"]}, {}, "area"), ({"sources": ["video"]}, {"source": "patrol"}, "source"),
        ({}, {"urgent": True}, "special"), ({}, {"level": 1}, "special"),
        ({}, {"category": "component-0101"}, "special"), ({}, {"flags": frozenset({"confidential"})}, "special"),
        ({}, {"flags": frozenset({"near_boundary"})}, "special"),
        ({"words": ["已当场"]}, {"description": "垃圾"}, "words"), ({"min_photos": 1}, {}, "photos"),
        ({"own_report": True}, {}, "reporter"),
    ],
)  # fmt: skip
def test_a_case_that_is_none_of_the_rules_is_left_alone(
    when: dict[str, Any], changes: dict[str, Any], why: str
) -> None:
    case = replace(case_in("reported", urgent=False, level=0), **changes)
    assert ask(rule(**when), seen(case)) == why
    assert why in PASSED


def test_special_cases_are_taken_where_the_rule_says_so() -> None:
    case = case_in("reported", urgent=True, level=3, category="component-0101")
    assert ask(rule(include=["urgent"]), seen(case)) == "special", "it is about safety too"
    assert isinstance(ask(rule(include=["urgent", "safety"]), seen(case)), Proposal)


def test_people_come_first() -> None:
    case = case_in("reported", urgent=False, level=0)
    assert ask(rule(), seen(case, held=True)) == "held"
    assert ask(rule(), seen(case, acted=True)) == "acted"
    assert ask(rule(wait_s=600), seen(case, now=entered(case))) == "waiting"
    assert ask(rule(), seen(case, photos=1, field_report=True)) == Proposal({})


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        ("2026-11-20 21:59", False),
        ("2026-11-20 22:00", True),
        ("2026-11-21 05:59", True),
        ("2026-11-21 06:00", False),
    ],
)
def test_hours_go_over_midnight(moment: str, inside: bool) -> None:
    night = ("22:00", "06:00")
    assert within(night, at(moment), CALENDAR) is inside
    assert within((), at(moment), CALENDAR)
    assert within(("08:00", "24:00"), at("2026-11-20 23:59"), CALENDAR)
    later = next_within(night, at(moment), CALENDAR)
    assert within(night, later, CALENDAR) and (later == at(moment)) is inside


def test_the_next_moment_within_hours_is_the_first() -> None:
    def local(moment: datetime) -> str:
        return CALENDAR.local(moment).strftime("%d %H:%M")

    assert local(next_within(("22:00", "06:00"), at("2026-11-20 07:30"), CALENDAR)) == "20 22:00"
    assert local(next_within(("08:00", "12:00"), at("2026-11-20 13:00"), CALENDAR)) == "21 08:00"


# --- what it would do --------------------------------------------------------------------------------------------


def experienced() -> Experience:
    made = Experience()
    made.right[("event-0110", "")] = {"sani": 40, "water": 10}
    made.right[("event-0110", STREET)] = {"water": 10}
    made.filed["event-0110"] = {0: 9, 1: 1}
    return made


def test_dispatch_to_a_fixed_unit_the_street_or_the_suggested_one() -> None:
    case = case_in("pending_dispatch", urgent=False, level=0)
    fixed = ask(rule("dispatch", {"lead_dept": "sani", "note": "自动"}), seen(case))
    assert isinstance(fixed, Proposal) and fixed.payload == {"lead_dept": "sani", "note": "自动"}
    street = ask(rule("dispatch", {"lead_dept": "street"}), seen(case))
    assert isinstance(street, Proposal) and street.payload["lead_dept"] == f"street-{STREET}"
    best = ask(rule("dispatch", {"lead_dept": "suggested"}), seen(case), experienced())
    assert (
        isinstance(best, Proposal) and best.payload == {"lead_dept": "water"} and (best.confidence or 0) > 0.5
    )
    check_payload("dispatch", fixed.payload)


def test_not_sure_enough_is_left_to_people() -> None:
    case = case_in("pending_dispatch", urgent=False, level=0)
    sure = rule("dispatch", {"lead_dept": "suggested"}, min_confidence=0.95)
    assert ask(sure, seen(case), experienced()) == "unsure"
    assert ask(rule(min_confidence=0.99), seen(case_in("reported", urgent=False, level=0))) in (
        "unsure",
        "unknown",
    )
    assert ask(sure, seen(replace(case, condition=None))) == "unknown"


def test_filing_by_the_usual_condition() -> None:
    case = case_in("pending_filing", urgent=False, level=0, category="event-0110")
    usual = rule("file", {"condition": "usual"}, min_confidence=0.8)
    found = ask(usual, seen(case), experienced())
    assert isinstance(found, Proposal)
    assert found.payload == {"category": "event-0110", "condition": 0}
    assert found.confidence == pytest.approx(9 / 11)
    assert ask(usual, seen(case)) == "unknown", "nothing learned yet"
    assert ask(rule("file", {"condition": 1}, min_confidence=0.5), seen(case), experienced()) == "unsure"
    assert ask(rule("file", {"condition": 9}), seen(case)) == "unknown"
    assert ask(usual, seen(replace(case, category=None)), experienced()) == "unknown"
    check_payload("file", found.payload)


def test_closing_with_the_conditions_own_words() -> None:
    case = case_in("pending_close", urgent=False, level=0)
    found = ask(rule("close"), seen(case))
    condition = RULES.condition(case.category, case.condition)
    assert condition is not None and found == Proposal({"closing_condition": condition.closing})
    assert ask(rule("close", {"closing_condition": "已看过"}), seen(case)) == Proposal(
        {"closing_condition": "已看过"}
    )
    assert ask(rule("close"), seen(replace(case, need_callback=True))) == "callback"
    called = replace(case, need_callback=True, marks=frozenset({"called_back"}))
    assert isinstance(ask(rule("close"), seen(called)), Proposal)
    assert ask(rule("close"), seen(replace(case, condition=None))) == "unknown"
    assert ask(rule("close", street_handled=True), seen(case)) == "street"
    mine = replace(case, lead_dept=f"street-{STREET}")
    assert isinstance(ask(rule("close", street_handled=True), seen(mine)), Proposal)


def test_closing_ones_own_report() -> None:
    case = case_in("reported", urgent=False, level=0, description="已当场清理")
    one = rule("self_close", {"result": "当场处置"}, own_report=True, words=["已当场"], min_photos=2)
    assert ask(one, seen(case, field_report=True, photos=2)) == Proposal({"result": "当场处置"})
    assert ask(one, seen(case, field_report=True, photos=1)) == "photos"
