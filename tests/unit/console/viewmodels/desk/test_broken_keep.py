"""What a desk keeps on this machine may be anything by the time it is read: nothing of it may stop the desk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from console.viewmodels.desk.own_shift import status_word
from console.viewmodels.desk.paper_dispatch import PaperDispatch
from console.viewmodels.desk.sentences import OWN, USED, SentenceBook
from console.viewmodels.desk.watch import WatchBook
from console.viewmodels.seat import SeatViewModel
from services.ports.outbox import ATTENTION
from tests.support.fakes import World, settled

Start = Callable[[World], SeatViewModel]
RUBBISH: list[Any] = [None, 7, "甲", {"a": 1}, [1, None, [], {"case_id": 3}]]
IDS = ["none", "int", "text", "map", "mixed"]


@pytest.fixture
def failed(world: World, start: Start) -> tuple[SeatViewModel, list[Any]]:
    seat = start(world)
    found: list[Any] = []
    seat.background.failed.connect(found.append)
    return seat, found


@pytest.mark.parametrize("kept", RUBBISH, ids=IDS)
def test_paper_forms(world: World, failed: tuple[SeatViewModel, list[Any]], qtbot: Any, kept: Any) -> None:
    seat, failures = failed
    case = world.walk("pending_dispatch")
    world.settings.update({"paper.forms": kept, "paper.count": kept})
    book = PaperDispatch(seat, seat)
    book.load()
    settled(seat, qtbot)
    assert book.forms == () and failures == []
    assert book.issue(case.case_id, "muni").serial.endswith("-01")
    settled(seat, qtbot)


@pytest.mark.parametrize(
    ("count", "serial"),
    [
        (["20261120", 7], "-08"), (["20261119", 7], "-01"), (["20261120", "7"], "-01"), (["20261120"], "-01"),
        (["20261120", True], "-01"),
    ],
    ids=["today", "yesterday", "words", "short", "bool"],
)  # fmt: skip
def test_serials_go_on_within_a_day_only(
    world: World, failed: tuple[SeatViewModel, list[Any]], qtbot: Any, count: Any, serial: str
) -> None:
    seat, _ = failed
    world.settings["paper.count"] = count
    book = PaperDispatch(seat, seat)
    book.load()
    settled(seat, qtbot)
    assert book.issue("nobody", "muni").serial == f"ZP-20261120-ume{serial}"
    settled(seat, qtbot)
    assert world.settings["paper.count"] == ["20261120", int(serial[1:])]


@pytest.mark.parametrize("kept", RUBBISH, ids=IDS)
def test_watched_cases(world: World, failed: tuple[SeatViewModel, list[Any]], qtbot: Any, kept: Any) -> None:
    seat, failures = failed
    world.settings["watch.list"] = kept
    book = WatchBook(seat, seat)
    book.load()
    settled(seat, qtbot)
    seat.second.emit(seat.now())
    assert book.entries == {} and failures == []


@pytest.mark.parametrize("kept", RUBBISH, ids=IDS)
def test_own_sentences(world: World, failed: tuple[SeatViewModel, list[Any]], qtbot: Any, kept: Any) -> None:
    seat, failures = failed
    world.settings.update({OWN: kept, USED: kept})
    book = SentenceBook(seat, seat)
    book.load()
    settled(seat, qtbot)
    assert book.own == () and failures == []
    assert book.found(), "the shipped ones are there all the same"


def test_sentences_keep_what_is_usable(
    world: World, failed: tuple[SeatViewModel, list[Any]], qtbot: Any
) -> None:
    seat, _ = failed
    world.settings.update({OWN: ["自己的一句", 3, "另一句"], USED: {"另一句": 4, "自己的一句": "oft"}})
    book = SentenceBook(seat, seat)
    book.load()
    settled(seat, qtbot)
    assert book.own == ("自己的一句", "另一句")
    assert [entry.text for entry in book.found() if entry.own] == ["另一句", "自己的一句"], (
        "the used one first"
    )


@pytest.mark.parametrize("status", ATTENTION)
def test_whatever_asks_for_attention_has_a_chinese_word(status: str) -> None:
    assert status_word(status) != status


def test_a_status_of_another_version_is_shown_as_it_is() -> None:
    assert status_word("parked") == "parked"
