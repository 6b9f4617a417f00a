"""The sheets of 交接班 as dialogs: lines open their case, words say where a signature stands, paper has every line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.viewmodels.desk.shift import Shift
from console.viewmodels.handover.book import HandoverBook
from console.viewmodels.handover.sheets import HandoverSheets
from console.viewmodels.seat import SeatViewModel
from console.windows.handover.draft_dialog import HandoverDialog
from console.windows.handover.sheet_dialog import LastDialog, SheetDialog
from services.ports.handover import BriefLine
from tests.support.desk_centre import FakeDeskCentre, left_by
from tests.support.fakes import World, settled, world_for

CTRL = Qt.KeyboardModifier.ControlModifier


class Desk:
    """A seat, its hand-over book and the window behind."""

    def __init__(self, world: World, seat: SeatViewModel, window: QWidget, qtbot: Any) -> None:
        self.world, self.seat, self.window, self.qtbot = world, seat, window, qtbot
        self.centre = FakeDeskCentre(world)
        self.shift = Shift(seat, seat)
        self.sheets = HandoverSheets(seat, self.centre, self.shift, seat)
        self.book = HandoverBook(seat, self.sheets, parent=seat)
        self.paths: list[str] = []
        self.word = "Right-Pass-1"

    def settle(self) -> None:
        settled(self.seat, self.qtbot)

    def line(self, online: bool) -> None:
        self.world.online = online
        self.world.announce({"connection"})
        self.settle()

    def open(self) -> HandoverDialog:
        self.book.begin()
        self.settle()
        dialog = HandoverDialog(
            self.book,
            lambda word: word == self.word,
            self.window,
            lambda _w, _n: self.paths.pop(),
            lambda _w: None,
        )
        dialog.open()
        return dialog

    def press(self, dialog: QWidget, key: Qt.Key) -> None:
        """Press Ctrl and a key once the dialog has the keyboard."""
        dialog.activateWindow()
        self.qtbot.waitUntil(dialog.isActiveWindow, timeout=10_000)
        QTest.keyClick(dialog, key, CTRL)

    def notice(self, dialog: Any) -> str:
        return str(dialog.notice.accessibleName()) if dialog.notice.isVisible() else ""


@pytest.fixture
def desk(start: Callable[[World], SeatViewModel], window: QWidget, qtbot: Any) -> Iterator[Desk]:
    world = world_for("dispatcher")
    world.walk("handling", urgent=True)
    world.walk("pending_sign")
    world.advance(minutes=45)
    made = Desk(world, start(world), window, qtbot)
    made.settle()
    yield made


def confirm(dialog: QWidget) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)


def test_lines_stand_under_their_headings_and_open_their_case(desk: Desk) -> None:
    dialog = desk.open()
    headings = [line.text for line in dialog.list.lines if line.heading]
    assert headings[0] == "急要件在办" and "单位未签收" in headings
    assert dialog.focusWidget() is dialog.list and not dialog.list.lines[1].heading
    wanted: list[str] = []
    dialog.case_wanted.connect(wanted.append)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert wanted == [dialog.lines()[0].case_id] and not dialog.isVisible()


def test_a_remark_is_written_to_the_line_under_the_cursor(desk: Desk) -> None:
    dialog = desk.open()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    place = int(dialog.list.current)
    dialog.remark.editor.setText("电话已催")
    dialog.remark.text_changed.emit("电话已催")
    assert dialog.lines()[place].remark == "电话已催"
    assert any(line.under == "附注：电话已催" for line in dialog.list.lines)
    QTest.keyClick(dialog.list, Qt.Key.Key_Up)
    assert dialog.remark.text() == ""
    dialog.note.submitted.emit("车钥匙在抽屉")
    assert dialog.lines()[-1].text == "车钥匙在抽屉" and dialog.note.text() == ""
    dialog.reject()


def test_signed_with_the_session_it_reaches_the_centre_and_the_next_one_signs_here(desk: Desk) -> None:
    dialog = desk.open()
    dialog.remarks.append("夜间电话已转")
    confirm(dialog)
    assert dialog.sign_dialog is not None
    confirm(dialog.sign_dialog)
    desk.settle()
    assert len(desk.centre.kept) == 1 and desk.notice(dialog) == "已到中心，等接班人签字"
    assert dialog.remark.editor.isReadOnly() and dialog.main_button.text() == "接班人在本席签字"
    confirm(dialog)
    sign = dialog.sign_dialog
    confirm(sign)
    assert sign.isVisible() and sign.name.error
    sign.name.set_text("pqy02")
    sign.password.set_text("falsch")
    confirm(sign)
    desk.settle()
    assert sign.password.error == "用户名或密码不对。" and sign.password.text() == "" and sign.isVisible()
    sign.password.set_text("Next-Pass-2026")
    confirm(sign)
    desk.settle()
    assert not sign.isVisible() and desk.notice(dialog).startswith("卢见青 已接班签字")
    assert dialog.main_button.reason == "卢见青 已接班签字"
    dialog.reject()


def test_without_a_line_the_password_signs_and_the_sheet_says_where_it_is(desk: Desk) -> None:
    desk.line(False)
    dialog = desk.open()
    assert desk.notice(dialog).startswith("离线：只有本机知道的事项")
    confirm(dialog)
    sign = dialog.sign_dialog
    assert sign is not None
    confirm(sign)
    assert sign.password.error == "请输入密码。"
    sign.password.set_text("falsch")
    confirm(sign)
    desk.settle()
    assert sign.password.error == "密码不对，请再试。" and desk.book.outgoing == ()
    sign.password.set_text(desk.word)
    confirm(sign)
    desk.settle()
    assert desk.notice(dialog).startswith("已签字，还没有到中心") and dialog.main_button.reason
    desk.line(True)
    desk.qtbot.waitUntil(lambda: bool(desk.centre.kept), timeout=10_000)
    desk.settle()
    assert desk.notice(dialog) == "已到中心，等接班人签字"
    dialog.reject()


def test_the_sheet_goes_to_pdf_with_every_line_and_both_signatures(desk: Desk, tmp_path: Path) -> None:
    dialog = desk.open()
    confirm(dialog)
    assert dialog.sign_dialog is not None
    confirm(dialog.sign_dialog)
    desk.settle()
    file = tmp_path / "sheet.pdf"
    desk.paths = [str(tmp_path / "none" / "x.pdf"), str(file)]
    desk.paths.reverse()
    desk.press(dialog, Qt.Key.Key_S)
    assert desk.seat.notices.kept[0].title == "没有保存：这个位置不能写入。"
    desk.press(dialog, Qt.Key.Key_S)
    assert file.read_bytes().startswith(b"%PDF") and desk.seat.notices.kept[0].title == "交接班单已保存"
    words = dialog.paper().toPlainText()
    for line in dialog.lines():
        assert line.text in words
    assert "交班人：江予安" in words and "接班人：____" in words and f"校验 {'ab' * 8}" in words
    dialog.reject()


def test_an_unsigned_draft_on_paper_leaves_both_lines_free(desk: Desk) -> None:
    dialog = desk.open()
    words = dialog.paper().toPlainText()
    assert words.count("________________") == 2 and "没有到中心" in words
    dialog.reject()


def test_a_waiting_sheet_is_read_and_taken_over(desk: Desk) -> None:
    sheet = left_by(desk.world, BriefLine("note", "看好抢修"), remarks="两组人")
    desk.centre.kept[sheet.head.handover_id] = sheet
    dialog = SheetDialog(sheet, desk.sheets, desk.window, lambda _w, _n: "", lambda _w: None)
    dialog.open()
    assert "谢临川" in dialog.head.subtitle.text() and "两组人" in dialog.remarks.text()
    dialog.note.set_text("已清点")
    confirm(dialog)
    desk.settle()
    taken = desk.centre.kept[sheet.head.handover_id].head.taken_over
    assert taken is not None and (taken.name, taken.note) == ("江予安", "已清点")
    assert desk.notice(dialog).startswith("已接班") and dialog.main_button.reason == "江予安 已接班签字"
    assert not dialog.note.isVisible() and "接班人：江予安" in dialog.paper().toPlainText()
    dialog.reject()


def test_the_last_ones_are_listed_and_opened(desk: Desk) -> None:
    sheet = left_by(desk.world)
    desk.centre.kept[sheet.head.handover_id] = sheet
    dialog = LastDialog(desk.sheets, desk.window)
    dialog.open()
    desk.settle()
    assert [line.key for line in dialog.list.lines] == [sheet.head.handover_id]
    assert dialog.list.lines[0].under == "等接班人签字"
    wanted: list[str] = []
    dialog.sheet_wanted.connect(wanted.append)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert wanted == [sheet.head.handover_id]
    desk.line(False)
    dialog.show_model()
    assert dialog.notice.isVisible()
    dialog.reject()


def test_no_printer_prints_nothing(desk: Desk) -> None:
    dialog = desk.open()
    asked: list[QPrinter | None] = []
    dialog._ask_printer = lambda _w: asked.append(None)  # type: ignore[func-returns-value]  # None: nobody chose one
    desk.press(dialog, Qt.Key.Key_P)
    assert asked == [None]
    dialog.reject()
