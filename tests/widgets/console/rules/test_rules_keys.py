"""自动规则 by keys: what each does, what it refuses with which words, and what a reader cannot press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from console.viewmodels.rules.book import RuleBook
from console.viewmodels.rules.draft import RuleForm
from console.viewmodels.seat import SeatViewModel
from console.windows.rules.dialog import CASES_SHOWN, RulesDialog
from console.windows.rules.form import RuleFields
from services.domain.auto_rules import STATES_OF
from tests.support.fakes import World, world_for
from tests.support.rule_centre import TRIAL, TRIED, FakeRuleCentre

Start = Callable[[World], SeatViewModel]


def opened(start: Start, window: QWidget, qtbot: Any, *roles: str) -> tuple[RulesDialog, FakeRuleCentre]:
    world = world_for(*roles)
    centre = FakeRuleCentre(world)
    made = RulesDialog(RuleBook(start(world), centre), window)
    qtbot.addWidget(made)
    made.open()
    made.book.load()
    qtbot.waitUntil(lambda: not made.book.busy)
    return made, centre


@pytest.fixture
def dialog(start: Start, window: QWidget, qtbot: Any) -> RulesDialog:
    return opened(start, window, qtbot, "shift_leader")[0]


def press(dialog: RulesDialog, keys: str) -> None:
    """What a shortcut of the dialog does, whoever has the focus."""
    found = [one for one in dialog.findChildren(QShortcut) if one.key() == QKeySequence(keys)]
    assert len(found) == 1, keys
    found[0].activated.emit()


def keep(dialog: RulesDialog, qtbot: Any, form: RuleForm) -> None:
    before = len(dialog.book.rows)
    dialog.new()
    dialog.fields.show_form(form)
    dialog.accept()
    qtbot.waitUntil(lambda: len(dialog.book.rows) == before + 1 and not dialog.book.busy)


def test_an_empty_list_says_how_to_begin(dialog: RulesDialog) -> None:
    (line,) = dialog.list.lines
    assert line.heading and "Ctrl+N" in line.text
    assert dialog.standing.text() == "新规则" and dialog.trial_head.text() == "还没有试运行"
    assert dialog.try_button.reason == dialog.switch_button.reason == "先保存规则"
    assert dialog.main_button.reason == "没有改动"


def test_keys_of_what_is_not_ready_say_why(dialog: RulesDialog) -> None:
    for keys in ("F9", "F10"):
        dialog.notice.hide()
        press(dialog, keys)
        assert dialog.notice.isVisible() and "先保存规则" in dialog.notice.accessibleName()
    assert not dialog.book.busy


def test_from_new_to_on_by_keys_alone(dialog: RulesDialog, qtbot: Any) -> None:
    press(dialog, "Ctrl+N")
    dialog.fields.name.set_text("夜间受理")
    dialog.fields.changed.emit()
    assert dialog.main_button.reason == ""
    dialog.accept()
    qtbot.waitUntil(lambda: len(dialog.book.rows) == 1 and not dialog.book.busy)
    press(dialog, "F9")
    qtbot.waitUntil(lambda: bool(dialog.book.rule and dialog.book.rule["tried"]) and not dialog.book.busy)
    press(dialog, "F10")
    qtbot.waitUntil(lambda: dialog.switch_button.text() == "停用" and not dialog.book.busy)
    assert dialog.standing.text().startswith("值班长甲") and "启用" in dialog.standing.text()


def test_what_is_written_is_first_saved_then_tried(dialog: RulesDialog, qtbot: Any) -> None:
    keep(dialog, qtbot, RuleForm(name="甲"))
    dialog.fields.changed.emit()
    for keys in ("F9", "F10"):
        dialog.notice.hide()
        press(dialog, keys)
        assert "先保存改动" in dialog.notice.accessibleName()
    assert not dialog.book.busy


def test_the_trial_of_an_older_edit_says_so(dialog: RulesDialog, qtbot: Any) -> None:
    keep(dialog, qtbot, RuleForm(name="甲"))
    press(dialog, "F9")
    qtbot.waitUntil(lambda: bool(dialog.book.rule and dialog.book.rule["tried"]) and not dialog.book.busy)
    assert dialog.trial_head.text() == "试运行结果"
    dialog.fields.lines["cap"].set_text("9")
    dialog.accept()
    qtbot.waitUntil(lambda: bool(dialog.book.rule and dialog.book.rule["edit"] == 2) and not dialog.book.busy)
    assert "需重新试" in dialog.trial_head.text() and "试运行" in dialog.switch_button.reason


def test_a_long_trial_shows_its_latest_cases_latest_first(dialog: RulesDialog, qtbot: Any) -> None:
    many = [{**TRIED, "number": f"20261120-{n:04d}", "case_id": f"{n:036d}"} for n in range(CASES_SHOWN + 5)]
    dialog._show_trial({**TRIAL, "cases": many})
    assert len(dialog.tried.lines) == CASES_SHOWN
    assert (
        dialog.tried.lines[0].lead == f"1120-{CASES_SHOWN + 4:04d}"
        and dialog.tried.lines[-1].lead == "1120-0005"
    )
    dialog._show_trial({**TRIAL, "cases": []})
    assert dialog.tried.lines[0].heading and "没有可看" in dialog.tried.lines[0].text


def test_a_refusal_without_a_field_is_told_whole(dialog: RulesDialog) -> None:
    dialog._on_refused(
        "请求内容有误。", {"hours": "应为时刻", "when": "至少一项", "own_report": "应为是或否"}
    )
    assert dialog.fields.lines["hours"].error == "应为时刻"
    words = dialog.notice.accessibleName()
    assert "请求内容有误" in words and "至少一项；应为是或否" in words and "应为时刻" not in words


@pytest.mark.parametrize("role", ["evaluator", "auditor"])
def test_who_only_reads_can_press_nothing(start: Start, window: QWidget, qtbot: Any, role: str) -> None:
    made, centre = opened(start, window, qtbot, role)
    asked = list(centre.asked)
    for keys in ("F9", "F10"):
        press(made, keys)
    made.fields.changed.emit()
    assert made.main_button.reason == "您的岗位只能查看"
    assert centre.asked == asked and not made.book.busy


def test_an_administrator_is_told_who_decides(start: Start, window: QWidget, qtbot: Any) -> None:
    made, _ = opened(start, window, qtbot, "admin")
    keep(made, qtbot, RuleForm(name="甲"))
    press(made, "F9")
    qtbot.waitUntil(lambda: bool(made.book.rule and made.book.rule["tried"]) and not made.book.busy)
    assert made.switch_button.reason == "启用由值班长决定" and not made.try_button.reason


# --- the form ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", sorted(STATES_OF))
def test_what_the_form_shows_it_gives_back(qtbot: Any, action: str) -> None:
    fields = RuleFields()
    qtbot.addWidget(fields)
    form = RuleForm(
        "r1", 3, "夜间", action, "" if action == "accept" else "惯用", "event-01", "990101001", "hotline", "90",
        "22:00-06:00", "5", "已当场", "2", "80", "急要", True, True,
    )  # fmt: skip
    fields.show_form(form)
    assert fields.form() == form
    assert fields.then.editor.isReadOnly() == (action == "accept")


def test_wrong_fields_are_marked_and_the_first_gets_the_cursor(qtbot: Any) -> None:
    fields = RuleFields()
    qtbot.addWidget(fields)
    fields.show()
    fields.show_errors({"hours": "写成 22:00-06:00", "cap": "应为数字", "moon": "x"})
    marked = {name for name, field in fields.lines.items() if field.error}
    assert marked == {"hours", "cap"}
    cursor = fields.focusWidget()
    hours = fields.lines["hours"]
    assert cursor is not None and (cursor is hours or hours.isAncestorOf(cursor))
    fields.show_errors({})
    assert not any(field.error for field in fields.lines.values())


def test_another_rule_clears_the_marks_of_the_last(qtbot: Any) -> None:
    fields = RuleFields()
    qtbot.addWidget(fields)
    fields.show_errors({"cap": "应为数字"})
    fields.show_form(RuleForm(name="乙"))
    assert not fields.lines["cap"].error and fields.form().name == "乙"


def test_looking_is_not_writing(qtbot: Any) -> None:
    """A form that tells of changes while it is filled would ask to save what nobody wrote."""
    fields = RuleFields()
    qtbot.addWidget(fields)
    told: list[bool] = []
    fields.changed.connect(lambda: told.append(True))
    fields.show_form(RuleForm(name="甲", action="dispatch", then="建议单位", own_report=True))
    assert told == []
    fields.name.editor.setFocus(Qt.FocusReason.OtherFocusReason)
    fields.action.chosen.emit("dispatch")
    assert told == [True]
