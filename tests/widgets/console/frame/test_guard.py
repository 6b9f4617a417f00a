"""The lock over dialogs, the new session, and the list of what a restored centre no longer knows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLineEdit

from console.windows.frame.lost import LostDialog
from services.ports.picture import ONLINE, SIGN_IN, Connection
from tests.support.fakes import settled
from tests.unit.console.viewmodels.test_lost import FakeLost, lose
from tests.widgets.console.frame.test_shell import Open, open_shell
from widgets.dialogs.frame import DialogFrame

__all__ = ["open_shell"]


def test_dialogs_are_hidden_while_locked_and_keep_what_was_typed(open_shell: Open, qtbot: Any) -> None:
    _, seat, shell = open_shell("dispatcher")
    dialog = DialogFrame(shell, "派遣", "1123-0001 井盖")
    field = QLineEdit(dialog.body)
    dialog.content.addWidget(field)
    dialog.open()
    field.setText("写到一半")
    shell.lock()
    assert not dialog.isVisible(), "a case would be read beside the lock"
    shell._lock._field.setText("right")
    QTest.keyClick(shell._lock._field, Qt.Key.Key_Return)
    settled(seat, qtbot)
    assert not shell._lock.locked
    assert dialog.isVisible() and field.text() == "写到一半"
    assert dialog.windowModality() == Qt.WindowModality.WindowModal
    dialog.reject()


def test_what_ended_behind_the_lock_keeps_nobody_out(open_shell: Open, qtbot: Any) -> None:
    """Work goes on while the window is locked: a panel is built anew, a dialog ends with its answer."""
    _, seat, shell = open_shell("dispatcher")
    field = QLineEdit(shell)
    field.show()
    field.setFocus()
    gone, over = DialogFrame(shell, "派遣", "1123-0001"), DialogFrame(shell, "立案", "1123-0002")
    for dialog in (gone, over):
        dialog.open()
    shell.lock()
    shell._lock._return_to = field
    over.accept()
    for widget in (field, gone):
        shiboken6.delete(widget)
    shell._lock._field.setText("right")
    shell._lock._try()
    settled(seat, qtbot)
    assert not shell._lock.locked and not shell.guard.locked, "else it would never lock again"
    assert not over.isVisible(), "a dialog that has ended is not shown once more"


def test_the_beat_locks_the_window_and_says_why(open_shell: Open, qtbot: Any) -> None:
    _, seat, shell = open_shell("dispatcher")
    shell.guard._last -= 3600
    seat.second.emit(seat.now())
    assert shell._lock.locked and "无人操作" in shell._lock._error.text()


def test_a_key_counts_as_a_hand(open_shell: Open, qtbot: Any) -> None:
    _, seat, shell = open_shell("dispatcher")
    shell.guard._last -= 3600
    QTest.keyClick(shell, Qt.Key.Key_Shift)
    seat.second.emit(seat.now())
    assert not shell._lock.locked


def test_the_session_is_begun_anew_by_the_lock(open_shell: Open, qtbot: Any) -> None:
    _, seat, shell = open_shell("dispatcher")
    assert "不需要" in seat.verbs.why_not("frame.sign_in")
    given: list[str] = []
    shell.guard.resume = given.append
    seat.connection = Connection(SIGN_IN)
    seat.connection_changed.emit(seat.connection)
    assert "session" in tuple(shell.toasts.keys())
    shell.toasts.acted.emit("session", "frame.sign_in")
    assert shell._lock.locked and "登录已失效" in shell._lock._error.text()
    shell._lock._field.setText("right")
    shell._lock._try()
    shell._lock._try()
    settled(seat, qtbot)
    assert given == ["right"]
    seat.connection = Connection(ONLINE)


@pytest.mark.parametrize("minutes", [5, 10, 15, 30])
def test_the_time_until_the_lock_is_chosen_by_a_verb(open_shell: Open, qtbot: Any, minutes: int) -> None:
    _, seat, shell = open_shell("dispatcher")
    assert seat.verbs.run(f"settings.lock.{minutes}")
    settled(seat, qtbot)
    assert shell.guard.after_min == minutes


def test_a_lock_that_cannot_check_stays_shut(open_shell: Open, qtbot: Any) -> None:
    _, seat, shell = open_shell("dispatcher")
    shell.lock()

    def broken(_password: str) -> bool:
        raise OSError("no disk")

    shell._lock._unlock = broken
    shell._lock._field.setText("right")
    shell._lock._try()
    settled(seat, qtbot)
    assert shell._lock.locked and "没有打开" in shell._lock._error.text()
    shell._lock._field.setText("")
    shell._lock._try()
    assert not shell._lock._busy


def test_lost_operations_are_chosen_by_boxes(open_shell: Open, qtbot: Any) -> None:
    world, seat, shell = open_shell("dispatcher")
    seat.services = replace(seat.services, lost=FakeLost(world))  # type: ignore[arg-type] # a double of the desk
    first, second = lose(world, seat, qtbot)
    assert "lost" in tuple(shell.toasts.keys())
    shell.toasts.acted.emit("lost", "frame.lost")
    settled(seat, qtbot)
    dialog = shell.findChild(LostDialog)
    assert dialog is not None
    boxes = dialog.findChildren(QCheckBox)
    assert len(boxes) == 2 and dialog.chosen() == (first, second), "all are chosen at first"
    boxes[1].setChecked(False)
    assert dialog.chosen() == (first,)
    dialog.main_button.click()
    settled(seat, qtbot)
    assert [command.status for command in world.commands] == ["waiting", "lost"]
    assert dialog.chosen() == (), "what was unticked stays unticked"
    assert dialog.isVisible()
    dialog.findChildren(QCheckBox)[-1].setChecked(True)
    dialog.let_go.click()
    settled(seat, qtbot)
    assert world.commands[1].status == "discarded"
    qtbot.waitUntil(lambda: shell.findChild(LostDialog) is None or not dialog.isVisible(), timeout=3000)
