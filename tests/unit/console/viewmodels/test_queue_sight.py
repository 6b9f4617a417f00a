"""Rows in sight are read on a lane: no file is read while a list is painted."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from uuid import UUID

import pytest

from console.viewmodels import queue_sight
from console.viewmodels.case_shelf import CaseShelf
from console.viewmodels.queue_sight import RowsInSight, cases_of, first_of
from console.viewmodels.seat import SeatViewModel
from services.ports.errors import StoreError
from services.ports.picture import Projected
from tests.support.fakes import NOW, World, shipped_rules
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start

ENTRIES = {entry.case.case_id: entry for entry in many(100, NOW, shipped_rules())}
IDS = list(ENTRIES)


class Files:
    """A picture that notes what is read, and on which thread."""

    def __init__(self) -> None:
        self.reads: list[list[str]] = []
        self.threads: set[str] = set()
        self.broken = False

    def projects(self, case_ids: Iterable[str]) -> dict[str, Projected]:
        wanted = list(case_ids)
        if self.broken:
            raise StoreError("closed", code="store_closed")
        self.reads.append(wanted)
        self.threads.add(threading.current_thread().name)
        return {case_id: ENTRIES[case_id] for case_id in wanted if case_id in ENTRIES}


@pytest.fixture
def files() -> Files:
    return Files()


@pytest.fixture
def seat(world: World, start: Start, files: Files, qtbot, monkeypatch: pytest.MonkeyPatch) -> SeatViewModel:
    seat = start(world)
    qtbot.waitUntil(lambda: not seat.background.busy, timeout=20_000)
    monkeypatch.setattr(seat.services.picture, "projects", files.projects)
    seat.cases = CaseShelf(files, lambda: ENTRIES)  # type: ignore[arg-type] # the part of a picture that is asked
    return seat


def test_what_is_asked_for_is_read_on_a_lane_and_told(seat: SeatViewModel, files: Files, qtbot) -> None:
    sight = RowsInSight(seat)
    told: list[frozenset[str]] = []
    sight.read.connect(told.append)
    sight.want(IDS[:5])
    assert not any(sight.here(case_id) for case_id in IDS[:5])
    qtbot.waitUntil(lambda: bool(told), timeout=20_000)
    assert told == [frozenset(IDS[:5])]
    assert all(sight.here(case_id) for case_id in IDS[:5])
    assert files.threads and threading.main_thread().name not in files.threads
    sight.want(IDS[:5])
    assert len(files.reads) == 1, "what is here is not read again"


def test_the_latest_wish_comes_first_and_old_ones_are_dropped(
    seat: SeatViewModel, files: Files, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_sight, "PORTION", 4)
    monkeypatch.setattr(queue_sight, "MOST", 10)
    sight = RowsInSight(seat)
    sight.want(IDS[:1])  # under way: what follows waits
    sight.want(IDS[10:30])
    sight.want(IDS[50:54])
    qtbot.waitUntil(lambda: not seat.background.busy, timeout=20_000)
    assert files.reads[:2] == [IDS[:1], IDS[50:54]]
    assert sum(map(len, files.reads)) == 1 + 10


def test_what_the_shelf_has_by_then_is_newer_and_stays(seat: SeatViewModel, qtbot) -> None:
    sight = RowsInSight(seat)
    sight.want(IDS[:1])
    newer = ENTRIES[IDS[1]]
    seat.cases[IDS[0]] = newer
    qtbot.waitUntil(lambda: not seat.background.busy, timeout=20_000)
    assert seat.cases[IDS[0]] is newer


def test_what_was_read_for_an_older_copy_is_read_again(seat: SeatViewModel, files: Files, qtbot) -> None:
    sight = RowsInSight(seat)
    sight.want(IDS[:2])
    seat.cases = CaseShelf(files, lambda: ENTRIES)  # type: ignore[arg-type] # as above
    qtbot.waitUntil(lambda: sight.here(IDS[0]) and sight.here(IDS[1]), timeout=20_000)
    assert len(files.reads) == 2


def test_closed_files_give_no_rows_and_no_error(files: Files) -> None:
    packed = b"".join(UUID(case_id).bytes for case_id in IDS[:50])
    assert list(first_of(files, packed)) == IDS[: queue_sight.FIRST]  # type: ignore[arg-type] # as above
    assert first_of(files, b"") == {}  # type: ignore[arg-type] # as above
    files.broken = True
    assert cases_of(files, IDS[:3]) == {}  # type: ignore[arg-type] # as above
