"""The watch list: starred, reminded once at a time or before the limit, over a restart too."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from console.viewmodels.desk.watch import WatchBook
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]


class Watching:
    def __init__(self, world: World, seat: SeatViewModel, qtbot: Any) -> None:
        self.world, self.seat, self.qtbot = world, seat, qtbot
        self.book = self.opened()

    def opened(self) -> WatchBook:
        book = WatchBook(self.seat, self.seat)
        book.load()
        settled(self.seat, self.qtbot)
        return book

    def tick(self, **span: float) -> None:
        self.world.advance(**span)
        self.seat.second.emit(self.seat.now())
        settled(self.seat, self.qtbot)

    def titles(self) -> list[str]:
        return [notice.title for notice in self.seat.notices.kept]


@pytest.fixture
def watching(world: World, start: Start, qtbot: Any) -> Watching:
    world.walk("handling")
    return Watching(world, start(world), qtbot)


def test_a_star_goes_on_and_off_and_survives_a_restart(watching: Watching) -> None:
    case_id = next(iter(watching.world.cases))
    assert watching.book.toggle(case_id) and watching.book.watched(case_id)
    settled(watching.seat, watching.qtbot)
    again = watching.opened()
    assert again.watched(case_id) and "松影路" in again.entries[case_id].label
    assert not again.toggle(case_id)
    settled(watching.seat, watching.qtbot)
    assert not watching.opened().entries


def test_a_reminder_comes_once_at_its_time(watching: Watching) -> None:
    case_id = next(iter(watching.world.cases))
    now = watching.seat.now()
    watching.book.remind(case_id, now + timedelta(minutes=10), note="问围挡")
    said: list[Any] = []
    watching.book.reminded.connect(said.append)
    watching.tick(minutes=9)
    assert said == []
    watching.tick(minutes=2)
    watching.tick(minutes=2)
    assert len(said) == 1 and len(watching.titles()) == 1
    notice = watching.seat.notices.kept[0]
    assert notice.title.startswith("提醒：") and notice.text == "问围挡" and notice.stays
    assert (notice.actions[0].id, notice.actions[0].argument) == ("show_case", case_id)
    assert "已提醒" in watching.book.words(watching.book.entries[case_id])
    assert watching.opened().entries[case_id].told is not None


def test_a_reminder_that_came_due_while_closed_is_said_at_the_next_start(watching: Watching) -> None:
    case_id = next(iter(watching.world.cases))
    watching.book.remind(case_id, watching.seat.now() + timedelta(minutes=10))
    settled(watching.seat, watching.qtbot)
    watching.seat.second.disconnect(watching.book._on_second)
    watching.world.advance(hours=3)
    watching.book = watching.opened()
    watching.tick()
    assert len(watching.titles()) == 1


def test_before_the_limit_follows_the_limit(watching: Watching) -> None:
    case = next(iter(watching.world.cases.values()))
    assert case.due_at is not None
    watching.book.remind(case.case_id, before_s=1800)
    entry = watching.book.entries[case.case_id]
    assert watching.book.due(entry) == case.due_at - timedelta(minutes=30)
    watching.tick(seconds=(case.due_at - watching.seat.now()).total_seconds() - 1700)
    assert len(watching.titles()) == 1


def test_without_a_clock_there_is_no_moment(watching: Watching) -> None:
    closed = watching.world.walk("closed")
    watching.world.announce({"cases"}, {closed.case_id})
    settled(watching.seat, watching.qtbot)
    watching.book.remind(closed.case_id, before_s=1800)
    entry = watching.book.entries[closed.case_id]
    assert watching.book.due(entry) is None and "不计时" in watching.book.words(entry)
    watching.tick(hours=5)
    assert watching.titles() == []


def test_a_reminder_is_taken_off(watching: Watching) -> None:
    case_id = next(iter(watching.world.cases))
    watching.book.remind(case_id, watching.seat.now() + timedelta(minutes=1))
    watching.book.remind(case_id)
    watching.tick(hours=1)
    assert watching.titles() == [] and watching.book.watched(case_id)
    assert watching.book.words(watching.book.entries[case_id]) == "没有提醒"


def test_watched_open_cases_go_into_the_hand_over(watching: Watching) -> None:
    case = next(iter(watching.world.cases.values()))
    watching.book.remind(case.case_id, watching.seat.now() + timedelta(hours=1), note="问围挡")
    watching.book.toggle("gone")
    line = watching.book.lines()
    assert len(line) == 1 and line[0].kind == "note" and line[0].case_id == case.case_id
    assert "问围挡" in line[0].text and line[0].due_at is not None


@pytest.mark.parametrize("kept", [None, "x", [1], [{}], [{"case_id": "c", "since": "gestern"}]])
def test_a_broken_list_is_an_empty_one(kept: Any, world: World, start: Start, qtbot: Any) -> None:
    world.settings["watch.list"] = kept
    assert Watching(world, start(world), qtbot).book.entries == {}
