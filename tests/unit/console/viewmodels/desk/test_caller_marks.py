"""Marks on callers: asked once a number is typed, silent when that fails, set by the shift leader."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.desk.caller_marks import CallerMarks
from console.viewmodels.desk.words import moment_words, span_words
from console.viewmodels.seat import SeatViewModel
from services.domain.calendar import WorkCalendar
from tests.support.desk_centre import FakeDeskCentre
from tests.support.fakes import NOW, World, settled, world_for

Start = Callable[[World], SeatViewModel]
NUMBER = "13800009911"


class Marking:
    def __init__(self, world: World, seat: SeatViewModel, qtbot: Any) -> None:
        self.world, self.seat, self.qtbot = world, seat, qtbot
        self.centre = FakeDeskCentre(world)
        self.marks = CallerMarks(seat, self.centre, seat)
        self.marks._pause.setInterval(0)
        self.said: list[str] = []
        self.marks.failed.connect(self.said.append)

    def settle(self) -> None:
        settled(self.seat, self.qtbot)


@pytest.fixture
def marking(start: Start, qtbot: Any) -> Marking:
    world = world_for("acceptor", "shift_leader")
    return Marking(world, start(world), qtbot)


def test_a_marked_number_is_seen_once_it_is_long_enough(marking: Marking) -> None:
    marking.centre.mark_caller("深夜谩骂", 30, phone=NUMBER)
    marking.marks.typed("138")
    marking.marks.typed(NUMBER)
    marking.qtbot.waitUntil(lambda: marking.marks.match is not None, timeout=10_000)
    assert marking.centre.asked.count("match") == 1
    marking.marks.typed("")
    assert marking.marks.match is None


def test_without_a_line_nobody_is_held_up(marking: Marking) -> None:
    marking.world.online = False
    marking.world.announce({"connection"})
    marking.settle()
    marking.marks._number = NUMBER
    marking.marks._ask()
    marking.settle()
    assert marking.said == [] and "match" not in marking.centre.asked
    marking.marks.set("x", 30, phone=NUMBER)
    marking.marks.load()
    assert len(marking.said) == 2 and all("离线" in said for said in marking.said)


def test_set_listed_and_lifted(marking: Marking) -> None:
    marking.marks.set("深夜谩骂", 30, phone=NUMBER)
    marking.qtbot.waitUntil(lambda: len(marking.marks.marks) == 1, timeout=10_000)
    marking.marks.lift(marking.marks.marks[0].mark_id)
    marking.qtbot.waitUntil(lambda: marking.marks.marks == (), timeout=10_000)
    assert marking.said == []


def test_posts(start: Start, qtbot: Any) -> None:
    for roles, see, change in (
        (("acceptor",), True, False), (("shift_leader",), True, True), (("dispatcher",), False, False),
    ):  # fmt: skip
        marks = Marking(w := world_for(*roles), start(w), qtbot).marks
        assert (marks.may_see, marks.may_set) == (see, change)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "不到 1 分"),
        (59, "不到 1 分"),
        (60, "1 分"),
        (3660, "1 小时 1 分"),
        (90_000, "1 天 1 小时"),
        (-5, "不到 1 分"),
    ],
)
def test_spans(seconds: float, words: str) -> None:
    assert span_words(seconds) == words


def test_moments() -> None:
    calendar = WorkCalendar()
    assert moment_words(NOW, NOW, calendar) == "09:30"
    assert moment_words(NOW.replace(month=1), NOW, calendar) == "01-20 09:30"
    assert moment_words(NOW.replace(year=2024), NOW, calendar) == "2024-11-20 09:30"
