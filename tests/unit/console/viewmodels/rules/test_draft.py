"""A rule as the fields of its form, and back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from console.viewmodels.rules.draft import (
    BadFieldError,
    RuleForm,
    actions,
    doc_of,
    form_of,
    then_hint,
    then_label,
)
from services.domain.auto_rules import STATES_OF, rule_from
from services.domain.reference import Rules
from tests.support.fakes import world_for


@pytest.fixture(scope="module")
def rules() -> Rules:
    return world_for("shift_leader").rules


FULL = RuleForm(
    "r1", 3, "夜间直派", "dispatch", "建议单位", "event-01、component-0101", "990101001", "公众热线、视频智能识别",
    "92.5", "22:00-06:00", "3", "垃圾、堆积", "1", "80", "急要、交界", True, False,
)  # fmt: skip


def test_a_form_becomes_a_rule_the_centre_takes(rules: Rules) -> None:
    known = "、".join(list(rules.sources.values())[:2])
    doc = doc_of(replace(FULL, sources=known), rules)
    made = rule_from({"id": "r1", **{key: value for key, value in doc.items() if key != "edit"}})
    assert doc["edit"] == 3 and made.name == "夜间直派" and made.cap == 80
    assert made.when.categories == ("event-01", "component-0101") and made.when.hours == ("22:00", "06:00")
    assert made.when.min_confidence == pytest.approx(0.925) and made.when.wait_s == 180
    assert made.when.sources == tuple(list(rules.sources)[:2]) and made.when.include == (
        "urgent",
        "near_boundary",
    )
    assert made.when.own_report and made.then == {"lead_dept": "suggested"}


def test_what_the_centre_sends_is_shown_as_it_was_written(rules: Rules) -> None:
    known = "、".join(list(rules.sources.values())[:2])
    form = replace(FULL, sources=known)
    made = rule_from({"id": "r1", **{k: v for k, v in doc_of(form, rules).items() if k != "edit"}})
    assert form_of({**made.to_doc(), "edit": 3}, rules) == form


@pytest.mark.parametrize(
    ("action", "written", "then", "shown"),
    [
        ("accept", "anything", {}, ""), ("file", "惯用", {"condition": "usual"}, "惯用"),
        ("file", "", {"condition": "usual"}, "惯用"), ("file", "2", {"condition": 1}, "2"),
        ("dispatch", "", {"lead_dept": "suggested"}, "建议单位"),
        ("dispatch", "属地街道", {"lead_dept": "street"}, "属地街道"),
        ("self_close", "已处置", {"result": "已处置"}, "已处置"), ("close", "", {}, ""),
        ("close", "已看", {"closing_condition": "已看"}, "已看"),
    ],
)  # fmt: skip
def test_what_is_done(rules: Rules, action: str, written: str, then: dict[str, Any], shown: str) -> None:
    form = RuleForm(name="试", action=action, then=written, own_report=action == "self_close")
    doc = doc_of(form, rules)
    assert doc["then"] == then
    assert form_of({**doc, "id": "r1", "edit": 1}, rules).then == shown
    assert bool(then_label(action)) == (action != "accept") == bool(then_hint(action))


def test_units_and_categories_by_name(rules: Rules) -> None:
    unit = rules.departments["muni"]
    entry = next(iter(rules.categories.values()))
    for word in (unit.id, unit.name, unit.short or unit.name):
        assert doc_of(RuleForm(name="试", action="dispatch", then=word), rules)["then"] == {
            "lead_dept": unit.id
        }
    assert form_of(
        {**doc_of(RuleForm(name="试", action="dispatch", then=unit.id), rules), "id": "r1", "edit": 1}, rules
    ).then == (unit.short or unit.name)
    doc = doc_of(RuleForm(name="试", categories=f"{entry.name} {entry.major_name}"), rules)
    assert doc["when"]["categories"] == [entry.code, entry.major]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"), ({"categories": "没有的"}, "categories"), ({"sources": "月球"}, "sources"),
        ({"confidence": "很高"}, "confidence"), ({"confidence": "120"}, "confidence"), ({"hours": "夜里"}, "hours"),
        ({"wait": "-1"}, "wait"), ({"photos": "99"}, "photos"), ({"cap": "1e9"}, "cap"),
        ({"include": "全部"}, "include"),
        ({"action": "dispatch", "then": "没有的单位"}, "then"), ({"action": "file", "then": "最后一条"}, "then"),
        ({"action": "file", "then": "0"}, "then"), ({"action": "self_close", "then": ""}, "then"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(rules: Rules, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(BadFieldError) as caught:
        doc_of(replace(RuleForm(name="试"), **changes), rules)
    assert caught.value.name == field and str(caught.value)


@pytest.mark.parametrize("text", ["22-6", "22:00~06:00", "22:00 至 6:00", "22:00—06:00"])
def test_hours_are_written_in_many_ways(rules: Rules, text: str) -> None:
    assert doc_of(RuleForm(name="试", hours=text), rules)["when"]["hours"] == ["22:00", "06:00"]


def test_every_action_has_a_word() -> None:
    assert [action for action, _ in actions()] == list(STATES_OF)
