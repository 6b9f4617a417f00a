"""Rules at one seat: listed, opened, kept, tried, switched; figures in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.rules.book import RuleBook
from console.viewmodels.rules.draft import RuleForm
from console.viewmodels.rules.figures import (
    line_of,
    passed_word,
    payload_words,
    standing_words,
    state_of,
    trial_days,
    trial_facts,
    tried_words,
    worked_days,
)
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, world_for
from tests.support.rule_centre import AT, TRIAL, TRIED, FakeRuleCentre

Start = Callable[[World], SeatViewModel]
FORM = RuleForm(name="热线受理", action="accept")


@pytest.fixture
def leader() -> World:
    return world_for("shift_leader")


@pytest.fixture
def book(leader: World, start: Start) -> RuleBook:
    return RuleBook(start(leader), FakeRuleCentre(leader))


def kept(book: RuleBook, qtbot: Any, form: RuleForm = FORM) -> str:
    """Save a new rule and wait for the list; its id."""
    before = len(book.rows)
    book.new()
    book.save(form)
    qtbot.waitUntil(lambda: len(book.rows) == before + 1 and not book.busy)
    assert book.rule is not None
    return str(book.rule["id"])


def test_a_rule_is_kept_tried_and_switched_on(book: RuleBook, qtbot: Any) -> None:
    rule_id = kept(book, qtbot)
    assert rule_id.startswith("accept-") and book.rule is not None and not book.rule["active"]
    assert "试运行" in book.why_not_on()
    book.try_now()
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["tried"]) and not book.busy)
    assert book.why_not_on() == "" and book.rule["trial"]["cases"]
    book.switch(True)
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["active"]) and not book.busy)
    assert book.rule["trial"]["cases"], "the cases shown stay"
    book.open(rule_id)
    qtbot.waitUntil(lambda: book.days is not None and not book.busy)
    assert worked_days(book.days or {})[0].bad == 2


def test_ids_are_new_and_names_of_fields_are_told(book: RuleBook, qtbot: Any) -> None:
    first, second = kept(book, qtbot), kept(book, qtbot)
    assert first != second
    told: list[tuple[str, Any]] = []
    book.refused.connect(lambda title, fields: told.append((title, fields)))
    book.save(RuleForm(name=""))
    assert list(told[0][1]) == ["name"]
    book.save(RuleForm(name="试", action="close", confidence="50"))
    qtbot.waitUntil(lambda: len(told) == 2)
    assert list(told[1][1]) == ["confidence"] and told[1][0]


def test_the_form_of_the_open_rule(book: RuleBook, qtbot: Any) -> None:
    assert book.form() == RuleForm()
    rule_id = kept(book, qtbot)
    assert (book.form().id, book.form().edit, book.form().name) == (rule_id, 1, "热线受理")
    book.save(RuleForm(id=rule_id, edit=1, name="改名"))
    qtbot.waitUntil(lambda: bool(book.rule and book.rule["edit"] == 2) and not book.busy)
    assert len(book.rows) == 1
    book.new()
    assert book.rule is None and book.why_not_on() == "先保存规则"


def test_without_a_line_nothing_is_asked(leader: World, start: Start, qtbot: Any) -> None:
    centre = FakeRuleCentre(leader)
    seat = start(leader)
    book = RuleBook(seat, centre)
    told: list[str] = []
    book.refused.connect(lambda title, _fields: told.append(title))
    seat.connection = None
    book.load()
    assert told and centre.asked == [] and "离线" in book.why_not()
    nobody = RuleBook(start(world_for("dispatcher")), None)
    assert "值班长" in nobody.why_not() and not nobody.may_write


def test_a_refusal_of_the_centre_is_told(book: RuleBook, qtbot: Any) -> None:
    kept(book, qtbot)
    told: list[str] = []
    book.refused.connect(lambda title, _fields: told.append(title))
    book.switch(True)
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["请先试运行。"] and not book.busy


def test_an_administrator_does_not_switch_on(start: Start) -> None:
    world = world_for("admin")
    book = RuleBook(start(world), FakeRuleCentre(world))
    book.rule = {"tried": True}
    assert book.may_write and not book.may_switch_on and "值班长" in book.why_not_on()


# --- in words ------------------------------------------------------------------------------------------------


def doc(**changes: Any) -> dict[str, Any]:
    return {
        "id": "r1", "name": "试", "action": "dispatch", "cap": 50, "active": False, "tried": False, "edit": 2,
        "edited_by": "甲", "edited_at": AT, "switched_by": None, "switched_at": None, "switched_why": None, **changes,
    }  # fmt: skip


def test_how_a_rule_stands() -> None:
    assert state_of(doc())[0] == "未试运行" and state_of(doc(tried=True))[0] == "已试，未启用"
    assert state_of(doc(active=True))[0] == "已启用"
    assert state_of(doc(switched_by="系统"))[0] == "自动停用"
    assert line_of(doc()).under == "派遣 · 每日至多 50"
    assert line_of(doc(today={"concerned": 9, "bounced": 2})).under == "派遣 · 今日 9 件，退回 2"


def test_how_it_came_to_stand_so(leader: World, start: Start) -> None:
    seat = start(leader)
    words = standing_words(doc(switched_by="系统", switched_at=AT, switched_why="退回太多"), seat)
    assert words == "系统 11-20 09:00 停用：退回太多 · 甲 11-20 09:00 修改（第 2 版）"
    assert standing_words(doc(), seat).startswith("甲")


def test_a_trial_in_words(leader: World, start: Start) -> None:
    seat = start(leader)
    facts = {label: (text, tone) for label, text, tone in trial_facts(TRIAL, seat)}
    assert facts["会办理"][0] == "20 件（同环节共 40 件）"
    assert facts["与人一致"] == ("89.5%（17/19 件）", "sla.soon.text")
    assert facts["一致中退回"] == ("1 件，返工 2 件", "sla.over2.text")
    assert "93.3%" in facts["一次派准"][0] and "86.7%" in facts["一次派准"][0]
    assert facts["不办的原因"][0].startswith("急要、安全") and "人已先办 4" in facts["不办的原因"][0]
    none = {**TRIAL, "agreement": None, "judged": 0, "passed": {}, "same": 0, "other": 0}
    assert {label for label, _, _ in trial_facts(none, seat)} == {
        "试运行区间",
        "会办理",
        "与人一致",
        "一致中退回",
    }
    assert [(day.total, day.good, day.bad) for day in trial_days(TRIAL)] == [(12, 10, 1), (8, 7, 0)]
    assert passed_word("cap") == "超过每日上限"


@pytest.mark.parametrize(
    ("changes", "made", "tone"),
    [
        ({}, "派遣员甲 派遣 派 ", "sla.ok.text"), ({"undone": True}, " · 后被退回", "sla.over2.text"),
        ({"verdict": "other", "again": True}, " · 返工", "sla.over2.text"),
        ({"verdict": "open"}, "人还没有办", "text.tertiary"), ({"verdict": "rule"}, "由自动规则办理", "text.tertiary"),
    ],
)  # fmt: skip
def test_a_tried_case_in_words(
    leader: World, start: Start, changes: dict[str, Any], made: str, tone: str
) -> None:
    wanted, did, told = tried_words({**TRIED, **changes}, "dispatch", start(leader))
    assert wanted.startswith("派 ") and wanted.endswith("把握 93%")
    assert made in did and told == tone


def test_payloads_in_words(leader: World, start: Start) -> None:
    seat = start(leader)
    assert payload_words({"category": "c", "condition": 1}, seat) == "立案条件第 2 条"
    assert payload_words({"result": "好"}, seat) == "好" and payload_words({}, seat) == ""
    assert tried_words({**TRIED, "payload": {}, "confidence": None}, "accept", seat)[0] == "受理"
