"""Acts on many in 派遣席: the bar, the preview, the countdown, the results, and the keys that do all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.viewmodels.bulk_hold import second_thoughts
from console.windows.bulk.dialog import REFUSE, BulkDialog
from console.windows.bulk.hands import BulkHands
from console.windows.dispatch.page import DispatchPage
from services.ports.outbox import APPLIED, DISCARDED, WAITING
from tests.support.fakes import World, settled
from tests.widgets.console.dispatch.conftest import Open, open_page, press

__all__ = ["open_page"]

CTRL = Qt.KeyboardModifier.ControlModifier


def mark_all(page: DispatchPage, qtbot: Any, n: int) -> None:
    page.queue_model.show_tab("pending_dispatch")
    qtbot.waitUntil(lambda: page.queue_model.count == n, timeout=5000)
    page.bulk.mark_all()
    qtbot.waitUntil(page.bulk.bar.isVisible, timeout=5000)


def preview(page: DispatchPage, qtbot: Any) -> BulkDialog:
    qtbot.waitUntil(lambda: page.bulk.dialog is not None, timeout=5000)
    dialog = page.bulk.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.model.preview is not None, timeout=5000)
    return dialog


def confirmed(page: DispatchPage, world: World, qtbot: Any) -> None:
    page.bulk.open("dispatch")
    dialog = preview(page, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: bool(world.commands) and page.bulk.results is not None, timeout=5000)
    settled(page.seat, qtbot)


def test_the_bar_comes_with_the_second_mark_and_goes_with_esc(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch", "pending_dispatch", "pending_dispatch")
    bar = page.bulk.bar
    ids = page.queue_model.ids
    page.queue.rows.set_marked(ids[:1])
    qtbot.wait(20)
    assert not bar.isVisible()
    page.queue.rows.set_marked(ids[1:2])
    qtbot.waitUntil(bar.isVisible, timeout=5000)
    assert bar.height() == 56
    assert bar.count.text() == "已选 2 件"
    assert "派遣" in bar.buttons[-1].text()
    assert all(part.geometry().right() <= bar.width() for part in bar.buttons if part.isVisible())
    press(page, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not bar.isVisible(), timeout=5000)
    assert page.bulk.marked == ()


def test_the_key_of_an_action_on_marked_rows_opens_the_preview(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch", "pending_dispatch")
    mark_all(page, qtbot, 2)
    page.queue.table.setFocus()
    press(page, Qt.Key.Key_D)
    dialog = preview(page, qtbot)
    assert len(dialog.model.cases) == 2
    assert "派遣 2 件" in dialog.main_button.text()
    dialog.reject()


def test_a_button_of_the_bar_does_the_same(open_page: Open, qtbot: Any) -> None:
    _, _, page = open_page("pending_dispatch", "pending_dispatch")
    mark_all(page, qtbot, 2)
    page.bulk.bar.buttons[-1].click()
    preview(page, qtbot).reject()


def test_an_action_for_single_cases_says_so(open_page: Open, qtbot: Any) -> None:
    _, seat, page = open_page("pending_dispatch", "pending_dispatch")
    mark_all(page, qtbot, 2)
    seat.verbs.run("case.amend")
    assert "一件一件办" in seat.notices.kept[0].title


def test_refused_ones_stand_under_their_reason_and_stay_marked(open_page: Open, qtbot: Any) -> None:
    world, _, page = open_page("pending_dispatch", "pending_dispatch", "pending_sign")
    page.queue_model.show_tab("open")
    qtbot.waitUntil(lambda: page.queue_model.count == 3, timeout=5000)
    page.bulk.mark_all()
    page.bulk.open("dispatch")
    dialog = preview(page, qtbot)
    dialog.tabs.chosen.emit(REFUSE)
    lines = dialog.lines.rows.lines
    assert (lines[0].case_id, lines[0].word) == ("", "1 件")
    assert "其余 1 件不动" in dialog.after.text()
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: len(world.commands) == 2, timeout=5000)
    qtbot.waitUntil(lambda: len(page.bulk.marked) == 1, timeout=5000)


def test_space_leaves_a_case_out(open_page: Open, qtbot: Any) -> None:
    world, _, page = open_page("pending_dispatch", "pending_dispatch")
    mark_all(page, qtbot, 2)
    page.bulk.open("dispatch")
    dialog = preview(page, qtbot)
    dialog.lines.setFocus()
    dialog.lines.setCurrentIndex(dialog.lines.rows.index(0))
    first = dialog.lines.current
    QTest.keyClick(dialog.lines, Qt.Key.Key_Space)
    assert first not in dialog.model.chosen and len(dialog.model.chosen) == 1
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: len(world.commands) == 1, timeout=5000)


def test_nothing_to_do_says_why(open_page: Open, qtbot: Any) -> None:
    world, _, page = open_page("pending_sign", "pending_sign")
    dialog = page.bulk.open("dispatch", tuple(world.cases))
    assert dialog is not None
    preview(page, qtbot)
    assert dialog.main_button.reason == "没有一件可以办"
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    settled(page.seat, qtbot)
    assert world.commands == []
    dialog.reject()


def test_ctrl_z_in_time_takes_it_back(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch", "pending_dispatch")
    mark_all(page, qtbot, 2)
    confirmed(page, world, qtbot)
    results = page.bulk.results
    assert results is not None and results.isVisible()
    qtbot.waitUntil(results.hold.isVisible, timeout=5000)
    assert [c.staged for c in world.commands] == [True, True]
    toasts = page.window().toasts.keys()  # type: ignore[attr-defined]  # the shell
    assert [key for key in toasts if key.startswith("bulk:")]
    page.window().activateWindow()
    qtbot.waitUntil(page.window().isActiveWindow, timeout=5000)
    page.queue.table.setFocus()
    QTest.keyClick(page.queue.table, Qt.Key.Key_Z, CTRL)
    qtbot.waitUntil(lambda: {c.status for c in world.commands} == {DISCARDED}, timeout=5000)
    qtbot.waitUntil(lambda: not results.hold.isVisible(), timeout=5000)
    assert second_thoughts(seat).acts == {}


def test_the_panel_stays_while_answers_arrive(open_page: Open, qtbot: Any, tmp_path: Path) -> None:
    world, seat, page = open_page("pending_dispatch", "pending_dispatch")
    mark_all(page, qtbot, 2)
    confirmed(page, world, qtbot)
    results = page.bulk.results
    assert results is not None
    results.hold.send.click()
    qtbot.waitUntil(lambda: [c.staged for c in world.commands] == [False, False], timeout=5000)
    assert {c.status for c in world.commands} == {WAITING}
    world.judge_all()
    qtbot.waitUntil(lambda: results.model.settled, timeout=5000)
    assert results.isVisible() and {c.status for c in world.commands} == {APPLIED}
    assert results.state.text() == "全部有了答复"
    results.copy_text()
    assert QGuiApplication.clipboard().text() == results.model.text()
    file = tmp_path / "list.txt"
    results.write(file)
    qtbot.waitUntil(file.exists, timeout=5000)
    settled(seat, qtbot)
    assert file.read_text(encoding="utf-8-sig") == results.model.text()
    results.write(tmp_path / "no" / "list.txt")
    settled(seat, qtbot)
    assert seat.notices.kept[0].title == "清单没有存成"
    wanted: list[str] = []
    results.case_wanted.connect(wanted.append)
    results.lines.setCurrentIndex(results.lines.rows.index(1))
    results.open.click()
    assert wanted == [world.commands[1].case_id]
    QTest.keyClick(results, Qt.Key.Key_Escape)
    assert not results.isVisible()
    seat.verbs.run("queue.bulk_results")
    assert results.isVisible()


def test_the_toast_counts_down_in_place(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch", "pending_dispatch")
    thoughts = second_thoughts(seat)
    mark_all(page, qtbot, 2)
    confirmed(page, world, qtbot)
    [batch] = thoughts.acts
    shell: Any = page.window()
    toast = next(t for t in shell.toasts._toasts if t.value.key == f"bulk:{batch}")
    assert toast.stays
    thoughts.counting.emit((thoughts.acts[batch], 4))
    assert toast._title.text() == "派遣 2 件，4 秒后送出"
    thoughts.undo(batch)
    settled(seat, qtbot)


@pytest.mark.parametrize(
    "action", ["accept", "file", "dispatch", "close", "urge", "supervise", "decide_extension", "cancel"]
)
def test_every_form_fits_its_dialog(open_page: Open, qtbot: Any, action: str) -> None:
    world, _, page = open_page("pending_dispatch", "pending_dispatch")
    dialog = page.bulk.open(action, tuple(world.cases))
    assert dialog is not None
    preview(page, qtbot)
    qtbot.wait(20)
    card = dialog.card_rect()
    assert card.width() <= 922 and dialog.height() <= page.window().height()
    for editor in dialog.editors.values():
        if editor.isVisible():
            assert editor.height() >= min(editor.sizeHint().height(), 32)
            assert editor.width() <= card.width()
    dialog.reject()


def test_another_list_can_have_its_own_hands(open_page: Open, qtbot: Any) -> None:
    world, seat, page = open_page("pending_dispatch", "pending_dispatch")
    host = QWidget(page)
    hands = BulkHands(seat, page.queue.table, lambda: page.queue_model.ids, host, lambda _: None)
    assert hands.open("split", tuple(world.cases)) is None
    assert hands.open("dispatch", ()) is None
    assert not hands.clear()
