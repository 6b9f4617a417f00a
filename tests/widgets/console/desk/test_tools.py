"""The desk's tools in the real window of a seat: verbs and keys, 补录, pictures into a case, the marked number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtTest import QTest

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.verbs.verb import Call
from console.windows.desk.tools import DeskTools
from console.windows.desk.watch_dialog import WatchDialog
from console.windows.dialogs.attach_dialog import AttachDialog
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.handover.draft_dialog import HandoverDialog
from console.windows.handover.sheet_dialog import SheetDialog
from console.windows.intake.page import IntakePage
from console.windows.shell import ShellWindow
from tests.support.desk_centre import FakeDeskCentre, left_by
from tests.support.fakes import World, settled
from tests.widgets.console.palette.conftest import Open, open_window
from tests.widgets.console.palette.test_three_lists import (
    every_key_is_heard,
    every_key_is_listed_under_the_question_mark,
    every_verb_is_well_formed,
    every_verb_stands_in_the_command_bar,
    no_key_means_two_things,
    the_context_menu_holds_every_verb_of_a_case,
)

__all__ = ["open_window"]

CTRL = Qt.KeyboardModifier.ControlModifier
Made = tuple[World, SeatViewModel, ShellWindow, DeskTools, FakeDeskCentre]


@pytest.fixture
def desk(open_window: Open, qtbot: Any) -> Iterator[Callable[..., Made]]:
    def make(roles: tuple[str, ...], *states: str, left: bool = False) -> Made:
        world, seat, window = open_window(roles, *states)
        centre = FakeDeskCentre(world)
        if left:
            sheet = left_by(world)
            centre.kept[sheet.head.handover_id] = sheet
        tools = DeskTools(seat, window, centre, lambda _word: True, window)
        tools.start()
        settled(seat, qtbot)
        return world, seat, window, tools, centre

    yield make


def test_the_verbs_of_the_tools_keep_the_rules_of_the_one_list(desk: Callable[..., Made]) -> None:
    window = desk(("acceptor", "dispatcher", "shift_leader"), "pending_dispatch")[2]
    every_verb_is_well_formed(window)
    no_key_means_two_things(window)
    every_verb_stands_in_the_command_bar(window)
    the_context_menu_holds_every_verb_of_a_case(window)
    every_key_is_listed_under_the_question_mark(window)
    every_key_is_heard(window)


def test_keys_open_the_hand_over_and_the_watch_list(desk: Callable[..., Made], qtbot: Any) -> None:
    world, seat, window, tools, _ = desk(("dispatcher",), "pending_dispatch")
    case_id = next(iter(world.cases))
    seat.verbs.run("case.watch", Call((case_id,)))
    assert tools.watch.watched(case_id)
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    qtbot.waitUntil(lambda: window.findChild(HandoverDialog) is not None, timeout=10_000)
    dialog = window.findChild(HandoverDialog)
    assert dialog is not None
    settled(seat, qtbot)
    assert any("关注" in line.text for line in dialog.lines())
    dialog.reject()
    seat.verbs.run("desk.watch", Call())
    watching = window.findChild(WatchDialog)
    assert watching is not None and watching.list.current == case_id
    watching.reject()


def test_a_shift_begins_with_the_sheet_that_waits(desk: Callable[..., Made], qtbot: Any) -> None:
    _, seat, window, _, centre = desk(("dispatcher",), "pending_dispatch", left=True)
    qtbot.waitUntil(lambda: window.findChild(SheetDialog) is not None, timeout=10_000)
    sheet = window.findChild(SheetDialog)
    assert sheet is not None and sheet.sheet.head.left.name == "谢临川"
    sheet.reject()
    settled(seat, qtbot)
    assert "take_over" not in centre.asked


def test_a_paper_form_is_entered_through_the_dispatch_dialog(desk: Callable[..., Made], qtbot: Any) -> None:
    world, seat, window, tools, _ = desk(("dispatcher",), "pending_dispatch")
    case_id = next(iter(world.cases))
    form = tools.paper.issue(case_id, "muni", "先设围挡")
    tools.enter_paper(form.serial)
    dialog = window.findChild(DispatchDialog)
    assert dialog is not None
    settled(seat, qtbot)
    assert form.serial in dialog.note.text() and dialog.model.values["lead_dept"] == "muni"
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: not tools.paper.waiting, timeout=10_000)
    settled(seat, qtbot)
    assert [command.action for command in world.commands] == ["dispatch", "comment"]
    tools.enter_paper("unknown")


def test_a_form_of_a_case_that_went_on_leaves_a_remark(desk: Callable[..., Made], qtbot: Any) -> None:
    world, _seat, window, tools, _ = desk(("dispatcher",), "handling")
    form = tools.paper.issue(next(iter(world.cases)), "muni")
    tools.enter_paper(form.serial)
    qtbot.waitUntil(lambda: not tools.paper.waiting, timeout=10_000)
    assert window.findChild(DispatchDialog) is None and world.commands[0].action == "comment"


def test_paper_is_for_what_waits_for_dispatch(desk: Callable[..., Made]) -> None:
    world, seat, *_ = desk(("dispatcher",), "handling", "pending_dispatch")
    handling, waiting = world.cases
    assert seat.verbs.why_not("case.paper", Call((handling,)))
    assert not seat.verbs.why_not("case.paper", Call((waiting,)))


def test_a_picture_on_the_clipboard_is_looked_at_then_attached(desk: Callable[..., Made], qtbot: Any) -> None:
    world, seat, window, _, _ = desk(("dispatcher",), "pending_dispatch")
    case_id = next(iter(world.cases))
    QGuiApplication.clipboard().setText("文字")
    assert seat.verbs.why_not("case.paste", Call((case_id,))) == "剪贴板里没有图片"
    image = QImage(60, 40, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    QGuiApplication.clipboard().setImage(image)
    seat.verbs.run("case.paste", Call((case_id,)))
    dialog = window.findChild(AttachDialog)
    assert dialog is not None
    settled(seat, qtbot)
    assert dialog.preview.isVisible() and dialog.model.photos[0].name.startswith("截图-20261120-")
    assert world.commands == []
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: bool(world.commands), timeout=10_000)
    assert world.commands[0].action == "attach" and len(world.attachments) == 1


def test_a_region_of_the_screen_goes_the_same_way(desk: Callable[..., Made], qtbot: Any) -> None:
    world, seat, window, tools, _ = desk(("dispatcher",), "pending_dispatch")
    grab = tools.grab_region(next(iter(world.cases)))
    QTest.keyClick(grab, Qt.Key.Key_Return)
    dialog = window.findChild(AttachDialog)
    assert dialog is not None
    settled(seat, qtbot)
    assert dialog.model.photos and dialog.preview.isVisible()
    dialog.reject()


def test_a_marked_number_is_said_in_the_form_of_intake(desk: Callable[..., Made], qtbot: Any) -> None:
    _, _seat, window, tools, centre = desk(("acceptor", "shift_leader"), "reported")
    centre.mark_caller("深夜谩骂", 30, phone="13800009911")
    page = window.workspaces["intake"]
    assert isinstance(page, IntakePage)
    window.show_workspace("intake")
    page.form.phone.editor.setText("13800009911")
    qtbot.waitUntil(lambda: tools.mark_bar.isVisible(), timeout=10_000)
    page.form.phone.editor.clear()
    assert not tools.mark_bar.isVisible()


def test_dispatchers_have_no_marks(desk: Callable[..., Made]) -> None:
    _, seat, _, tools, _ = desk(("dispatcher",), "pending_dispatch")
    assert "desk.marks" not in seat.verbs and "case.mark_caller" not in seat.verbs
    assert not hasattr(tools, "mark_bar")


@pytest.mark.parametrize(
    "opener", ["open_contact", "open_own_shift", "open_papers", "open_last", "open_marks", "open_mark"]
)
def test_every_window_opens_and_closes(opener: str, desk: Callable[..., Made], qtbot: Any) -> None:
    _, seat, _, tools, _ = desk(("acceptor", "dispatcher", "shift_leader"), "pending_dispatch")
    dialog = getattr(tools, opener)()
    assert dialog.isVisible()
    settled(seat, qtbot)
    dialog.reject()
    assert not dialog.isVisible()
