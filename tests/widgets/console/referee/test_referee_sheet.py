"""退单裁判 as a dialog: evidence shown, a meeting asked for, a decision recorded and carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.viewmodels.referee.sheet import RefereeViewModel
from console.viewmodels.referee.waiting import MeetingList
from console.viewmodels.seat import SeatViewModel
from console.windows.referee.ground import GroundPicture
from console.windows.referee.sheet import DecisionDialog, MeetingDialog, RefereeSheet
from tests.support.fakes import World, world_for
from tests.support.rule_centre import AT, FakeRuleCentre, sheet_doc
from widgets.theme import theme

Start = Callable[[World], SeatViewModel]


@pytest.fixture
def sheet(start: Start, window: QWidget, qtbot: Any) -> RefereeSheet:
    world = world_for("dispatcher", "shift_leader")
    case = world.walk("pending_sign")
    centre = FakeRuleCentre(world)
    centre.sheets[case.case_id] = sheet_doc(case_id=case.case_id)
    made = RefereeSheet(RefereeViewModel(start(world), centre, case.case_id), window)
    qtbot.addWidget(made)
    made.open()
    made.model.load()
    qtbot.waitUntil(lambda: made.model.sheet is not None)
    return made


def test_the_evidence_is_there(sheet: RefereeSheet) -> None:
    assert {name: len(shown.lines) for name, shown in sheet.lists.items()} == {
        "steps": 1, "precedents": 1, "pairs": 1, "duty": 2, "units": 2,
    }  # fmt: skip
    assert "距网格边界 12 米" in sheet.ground_words.text() and sheet.ground.isVisible()
    assert sheet.ground.accessibleName().startswith("在 一格")
    assert sheet.head.subtitle.text().startswith("1120-0001")
    assert not sheet.ask_button.reason and not sheet.main_button.reason


def test_enter_on_a_precedent_shows_it(sheet: RefereeSheet, qtbot: Any) -> None:
    shown = sheet.lists["precedents"]
    with qtbot.waitSignal(sheet.case_wanted):
        shown.setFocus()
        QTest.keyClick(shown, Qt.Key.Key_Return)
    assert not sheet.isVisible()


def test_asking_needs_a_reason(sheet: RefereeSheet, qtbot: Any) -> None:
    ask = sheet.ask()
    ask.accept()
    assert ask.text.error and ask.isVisible()
    ask.text.editor.setPlainText("两家都说不归自己")
    with qtbot.waitSignal(sheet.model.said):
        ask.accept()
    assert "待会商" in sheet.notice.accessibleName()


def test_a_decision_is_recorded_and_carried_out(sheet: RefereeSheet, qtbot: Any) -> None:
    decide = sheet.decide()
    decide.accept()
    assert decide.unit.error
    decide.unit.set_current("muni")
    decide.text.editor.setPlainText("设施是市政的")
    with qtbot.waitSignals([sheet.redispatch_wanted, sheet.model.said]) as _:
        decide.accept()
    assert not sheet.isVisible()


def test_units_that_had_it_come_first(sheet: RefereeSheet, window: QWidget, qtbot: Any) -> None:
    decide = DecisionDialog(sheet.model, window)
    qtbot.addWidget(decide)
    assert [decide.unit.editor.itemData(n) for n in range(2)] == ["muni", "sani"]
    assert decide.unit.editor.count() > 2


def test_the_ground_is_drawn_in_its_colours(qtbot: Any) -> None:
    picture = GroundPicture()
    qtbot.addWidget(picture)
    picture.resize(360, 240)
    blank = picture.grab().toImage()
    picture.set_ground(sheet_doc()["ground"], "一格")
    drawn = picture.grab().toImage()
    assert drawn != blank and picture.accessibleName() == "一格"
    seen = {drawn.pixelColor(x, y).name() for x in range(0, 360, 2) for y in range(0, 240, 2)}
    for colour in (theme().ramp("map.density_ramp")[2], theme().color("sla.over2.fill")):
        assert colour.name() in seen


def test_a_case_without_a_point_shows_no_picture(start: Start, window: QWidget, qtbot: Any) -> None:
    world = world_for("dispatcher")
    case = world.walk("pending_sign")
    centre = FakeRuleCentre(world)
    centre.sheets[case.case_id] = sheet_doc(
        ground=None, bounces=[], precedents=[], pairs=[], units=[], duty=[]
    )
    made = RefereeSheet(RefereeViewModel(start(world), centre, case.case_id), window)
    qtbot.addWidget(made)
    made.open()
    assert made.main_button.reason
    made.model.load()
    qtbot.waitUntil(lambda: made.model.sheet is not None)
    assert not made.ground.isVisible() and made.lists["steps"].lines[0].heading
    assert "值班长" in made.main_button.reason


def test_the_list_of_meetings(start: Start, window: QWidget, qtbot: Any) -> None:
    world = world_for("dispatcher")
    case = world.walk("pending_sign")
    centre = FakeRuleCentre(world)
    made = MeetingDialog(MeetingList(start(world), centre), window)
    qtbot.addWidget(made)
    made.open()
    assert made.main_button.reason == "现在没有案件等着会商"
    wire = {"case_id": case.case_id, "number": "20261120-0007", "category": None, "lead_dept": "muni",
            "location": {"address": "示例路1号"}}  # fmt: skip
    centre.waiting = [{"case": wire, "bounces": 3, "asked": None, "decided": None, "last_at": AT}]
    made.model.load()
    qtbot.waitUntil(lambda: not made.main_button.reason)
    with qtbot.waitSignal(made.sheet_wanted) as caught:
        made.list.setFocus()
        QTest.keyClick(made.list, Qt.Key.Key_Return)
    assert caught.args == [case.case_id]
