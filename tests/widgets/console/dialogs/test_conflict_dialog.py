"""对方先办了这件: three columns, the keys 1 2 3, and what each of them does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from console.viewmodels.conflict import ACCEPT, AGAIN, KEEP
from console.viewmodels.seat import SeatViewModel
from console.windows.dialogs.conflict_dialog import ConflictDialog, open_conflict
from console.windows.dialogs.dispatch_dialog import DispatchDialog
from tests.support.fakes import World, settled, world_for
from tests.unit.console.viewmodels.test_conflict import lose
from widgets.theme import theme_store

CTRL = Qt.KeyboardModifier.ControlModifier
Start = Callable[[World], SeatViewModel]


def shown(world: World, start: Start, window: QWidget, qtbot: Any) -> tuple[SeatViewModel, ConflictDialog]:
    theme_store().apply()
    lost = lose(world)
    seat = start(world)
    dialog = open_conflict(lost.command_id, seat, theme_store(), window)
    settled(seat, qtbot)
    qtbot.waitUntil(lambda: bool(dialog.model.rows), timeout=5000)
    return seat, dialog


def test_the_keys_choose_and_ctrl_enter_does_it(start: Start, window: QWidget, qtbot: Any) -> None:
    world = world_for("dispatcher")
    seat, dialog = shown(world, start, window, qtbot)
    assert dialog.choices.current == KEEP
    for key, choice in ((Qt.Key.Key_3, AGAIN), (Qt.Key.Key_1, KEEP), (Qt.Key.Key_2, ACCEPT)):
        QTest.keyClick(dialog, key)
        assert dialog.choices.current == dialog.model.chosen == choice
    with qtbot.waitSignal(dialog.settled, timeout=5000):
        QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    settled(seat, qtbot)
    assert [c.status for c in world.commands] == ["discarded"]


def test_it_says_all_three_and_fits_its_window(start: Start, window: QWidget, qtbot: Any) -> None:
    _, dialog = shown(world_for("dispatcher"), start, window, qtbot)
    words = dialog.columns.accessibleName()
    assert "我的 派遣" in words and "对方的 派遣" in words and "现在 待签收" in words
    assert dialog.height() <= window.height()
    top = window.mapToGlobal(window.rect().topLeft()).y()
    assert top <= dialog.y() and dialog.y() + dialog.height() <= top + window.height() + 1
    assert dialog.columns.height() >= dialog.columns.sizeHint().height()
    dialog.grab()
    dialog.reject()


def test_doing_it_anew_opens_the_action_filled_in(start: Start, window: QWidget, qtbot: Any) -> None:
    world = world_for("dispatcher")
    seat, dialog = shown(world, start, window, qtbot)
    QTest.keyClick(dialog, Qt.Key.Key_3)
    QTest.keyClick(dialog, Qt.Key.Key_Return, CTRL)
    qtbot.waitUntil(lambda: bool(window.findChildren(DispatchDialog)), timeout=5000)
    [form] = window.findChildren(DispatchDialog)
    settled(seat, qtbot)
    assert (form.model.action, form.model.values["lead_dept"]) == ("redispatch", "green")
    form.model.set_value("reason", "职责在园林")
    with qtbot.waitSignal(dialog.settled, timeout=5000):
        assert form.model.confirm()
    settled(seat, qtbot)
    assert [(c.action, c.status) for c in world.commands] == [
        ("dispatch", "discarded"),
        ("redispatch", "waiting"),
    ]


def test_looking_at_the_case_leaves_it_open(start: Start, window: QWidget, qtbot: Any) -> None:
    world = world_for("dispatcher")
    _, dialog = shown(world, start, window, qtbot)
    wanted: list[str] = []
    dialog.case_wanted.connect(wanted.append)
    dialog.look.click()
    assert wanted == [world.commands[0].case_id]
    assert world.commands[0].status == "conflict"
