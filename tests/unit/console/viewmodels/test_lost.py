"""What a restored centre no longer knows: told once, listed, decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from console.notices.notice import Notice
from console.viewmodels.lost import LostNotice, LostViewModel
from console.viewmodels.seat import SeatViewModel
from console.viewmodels.waiting import WaitingViewModel
from services.ports.errors import StorageFull
from services.ports.outbox import SavedCommand
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


class FakeLost:
    """Lost commands of a world."""

    def __init__(self, world: World) -> None:
        self.world = world

    def waiting_for_word(self) -> tuple[SavedCommand, ...]:
        return tuple(c for c in self.world.commands if c.status == "lost")

    def _to(self, ids: Sequence[str], status: str) -> tuple[SavedCommand, ...]:
        if self.world.full:
            raise StorageFull("本机空间不足，这次没有保存")
        for command in [c for c in self.world.commands if c.command_id in ids]:
            self.world.commands[command.n] = replace(command, status=status)
        self.world.announce({"outbox", "cases"}, set())
        return ()

    def send_again(self, ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        return self._to(ids, "waiting")

    def let_go(self, ids: Sequence[str]) -> tuple[SavedCommand, ...]:
        return self._to(ids, "discarded")


def lose(world: World, seat: SeatViewModel, qtbot: Any, count: int = 2) -> list[str]:
    """Let the world have lost commands; their ids."""
    case_id = next(iter(seat.cases))
    for n in range(count):
        seat.submit("comment", case_id, {"text": f"第 {n} 句"})
    settled(seat, qtbot)
    for command in list(world.commands):
        world.commands[command.n] = replace(command, status="lost")
    world.announce({"outbox"}, set())
    settled(seat, qtbot)
    return [command.command_id for command in world.commands]


@pytest.fixture
def seat(world: World, start: Start) -> SeatViewModel:
    world.walk("pending_dispatch")
    made = start(world)
    made.services = replace(made.services, lost=FakeLost(world))  # type: ignore[arg-type] # a double of the desk
    return made


def test_it_is_told_when_there_are_more(world: World, seat: SeatViewModel, qtbot: Any) -> None:
    said: list[Notice] = []
    keep = LostNotice(seat)
    seat.notices.raised.connect(said.append)
    lose(world, seat, qtbot)
    told = [notice for notice in said if notice.key == "lost"]
    assert len(told) == 1 and "2 项" in told[0].text and told[0].actions[0].id == "frame.lost"
    seat.outbox_changed.emit(seat.counts)
    keep._on_outbox("no counts")
    assert len([notice for notice in said if notice.key == "lost"]) == 1


def test_each_is_sent_again_or_let_go(world: World, seat: SeatViewModel, qtbot: Any) -> None:
    first, second = lose(world, seat, qtbot)
    model = LostViewModel(seat)
    settled(seat, qtbot)
    assert [line.command_id for line in model.lines] == [first, second]
    assert "备注" in model.lines[0].title or model.lines[0].title.strip()
    done: list[bool] = []
    model.settled.connect(lambda: done.append(True))
    model.send_again([first])
    settled(seat, qtbot)
    assert world.commands[0].status == "waiting" and done == []
    model.let_go([second])
    settled(seat, qtbot)
    assert world.commands[1].status == "discarded" and model.lines == () and done


def test_nothing_chosen_does_nothing(world: World, seat: SeatViewModel, qtbot: Any) -> None:
    lose(world, seat, qtbot)
    model = LostViewModel(seat)
    model.send_again([])
    model.let_go([])
    settled(seat, qtbot)
    assert len(model.lines) == 2


def test_a_full_disk_is_told_and_the_list_stays(world: World, seat: SeatViewModel, qtbot: Any) -> None:
    ids = lose(world, seat, qtbot)
    model = LostViewModel(seat)
    said: list[Notice] = []
    seat.notices.raised.connect(said.append)
    world.full = True
    model.send_again(ids)
    settled(seat, qtbot)
    assert [notice.key for notice in said] == ["disk"] and len(model.lines) == 2


def test_the_list_of_waiting_operations_has_them_too(world: World, seat: SeatViewModel, qtbot: Any) -> None:
    first, second = lose(world, seat, qtbot)
    waiting = WaitingViewModel(seat)
    settled(seat, qtbot)
    line = waiting.lines[0]
    assert line.mark == "中心已不记得" and "较早的数据" in line.why
    assert [act for act, _ in line.acts] == ["again", "let_go"]
    waiting.act("again", first)
    waiting.act("let_go", second)
    settled(seat, qtbot)
    assert [command.status for command in world.commands] == ["waiting", "discarded"]


def test_a_seat_without_that_desk_shows_nothing(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    model = LostViewModel(seat)
    model.send_again(["x"])
    model.let_go(["x"])
    settled(seat, qtbot)
    assert model.lines == ()
