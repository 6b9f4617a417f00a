"""The fields of a rule and its document: what is shown is what is kept, and a careless key does no harm."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.viewmodels.rules.draft import (
    THEN_KEY,
    BadFieldError,
    RuleForm,
    actions,
    doc_of,
    form_of,
    special_words,
    then_hint,
    then_label,
)
from services.domain.auto_rules import CAP_MOST, SPECIAL, STATES_OF, rule_from
from services.domain.lifecycle import ACTION_NAMES
from tests.support.fakes import shipped_rules

RULES = shipped_rules()
UNITS = sorted(unit.id for unit in RULES.departments.values() if unit.active)


def kept(form: RuleForm) -> dict[str, Any]:
    """What the centre sends back of a saved form."""
    doc = doc_of(form, RULES)
    rule = rule_from({"id": "r1", **{name: value for name, value in doc.items() if name != "edit"}})
    return {**rule.to_doc(), "edit": doc["edit"] + 1}


def refused(**changes: Any) -> tuple[str, str]:
    with pytest.raises(BadFieldError) as caught:
        doc_of(replace(RuleForm(name="试"), **changes), RULES)
    return caught.value.name, str(caught.value)


# --- there and back ------------------------------------------------------------


def hour() -> st.SearchStrategy[str]:
    return st.tuples(st.integers(0, 23), st.integers(0, 59)).map(lambda pair: f"{pair[0]:02d}:{pair[1]:02d}")


WHENS = st.fixed_dictionaries(
    {},
    optional={
        "categories": st.lists(st.sampled_from(sorted(RULES.categories)), max_size=3, unique=True),
        "areas": st.lists(st.sampled_from(["990101001", "990101002001", "990101"]), max_size=3, unique=True),
        "sources": st.lists(st.sampled_from(sorted(RULES.sources)), max_size=4, unique=True),
        "min_confidence": st.integers(1, 1000).map(lambda n: n / 1000),
        "hours": st.lists(hour(), min_size=2, max_size=2, unique=True),
        "wait_s": st.integers(0, 86_400),
        "words": st.lists(st.sampled_from(["已当场清理", "处置完毕", "clean"]), max_size=3, unique=True),
        "min_photos": st.integers(0, 20),
        "own_report": st.booleans(),
        "include": st.lists(st.sampled_from(SPECIAL), unique=True),
    },
)
THENS: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.just(("accept", {})),
    st.sampled_from(["usual", 0, 1, 7]).map(lambda condition: ("file", {"condition": condition})),
    st.sampled_from(["suggested", "street", *UNITS]).map(lambda unit: ("dispatch", {"lead_dept": unit})),
)


@settings(max_examples=50, deadline=None)
@given(THENS, WHENS, st.integers(1, CAP_MOST))
def test_opened_and_saved_unchanged_it_is_the_same_rule(
    then: tuple[str, dict[str, Any]], when: dict[str, Any], cap: int
) -> None:
    """Else looking at a rule and pressing 保存 would switch it off."""
    action, payload = then
    rule = rule_from({"id": "r1", "name": "试", "action": action, "when": when, "then": payload, "cap": cap})
    form = form_of({**rule.to_doc(), "edit": 4}, RULES)
    assert (form.id, form.edit) == ("r1", 4)
    again = kept(form)
    assert again["when"]["min_confidence"] == pytest.approx(rule.when.min_confidence, abs=1e-9)
    again["when"]["min_confidence"] = rule.when.min_confidence
    assert rule_from({name: value for name, value in again.items() if name != "edit"}) == rule


@pytest.mark.parametrize(
    ("wait_s", "shown"), [(60, "1"), (90, "1.5"), (50, "0.833333"), (20, "0.333333"), (1, "0.0166667"), (7200, "120")]
)  # fmt: skip
def test_seconds_are_shown_as_minutes_and_none_is_lost(wait_s: int, shown: str) -> None:
    rule = rule_from({"id": "r1", "name": "试", "action": "accept", "when": {"wait_s": wait_s}, "then": {}})
    form = form_of({**rule.to_doc(), "edit": 1}, RULES)
    assert form.wait == shown
    assert doc_of(form, RULES)["when"]["wait_s"] == wait_s


def test_every_field_of_the_form_reaches_the_document() -> None:
    plain = doc_of(RuleForm(name="试"), RULES)
    other: dict[str, Any] = {
        "name": "改名", "edit": 3, "action": "close", "then": "好", "categories": "event-01", "areas": "990101001",
        "sources": "hotline", "confidence": "90", "hours": "1-2", "wait": "5", "words": "已", "photos": "2",
        "cap": "9", "include": "急要", "own_report": True, "street_handled": True,
    }  # fmt: skip
    assert {field.name for field in fields(RuleForm)} == {*other, "id"}
    for name, value in other.items():
        changes: dict[str, Any] = {name: value, **({"action": "close"} if name == "then" else {})}
        without = doc_of(RuleForm(name="试", action=str(changes.get("action", "accept"))), RULES)
        base = without if name == "then" else plain
        assert doc_of(replace(RuleForm(name="试"), **changes), RULES) != base, name


# --- numbers ------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "cap"), [("", 200), ("  ", 200), ("1", 1), ("50", 50), (" 7 ", 7), (str(CAP_MOST), CAP_MOST)]
)
def test_a_cap_is_what_was_written(written: str, cap: int) -> None:
    assert doc_of(RuleForm(name="试", cap=written), RULES)["cap"] == cap


@pytest.mark.parametrize("written", ["0", "0.5", "1.5", "-1", str(CAP_MOST + 1), "nan", "inf", "许多"])
def test_a_cap_of_none_is_not_two_hundred(written: str) -> None:
    name, sentence = refused(cap=written)
    assert name == "cap" and sentence


@pytest.mark.parametrize(
    ("written", "share"),
    [("", None), ("0", None), ("92.5", 0.925), ("92.5%", 0.925), (" 100 ", 1.0), ("0.1", 0.001)],
)
def test_confidence_is_written_in_hundredths(written: str, share: float | None) -> None:
    when = doc_of(RuleForm(name="试", confidence=written), RULES)["when"]
    assert when.get("min_confidence") == (None if share is None else pytest.approx(share))


@pytest.mark.parametrize(
    ("name", "written", "most"),
    [("confidence", "100.1", "100"), ("wait", "1441", "1440"), ("photos", "21", "20")],
)
def test_what_is_too_much_is_told_with_the_most(name: str, written: str, most: str) -> None:
    assert refused(**{name: written}) == (name, f"应在 0 到 {most} 之间")
    assert refused(**{name: "几个"}) == (name, "应为数字")
    assert refused(**{name: "nan"})[0] == name


# --- what is done ------------------------------------------------------------


@pytest.mark.parametrize("written", ["²", "①", "一", "0", "-1", "1.5", "第1条"])
def test_a_condition_is_a_plain_number_from_one(written: str) -> None:
    name, sentence = refused(action="file", then=written)
    assert name == "then" and "第几条" in sentence


@pytest.mark.parametrize(
    ("written", "condition"), [("1", 0), ("10", 9), ("３", 2), ("usual", "usual"), (" 惯用 ", "usual")]
)
def test_conditions_are_counted_from_one(written: str, condition: Any) -> None:
    assert doc_of(RuleForm(name="试", action="file", then=written), RULES)["then"] == {"condition": condition}


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_is_shown_by_a_name_that_is_read_back(unit: str) -> None:
    """Two units with one short name would turn a rule to the wrong one."""
    doc = {
        "id": "r1",
        "edit": 1,
        "name": "试",
        "action": "dispatch",
        "when": {},
        "then": {"lead_dept": unit},
        "cap": 5,
    }
    form = form_of(doc, RULES)
    assert doc_of(form, RULES)["then"] == {"lead_dept": unit}


def test_a_unit_the_console_does_not_know_is_shown_as_it_is() -> None:
    doc = {
        "id": "r",
        "edit": 1,
        "name": "试",
        "action": "dispatch",
        "when": {},
        "then": {"lead_dept": "neu"},
        "cap": 5,
    }
    assert form_of(doc, RULES).then == "neu"
    assert refused(action="dispatch", then="neu") == ("then", "没有“neu”这个单位")


@pytest.mark.parametrize("action", sorted(STATES_OF))
def test_the_field_of_the_payload_has_a_name_and_a_hint_where_there_is_one(action: str) -> None:
    assert bool(then_label(action)) == bool(then_hint(action)) == (action in THEN_KEY)
    assert dict(actions())[action] == ACTION_NAMES[action]
    assert then_label("moon") == then_hint("moon") == ""


# --- lists ------------------------------------------------------------


@pytest.mark.parametrize("between", [",", "，", "、", ";", "；", " ", "\n", " 、 ", ",,"])
def test_lists_are_parted_by_what_people_type(between: str) -> None:
    found = doc_of(RuleForm(name="试", areas=f"{between}990101001{between}990101002{between}"), RULES)
    assert found["when"]["areas"] == ["990101001", "990101002"]


def test_names_of_categories_and_sources_are_read_back_as_codes() -> None:
    for entry in list(RULES.categories.values())[:40]:
        assert doc_of(RuleForm(name="试", categories=entry.name), RULES)["when"]["categories"] != []
    for source, word in RULES.sources.items():
        assert doc_of(RuleForm(name="试", sources=word), RULES)["when"]["sources"] == [source]
        assert doc_of(RuleForm(name="试", sources=source), RULES)["when"]["sources"] == [source]


def test_special_cases_have_a_word_each_and_are_read_by_it() -> None:
    words = special_words()
    assert tuple(words) == SPECIAL and len(set(words.values())) == len(SPECIAL)
    every = "、".join(words.values())
    assert doc_of(RuleForm(name="试", include=every), RULES)["when"]["include"] == list(SPECIAL)
    name, sentence = refused(include="全部")
    assert name == "include" and all(word in sentence for word in words.values())


@pytest.mark.parametrize(
    ("written", "hours"),
    [
        ("22:00-06:00", ["22:00", "06:00"]), ("8-12", ["08:00", "12:00"]), ("0830-1200", ["08:30", "12:00"]),
        ("7:05 至 7:30", ["07:05", "07:30"]), ("22:00到06:00", ["22:00", "06:00"]), ("0–24", ["00:00", "24:00"]),
    ],
)  # fmt: skip
def test_hours_as_people_write_them(written: str, hours: list[str]) -> None:
    assert doc_of(RuleForm(name="试", hours=written), RULES)["when"]["hours"] == hours


@pytest.mark.parametrize(
    "written", ["22:00", "22-", "夜里", "22:00-06:00-07:00", "22:0-06:00", "a-b", "22：00-06：00x"]
)
def test_hours_that_cannot_be_read(written: str) -> None:
    assert refused(hours=written) == ("hours", "写成 22:00-06:00")


def test_the_first_wrong_field_is_told_and_a_name_is_needed() -> None:
    assert refused(name="", cap="0")[0] == "name"
    assert refused(categories="没有的", name="")[0] == "categories"
    assert doc_of(RuleForm(name="  两头空 "), RULES)["name"] == "两头空"
