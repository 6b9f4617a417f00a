"""A full disk is told once, and once more when there is room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.notices.notice import Notice
from console.viewmodels.disk import EVERY, DiskWatch
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, settled


class Room:
    """Kept-back room moved by hand."""

    def __init__(self, state: str = "whole") -> None:
        self.state, self.asked, self.after = state, 0, state

    def restore(self) -> str:
        self.asked += 1
        self.state = self.after
        return self.state


def test_it_is_told_with_the_save_and_when_it_is_over(
    world: World, start: Callable[[World], SeatViewModel], qtbot: Any
) -> None:
    seat = start(world)
    seat._tick.stop()
    room, said = Room(), []
    watch = DiskWatch(seat, room)
    seat.notices.raised.connect(said.append)
    seat.saved.emit(object())
    assert said == []
    room.state = room.after = "given_up"
    seat.saved.emit(object())
    seat.second.emit(seat.now())
    told: list[Notice] = list(said)
    assert [notice.title for notice in told] == ["本机磁盘已满"] and "照常保存" in told[0].text
    for _ in range(EVERY):
        seat.second.emit(seat.now())
    settled(seat, qtbot)
    assert room.asked == 1 and len(said) == 1
    room.after = "whole"
    for _ in range(EVERY):
        seat.second.emit(seat.now())
    settled(seat, qtbot)
    assert [notice.title for notice in said] == ["本机磁盘已满", "本机磁盘空间已恢复"]
    assert watch._told == "whole"


def test_a_start_on_a_full_disk_is_told(
    world: World, start: Callable[[World], SeatViewModel], qtbot: Any
) -> None:
    seat = start(world)
    said: list[Notice] = []
    seat.notices.raised.connect(said.append)
    DiskWatch(seat, Room("given_up"))
    assert [notice.key for notice in said] == ["disk"]
    DiskWatch(seat, Room("none"))
    assert len(said) == 1
