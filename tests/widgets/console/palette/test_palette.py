"""The command bar over the window by keys, an input method, clicks; keys that are changed; menus of a case."""

from __future__ import annotations

from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit, QTextEdit, QWidget

from console.viewmodels.verbs.offers import CASES
from console.viewmodels.verbs.verb import Call
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from console.windows.dialogs.keys_dialog import KeysDialog
from console.windows.dispatch.case_menu import RowMenu
from console.windows.dispatch.page import DispatchPage
from console.windows.palette.key_hands import is_combined, key_of
from console.windows.palette.key_settings import KeySettings, wished_key
from console.windows.palette.palette import TOP, WIDTH, Palette
from console.windows.palette.row_list import ROW
from console.windows.shell import ShellWindow
from maps.canvas.menu import MenuPlace
from tests.support.fakes import settled
from tests.support.input_method import InputMethod
from tests.widgets.console.palette.conftest import CTRL, Open, open_bar, press, write
from widgets.theme import theme_store

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
KEY = Qt.Key


@pytest.fixture
def window(open_window: Open, qtbot: Any) -> ShellWindow:
    shell = open_window("dispatcher", "pending_dispatch", "pending_dispatch", "feedback_review")[2]
    page = desk(shell)
    page.queue_model.show_tab("open")
    page.queue.table.setFocus()
    page.queue.table.select_case(page.queue_model.ids[0])
    settled(shell.seat, qtbot)
    return shell


def desk(window: ShellWindow) -> DispatchPage:
    page = window.workspaces["dispatch"]
    assert isinstance(page, DispatchPage)
    return page


def digits(window: ShellWindow, state: str) -> tuple[str, str]:
    """Return id and last digits of a case in a state."""
    case = next(entry.case for entry in window.seat.cases.values() if entry.case.state == state)
    assert case.number is not None
    return case.case_id, case.number[-4:]


# --- the bar --------------------------------------------------------------------------------------------------


def test_the_bar_stands_where_the_design_puts_it(window: ShellWindow, qtbot: Any) -> None:
    bar = open_bar(window, qtbot)
    card = bar.rect().adjusted(24, 24, -24, -24)
    top_left = window.mapFromGlobal(bar.mapToGlobal(card.topLeft()))
    assert abs(top_left.y() - TOP) <= 2
    assert abs(card.width() - WIDTH) <= 2
    assert abs(top_left.x() + card.width() / 2 - window.width() / 2) <= 2
    write(bar, "wt")
    assert abs(window.mapFromGlobal(bar.mapToGlobal(card.topLeft())).y() - TOP) <= 2, "it grows downwards"
    assert bar.list.sizeHintForIndex(bar.list.currentIndex()).height() == ROW
    bar.reject()


def test_a_line_opens_the_dialog_filled_in_and_the_focus_goes_back(window: ShellWindow, qtbot: Any) -> None:
    case_id, number = digits(window, "pending_dispatch")
    bar = open_bar(window, qtbot)
    write(bar, f"pq {number} sz")
    QTest.keyClick(bar.field, KEY.Key_Return)
    qtbot.waitUntil(lambda: window.findChild(DispatchDialog) is not None)
    dialog = window.findChild(DispatchDialog)
    assert isinstance(dialog, DispatchDialog)
    assert dialog.model.case_id == case_id
    qtbot.waitUntil(lambda: dialog.model.values["lead_dept"] == "muni")
    dialog.reject()
    assert window.focusWidget() is desk(window).queue.table


def test_a_field_that_is_gone_gets_no_focus_back(window: ShellWindow, qtbot: Any) -> None:
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    bar = open_bar(window, qtbot)
    assert bar._return_to is field
    shiboken6.delete(field)
    bar.reject()
    assert not bar.isVisible()


def test_a_slash_opens_the_bar_but_not_from_a_field(window: ShellWindow, qtbot: Any) -> None:
    field = desk(window).queue.filters.text
    field.setFocus()
    QTest.keyClick(field, KEY.Key_Slash)
    assert window.findChild(Palette) is None
    assert field.text() == "/"
    field.clear()
    desk(window).queue.table.setFocus()
    press(KEY.Key_Slash)
    qtbot.waitUntil(lambda: window.findChild(Palette) is not None)
    bar = window.findChild(Palette)
    assert isinstance(bar, Palette)
    bar.reject()


