"""派遣席 in its shell over an invented world, and the hands that work it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from console.viewmodels.seat import SeatViewModel
from console.viewmodels.shell import ShellViewModel
from console.windows.dispatch.page import DispatchPage
from console.windows.shell import ShellWindow
from tests.support.fakes import World, close_seat, seat_of, settled, world_for
from widgets.theme import theme_store

Open = Callable[..., tuple[World, SeatViewModel, DispatchPage]]


@pytest.fixture
def open_page(qtbot: Any) -> Iterator[Open]:
    """Open the workspace in its shell over a world with cases in some states."""
    opened: list[tuple[SeatViewModel, ShellWindow]] = []

    def make(
        *states: str, width: int = 1920, prepare: Callable[[World], object] | None = None
    ) -> tuple[World, SeatViewModel, DispatchPage]:
        theme_store().apply()
        world = world_for("dispatcher")
        if prepare is not None:
            prepare(world)
        for state in states:
            world.walk(state)
            world.advance(minutes=1)
        seat = seat_of(world)
        shell = ShellWindow(ShellViewModel(seat), theme_store(), {"dispatch": DispatchPage}, lambda _: True)
        opened.append((seat, shell))
        shell.resize(width, 1080)
        shell.show()
        seat.start()
        settled(seat, qtbot)
        shell.activateWindow()
        qtbot.waitUntil(shell.isActiveWindow)
        page = shell.workspaces["dispatch"]
        assert isinstance(page, DispatchPage)
        page.queue.table.setFocus()
        return world, seat, page

    yield make
    for seat, shell in opened:
        close_seat(seat)
        shell.close()
        shell.deleteLater()


def press(page: QWidget, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, modifier)


def choose_first(page: DispatchPage, seat: SeatViewModel, qtbot: Any, tab: str = "pending_dispatch") -> str:
    page.queue_model.show_tab(tab)
    case_id = page.queue_model.rows[0].case_id
    page.queue.table.select_case(case_id)
    settled(seat, qtbot)
    return case_id
