"""The verbs of rules and referee, and the way from a decision to the 改派 that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.verb import Call
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.referee.sheet import MeetingDialog, RefereeSheet
from console.windows.rules.dialog import RulesDialog
from console.windows.rules.tools import MEETINGS, REFEREE, RULES, RuleTools
from tests.support.fakes import World, world_for
from tests.support.rule_centre import FakeRuleCentre, sheet_doc
from widgets.theme import theme_store

Start = Callable[[World], SeatViewModel]


class Shell(QWidget):
    """What the tools ask of the window."""

    def __init__(self, seat: SeatViewModel) -> None:
        super().__init__()
        self.seat = seat
        self.shown: list[str] = []

    def show_case(self, case_id: str) -> None:
        self.shown.append(case_id)


def tools_for(world: World, start: Start, qtbot: Any) -> tuple[RuleTools, Shell, FakeRuleCentre]:
    shell, centre = Shell(start(world)), FakeRuleCentre(world)
    shell.resize(1440, 900)
    qtbot.addWidget(shell)
    shell.show()
    return RuleTools(shell, centre, theme_store(), shell), shell, centre  # type: ignore[arg-type] # a double of the window


@pytest.mark.parametrize(
    ("roles", "known"),
    [
        (("shift_leader",), {RULES.id, REFEREE.id, MEETINGS.id}), (("dispatcher",), {REFEREE.id, MEETINGS.id}),
        (("admin",), {RULES.id}), (("dept_user",), set()),
    ],
)  # fmt: skip
def test_every_post_gets_its_own_verbs(
    start: Start, qtbot: Any, roles: tuple[str, ...], known: set[str]
) -> None:
    tools, _, _ = tools_for(world_for(*roles), start, qtbot)
    verbs = tools.seat.verbs
    assert {verb.id for verb in (RULES, REFEREE, MEETINGS) if verb.id in verbs} == known


def test_the_verbs_open_their_windows(start: Start, qtbot: Any) -> None:
    world = world_for("shift_leader")
    case = world.walk("pending_sign")
    tools, shell, centre = tools_for(world, start, qtbot)
    centre.sheets[case.case_id] = sheet_doc(case_id=case.case_id)
    rules = tools.open_rules()
    assert isinstance(rules, RulesDialog) and rules.isVisible()
    qtbot.waitUntil(lambda: not tools.book.busy)
    rules.case_wanted.emit(case.case_id)
    rules.reject()
    sheet = tools.open_sheet(case.case_id)
    assert isinstance(sheet, RefereeSheet)
    qtbot.waitUntil(lambda: sheet.model.sheet is not None)
    sheet.reject()
    meetings = tools.open_meetings()
    assert isinstance(meetings, MeetingDialog)
    qtbot.waitUntil(lambda: "meetings" in centre.asked)
    meetings.reject()
    assert shell.shown == [case.case_id]


def test_a_sheet_needs_a_case_that_is_known(start: Start, qtbot: Any) -> None:
    world = world_for("dispatcher")
    case = world.walk("pending_sign")
    tools, _, _ = tools_for(world, start, qtbot)
    verbs = tools.seat.verbs
    assert verbs.why_not(REFEREE.id, Call(cases=(case.case_id,))) == ""
    assert "没有找到" in verbs.why_not(REFEREE.id, Call(cases=("01930000-0000-7000-8000-00000000ffff",)))


def test_a_decision_fills_the_next_dispatch_in(start: Start, qtbot: Any) -> None:
    world = world_for("dispatcher", "shift_leader")
    case = world.walk("pending_sign")
    tools, shell, centre = tools_for(world, start, qtbot)
    centre.sheets[case.case_id] = sheet_doc(case_id=case.case_id)
    sheet = tools.open_sheet(case.case_id)
    qtbot.waitUntil(lambda: sheet.model.sheet is not None)
    sheet.redispatch_wanted.emit(case.case_id, "sani", "会商决定由环卫承办")
    dialog = next(iter(shell.findChildren(DispatchDialog)))
    assert dialog.model.values["reason"] == dialog.reason.text() == "会商决定由环卫承办"
    assert dialog.model.values["lead_dept"] == "sani"
    dialog.reject()
    sheet.reject()