def test_arrows_move_tab_completes_and_the_history_comes_back(window: ShellWindow, qtbot: Any) -> None:
    _, number = digits(window, "feedback_review")
    bar = open_bar(window, qtbot)
    assert len(write(bar, "wt")) > 2
    first = bar.list.current
    QTest.keyClick(bar.field, KEY.Key_Down)
    assert bar.list.current != first
    QTest.keyClick(bar.field, KEY.Key_Up)
    assert bar.list.current == first
    write(bar, f"pz {number}")
    QTest.keyClick(bar.field, KEY.Key_Tab)
    assert bar.field.text() == f"送核查 {number}"
    QTest.keyClick(bar.field, KEY.Key_Return)
    settled(window.seat, qtbot)
    qtbot.waitUntil(lambda: window.seat.counts.waiting == 1)
    bar = open_bar(window, qtbot)
    QTest.keyClick(bar.field, KEY.Key_Up)
    assert bar.field.text() == f"送核查 {number}"
    QTest.keyClick(bar.field, KEY.Key_Down)
    assert bar.field.text() == ""
    QTest.keyClick(bar.field, KEY.Key_Up, CTRL)
    assert bar.field.text() == f"送核查 {number}"
    QTest.keyClick(bar.field, KEY.Key_Escape)
    assert bar.field.text() == ""
    QTest.keyClick(bar.field, KEY.Key_Escape)
    qtbot.waitUntil(lambda: window.findChild(Palette) is None)


def test_what_cannot_be_done_says_why_and_the_bar_stays(window: ShellWindow, qtbot: Any) -> None:
    _, number = digits(window, "feedback_review")
    bar = open_bar(window, qtbot)
    write(bar, f"pq {number}")
    QTest.keyClick(bar.field, KEY.Key_Return)
    assert bar.isVisible()
    assert "现在不能派遣" in bar.problem.text()
    write(bar, "zzzz")
    assert bar.problem.text().startswith("没有找到“zzzz”")
    QTest.keyClick(bar.field, KEY.Key_Return)
    assert bar.isVisible()
    bar.reject()


def test_a_verb_that_needs_an_object_waits_for_it(window: ShellWindow, qtbot: Any) -> None:
    bar = open_bar(window, qtbot)
    write(bar, "只看承办单位")
    QTest.keyClick(bar.field, KEY.Key_Return)
    assert bar.isVisible()
    assert bar.field.text() == "只看承办单位 "
    write(bar, "只看承办单位 sz")
    QTest.keyClick(bar.field, KEY.Key_Return)
    qtbot.waitUntil(lambda: desk(window).filters.filter.departments == ("muni",))


def test_a_click_chooses_a_row(window: ShellWindow, qtbot: Any) -> None:
    case_id, number = digits(window, "feedback_review")
    bar = open_bar(window, qtbot)
    write(bar, f"#{number}")
    index = next(
        i
        for i in (bar.list.rows.index(n) for n in range(3))
        if getattr(bar.list.rows.data(i, 257), "section", "") == CASES
    )
    QTest.mouseClick(bar.list.viewport(), Qt.MouseButton.LeftButton, pos=bar.list.visualRect(index).center())
    qtbot.waitUntil(lambda: desk(window).panel_model.case_id == case_id)


def test_a_composition_keeps_every_key(window: ShellWindow, qtbot: Any) -> None:
    bar = open_bar(window, qtbot)
    QApplication.sendEvent(bar.field, QInputMethodEvent("pai", []))
    assert bar.field.composing
    for key in (KEY.Key_Return, KEY.Key_Escape, KEY.Key_Down, KEY.Key_Tab):
        QTest.keyClick(bar.field, key)
        assert bar.isVisible()
    event = QInputMethodEvent("", [])
    event.setCommitString("派遣")
    QApplication.sendEvent(bar.field, event)
    assert not bar.field.composing
    assert bar.field.text() == "派遣"
    bar.reject()


def test_an_input_method_sees_no_key_outside_text_fields(window: ShellWindow, qtbot: Any) -> None:
    method = InputMethod({"pq": "派遣"})
    try:
        table = desk(window).queue.table
        table.setFocus()
        press(KEY.Key_J)
        press(KEY.Key_Q)
        assert method.kept == 0
        assert "CaseQueueTable" in method.through
        bar = open_bar(window, qtbot)
        qtbot.waitUntil(bar.field.hasFocus)
        QTest.keyClicks(bar.field, "pq")
        QTest.keyClick(bar.field, KEY.Key_Space)
        assert bar.field.text() == "派遣"
        assert method.kept == 3
        bar.reject()
    finally:
        method.leave()


