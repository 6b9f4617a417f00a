"""The shelf: the latest cases in memory, the others from the files; questions to all are answered by the columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from console.viewmodels import case_shelf
from console.viewmodels.case_shelf import CaseShelf
from console.viewmodels.desk_reading import PORTION, clocks_of, read_cases, read_desk
from console.viewmodels.seat_cases import applied_cases, cases_near, cases_said, open_grids
from services.domain.bands import BandSettings
from services.domain.calendar import WorkCalendar
from services.domain.case import Location
from services.ports.errors import StoreError
from services.ports.picture import DeskPicture, Projected
from tests.support.desk_rows import desk_of
from tests.support.fakes import NOW, World, shipped_rules
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start

ENTRIES = {entry.case.case_id: entry for entry in many(200, NOW, shipped_rules())}
IDS = list(ENTRIES)


class Files:
    """A picture over a few cases that counts what is read."""

    def __init__(self) -> None:
        self.entries = dict(ENTRIES)
        self.reads: list[tuple[str, ...]] = []
        self.broken = False

    def project(self, case_id: str) -> Projected | None:
        return self.projects([case_id]).get(case_id)

    def projects(self, case_ids: Iterable[str]) -> dict[str, Projected]:
        wanted = tuple(case_ids)
        if self.broken:
            raise StoreError("closed", code="store_closed")
        self.reads.append(wanted)
        return {case_id: self.entries[case_id] for case_id in wanted if case_id in self.entries}

    def desk(self, since: object) -> DeskPicture:
        own = frozenset(IDS[:2])
        return DeskPicture(desk_of(e.case for e in self.entries.values()), own, self.projects([IDS[0]]))


def shelf_of(files: Files) -> CaseShelf:
    return CaseShelf(files, lambda: ENTRIES)  # type: ignore[arg-type] # the part of a picture that is asked


def test_a_case_is_read_once_and_let_go_when_others_are_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case_shelf, "KEPT", 3)
    files = Files()
    shelf = shelf_of(files)
    assert shelf[IDS[0]] is ENTRIES[IDS[0]]
    assert shelf[IDS[0]] is ENTRIES[IDS[0]]
    assert files.reads == [(IDS[0],)]
    assert set(shelf.read(IDS[:3])) == set(IDS[:3])
    assert files.reads[1:] == [(IDS[1], IDS[2])]
    assert shelf.get(IDS[0]) is not None
    shelf.read([IDS[3]])
    assert shelf.get(IDS[0]) is not None, "the one that was asked for last stays"
    assert len(files.reads) == 3
    shelf.get(IDS[1])
    assert files.reads[-1] == (IDS[1],)


def test_what_is_walked_over_and_counted_is_the_book() -> None:
    files = Files()
    shelf = shelf_of(files)
    assert (len(shelf), list(shelf)) == (len(IDS), IDS)
    assert IDS[0] in shelf and "nobody" not in shelf
    assert files.reads == [], "nothing of this reads a file"
    assert dict(shelf.items()) == ENTRIES
    assert shelf.get("nobody") is None
    with pytest.raises(KeyError):
        shelf["nobody"]


def test_changed_cases_take_the_place_of_kept_ones() -> None:
    files = Files()
    shelf = shelf_of(files)
    changed = Projected(replace(ENTRIES[IDS[0]].case, version=9), None)
    shelf.read(IDS[:2])
    shelf.update({IDS[0]: changed})
    assert shelf[IDS[0]] is changed
    assert shelf.pop(IDS[1]) is ENTRIES[IDS[1]]
    assert shelf.pop(IDS[1]) is None
    del shelf[IDS[0]]
    assert shelf[IDS[0]] is ENTRIES[IDS[0]]


def test_files_that_are_closed_show_nothing_and_break_nothing() -> None:
    files = Files()
    shelf = shelf_of(files)
    shelf.read([IDS[0]])
    files.broken = True
    assert shelf.get(IDS[1]) is None
    assert set(shelf.read(IDS[:2])) == {IDS[0]}


def test_a_desk_and_changed_cases_are_read_for_the_seat() -> None:
    files = Files()
    rules = shipped_rules()
    read = read_desk(files, rules.calendar, BandSettings(), NOW, NOW)  # type: ignore[arg-type] # as above
    assert read.everything and read.columns is not None
    assert read.columns.n == len(IDS)
    assert (read.ids, set(read.found)) == (frozenset(IDS[:2]), {IDS[0]})
    files.reads.clear()
    some = read_cases(files, [*IDS[: PORTION + 5], "nobody"])  # type: ignore[arg-type] # as above
    assert not some.everything
    assert set(some.found) == set(IDS[: PORTION + 5])
    assert "nobody" in some.ids
    assert [len(reads) for reads in files.reads] == [PORTION, 6]


def test_a_calendar_is_the_same_when_it_counts_the_same() -> None:
    assert WorkCalendar().same(WorkCalendar())
    assert not WorkCalendar().same(WorkCalendar(day_hours=7))
    assert not WorkCalendar().same(WorkCalendar(week=frozenset({0})))


def test_questions_to_all_cases_read_only_those_that_are_meant(world: World, start: Start) -> None:
    one = world.register("垃圾成堆", address="松影路 1 号", lon=113.005, lat=23.005)
    two = world.register("井盖", address="南苑街", lon=113.025, lat=23.025)
    ended = world.walk("closed", need_callback=False)
    seat = start(world)
    near = {case.case_id for case in cases_near(seat, 113.006, 23.006, (0.006, 0.004))}
    assert one.case_id in near and two.case_id not in near
    assert [case.case_id for case in cases_said(seat, ["垃圾", "松影"])] == [one.case_id]
    said = {case.case_id for case in cases_said(seat, ["南苑"])}
    assert two.case_id in said and one.case_id not in said
    assert cases_said(seat, ["没有这样的"]) == []
    assert applied_cases(seat) == []
    assert ended.case_id in seat.book.columns.slot, "reported today"
    assert sorted(open_grids(seat)) == sorted(world.cases[c.case_id].grid for c in (one, two))  # type: ignore[type-var] # they have one


def test_a_place_that_is_none_is_near_nothing(world: World, start: Start) -> None:
    case = world.register("一")
    world.cases[case.case_id] = replace(world.cases[case.case_id], location=Location(None, None, "某处"))
    seat = start(world)
    assert cases_near(seat, 113.0, 23.0, (1.0, 1.0)) == []


def test_clocks_are_read_a_few_at_a_time() -> None:
    files = Files()
    found = clocks_of(files, [*IDS[: PORTION + 5], "nobody"])  # type: ignore[arg-type] # as above
    assert [len(ids) for ids in files.reads] == [PORTION, 6]
    assert {one: (version, clock) for one, version, clock in found} == {
        one: (ENTRIES[one].case.version, ENTRIES[one].case.clock) for one in IDS[: PORTION + 5]
    }


def test_what_a_lane_read_never_takes_the_place_of_what_is_there() -> None:
    shelf = shelf_of(Files())
    shelf[IDS[0]] = ENTRIES[IDS[5]]
    shelf.keep({one: ENTRIES[one] for one in IDS[:2]})
    assert shelf[IDS[0]] is ENTRIES[IDS[5]] and shelf[IDS[1]] is ENTRIES[IDS[1]]
    assert shelf.kept(IDS[1]) and not shelf.kept(IDS[2])
