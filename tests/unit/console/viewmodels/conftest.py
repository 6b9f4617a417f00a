"""A world with doubles of the ports, and a started seat in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, close_seat, seat_of, settled, world_for

Start = Callable[[World], SeatViewModel]


@pytest.fixture
def world() -> World:
    return world_for("dispatcher")


@pytest.fixture
def start(qtbot: Any) -> Iterator[Start]:
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