def test_only_text_fields_let_text_be_composed(open_window: Open) -> None:
    """Letters outside text fields are never offered to an input method, whatever has the focus."""
    shell = open_window("shift_leader", "pending_filing")[2]
    for widget in shell.findChildren(QWidget):
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and InputMethod.accepts(widget):
            assert isinstance(widget, QLineEdit | QPlainTextEdit | QTextEdit), widget


def test_the_field_of_the_top_bar_opens_it_in_both_themes(window: ShellWindow, qtbot: Any) -> None:
    shown = window.top.command.grab().toImage()
    QTest.mouseClick(window.top.command, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.findChild(Palette) is not None)
    bar = window.findChild(Palette)
    assert isinstance(bar, Palette)
    write(bar, "wt")
    dark = bar.grab().toImage()
    theme_store().toggle()
    try:
        assert bar.grab().toImage() != dark
        assert window.top.command.grab().toImage() != shown
    finally:
        theme_store().toggle()
    bar.reject()


# --- keys -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "modifiers", "text", "name"),
    [
        (KEY.Key_D, Qt.KeyboardModifier.NoModifier, "d", "D"),
        (KEY.Key_D, SHIFT, "D", "Shift+D"),
        (KEY.Key_Question, SHIFT, "?", "?"),
        (KEY.Key_unknown, SHIFT, "？", "?"),
        (KEY.Key_Period, Qt.KeyboardModifier.NoModifier, "。", "."),
        (KEY.Key_1, Qt.KeyboardModifier.KeypadModifier, "1", "1"),
        (KEY.Key_Enter, Qt.KeyboardModifier.KeypadModifier, "\r", "Return"),
        (KEY.Key_Escape, Qt.KeyboardModifier.NoModifier, "\x1b", "Esc"),
        (KEY.Key_Shift, SHIFT, "", ""),
    ],
)
def test_keys_have_one_name(key: Any, modifiers: Any, text: str, name: str) -> None:
    assert key_of(QKeyEvent(QKeyEvent.Type.KeyPress, key, modifiers, text)) == name


def test_which_keys_also_count_in_text_fields() -> None:
    keys = ("D", "Shift+D", "/", "Return", "Ctrl+K", "Alt+1", "F6", "Shift+F6")
    assert [key for key in keys if is_combined(key)] == ["Ctrl+K", "Alt+1", "F6", "Shift+F6"]


def test_a_wished_key_may_be_a_combination() -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_M, CTRL | SHIFT, "")
    assert wished_key(event) == "Ctrl+Shift+M"
    assert wished_key(QKeyEvent(QKeyEvent.Type.KeyPress, KEY.Key_Control, CTRL, "")) == ""


def test_a_key_that_cannot_act_says_why(window: ShellWindow) -> None:
    case_id, _ = digits(window, "feedback_review")
    desk(window).queue.table.select_case(case_id)
    press(KEY.Key_D)
    assert window.toasts.keys() == ("verb",)


def test_a_question_mark_lists_the_keys(window: ShellWindow) -> None:
    press(KEY.Key_Question, SHIFT)
    dialog = window.findChild(KeysDialog)
    assert isinstance(dialog, KeysDialog)
    dialog.reject()


def test_keys_are_changed_and_remembered(window: ShellWindow, qtbot: Any) -> None:
    window.seat.verbs.run("frame.key_settings")
    dialog = window.findChild(KeySettings)
    assert isinstance(dialog, KeySettings)
    dialog.search.setText("下一件待派遣")
    assert dialog.choose("queue.next_waiting")
    QTest.keyClick(dialog.catcher, KEY.Key_F)
    assert "已经用于“筛选”" in dialog.problem.text()
    QTest.keyClick(dialog.catcher, KEY.Key_N)
    assert dialog.problem.text() == ""
    book = window.seat.verbs
    verb = book.get("queue.next_waiting")
    assert verb is not None
    assert book.keys(verb) == ("N",)
    dialog.search.setText("切换深色")
    assert dialog.choose("frame.theme")
    QTest.keyClick(dialog.catcher, KEY.Key_T, CTRL)
    settled(window.seat, qtbot)
    assert window.seat.services.settings.value("verbs.keys") == {
        "queue.next_waiting": ["queue:N"], "frame.theme": ["everywhere:Ctrl+T"],
    }  # fmt: skip
    dialog.reject()
    before = theme_store().theme.name
    desk(window).queue.table.setFocus()
    qtbot.waitUntil(lambda: window.hands.hears("everywhere", "Ctrl+T"))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    press(KEY.Key_T, CTRL)
    assert theme_store().theme.name != before
    theme_store().toggle()
    window.command_bar.seat.verbs.run("frame.key_settings")
    again = window.findChildren(KeySettings)[-1]
    again.choose("queue.next_waiting")
    again.back.click()
    assert book.keys(verb) == ("Q",)
    again.all_back.click()
    assert not book.keymap.doc
    again.reject()


