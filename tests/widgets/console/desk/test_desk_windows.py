"""The small windows of the desk: sentences into any field, watch list, cards, own shift, paper, marks, pictures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from console.viewmodels.actions.photos import photo_of
from console.viewmodels.desk.caller_marks import CallerMarks
from console.viewmodels.desk.contacts import ContactBook
from console.viewmodels.desk.own_shift import OwnShift
from console.viewmodels.desk.paper_dispatch import PaperDispatch
from console.viewmodels.desk.sentences import SentenceBook
from console.viewmodels.desk.shift import Shift
from console.viewmodels.desk.watch import WatchBook
from console.viewmodels.seat import SeatViewModel
from console.windows.desk.contact_card import ContactDialog
from console.windows.desk.desk_list import DeskList, ListLine
from console.windows.desk.grab import RegionGrab, clipboard_picture, picture_bytes
from console.windows.desk.location_sketch import location_sketch
from console.windows.desk.marks import MarkBar, MarkDialog, MarksDialog
from console.windows.desk.own_shift_dialog import OwnShiftDialog
from console.windows.desk.paper_form import PaperFormDialog, PaperListDialog, form_document
from console.windows.desk.sentences_popup import SentenceKeys, SentencesPopup, about, put_in, takes_sentences
from console.windows.desk.watch_dialog import ReminderDialog, WatchDialog
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dialogs.photo_preview import PhotoPreview, size_words
from console.windows.dialogs.registry import open_action
from tests.support.desk_centre import FakeDeskCentre
from tests.support.fakes import World, settled, world_for
from widgets.forms.fields import LineField
from widgets.theme import theme_store

CTRL = Qt.KeyboardModifier.ControlModifier
Start = Callable[[World], SeatViewModel]


@pytest.fixture
def world() -> World:
    made = world_for("acceptor", "dispatcher", "shift_leader")
    made.walk("pending_dispatch")
    return made


@pytest.fixture
def seat(world: World, start: Start) -> SeatViewModel:
    return start(world)


def only_case(world: World) -> Any:
    return next(iter(world.cases.values()))


def confirm(dialog: QWidget) -> None:
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)


# --- the list -------------------------------------------------------------------------------------------


def test_a_list_passes_over_headings_and_keeps_its_place(window: QWidget, qtbot: Any) -> None:
    view = DeskList("清单", window)
    view.resize(400, 200)
    lines = (
        ListLine("h1", "甲", heading=True), ListLine("a", "一"), ListLine("h2", "乙", heading=True),
        ListLine("b", "二", "1120-0001", "附注", "09:30"),
    )  # fmt: skip
    chosen: list[str] = []
    view.chosen.connect(chosen.append)
    view.show_lines(lines)
    assert view.current == "a"
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert view.current == "b"
    QTest.keyClick(view, Qt.Key.Key_J)
    assert view.current == "b"
    QTest.keyClick(view, Qt.Key.Key_Home)
    assert view.current == "a"
    QTest.keyClick(view, Qt.Key.Key_End)
    view.show_lines((*lines, ListLine("c", "三")))
    assert view.current == "b" and chosen[-1] == "b"
    view.show_lines((lines[0], lines[1]))
    assert view.current == "a"
    opened: list[str] = []
    view.opened.connect(opened.append)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert opened == ["a"] and lines[3].spoken == "1120-0001，二，附注，09:30"
    view.show_lines((lines[0],))
    assert view.current == ""


def test_every_kind_of_line_is_drawn(window: QWidget) -> None:
    view = DeskList("清单", window)
    view.resize(400, 140)
    view.show_lines((ListLine("a", "一", "1120-0001", "附注", "09:30", "clock"),))
    empty = DeskList("空", window)
    empty.resize(400, 140)
    assert view.grab().toImage() != empty.grab().toImage()


# --- sentences ------------------------------------------------------------------------------------------


def test_sentences_go_where_the_cursor_stands_and_can_be_undone(window: QWidget) -> None:
    line, text = QLineEdit(window), QPlainTextEdit(window)
    line.setText("前后")
    line.setCursorPosition(1)
    said: list[str] = []
    line.textEdited.connect(said.append)
    put_in(line, "中")
    assert line.text() == "前中后" and said == ["前中后"]
    line.undo()
    assert line.text() == "前后"
    put_in(text, "请尽快")
    assert text.toPlainText() == "请尽快"
    text.undo()
    assert text.toPlainText() == ""


def test_passwords_and_locked_fields_take_none(window: QWidget) -> None:
    line = QLineEdit(window)
    assert takes_sentences(line) and not takes_sentences(window) and not takes_sentences(None)
    line.setEchoMode(QLineEdit.EchoMode.Password)
    assert not takes_sentences(line)
    text = QPlainTextEdit(window)
    text.setReadOnly(True)
    assert not takes_sentences(text)


def test_the_key_offers_sentences_in_a_dialog_and_enter_puts_one_in(
    seat: SeatViewModel, world: World, window: QWidget, qtbot: Any
) -> None:
    book = SentenceBook(seat, seat)
    keys = SentenceKeys(book, window)
    case = only_case(world)
    dialog = open_action("dispatch", case.case_id, seat, theme_store(), window, preset={"lead_dept": "muni"})
    assert isinstance(dialog, DispatchDialog)
    qtbot.waitUntil(dialog.isActiveWindow, timeout=10_000)
    settled(seat, qtbot)
    dialog.note.editor.setFocus()
    assert about(dialog.note.editor) == (case.case_id, "dispatch", "muni")
    QTest.keyClick(dialog.note.editor, Qt.Key.Key_Semicolon, CTRL)
    popup = keys.popup
    assert isinstance(popup, SentencesPopup)
    popup.query.editor.setText("sjaq")
    popup.query.text_changed.emit("sjaq")
    assert [line.text for line in popup.list.lines] == ["涉及安全，请先到场看护再处置。"]
    QTest.keyClick(popup.query.editor, Qt.Key.Key_Return)
    assert dialog.note.text() == "涉及安全，请先到场看护再处置。"
    assert dialog.model.values["note"] == dialog.note.text()
    dialog.reject()


def test_the_popup_fills_in_the_case_keeps_and_drops_own_sentences(
    seat: SeatViewModel, world: World, window: QWidget
) -> None:
    book = SentenceBook(seat, seat)
    field = QLineEdit(window)
    field.setText("请联系物业")
    popup = SentencesPopup(book, field, only_case(world).case_id, "dispatch", "muni")
    popup.open()
    assert any(only_case(world).number in line.text and "市政" in line.text for line in popup.list.lines)
    QTest.keyClick(popup.query.editor, Qt.Key.Key_N, CTRL)
    assert book.own == ("请联系物业",)
    assert popup.list.choose("s:请联系物业")
    QTest.keyClick(popup.query.editor, Qt.Key.Key_D, CTRL)
    assert book.own == ()
    popup.query.editor.setText("没有这样的")
    popup.query.text_changed.emit("没有这样的")
    confirm(popup)
    assert popup.isVisible() and field.text() == "请联系物业"
    popup.reject()


# --- watch list -----------------------------------------------------------------------------------------


def test_the_watch_list_shows_sets_and_drops(
    seat: SeatViewModel, world: World, window: QWidget, qtbot: Any
) -> None:
    book = WatchBook(seat, seat)
    case = only_case(world)
    dialog = WatchDialog(book, window)
    dialog.open()
    assert dialog.list.current == "" and dialog.main_button.reason
    book.remind(case.case_id, seat.now() + timedelta(hours=1), note="问围挡")
    line = dialog.list.lines[0]
    assert line.side == "10:30 提醒" and "问围挡" in line.under and dialog.list.current == case.case_id
    wanted: list[str] = []
    dialog.reminder_wanted.connect(wanted.append)
    confirm(dialog)
    assert wanted == [case.case_id] and dialog.isVisible()
    dialog.drop()
    assert book.entries == {}
    book.toggle(case.case_id)
    dialog.case_wanted.connect(wanted.append)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert wanted[-1] == case.case_id and not dialog.isVisible()


def test_a_reminder_in_the_past_is_refused_and_before_the_limit_is_kept(
    seat: SeatViewModel, world: World, window: QWidget
) -> None:
    book = WatchBook(seat, seat)
    case_id = only_case(world).case_id
    dialog = ReminderDialog(book, case_id, window)
    dialog.open()
    dialog.at.set_moment(seat.now() - timedelta(hours=1))
    confirm(dialog)
    assert dialog.at.error == "这个时间已经过了。" and book.entries == {}
    dialog.when.choose("before:3600")
    confirm(dialog)
    assert book.entries[case_id].before_s == 3600 and not dialog.isVisible()
    again = ReminderDialog(book, case_id, window)
    again.open()
    assert again.when.current == "before:3600"
    again.when.choose("none")
    confirm(again)
    assert not book.entries[case_id].reminds


# --- cards and own shift --------------------------------------------------------------------------------


def test_a_card_is_found_copied_and_not_dialled(seat: SeatViewModel, window: QWidget) -> None:
    units = seat.reference_doc["departments"]
    seat.reference_doc = {
        **seat.reference_doc,
        "departments": [
            {**unit, "day_phone": "0000-1", "night_phone": "0000-2"} if unit["id"] == "muni" else unit
            for unit in units
        ],
    }
    dialog = ContactDialog(ContactBook(seat), window, "muni")
    dialog.open()
    assert dialog.name.text() == "市政公用服务中心" and dialog.now_number.text() == "0000-1"
    confirm(dialog)
    assert "没有接入电话" in dialog.notice.accessibleName() and dialog.isVisible()
    dialog.copy()
    assert QGuiApplication.clipboard().text() == "0000-1"
    dialog.query.editor.setText("hw")
    dialog.query.text_changed.emit("hw")
    assert dialog.name.text() == "市容环卫中心" and dialog.now_number.text() == "中心没有登记"
    QTest.keyClick(dialog.query.editor, Qt.Key.Key_Down)
    dialog.reject()


def test_the_own_shift_is_listed_and_exported(
    seat: SeatViewModel, world: World, window: QWidget, qtbot: Any, tmp_path: Path
) -> None:
    shift = Shift(seat, seat)
    shift.began_at = seat.now()
    file = tmp_path / "mine.csv"
    paths = [str(file), str(tmp_path / "none" / "x.csv")]
    dialog = OwnShiftDialog(OwnShift(seat, shift, seat), window, lambda _w, _n: paths.pop())
    dialog.open()
    settled(seat, qtbot)
    assert dialog.main_button.reason
    seat.submit("comment", only_case(world).case_id, {"text": "已联系"})
    settled(seat, qtbot)
    world.judge_all()
    settled(seat, qtbot)
    qtbot.waitUntil(lambda: "备注 1" in dialog.counts.text(), timeout=10_000)
    confirm(dialog)
    assert seat.notices.kept[0].title == "没有导出：这个位置不能写入。"
    confirm(dialog)
    assert file.read_text(encoding="utf-8-sig").splitlines()[1].count(",") == 5
    wanted: list[str] = []
    dialog.case_wanted.connect(wanted.append)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    assert wanted == [only_case(world).case_id]


# --- paper ----------------------------------------------------------------------------------------------


def test_a_form_holds_the_facts_with_the_caller_masked(
    seat: SeatViewModel, world: World, window: QWidget, qtbot: Any, tmp_path: Path
) -> None:
    case = world.register(caller={"name": "张三", "phone": "13812345678"}, description="井盖缺失")
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    papers = PaperDispatch(seat, seat)
    form = papers.issue(case.case_id, "muni", "先设围挡")
    words = form_document(seat, form, ContactBook(seat)).toPlainText()
    for part in (
        form.serial,
        case.number or "",
        "井盖缺失",
        "市政公用服务中心",
        "先设围挡",
        "签字",
        "补录人",
    ):
        assert part in words, part
    assert "13812345678" not in words and "138****5678" in words


def test_saving_a_form_puts_it_on_the_list_and_a_bad_place_gives_no_serial(
    seat: SeatViewModel, world: World, window: QWidget, tmp_path: Path
) -> None:
    papers = PaperDispatch(seat, seat)
    file = tmp_path / "form.pdf"
    paths = [str(file), str(tmp_path / "none" / "x.pdf")]
    dialog = PaperFormDialog(
        papers,
        ContactBook(seat),
        only_case(world).case_id,
        "muni",
        window,
        lambda _w, _n: paths.pop(),
        lambda _w: None,
    )
    dialog.open()
    assert dialog.unit.current() == "muni"
    dialog.save()
    assert papers.waiting == () and dialog.isVisible()
    confirm(dialog)
    assert papers.waiting == () and dialog.isVisible()
    dialog.save()
    assert len(papers.waiting) == 1 and file.read_bytes().startswith(b"%PDF") and not dialog.isVisible()


def test_the_list_of_forms_enters_voids_and_opens(seat: SeatViewModel, world: World, window: QWidget) -> None:
    papers = PaperDispatch(seat, seat)
    dialog = PaperListDialog(papers, window)
    dialog.open()
    assert dialog.main_button.reason
    first = papers.issue(only_case(world).case_id, "muni")
    second = papers.issue(only_case(world).case_id, "sani")
    assert [line.key for line in dialog.list.lines] == [first.serial, second.serial]
    papers.void(second.serial)
    assert [line.side for line in dialog.list.lines] == ["待补录", "作废"]
    wanted: list[str] = []
    dialog.entry_wanted.connect(wanted.append)
    assert dialog.list.choose(first.serial)
    confirm(dialog)
    assert wanted == [first.serial] and not dialog.isVisible()


def test_the_sketch_shows_the_place_and_none_without_a_shape(seat: SeatViewModel, world: World) -> None:
    case = only_case(world)
    sketch = location_sketch(seat.areas, case.grid, case.location.lon, case.location.lat)
    bare = location_sketch(seat.areas, case.grid, None, None)
    assert sketch is not None and bare is not None and sketch != bare
    assert location_sketch(seat.areas, None, 113.0, 23.0) is None


# --- marks ----------------------------------------------------------------------------------------------


def test_a_marked_number_is_said_at_the_field_and_blocks_nothing(
    seat: SeatViewModel, world: World, window: QWidget, qtbot: Any
) -> None:
    centre = FakeDeskCentre(world)
    centre.mark_caller("深夜谩骂", 30, phone="13800009911")
    marks = CallerMarks(seat, centre, seat)
    marks._pause.setInterval(0)
    column = QVBoxLayout(window)
    phone, below = LineField("电话", parent=window), QWidget(window)
    column.addWidget(phone)
    column.addWidget(below)
    bar = MarkBar(marks, phone, column, below)
    assert not bar.isVisible() and column.indexOf(bar) == 1
    phone.editor.setText("13800009911")
    qtbot.waitUntil(bar.isVisible, timeout=10_000)
    assert "深夜谩骂" in bar.accessibleName() and "不拦截" in bar.accessibleName()
    assert phone.editor.isEnabled() and not phone.editor.isReadOnly()
    phone.editor.setText("")
    assert not bar.isVisible()


def test_a_mark_needs_number_and_reason_and_is_listed(
    seat: SeatViewModel, world: World, window: QWidget, qtbot: Any
) -> None:
    marks = CallerMarks(seat, FakeDeskCentre(world), seat)
    dialog = MarkDialog(marks, window)
    dialog.open()
    confirm(dialog)
    assert dialog.phone.error
    dialog.phone.set_text("13800009911")
    confirm(dialog)
    assert dialog.reason.error and dialog.isVisible()
    dialog.reason.set_text("深夜谩骂")
    confirm(dialog)
    listed = MarksDialog(marks, window)
    listed.open()
    qtbot.waitUntil(lambda: listed.list.current != "", timeout=10_000)
    assert listed.list.lines[0].lead == "****9911"
    marks.lift(listed.list.current)
    qtbot.waitUntil(lambda: marks.marks == (), timeout=10_000)
    world.online = False
    world.announce({"connection"})
    settled(seat, qtbot)
    marks.load()
    assert "离线" in listed.notice.accessibleName()
    listed.reject()
    of_case = MarkDialog(marks, window, only_case(world).case_id)
    of_case.open()
    assert not of_case.phone.isVisible() and of_case.case_id
    of_case.reject()


# --- pictures -------------------------------------------------------------------------------------------


def painted(width: int, height: int) -> QPixmap:
    picture = QPixmap(width, height)
    picture.fill(QColor("#336699"))
    return picture


def test_a_region_is_drawn_taken_or_left(window: QWidget, qtbot: Any) -> None:
    grab = RegionGrab(window, lambda _w: painted(400, 300))
    taken: list[QImage] = []
    grab.taken.connect(taken.append)
    grab.show()
    QTest.mousePress(grab, Qt.MouseButton.LeftButton, pos=QPoint(20, 30))
    QTest.mouseMove(grab, QPoint(60, 60))
    QTest.mouseRelease(grab, Qt.MouseButton.LeftButton, pos=QPoint(22, 31))
    assert taken == [] and grab.isVisible()
    QTest.mousePress(grab, Qt.MouseButton.LeftButton, pos=QPoint(20, 30))
    assert not grab.grab().isNull()
    QTest.mouseRelease(grab, Qt.MouseButton.LeftButton, pos=QPoint(120, 90))
    assert (taken[0].width(), taken[0].height()) == (101, 61)
    left = RegionGrab(window, lambda _w: painted(400, 300))
    left.taken.connect(taken.append)
    left.show()
    QTest.keyClick(left, Qt.Key.Key_Escape)
    whole = RegionGrab(window, lambda _w: painted(400, 300))
    whole.taken.connect(taken.append)
    whole.show()
    QTest.keyClick(whole, Qt.Key.Key_Return)
    assert len(taken) == 2 and taken[1].width() == 400


def test_pictures_are_kept_in_bounds() -> None:
    data, mime = picture_bytes(painted(100, 80).toImage())
    assert mime == "image/png" and QImage.fromData(data).width() == 100
    noisy = QImage.fromData(_noise(1600, 1000), "PPM")
    data, mime = picture_bytes(noisy)
    assert mime == "image/jpeg" and len(data) < 3 * 1024 * 1024
    small, _ = picture_bytes(painted(5000, 10).toImage())
    assert QImage.fromData(small).width() == 3840


def _noise(width: int, height: int) -> bytes:
    import random

    return f"P6 {width} {height} 255 ".encode() + random.Random(7).randbytes(width * height * 3)


def test_the_clipboard_gives_a_picture_or_none() -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("文字")
    assert clipboard_picture() is None
    clipboard.setImage(painted(30, 20).toImage())
    found = clipboard_picture()
    assert found is not None and found.width() == 30


def test_the_preview_shows_the_last_picture_with_its_size(window: QWidget) -> None:
    preview = PhotoPreview(window)
    preview.resize(400, 260)
    assert not preview.isVisible()
    data, mime = picture_bytes(painted(120, 90).toImage())
    preview.show_photos((photo_of(data, "a.png", mime), photo_of(b"text", "b.txt", "text/plain")))
    assert preview.isVisible() and preview.words.startswith("a.png · 120 × 90 · ")
    assert not preview.grab().isNull()
    preview.show_photos(())
    assert not preview.isVisible()
    assert (size_words(10), size_words(2048), size_words(3 * 1024 * 1024)) == ("1 KB", "2 KB", "3.0 MB")
