"""The filter above the queue: boxes, text and chips say and change the one filter, by mouse and by key."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.viewmodels.case_filter import CaseFilter
from console.windows.dispatch.queue_empty import empty_state
from tests.widgets.console.dispatch.conftest import Open, choose_first, press

SHIFT = Qt.KeyboardModifier.ShiftModifier


def test_a_box_changes_its_part_and_keeps_the_others(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch")
    bar = page.queue.filters
    bar.text.insert("井盖")
    bar.boxes["areas"].chosen.emit("990101001")
    bar.boxes["stages"].chosen.emit("dispatch")
    assert page.filters.filter == CaseFilter(text="井盖", areas=("990101001",), stages=("dispatch",))
    assert page.queue_model.count == 1
    bar.boxes["areas"].cleared.emit()
    assert page.filters.filter == CaseFilter(text="井盖", stages=("dispatch",))


def test_every_part_has_a_chip_that_takes_it_away(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch")
    bar = page.queue.filters
    assert not bar.chips.isVisible()
    page.filters.put(CaseFilter(text="井盖", areas=("990101001", "990101002"), bands=("soon",)))
    assert bar.chips.isVisible()
    assert [chip.accessibleName() for chip in bar.chips.chips] == [
        "区域：望塔街道", "区域：柳岸街道", "时限：即将超时", "文字：井盖",
    ]  # fmt: skip
    assert bar.boxes["bands"].key == "soon"
    assert bar.boxes["areas"].key == ""
    chip = bar.chips.chips[0]
    QTest.mouseClick(chip, Qt.MouseButton.LeftButton, pos=chip.rect().center())
    assert page.filters.filter.areas == ("990101002",)
    assert bar.boxes["areas"].key == "990101002"


def test_chips_are_reached_and_removed_by_keys(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch")
    page.filters.put(CaseFilter(text="井盖", bands=("soon",), urgency=(0,)))
    chips = page.queue.filters.chips
    chips.chips[0].setFocus()
    for key in (Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Backspace):
        before = len(chips.chips)
        assert QApplication.focusWidget() in chips.chips
        press(page, key)
        assert len(chips.chips) == before - 1
    assert not page.filters.filter.active
    assert page.queue.filters.text.text() == ""


def test_f_filters_and_shift_f_clears(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    choose_first(page, seat, qtbot)
    press(page, Qt.Key.Key_F)
    field = page.queue.filters.text
    assert field.hasFocus()
    field.insert("没有这样的案件")
    assert page.queue_model.count == 0
    assert "文字：没有这样的案件" in empty_state(page.queue_model).lines
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not field.hasFocus()
    page.queue.table.setFocus()
    press(page, Qt.Key.Key_F, SHIFT)
    assert page.queue_model.count == 1
    assert field.text() == ""


def test_enter_goes_back_to_the_list(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    choose_first(page, seat, qtbot)
    field = page.queue.filters.text
    field.setFocus()
    field.insert("井盖")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert page.queue.table.hasFocus()
    assert page.filters.filter.text == "井盖"


def test_among_many_cases_the_text_waits_for_the_hand(open_page: Open, qtbot: Any, monkeypatch: Any) -> None:
    from console.windows.dispatch import filter_bar

    monkeypatch.setattr(filter_bar, "AT_ONCE", 0)
    _, _, page = open_page("pending_dispatch")
    page.queue.filters.text.insert("井盖")
    assert page.filters.filter.text == ""
    qtbot.waitUntil(lambda: page.filters.filter.text == "井盖")


def test_chips_break_into_lines_and_none_is_cut(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch")
    page.filters.put(
        CaseFilter(
            text="井盖", areas=("990101001", "990101002", "990101003"), bands=("soon", "over1", "over2"),
            stages=("dispatch", "handle"), urgency=(1, 2, 3), sources=("hotline",), unplaced=True,
        )
    )  # fmt: skip
    line = page.queue.filters.chips
    rows = {chip.y() for chip in line.chips}
    assert len(rows) > 1
    for chip in line.chips:
        assert line.rect().contains(chip.geometry())
        assert chip.width() >= chip.sizeHint().width()
    others = [chip.geometry() for chip in line.chips]
    assert not any(a.intersects(b) for n, a in enumerate(others) for b in others[:n])


def test_cases_without_a_position_are_said_and_listed(open_page: Open, qtbot: Any) -> None:
    from services.domain.case import Location

    def lose(world: Any) -> None:
        case = world.walk("handling")
        world.cases[case.case_id] = replace(case, location=Location(None, None, "只有地址"))

    _, _, page = open_page("handling", "pending_dispatch", prepare=lose)
    page.queue_model.show_tab("turn")
    note = page.queue.unplaced
    assert note.isVisible()
    assert note.text() == "1 件无坐标"
    QTest.mouseClick(note, Qt.MouseButton.LeftButton)
    assert page.queue_model.tab == "open"
    assert [row.lon for row in page.queue_model.rows] == [None]
    assert page.map_model.cases.shown == set(page.queue_model.ids)
    QTest.mouseClick(note, Qt.MouseButton.LeftButton)
    assert page.queue_model.count == 3


def test_without_lost_cases_nothing_is_said(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch")
    assert not page.queue.unplaced.isVisible()


def test_rows_say_what_changed_without_a_new_list(open_page: Open, qtbot: Any) -> None:
    from tests.support.fakes import settled

    world, seat, page = open_page("pending_dispatch")
    case_id = choose_first(page, seat, qtbot)
    world.apply("flag_urgent", case_id)
    world.announce({"cases"}, {case_id})
    settled(seat, qtbot)
    row = page.queue.rows.row_at(0)
    assert row is not None
    assert row.urgency == 3
    assert page.queue.table.current_id == case_id


def test_a_box_opens_its_choices(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch")
    box = page.queue.filters.boxes["areas"]
    menu = box.open_menu()
    assert [action.text() for action in menu.actions()] == ["全部", "望塔街道", "柳岸街道", "青禾街道"]
    assert menu.actions()[0].isChecked()
    menu.actions()[2].trigger()
    menu.close()
    assert page.filters.filter.areas == ("990101002",)
    assert box.value == "柳岸街道"
    menu = box.open_menu()
    assert menu.actions()[2].isChecked()
    menu.actions()[0].trigger()
    menu.close()
    assert page.filters.filter.areas == ()


def test_a_narrow_panel_keeps_the_boxes_that_are_used_most(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch")
    bar = page.queue.filters
    bar.resize(800, bar.height())
    assert bar.boxes["bands"].isVisible()
    bar.resize(640, bar.height())
    assert not bar.boxes["bands"].isVisible()
    assert bar.boxes["stages"].isVisible()
    assert bar.text.width() >= 110
