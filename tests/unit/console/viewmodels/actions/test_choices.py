"""Candidates of the pickers: units, categories, conditions, cases."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

from console.viewmodels.actions.choices import (
    case_choices,
    category_choices,
    category_name,
    condition_choices,
    unit_choices,
    unit_name,
    unit_reasons,
)
from console.viewmodels.actions.pinyin import spell
from console.viewmodels.seat_cases import held_counts
from services.domain.reference import ExclusionWindow
from tests.support.fakes import world_for


def test_names_are_spelled_with_syllables_and_initials():
    assert spell("市政中心") == ("shi zheng zhong xin", "szzx")
    assert spell("12345 平台")[1].startswith("1")


def test_the_duty_tables_unit_stands_first_then_the_street_then_the_rest():
    world = world_for("dispatcher")
    case = world.cases[world.walk("pending_dispatch").case_id]
    units = unit_choices(case, world.rules, Counter())
    assert (units[0].id, units[0].reason) == ("water", "责任清单")
    assert (units[1].id, units[1].reason) == ("street-990101001", "属地街道")
    assert all(unit.reason == "" for unit in units[2:])
    kinds = [unit.id.startswith("street-") for unit in units[2:]]
    assert kinds == sorted(kinds)
    assert len(units) == len([unit for unit in world.rules.departments.values() if unit.active])


def test_a_condition_may_name_another_unit_than_its_category():
    world = world_for("dispatcher")
    entry = next(
        each
        for each in world.rules.categories.values()
        for condition in each.conditions
        if condition.dept and condition.dept != each.dept and condition.dept in world.rules.departments
        and each.dept in world.rules.departments
    )  # fmt: skip
    at = next(
        i for i, condition in enumerate(entry.conditions) if condition.dept and condition.dept != entry.dept
    )
    case = world.register()
    world.apply("accept", case.case_id)
    case = world.apply("file", case.case_id, category=entry.code, condition=at)
    reasons = unit_reasons(case, world.rules)
    assert list(reasons.values())[:2] == ["责任清单", "同类别常办单位"]
    assert list(reasons)[1] == entry.dept


def test_open_cases_are_counted_by_the_unit_that_holds_them(start):
    world = world_for("dispatcher")
    world.walk("handling")
    world.walk("checking")
    world.walk("closed", need_callback=False)
    world.walk("pending_dispatch")
    seat = start(world)
    assert held_counts(seat) == {"muni": 2}
    case = world.walk("pending_dispatch")
    units = {unit.id: unit for unit in unit_choices(case, world.rules, held_counts(seat))}
    assert units["muni"].right == "在办 2 件"
    assert units["water"].right == "在办 0 件"


def test_units_can_be_left_out_and_are_named_even_when_unknown():
    world = world_for("dispatcher")
    assert "muni" not in [unit.id for unit in unit_choices(None, world.rules, Counter(), frozenset({"muni"}))]
    assert unit_name(world.rules, "muni") == "市政公用服务中心"
    assert unit_name(world.rules, "gone") == "gone"
    assert unit_name(world.rules, None) == ""


def test_categories_are_found_by_digits_pinyin_and_carry_their_group():
    world = world_for("dispatcher")
    first = category_choices(world.rules, "component-0102")[0]
    assert first.id == "component-0102"
    found = {each.id: each for each in category_choices(world.rules)}["component-0101"]
    assert (found.code, found.initials, found.note) == ("0101", "ssjg", "部件 · 公用设施")
    assert category_name(world.rules, "component-0101") == "上水井盖"
    assert category_name(world.rules, None) == ""


def test_conditions_carry_limit_and_due_time():
    world = world_for("shift_leader")
    start = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # Friday 17:00: one working hour is left
    rows = condition_choices(world.rules, "component-0101", start, "990101001001001")
    assert [row.limit.words for row in rows] == ["2 紧急工作时", "4 工作时", "2 工作日", "5 工作日"]
    local = [world.rules.calendar.local(row.due_at).strftime("%m-%d %H:%M") for row in rows]
    assert local == ["11-20 19:00", "11-23 11:00", "11-24 17:00", "11-27 17:00"]
    assert condition_choices(world.rules, None, start, None) == ()


def test_an_exclusion_window_moves_the_due_time():
    world = world_for("shift_leader")
    from dataclasses import replace

    window = ExclusionWindow(
        "w1", datetime(2026, 11, 20, 0, tzinfo=UTC), datetime(2026, 11, 20, 4, tzinfo=UTC), "防汛令", "990101"
    )
    rules = replace(world.rules, windows=(window,))
    start = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    (first, *_) = condition_choices(rules, "component-0101", start, "990101001001001")
    assert rules.calendar.local(first.due_at).strftime("%H:%M") == "14:00"


def test_cases_are_found_by_the_end_of_their_number_open_ones_first():
    world = world_for("dispatcher")
    ended, case = world.register("一"), world.register("二")
    world.apply("reject", ended.case_id, reason="不属实")
    cases = list(world.cases.values())
    end = case.number[-4:]
    assert [each.id for each in case_choices(cases, end, world.rules)] == [case.case_id]
    assert [each.id for each in case_choices(cases, "望塔", world.rules)] == [case.case_id, ended.case_id]
    assert case_choices(cases, "望塔", world.rules, without=case.case_id)[0].id == ended.case_id
    assert case_choices(cases, "没有这样的", world.rules) == ()
