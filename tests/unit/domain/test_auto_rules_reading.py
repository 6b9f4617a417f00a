"""Reading automatic rules: every field with its limits, the sentence for the operator, and laws of areas and ids."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.auto_rules import (
    CAP_MOST,
    FIELD_SOURCES,
    ROLE_OF,
    SPECIAL,
    STATES_OF,
    UNDONE_BY,
    AutoRule,
    When,
    common,
    misfit,
    rule_command_id,
    rule_from,
)
from services.domain.fields import Bad
from services.domain.lifecycle import ACTIONS, MOVES
from services.domain.payloads import KINDS
from tests.unit.domain.ground import CASE_ID, OTHER_ID, RULES

THEN: dict[str, dict[str, Any]] = {
    "accept": {}, "file": {"condition": "usual"}, "dispatch": {"lead_dept": "suggested"},
    "self_close": {"result": "当场处置"}, "close": {},
}  # fmt: skip


def doc(action: str = "accept", **changes: Any) -> dict[str, Any]:
    when = {"own_report": True} if action == "self_close" else {}
    return {"id": "r1", "name": "试", "action": action, "when": when, "then": THEN[action], **changes}


def wrong(found: dict[str, Any] | Any) -> tuple[str, str]:
    """Where and why a rule is refused."""
    with pytest.raises(Bad) as caught:
        rule_from(found)
    return caught.value.at, str(caught.value)


# --- what is left out -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", sorted(STATES_OF))
def test_a_rule_that_says_nothing_asks_nothing(action: str) -> None:
    made = rule_from(doc(action))
    assert made.cap == 200
    assert replace(made.when, own_report=False) == When()
    assert made.then == THEN[action]


@pytest.mark.parametrize("name", ["id", "name", "action", "when", "then"])
def test_nothing_needed_may_be_missing(name: str) -> None:
    found = doc()
    del found[name]
    assert wrong(found) == (f".{name}", "不能缺少")


@pytest.mark.parametrize("value", [None, [], "rule", 1, True])
def test_a_rule_is_an_object_with_objects_in_it(value: Any) -> None:
    assert wrong(value) == ("", "应为对象")
    assert wrong(doc(when=value)) == (".when", "应为对象")
    assert wrong(doc(then=value)) == (".then", "应为对象")


def test_a_field_nobody_knows_is_named() -> None:
    assert wrong(doc(active=True)) == (".active", "不认识的字段")
    assert wrong(doc(when={"moon": 1})) == (".when.moon", "不认识的字段")
    assert wrong(doc("dispatch", then={"lead_dept": "sani", "co_depts": []})) == (
        ".then.co_depts", "不认识的字段",
    )  # fmt: skip


# --- limits of single fields -------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", ["ab", "a1", "night-accept", "a" + "b" * 39, "a-"])
def test_ids_that_are_taken(value: str) -> None:
    assert rule_from(doc(id=value)).id == value


@pytest.mark.parametrize(
    "value", ["", "a", "1a", "-a", "Aa", "a_b", "a b", "规则", "a" + "b" * 40, "ab\n", 7, None, "ａｂ"]
)
def test_ids_that_are_not(value: Any) -> None:
    at, sentence = wrong(doc(id=value))
    assert at == ".id" and "小写字母" in sentence


LIMITS: list[tuple[str, Any, Any]] = [
    # field, the furthest values taken, the nearest values refused
    ("cap", [1, CAP_MOST], [0, -1, CAP_MOST + 1, 1.5, "5", True, None]),
    ("when.min_confidence", [0, 1, 0.5], [-0.01, 1.01, "0.5", True, float("nan"), float("inf")]),
    ("when.wait_s", [0, 86_400], [-1, 86_401, 1.0, "60", True]),
    ("when.min_photos", [0, 20], [-1, 21, 0.5, None]),
    ("when.own_report", [True, False], [0, 1, "yes", None]),
    ("when.kinds", [[], ["event"], list(KINDS)], ["event", ["moon"], ["event", "event"], [1]]),
    ("when.areas", [[], ["4401"], ["440106001001001"]],
     [["440"], ["4401060010010010"], ["44010x"], ["４４０１"], "4401", [4401]]),
    ("when.words", [[], ["一" * 40], [str(n) for n in range(20)]],
     [[""], [" "], ["一" * 41], [str(n) for n in range(21)], ["坏\x00字"]]),
    ("when.sources", [[], ["hotline"]], [["热线"], [""], [None]]),
    ("when.include", [[], list(SPECIAL)], [["all"], ["urgent", "urgent"]]),
    ("when.hours", [[], ["00:00", "24:00"], ["23:59", "00:00"]],
     [["24:01", "05:00"], ["5:00", "06:00"], ["22:60", "23:00"], ["25:00", "06:00"], ["22:00", "06:00", "07:00"],
      ["22:00"], ["22:00", "22:00"], ["24:00", "00:00"], "22:00-06:00"]),
]  # fmt: skip


def with_field(path: str, value: Any) -> dict[str, Any]:
    if path.startswith("when."):
        return doc(when={path.removeprefix("when."): value})
    return doc(**{path: value})


@pytest.mark.parametrize(("path", "good", "bad"), LIMITS, ids=[row[0] for row in LIMITS])
def test_limits(path: str, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        found = rule_from(with_field(path, value)).to_doc()
        for part in path.split("."):
            found = found[part]
        assert found == value, "taken as it was written"
    for value in bad:
        at, sentence = wrong(with_field(path, value))
        assert at.startswith(f".{path}"), (value, at)
        assert sentence and not sentence.isascii(), "said in words for an operator"


def test_names_are_trimmed_and_measured() -> None:
    assert rule_from(doc(name="  夜间受理 ")).name == "夜间受理"
    assert rule_from(doc(name="一" * 30)).name == "一" * 30
    assert wrong(doc(name="一" * 31)) == (".name", "最多 30 个字")
    assert wrong(doc(name="   ")) == (".name", "不能为空")


@pytest.mark.parametrize("action", ["cancel", "reject", "register", "redispatch", "", None, ["accept"]])
def test_a_rule_takes_no_other_action(action: Any) -> None:
    at, sentence = wrong({**doc(), "action": action})
    assert at == ".action" and all(name in sentence for name in STATES_OF)


# --- what belongs together -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "then", "at"),
    [
        ("accept", {"note": "x"}, ".then.note"), ("file", {}, ".then.condition"),
        ("file", {"condition": -1}, ".then.condition"), ("file", {"condition": 100}, ".then.condition"),
        ("file", {"condition": True}, ".then.condition"), ("file", {"condition": 0, "category": "x"}, ".then.category"),
        ("dispatch", {"lead_dept": ""}, ".then.lead_dept"), ("dispatch", {"lead_dept": None}, ".then.lead_dept"),
        ("dispatch", {"lead_dept": "sani", "note": "一" * 201}, ".then.note"),
        ("self_close", {"result": " "}, ".then.result"), ("self_close", {"result": "一" * 1001}, ".then.result"),
        ("close", {"closing_condition": 5}, ".then.closing_condition"), ("close", {"result": "好"}, ".then.result"),
    ],
)  # fmt: skip
def test_the_template_fits_the_action(action: str, then: dict[str, Any], at: str) -> None:
    assert wrong(doc(action, then=then))[0] == at


@pytest.mark.parametrize("action", ["self_close", "close"])
def test_where_nothing_is_chosen_no_confidence_is_asked(action: str) -> None:
    when = {**doc(action)["when"], "min_confidence": 0.5}
    at, sentence = wrong(doc(action, when=when))
    assert at == ".when.min_confidence" and "没有把握度可比" in sentence
    assert rule_from(doc(action, when={**when, "min_confidence": 0})).when.min_confidence == 0


@pytest.mark.parametrize("action", sorted(set(STATES_OF) - {"close"}))
def test_only_closing_asks_who_handled_it(action: str) -> None:
    when = {**doc(action)["when"], "street_handled": True}
    at, sentence = wrong(doc(action, when=when))
    assert at == ".when.street_handled" and "结案" in sentence
    assert rule_from(doc("close", when={"street_handled": True})).when.street_handled


@pytest.mark.parametrize("when", [{"own_report": True}, {"words": ["已当场"]}, {"min_photos": 1}])
def test_closing_at_once_says_what_it_rests_on(when: dict[str, Any]) -> None:
    assert rule_from(doc("self_close", when=when)).action == "self_close"
    at, sentence = wrong(doc("self_close", when={"wait_s": 60, "kinds": ["event"]}))
    assert at == ".when" and "至少一项" in sentence


def test_tables_of_actions_tell_of_the_same_actions() -> None:
    assert set(STATES_OF) == set(ROLE_OF) == set(UNDONE_BY) == set(THEN)
    for action, undoing in UNDONE_BY.items():
        assert undoing <= set(ACTIONS) and action not in undoing
        assert all(set(STATES_OF[action]) <= set(MOVES[action]) for action in STATES_OF)
    assert set(RULES.sources) >= {"patrol"} and "patrol" in FIELD_SOURCES


# --- laws ----------------------------------------------------------------------------------------------------------


def hour() -> st.SearchStrategy[str]:
    return st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda pair: f"{pair[0]:02d}:{pair[1]:02d}")


WHENS = st.fixed_dictionaries(
    {"areas": st.lists(st.from_regex(r"[0-9]{4,15}", fullmatch=True), max_size=4, unique=True)},
    optional={
        "kinds": st.lists(st.sampled_from(KINDS), unique=True),
        "categories": st.lists(st.sampled_from(sorted(RULES.categories)), unique=True),
        "sources": st.lists(st.sampled_from(sorted(RULES.sources)), unique=True),
        "hours": st.lists(hour(), min_size=2, max_size=2, unique=True),
        "wait_s": st.integers(0, 86_400),
        "min_photos": st.integers(0, 20),
        "include": st.lists(st.sampled_from(SPECIAL), unique=True),
        "own_report": st.booleans(),
    },
)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(["accept", "file", "dispatch", "close"]), WHENS, st.integers(1, CAP_MOST))
def test_written_down_and_read_again_it_is_the_same(action: str, when: dict[str, Any], cap: int) -> None:
    """Also after the JSON a database or a line makes of it."""
    made = rule_from(doc(action, when=when, cap=cap))
    again = rule_from(json.loads(json.dumps(made.to_doc(), ensure_ascii=False)))
    assert again == made and again.to_doc() == made.to_doc()
    assert isinstance(hash(again.when), int), "tuples inside, so that it cannot be changed"


CODES = st.lists(
    st.sampled_from(
        ["4401", "440106", "440106001", "440106002", "440106001001", "440106001001001", "440107", "990101001"]
    ),
    min_size=1,
    max_size=5,
    unique=True,
)


@settings(max_examples=30, deadline=None)
@given(CODES)
def test_the_common_area_holds_every_area_and_is_the_smallest(codes: list[str]) -> None:
    found = common(tuple(codes))
    assert all(code.startswith(found) for code in codes)
    assert found == "" or len(found) in (4, 6, 9, 12, 15)
    for length in (4, 6, 9, 12, 15):
        narrower = {code[:length] for code in codes}
        if length > len(found) and len(narrower) == 1:
            assert len(narrower.pop()) < length, "no longer code of a level holds them all"
    assert common(tuple(reversed(codes))) == found, "whatever their order"
    assert common((*codes, codes[0])) == found


@pytest.mark.parametrize(
    ("areas", "area"),
    [
        (("440106001001001",), "440106001001001"), (("440106001001001", "440106001001002"), "440106001001"),
        (("440106001", "440106001002"), "440106001"), (("440106", "440106001"), "440106"),
        (("44010", "44010"), "4401"), (("4401", "4402"), ""), (("440106", "440206"), ""),
    ],
)  # fmt: skip
def test_the_actor_stands_in_the_common_area(areas: tuple[str, ...], area: str) -> None:
    made = AutoRule("r1", "试", "accept", When(areas=areas), {})
    assert made.actor.area_code == area
    assert made.actor.dept is None and not made.actor.dept_only


@pytest.mark.parametrize("action", sorted(STATES_OF))
def test_who_acts_is_the_rule_and_has_one_role(action: str) -> None:
    actor = rule_from(doc(action, when={**doc(action)["when"], "areas": ["440106"]})).actor
    assert (actor.id, actor.name, actor.roles) == ("rule-r1", "自动规则·试", (ROLE_OF[action],))


def test_ids_of_commands_are_version_five_under_the_case() -> None:
    """Fixed for ever: another process, another release must find the command of a killed one."""
    made = rule_command_id("night-accept", CASE_ID, "accept", 3)
    assert uuid.UUID(made).version == 5
    assert made == str(uuid.uuid5(uuid.UUID(CASE_ID), "rule|night-accept|accept|3"))
    assert rule_command_id("night-accept", CASE_ID.upper(), "accept", 3) == made
    assert rule_command_id("night-accept", OTHER_ID, "accept", 3) != made
    with pytest.raises(ValueError, match="badly formed"):
        rule_command_id("night-accept", "not a case", "accept", 3)


# --- reference data --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["event-0110", "event-01", "event", "e", "component-0101"])
def test_categories_are_named_by_how_they_begin(code: str) -> None:
    assert misfit(rule_from(doc(when={"categories": [code]})), RULES) is None


def test_the_first_misfit_is_told_with_the_word_that_is_wrong() -> None:
    made = rule_from(doc(when={"categories": ["event-01", "moon-1"], "sources": ["mars"]}))
    assert misfit(made, RULES) == ("when.categories", "没有以“moon-1”开头的类别")
    made = rule_from(doc(when={"sources": ["patrol", "mars"]}))
    assert misfit(made, RULES) == ("when.sources", "没有“mars”这个来源")


@pytest.mark.parametrize(
    ("unit", "fits"), [("sani", True), ("gone", False), ("moon", False), ("street", True)]
)
def test_only_units_that_work_are_dispatched_to(unit: str, fits: bool) -> None:
    found = misfit(rule_from(doc("dispatch", then={"lead_dept": unit})), RULES)
    assert (found is None) == fits
    assert fits or found == ("then.lead_dept", f"没有“{unit}”这个单位，或它已停用")
