"""派遣席 by keys: move, pick, dispatch, filter, drawer; one selection goes through queue, map and case."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.windows.dialogs.dispatch_dialog import DispatchDialog
from tests.support.fakes import settled
from tests.widgets.console.dispatch.conftest import Open, choose_first, press


def test_one_selection_goes_through_all_panels(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch", "pending_dispatch")
    case_id = choose_first(page, seat, qtbot)
    assert page.panel_model.case_id == case_id
    assert page.map.map.selection.case_id == case_id
    assert page.panel.number.text() == page.panel_model.panel.number  # type: ignore[union-attr] # it is shown
    other = page.queue_model.rows[1].case_id
    page.map.case_chosen.emit(other)
    settled(seat, qtbot)
    assert page.queue.table.current_id == other


def test_a_refresh_of_data_moves_nothing(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page(*["pending_dispatch"] * 30)
    case_id = choose_first(page, seat, qtbot)
    page.queue.table.select_case(page.queue_model.rows[20].case_id)
    case_id = page.queue.table.current_id
    view, scroll = page.map.map.view, page.queue.table.verticalScrollBar().value()
    late = world.walk("pending_dispatch")
    world.announce({"cases"}, {late.case_id})
    settled(seat, qtbot)
    assert page.queue.table.current_id == case_id
    assert page.map.map.view == view
    assert abs(page.queue.table.verticalScrollBar().value() - scroll) <= 1


def test_d_opens_the_dispatch_filled_with_the_picked_unit(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    case_id = choose_first(page, seat, qtbot)
    press(page, Qt.Key.Key_2)
    picked = page.panel_model.picked
    press(page, Qt.Key.Key_D)
    dialog = page.window().findChild(DispatchDialog)
    assert dialog is not None
    assert dialog.model.values["lead_dept"] == picked
    QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settled(seat, qtbot)
    assert [c.action for c in world.commands] == ["dispatch"]
    row = page.queue_model.view(case_id)
    assert row is not None
    assert row.pending == "queued"
    world.judge_all()
    settled(seat, qtbot)
    assert page.queue_model.counts["pending_dispatch"] == 0


def test_q_goes_to_the_next_waiting_case(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch", "pending_dispatch", "handling")
    first = choose_first(page, seat, qtbot)
    press(page, Qt.Key.Key_Q)
    settled(seat, qtbot)
    assert page.panel_model.case_id not in ("", first)


def test_a_key_of_an_action_that_is_not_allowed_does_nothing(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("handling")
    choose_first(page, seat, qtbot, "open")
    press(page, Qt.Key.Key_D)
    assert page.window().findChild(DispatchDialog) is None


def test_letters_in_a_text_field_stay_text(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    choose_first(page, seat, qtbot)
    press(page, Qt.Key.Key_F)
    assert page.queue.filters.text.hasFocus()
    QTest.keyClicks(page.queue.filters.text, "dq")
    assert page.queue.filters.text.text() == "dq"
    assert page.window().findChild(DispatchDialog) is None
    assert page.queue_model.rows == ()
    assert page.queue.empty.isVisible()
    page.queue.clear_filter()
    assert len(page.queue_model.rows) == 1


def test_filter_boxes_narrow_the_list(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    choose_first(page, seat, qtbot)
    street = page.queue.filters.boxes["areas"]
    street.chosen.emit("990101003")
    assert page.queue_model.rows == ()
    street.chosen.emit("990101001")
    assert len(page.queue_model.rows) == 1


def test_head_cells_order_the_list(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch", "pending_dispatch")
    choose_first(page, seat, qtbot)
    numbers = sorted(row.number_short for row in page.queue_model.rows)
    page.queue.table.sort_requested.emit("number", True)
    assert [row.number_short for row in page.queue_model.rows] == numbers[::-1]
    page.queue.table.sort_requested.emit("sla_shape", False)
    assert page.queue_model.order == "risk"


def test_f6_goes_round_the_panels(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    choose_first(page, seat, qtbot)
    seen = []
    for _ in range(3):
        press(page, Qt.Key.Key_F6)
        seen.append(QApplication.focusWidget())
    assert seen == [page.map.map, page.panel, page.queue.table]


def test_narrow_windows_have_a_drawer(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch", width=1366)
    choose_first(page, seat, qtbot)
    assert page.panel.isVisible()
    assert page.splitter.count() == 2
    assert page.panel.geometry().right() == page.width() - 1
    press(page, Qt.Key.Key_Escape)
    assert not page.panel.isVisible()
    page.window().resize(1920, 1080)
    qtbot.waitUntil(lambda: page.splitter.count() == 3)
    assert page.panel.isVisible()


def test_show_case_finds_cases_outside_the_tab(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch", "handling")
    page.queue_model.show_tab("pending_dispatch")
    handled = next(e.case.case_id for e in seat.open_cases() if e.case.state == "handling")
    assert page.show_case(handled)
    settled(seat, qtbot)
    assert page.panel_model.case_id == handled
    assert not page.show_case("nobody")


def test_the_whole_history_is_one_key_away(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch")
    case_id = choose_first(page, seat, qtbot)
    for number in range(12):
        world.apply("comment", case_id, text=f"备注 {number}")
    world.announce({"cases"}, {case_id})
    settled(seat, qtbot)
    assert len(page.panel.history.entries) == 8
    press(page, Qt.Key.Key_H)
    assert len(page.panel.history.entries) == 15


def test_more_lists_what_is_not_allowed_with_the_reason(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch")
    choose_first(page, seat, qtbot)
    bar = page.panel.action_bar
    assert bar.main.text().startswith("派遣到")
    refused = [action for action in page.panel_model.panel.actions if action.reason]  # type: ignore[union-attr] # it is shown
    assert any(action.id == "send_check" for action in refused)
