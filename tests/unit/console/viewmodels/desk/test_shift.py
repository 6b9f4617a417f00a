"""When a shift began: kept over a restart, begun anew after a long pause, never in the future."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from console.viewmodels.desk.shift import NAME, PAUSE, Shift
from console.viewmodels.seat import SeatViewModel
from tests.support.fakes import NOW, World, settled

Start = Callable[[World], SeatViewModel]


def read(seat: SeatViewModel, qtbot: Any) -> Shift:
    shift = Shift(seat, seat)
    shift.load()
    settled(seat, qtbot)
    return shift


def test_before_it_was_read_it_begins_now(world: World, start: Start) -> None:
    shift = Shift(start(world))
    assert (shift.began_at, shift.known) == (NOW, False)


def test_the_first_sign_in_begins_a_shift_and_keeps_it(world: World, start: Start, qtbot: Any) -> None:
    shift = read(start(world), qtbot)
    assert (shift.began_at, shift.known) == (NOW, True)
    assert world.settings[NAME] == NOW.isoformat()


def test_a_restart_of_the_console_goes_on_with_the_shift(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    read(seat, qtbot)
    world.advance(hours=7)
    told: list[int] = []
    again = Shift(seat, seat)
    again.changed.connect(lambda: told.append(1))
    again.load()
    settled(seat, qtbot)
    assert again.began_at == NOW and told == [1]
    assert world.settings[NAME] == NOW.isoformat(), "a kept beginning is not written again"


@pytest.mark.parametrize(
    ("ago", "goes_on"),
    [
        (timedelta(0), True),
        (PAUSE - timedelta(seconds=1), True),
        (PAUSE, False),
        (timedelta(days=30), False),
        (-timedelta(seconds=1), False),
    ],
    ids=["now", "just_within", "at_the_pause", "last_month", "ahead"],
)
def test_only_a_beginning_within_the_pause_counts(
    world: World, start: Start, qtbot: Any, ago: timedelta, goes_on: bool
) -> None:
    world.settings[NAME] = (NOW - ago).isoformat()
    shift = read(start(world), qtbot)
    assert shift.began_at == (NOW - ago if goes_on else NOW)
    assert world.settings[NAME] == shift.began_at.isoformat()


@pytest.mark.parametrize(
    "kept", [None, 5, "gestern", [], "2026-11-20T09:30:00"], ids=["none", "int", "word", "list", "no_zone"]
)
def test_what_is_no_moment_begins_a_shift(world: World, start: Start, qtbot: Any, kept: Any) -> None:
    world.settings[NAME] = kept
    assert read(start(world), qtbot).began_at == NOW


def test_taking_over_begins_a_shift_that_lasts(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    shift = read(seat, qtbot)
    world.advance(hours=3)
    shift.restart()
    settled(seat, qtbot)
    assert shift.began_at == NOW + timedelta(hours=3)
    assert read(seat, qtbot).began_at == shift.began_at
