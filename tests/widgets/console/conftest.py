"""A world with a started seat and a window for pages and dialogs to stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, close_seat, seat_of, settled


@pytest.fixture
def start(qtbot: Any) -> Iterator[Callable[[World], SeatViewModel]]:
    """Start a seat in a world and wait until it has read everything."""
    seats: list[SeatViewModel] = []

    def make(world: World) -> SeatViewModel:
        seat = seat_of(world)
        seats.append(seat)
        seat.start()
        settled(seat, qtbot)
        return seat

    yield make
    for seat in seats:
        close_seat(seat)


@pytest.fixture
def window(qtbot: Any) -> QWidget:
    """The window behind dialogs."""
    host = QWidget()
    host.resize(1440, 900)
    qtbot.addWidget(host)
    host.show()
    return host
