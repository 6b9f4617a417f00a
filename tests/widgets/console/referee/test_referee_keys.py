"""退单裁判 by keys: F8 asks, Enter records, posts that may not are told why; the list of those that wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from console.viewmodels.referee.sheet import RefereeViewModel
from console.viewmodels.referee.waiting import MeetingList
from console.viewmodels.seat import SeatViewModel
from console.windows.referee.sheet import AskDialog, DecisionDialog, MeetingDialog, RefereeSheet
from services.domain.bounces import ASKED, DECIDED, meeting_mark
from tests.support.fakes import World, world_for
from tests.support.rule_centre import AT, FakeRuleCentre, sheet_doc

Start = Callable[[World], SeatViewModel]


def opened(
    start: Start, window: QWidget, qtbot: Any, *roles: str, **changes: Any
) -> tuple[RefereeSheet, World]:
    world = world_for(*roles)
    case = world.walk("pending_sign")
    centre = FakeRuleCentre(world)
    centre.sheets[case.case_id] = sheet_doc(case_id=case.case_id, **changes)
    made = RefereeSheet(RefereeViewModel(start(world), centre, case.case_id), window)
    qtbot.addWidget(made)
    made.open()
    made.model.load()
    qtbot.waitUntil(lambda: made.model.sheet is not None)
    return made, world


def press_f8(sheet: RefereeSheet) -> None:
    (found,) = [one for one in sheet.findChildren(QShortcut) if one.key() == QKeySequence("F8")]
    found.activated.emit()


def marks(world: World) -> list[tuple[str, str] | None]:
    return [meeting_mark(str(one.payload["text"])) for one in world.commands if one.action == "comment"]


def test_f8_opens_the_question_and_its_words_are_a_mark(start: Start, window: QWidget, qtbot: Any) -> None:
    sheet, world = opened(start, window, qtbot, "dispatcher")
    press_f8(sheet)
    (ask,) = sheet.findChildren(AskDialog)
    ask.text.set_text("   ")
    ask.accept()
    assert ask.text.error == "请写理由" and marks(world) == []
    ask.text.set_text("  两家都说不归自己  ")
    with qtbot.waitSignal(sheet.model.said):
        ask.accept()
    assert marks(world) == [(ASKED, "两家都说不归自己")]
    assert "已保存" in sheet.notice.accessibleName() and sheet.isVisible()


@pytest.mark.parametrize(
    ("roles", "ask", "decide"),
    [
        (("dispatcher",), "", "会商决定由值班长记录"), (("shift_leader",), "", ""),
        (("leader",), "提请会商由派遣员或值班长办理", "会商决定由值班长记录"),
    ],
)  # fmt: skip
def test_who_may_do_what(
    start: Start, window: QWidget, qtbot: Any, roles: tuple[str, ...], ask: str, decide: str
) -> None:
    sheet, world = opened(start, window, qtbot, *roles)
    assert (sheet.ask_button.reason, sheet.main_button.reason) == (ask, decide)
    if ask:
        press_f8(sheet)
        assert ask in sheet.notice.accessibleName()
        assert sheet.findChildren(AskDialog) == [] and marks(world) == []


def test_a_decision_goes_out_as_mark_unit_and_reason(start: Start, window: QWidget, qtbot: Any) -> None:
    sheet, world = opened(start, window, qtbot, "shift_leader")
    wanted: list[tuple[str, str, str]] = []
    sheet.redispatch_wanted.connect(lambda *given: wanted.append(given))
    decide = sheet.decide()
    decide.accept()
    assert decide.unit.error == "请选承办单位" and wanted == []
    decide.unit.set_current("sani")
    decide.accept()
    qtbot.waitUntil(lambda: bool(marks(world)))
    words = f"由{sheet.model.unit('sani')}承办"
    assert marks(world) == [(DECIDED, words)], "no colon where nothing follows"
    assert wanted == [(sheet.model.case_id, "sani", f"会商决定{words}")]


def test_only_units_that_work_are_offered_each_once(start: Start, window: QWidget, qtbot: Any) -> None:
    sheet, _ = opened(start, window, qtbot, "shift_leader")
    decide = DecisionDialog(sheet.model, window)
    qtbot.addWidget(decide)
    offered = [decide.unit.editor.itemData(n) for n in range(decide.unit.editor.count())]
    offered = [unit for unit in offered if unit]
    units = sheet.model.seat.rules.departments
    assert len(offered) == len(set(offered))
    assert set(offered) == {unit.id for unit in units.values() if unit.active}
    assert offered[:2] == ["muni", "sani"]


def test_lists_are_as_high_as_what_they_show(start: Start, window: QWidget, qtbot: Any) -> None:
    """They stand in one scrolling page: a list that scrolls by itself would hide evidence."""
    step = sheet_doc()["bounces"][0]
    sheet, _ = opened(start, window, qtbot, "dispatcher", bounces=[step] * 7, precedents=[], pairs=[])
    steps = sheet.lists["steps"]
    needed = sum(steps.sizeHintForRow(row) for row in range(len(steps.lines)))
    assert steps.height() >= needed
    assert sheet.lists["precedents"].lines[0].text == "附近没有办结的先例"
    assert sheet.lists["pairs"].lines[0].text == "还没有往来记录"
    assert sheet.lists["steps"].height() > sheet.lists["pairs"].height()


def test_before_the_centre_has_answered_nothing_is_claimed(start: Start, window: QWidget, qtbot: Any) -> None:
    world = world_for("shift_leader")
    made = RefereeSheet(RefereeViewModel(start(world), FakeRuleCentre(world), "no-such-case"), window)
    qtbot.addWidget(made)
    made.open()
    assert made.lists["steps"].lines[0].text == "…" and made.main_button.reason == "还没有读到"
    made.model.load()
    qtbot.waitUntil(lambda: bool(made.model.trouble))
    assert "没有找到" in made.notice.accessibleName() and made.lists["duty"].lines[0].text == "…"


# --- 待会商 ----------------------------------------------------------------------------------------------------


def waiting(start: Start, window: QWidget, qtbot: Any, count: int) -> tuple[MeetingDialog, FakeRuleCentre]:
    world = world_for("dispatcher")
    centre = FakeRuleCentre(world)
    for n in range(count):
        wire = {
            "case_id": f"01930000-0000-7000-8000-{n:012d}", "number": f"20261120-{n:04d}", "category": None,
            "lead_dept": "muni", "location": {"address": "示例路1号"},
        }  # fmt: skip
        centre.waiting.append({"case": wire, "bounces": 5 - n, "asked": None, "decided": None, "last_at": AT})
    made = MeetingDialog(MeetingList(start(world), centre), window)
    qtbot.addWidget(made)
    made.open()
    made.model.load()
    qtbot.waitUntil(lambda: "meetings" in centre.asked and len(made.model.rows) == count)
    return made, centre


def test_the_main_button_shows_the_case_under_the_cursor(start: Start, window: QWidget, qtbot: Any) -> None:
    made, centre = waiting(start, window, qtbot, 3)
    assert made.head.subtitle.text() == "3 件" and not made.main_button.reason
    assert [line.side for line in made.list.lines] == ["流转 5 次", "流转 4 次", "流转 3 次"]
    wanted = centre.waiting[1]["case"]["case_id"]
    made.list.choose(wanted)
    with qtbot.waitSignal(made.case_wanted) as caught:
        made.accept()
    assert caught.args == [wanted] and not made.isVisible()


def test_an_empty_list_cannot_be_confirmed(start: Start, window: QWidget, qtbot: Any) -> None:
    made, _ = waiting(start, window, qtbot, 0)
    told: list[str] = []
    made.case_wanted.connect(told.append)
    made.sheet_wanted.connect(told.append)
    made.accept()
    made.list.opened.emit("none")
    assert told == [] and made.isVisible() and made.main_button.reason == "现在没有案件等着会商"


def test_a_list_that_cannot_be_read_says_why(start: Start, window: QWidget, qtbot: Any) -> None:
    made, _ = waiting(start, window, qtbot, 0)
    made.model.seat.connection = None
    made.model.load()
    assert made.main_button.reason.startswith("离线") and made.list.lines[0].text.startswith("离线")
