"""时限说明书 on the screen and on paper."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest

from console.viewmodels.deadline import DeadlineViewModel
from console.windows.deadline.paper import write_pdf
from console.windows.deadline.sheet import STATES, DeadlineSheet, open_sheet
from tests.support.fakes import settled, world_for
from widgets.charts.limit_ledger import SliceKind
from widgets.theme import theme_store

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def sheet(start, window, qtbot):
    def make(world, case_id, **more):
        seat = start(world)
        model = DeadlineViewModel(seat, case_id)
        dialog = DeadlineSheet(model, window, **more)
        dialog.open()
        model.load()
        settled(seat, qtbot)
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog

    return make


def test_every_clock_has_a_section_with_bar_and_sentences(sheet):
    world = world_for("shift_leader")
    dialog = sheet(world, world.walk("handling").case_id)
    assert len(dialog.sections) == 4
    handle = dialog.sections[0]
    assert {piece.kind for piece in handle.ledger.bar.slices} == {SliceKind.COUNTING, SliceKind.NON_WORKING}
    assert "4 工作时" in handle.sentences.text()
    assert handle.chip.text == "计时中"
    assert "上水井盖" in dialog.head.subtitle.text()
    assert all(section.ledger.bar.ended for section in dialog.sections[1:])
    assert not handle.ledger.bar.ended


def test_a_suspended_clock_has_no_due_time_in_its_bar(sheet):
    world = world_for("shift_leader")
    case = world.walk("handling")
    until = world.now.replace(day=25).isoformat()
    world.apply("apply_suspend", case.case_id, reason="等手续", until=until)
    world.apply("decide_suspend", case.case_id, approve=True)
    world.advance(hours=2)
    dialog = sheet(world, case.case_id)
    handle = dialog.sections[0]
    assert handle.ledger.bar.due is None
    assert SliceKind.PAUSE in {piece.kind for piece in handle.ledger.bar.slices}
    assert handle.chip.text == "已停钟"


def test_offline_it_says_so_and_explains_the_own_copy(sheet):
    world = world_for("shift_leader")
    case = world.walk("handling")
    world.online = False
    dialog = sheet(world, case.case_id)
    assert dialog.notice.isVisible()
    assert len(dialog.sections) == 4


def test_ctrl_s_writes_a_pdf_where_the_operator_wants_it(sheet, tmp_path, chinese_font):
    world = world_for("shift_leader")
    case = world.walk("handling")
    world.apply("apply_extension", case.case_id, reason="等备件")
    world.apply("decide_extension", case.case_id, approve=True, note="同意")
    asked, told = [], []

    def path(_parent, name):
        asked.append(name)
        return str(tmp_path / name)

    dialog = sheet(world, case.case_id, path_asked=path)
    dialog.model.seat.notices.raised.connect(told.append)
    QTest.keyClick(dialog, Qt.Key.Key_S, CTRL)
    assert asked == [f"时限说明书-{case.number}.pdf"]
    data = (tmp_path / asked[0]).read_bytes()
    assert data.startswith(b"%PDF")
    assert len(data) > 5000
    assert told[0].title == "时限说明书已保存"
    assert dialog.isVisible()


def test_a_place_that_cannot_be_written_is_said(sheet, tmp_path):
    world = world_for("shift_leader")
    told = []
    dialog = sheet(
        world, world.walk("handling").case_id, path_asked=lambda _p, _n: str(tmp_path / "gone" / "a.pdf")
    )
    dialog.model.seat.notices.raised.connect(told.append)
    dialog.save()
    assert told[0].title == "没有保存：这个位置不能写入。"


def test_leaving_the_file_dialog_writes_nothing(sheet, tmp_path):
    world = world_for("shift_leader")
    dialog = sheet(world, world.walk("handling").case_id, path_asked=lambda _p, _n: "")
    dialog.save()
    assert list(tmp_path.iterdir()) == []


def test_ctrl_p_prints_on_the_chosen_printer_and_stays_open(sheet, tmp_path):
    world = world_for("shift_leader")
    out = tmp_path / "printed.pdf"

    def printer(_parent):
        made = QPrinter(QPrinter.PrinterMode.ScreenResolution)
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(out))
        return made

    dialog = sheet(world, world.walk("handling").case_id, printer_asked=printer)
    QTest.keyClick(dialog, Qt.Key.Key_P, CTRL)
    assert out.read_bytes().startswith(b"%PDF")
    assert dialog.isVisible()
    dialog.reject()


def test_a_long_story_takes_more_pages(start, qtbot, tmp_path):
    world = world_for("shift_leader")
    case = world.walk("handling")
    for _ in range(2):
        world.advance(minutes=10)
        world.apply("apply_extension", case.case_id, reason="等备件")
        world.apply("decide_extension", case.case_id, approve=True)
    for action, payload in (
        ("feed_back", {"result": "已换"}),
        ("send_check", {}),
        ("check_pass", {}),
    ):
        world.apply(action, case.case_id, **payload)
    seat = start(world)
    model = DeadlineViewModel(seat, case.case_id)
    model.load()
    settled(seat, qtbot)
    assert write_pdf(str(tmp_path / "long.pdf"), model) >= 2
    short = DeadlineViewModel(start(world), world.register().case_id)
    assert write_pdf(str(tmp_path / "short.pdf"), short) == 1


def test_a_case_without_clocks_cannot_be_printed(sheet):
    world = world_for("shift_leader")
    world.online = False
    dialog = sheet(world, "0193a5e0-0000-7000-8000-000000000001", path_asked=lambda _p, _n: 1 / 0)
    assert dialog.sections == []
    assert dialog.main_button.reason == "还没有可以打印的时限"
    dialog.save()
    dialog.accept()
    assert dialog.isVisible()


def test_it_opens_from_a_case_and_is_left_by_esc(start, window, qtbot):
    world = world_for("dispatcher")
    case = world.walk("handling")
    seat = start(world)
    dialog = open_sheet(case.case_id, seat, theme_store(), window)
    settled(seat, qtbot)
    with qtbot.waitSignal(dialog.finished):
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_every_state_of_an_explanation_has_its_word():
    assert set(STATES) == {"running", "late", "paused", "stopped", "stopped_late", "replaced"}
