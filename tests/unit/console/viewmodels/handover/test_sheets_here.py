"""Sheets on this machine: the last ones kept and read without a line, whatever the store gives back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from console.viewmodels.desk.shift import Shift
from console.viewmodels.handover.book import HandoverBook
from console.viewmodels.handover.sheets import KEPT_HERE, READ_NAME, SEEN_NAME, HandoverSheets
from console.viewmodels.seat import SeatViewModel
from services.ports.handover import BriefLine, Handover, HandoverHead, Person
from tests.support.fakes import NOW, World, settled

Start = Callable[[World], SeatViewModel]


def sheet(n: int) -> Handover:
    at = NOW - timedelta(hours=n)
    head = HandoverHead(f"h-{n:02d}", "dispatcher", Person("u-gu", "顾怀舟", at), at, at, "ab")
    return Handover(head, (BriefLine("note", f"第 {n} 条"),), "", at)


class Here:
    """Sheets of a seat without a centre."""

    def __init__(self, seat: SeatViewModel, qtbot: Any) -> None:
        self.seat, self.qtbot = seat, qtbot
        self.failures: list[Any] = []
        seat.background.failed.connect(self.failures.append)
        self.sheets = HandoverSheets(seat, None, Shift(seat, seat), seat)
        self.said: list[str] = []
        self.opened: list[Handover] = []
        self.sheets.failed.connect(self.said.append)
        self.sheets.opened.connect(self.opened.append)

    def load(self) -> None:
        self.sheets.load()
        settled(self.seat, self.qtbot)


@pytest.fixture
def here(world: World, start: Start, qtbot: Any) -> Here:
    return Here(start(world), qtbot)


def test_a_sheet_that_was_read_is_read_again_without_a_line(world: World, here: Here, qtbot: Any) -> None:
    here.sheets.remember(sheet(1))
    settled(here.seat, qtbot)
    again = Here(here.seat, qtbot)
    again.load()
    again.sheets.open("h-01")
    assert again.opened == [sheet(1)] and again.said == []


def test_one_that_was_not_read_is_said_to_be_missing(here: Here) -> None:
    here.load()
    here.sheets.open("h-77")
    assert here.opened == [] and here.said == ["离线：这份交班单还没有读到本机。"]


def test_signing_needs_a_line(here: Here) -> None:
    here.sheets.take_over("h-01")
    assert len(here.said) == 1 and "离线" in here.said[0]


def test_only_the_last_ones_are_kept(world: World, here: Here, qtbot: Any) -> None:
    for n in range(KEPT_HERE + 3):
        here.sheets.remember(sheet(n))
    here.sheets.remember(sheet(5))
    settled(here.seat, qtbot)
    kept = [doc["handover_id"] for doc in world.settings[READ_NAME]]
    assert len(kept) == KEPT_HERE and kept[-1] == "h-05", "one that is read again is the latest"
    assert "h-02" not in kept and "h-03" in kept


@pytest.mark.parametrize(
    "kept", [None, 3, True, "甲", {"a": 1}, [None, 3], [{}]],
    ids=["none", "int", "bool", "text", "map", "list", "maps"],
)  # fmt: skip
def test_whatever_was_kept_the_desk_opens(world: World, here: Here, qtbot: Any, kept: Any) -> None:
    world.settings.update(
        {READ_NAME: kept, SEEN_NAME: kept, "handover.draft": kept, "handover.outgoing": kept}
    )
    book = HandoverBook(here.seat, here.sheets, parent=here.seat)
    here.load()
    book.load()
    settled(here.seat, qtbot)
    assert here.sheets.read == {} and book.draft is None and book.outgoing == ()
    assert here.failures == []
