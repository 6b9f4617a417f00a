"""自动规则 as a dialog: what is shown, what may be pressed, and that nothing written is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.viewmodels.rules.book import RuleBook
from console.viewmodels.rules.draft import RuleForm
from console.viewmodels.seat import SeatViewModel
from console.windows.rules.dialog import RulesDialog
from console.windows.rules.form import RuleFields
from tests.support.fakes import World, world_for
from tests.support.rule_centre import TRIED, FakeRuleCentre

Start = Callable[[World], SeatViewModel]


@pytest.fixture
def dialog(start: Start, window: QWidget, qtbot: Any) -> RulesDialog:
    world = world_for("shift_leader")
    made = RulesDialog(RuleBook(start(world), FakeRuleCentre(world)), window)
    qtbot.addWidget(made)
    made.open()
    made.book.load()
    qtbot.waitUntil(lambda: not made.book.busy)
    return made


def keep(dialog: RulesDialog, qtbot: Any, form: RuleForm) -> None:
    """Write a new rule and save it."""
    before = len(dialog.book.rows)
    dialog.new()
    dialog.fields.show_form(form)
    dialog.accept()
    qtbot.waitUntil(lambda: len(dialog.book.rows) == before + 1 and not dialog.book.busy)


def test_a_rule_from_the_first_word_to_the_switch(dialog: RulesDialog, qtbot: Any) -> None:
    keep(dialog, qtbot, RuleForm(name="夜间受理"))
    assert [line.text for line in dialog.list.lines] == ["夜间受理"]
    assert dialog.switch_button.reason and not dialog.try_button.reason
    assert not dialog.tried.isVisible() and dialog.trial_head.text() == "还没有试运行"
    dialog.try_button.click_or_refuse()
    qtbot.waitUntil(lambda: dialog.tried.isVisible() and not dialog.book.busy)
    assert dialog.trial_bars.bars and dialog.facts.facts[1].text.startswith("20 件")
    assert dialog.tried.lines[0].lead == "1120-0001" and not dialog.switch_button.reason
    dialog.switch_button.click_or_refuse()
    qtbot.waitUntil(lambda: dialog.switch_button.text() == "停用" and not dialog.book.busy)
    assert dialog.list.lines[0].side == "已启用"
    dialog.switch_button.click_or_refuse()
    qtbot.waitUntil(lambda: dialog.switch_button.text() == "启用" and not dialog.book.busy)


def test_what_was_written_must_be_saved_first(dialog: RulesDialog, qtbot: Any) -> None:
    keep(dialog, qtbot, RuleForm(name="甲规则"))
    keep(dialog, qtbot, RuleForm(name="乙规则"))
    assert dialog.list.current == str(dialog.book.rule["id"] if dialog.book.rule else "")
    assert dialog.main_button.reason == "没有改动"
    dialog.fields.name.editor.setFocus()
    dialog.fields.name.editor.setText("丙规则")
    dialog.fields.name.text_changed.emit("丙规则")
    assert dialog.try_button.reason == "先保存改动" and not dialog.main_button.reason
    other = next(line.key for line in dialog.list.lines if line.text == "甲规则")
    dialog.list.choose(other)
    assert dialog.notice.isVisible() and dialog.list.current != other
    assert dialog.fields.name.text() == "丙规则"
    dialog.accept()
    qtbot.waitUntil(lambda: any(line.text == "丙规则" for line in dialog.list.lines) and not dialog.book.busy)
    dialog.list.choose(other)
    qtbot.waitUntil(lambda: dialog.fields.name.text() == "甲规则")


def test_a_wrong_field_is_marked(dialog: RulesDialog, qtbot: Any) -> None:
    dialog.new()
    dialog.fields.show_form(RuleForm(name="试", hours="夜里"))
    dialog.accept()
    assert dialog.fields.lines["hours"].error and dialog.notice.isVisible()
    assert not dialog.fields.lines["wait"].error


def test_a_case_of_the_trial_is_shown(dialog: RulesDialog, qtbot: Any) -> None:
    keep(dialog, qtbot, RuleForm(name="试"))
    dialog.try_now()
    qtbot.waitUntil(lambda: dialog.tried.isVisible() and not dialog.book.busy)
    with qtbot.waitSignal(dialog.case_wanted) as caught:
        dialog.tried.setFocus()
        QTest.keyClick(dialog.tried, Qt.Key.Key_Return)
    assert caught.args == [TRIED["case_id"]] and not dialog.isVisible()


def test_an_opened_dialog_shows_the_first_rule_with_its_days(
    dialog: RulesDialog, start: Start, window: QWidget, qtbot: Any
) -> None:
    keep(dialog, qtbot, RuleForm(name="试"))
    dialog.try_now()
    qtbot.waitUntil(lambda: dialog.tried.isVisible() and not dialog.book.busy)
    dialog.switch()
    qtbot.waitUntil(lambda: bool(dialog.book.rule and dialog.book.rule["active"]) and not dialog.book.busy)
    again = RulesDialog(RuleBook(dialog.book.seat, dialog.book.centre), window)
    qtbot.addWidget(again)
    again.open()
    again.book.load()
    qtbot.waitUntil(lambda: again.fields.name.text() == "试" and not again.book.busy)
    assert again.day_bars.isVisible() and again.day_bars.bars[0].bad == 2


def test_an_evaluator_only_looks(start: Start, window: QWidget, qtbot: Any) -> None:
    world = world_for("evaluator")
    made = RulesDialog(RuleBook(start(world), FakeRuleCentre(world)), window)
    qtbot.addWidget(made)
    assert made.main_button.reason == made.try_button.reason == "您的岗位只能查看"


def test_the_form_names_what_an_action_needs(qtbot: Any) -> None:
    fields = RuleFields()
    qtbot.addWidget(fields)
    fields.show_form(RuleForm(name="试", action="dispatch", then="建议单位", own_report=True))
    assert not fields.then.editor.isReadOnly() and fields.form().own_report
    fields.action.set_current("accept")
    fields.action.chosen.emit("accept")
    assert fields.then.editor.isReadOnly() and fields.form().then == ""
