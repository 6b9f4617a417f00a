"""The real window of a seat with its real workspaces over an invented world, and the hands that work it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.shell import ShellViewModel
from console.windows.dispatch.page import DispatchPage
from console.windows.intake.page import IntakePage
from console.windows.palette.palette import Palette
from console.windows.shell import ShellWindow
from tests.support.fakes import World, close_seat, seat_of, settled, world_for
from widgets.theme import theme_store

Open = Callable[..., tuple[World, SeatViewModel, ShellWindow]]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def open_window(qtbot: Any) -> Iterator[Open]:
    """Open a window for some roles over cases in some states."""
    opened: list[tuple[SeatViewModel, ShellWindow]] = []

    def make(roles: str | tuple[str, ...], *states: str) -> tuple[World, SeatViewModel, ShellWindow]:
        theme_store().apply()
        world = world_for(*((roles,) if isinstance(roles, str) else roles))
        for state in states:
            world.walk(state)
            world.advance(minutes=1)
        seat = seat_of(world)
        builders = {"dispatch": DispatchPage, "intake": IntakePage}
        window = ShellWindow(ShellViewModel(seat), theme_store(), builders, lambda _: True)
        opened.append((seat, window))
        window.resize(1920, 1080)
        window.show()
        seat.start()
        settled(seat, qtbot)
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        return world, seat, window

    yield make
    for seat, window in opened:
        close_seat(seat)
        window.close()
        window.deleteLater()


def press(key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is."""
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def open_bar(window: ShellWindow, qtbot: Any) -> Palette:
    """Open the command bar by its key."""
    window.activateWindow()
    qtbot.waitUntil(lambda: window.isActiveWindow() and QApplication.focusWidget() is not None)
    press(Qt.Key.Key_K, CTRL)
    qtbot.waitUntil(lambda: window.findChild(Palette) is not None)
    bar = window.findChild(Palette)
    assert isinstance(bar, Palette)
    return bar


def write(bar: Palette, line: str) -> list[str]:
    """Write a line and return the titles offered for it."""
    bar.field.setText(line)
    bar.model.finish()
    return [row.title for row in bar.model.rows]