# --- menus ----------------------------------------------------------------------------------------------------


def test_the_menu_of_a_row_runs_its_verbs(window: ShellWindow, qtbot: Any) -> None:
    page = desk(window)
    case_id, _ = digits(window, "pending_dispatch")
    page.queue.table.select_case(case_id)
    menus = page.queue.table.findChildren(RowMenu)
    index = page.queue.table.currentIndex()
    menu = menus[0].open_at(page.queue.table.visualRect(index).center())
    assert isinstance(menu, QMenu)
    entry = next(action for action in menu.actions() if action.data() == "case.dispatch")
    assert entry.text() == "派遣\tD"
    refused = next(action for action in menu.actions() if action.data() == "case.send_check")
    assert not refused.isEnabled()
    assert "现在不能送核查" in refused.toolTip()
    entry.trigger()
    menu.close()
    dialog = window.findChild(DispatchDialog)
    assert isinstance(dialog, DispatchDialog)
    assert dialog.model.case_id == case_id
    dialog.reject()


def test_the_menu_takes_the_marked_rows_when_the_row_is_one_of_them(window: ShellWindow) -> None:
    page = desk(window)
    table = page.queue.table
    table.setFocus()
    table.set_current_place(0)
    press(KEY.Key_Space)
    press(KEY.Key_J)
    press(KEY.Key_Space)
    assert len(page.queue.selected) == 2
    assert page.subject() == page.queue.selected
    menu = table.findChildren(RowMenu)[0].open_at(QPoint(-5, -5))
    assert isinstance(menu, QMenu)
    assert {action.data() for action in menu.actions()} >= {"case.urge", "case.comment"}
    menu.close()


def test_the_menu_of_the_map_holds_the_menu_of_its_case(window: ShellWindow, qtbot: Any) -> None:
    page = desk(window)
    case_id, _ = digits(window, "pending_dispatch")
    menu = QMenu(page)
    menu.addAction("测距")
    page.map.map.menu_opening.emit(MenuPlace(menu, (113.005, 23.005), case_id, ""))
    inner = next(
        action.menu() for action in menu.actions() if action.menu() is not None and "案件" in action.text()
    )
    assert isinstance(inner, QMenu)
    assert "case.dispatch" in {action.data() for action in inner.actions()}


# --- verbs of queue and map -------------------------------------------------------------------------------------


def test_filters_orders_and_tabs_are_verbs(window: ShellWindow) -> None:
    page, book = desk(window), window.seat.verbs
    assert book.run("queue.band.soon")
    assert page.filters.filter.bands == ("soon",)
    assert book.run("queue.stage.dispatch")
    assert page.filters.filter.stages == ("dispatch",)
    assert book.run("queue.clear_filter")
    assert book.why_not("queue.clear_filter")
    assert book.run("queue.order.number")
    assert page.queue_model.order == "number"
    assert book.run("queue.tab.returned")
    assert page.queue_model.tab == "returned"


def test_the_map_is_worked_by_verbs(window: ShellWindow, qtbot: Any) -> None:
    page, book = desk(window), window.seat.verbs
    grid_map = page.map.map
    assert book.run("map.measure.overdue")
    assert grid_map.state.area_layer.measure.value == "overdue"
    assert grid_map.state.shows("labels")
    assert book.run("map.layer.labels")
    assert not grid_map.state.shows("labels")
    before = grid_map.nav.goal.metres_per_pixel
    assert book.run("map.go_to", Call(area="990101001001002"))
    assert grid_map.nav.goal.metres_per_pixel < before
    assert book.run("map.only_chosen")
    assert page.filters.filter.areas == ("990101001001002",)
    assert book.why_not("map.go_to")
    kept = page.map_model.keeper.memory.follow
    assert book.run("map.follow")
    assert page.map_model.keeper.memory.follow != kept
