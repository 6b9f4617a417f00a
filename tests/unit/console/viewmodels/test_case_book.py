"""The book of open cases: what changed is looked at alone, a new copy is read beside the old one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from console.viewmodels.case_book import BookChange
from console.viewmodels.seat import RowsChanged, SeatViewModel
from services.domain.clocks import Pause
from services.domain.clocks import start as started
from services.domain.limits import Limit
from services.ports.picture import Projected
from tests.support.fakes import World, settled
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start


def heard(seat: SeatViewModel) -> list[BookChange]:
    found: list[BookChange] = []
    seat.book.changed.connect(found.append)
    return found


def test_a_change_touches_the_changed_case_alone(world: World, start: Start, qtbot: Any) -> None:
    first, second = world.walk("pending_dispatch"), world.walk("pending_dispatch")
    seat = start(world)
    changes = heard(seat)
    stamps = {i: int(seat.book.columns.stamp[at]) for i, at in seat.book.columns.slot.items()}
    world.apply("comment", first.case_id, text="x")
    world.announce({"cases"}, {first.case_id})
    settled(seat, qtbot)
    assert changes == [BookChange(changed=frozenset({first.case_id}))]
    after = seat.book.columns
    assert int(after.stamp[after.slot[second.case_id]]) == stamps[second.case_id]
    assert int(after.stamp[after.slot[first.case_id]]) > stamps[first.case_id]


def test_cases_arrive_and_leave(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    changes = heard(seat)
    case = world.walk("pending_dispatch")
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert changes[-1].arrived == (case.case_id,)
    assert seat.book.entry(case.case_id) is not None
    del world.cases[case.case_id]
    world.announce({"cases"}, {case.case_id})
    settled(seat, qtbot)
    assert changes[-1] == BookChange(left=frozenset({case.case_id}))
    assert seat.book.columns.n == 0


def test_what_was_closed_today_counts_but_is_not_open(world: World, start: Start, qtbot: Any) -> None:
    today, old = world.walk("closed"), world.walk("closed")
    world.cases[old.case_id] = replace(old, created_at=world.now - timedelta(days=2))
    seat = start(world)
    columns = seat.book.columns
    assert set(columns.ids) == {today.case_id}
    assert not columns.open.any()
    assert seat.book.entry(today.case_id) is None


def test_the_day_begins_at_the_centres_midnight(world: World, start: Start) -> None:
    seat = start(world)
    day = seat.book.day_start(world.now)
    local = seat.rules.calendar.local(day)
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert day <= world.now < day + timedelta(days=1)


def test_the_clock_moves_bands_to_the_second(world: World, start: Start) -> None:
    case = world.walk("pending_dispatch")
    seat = start(world)
    changes, beats = heard(seat), []
    seat.book.beat.connect(beats.append)
    world.advance(seconds=14)
    seat.second.emit(world.now)
    assert (changes, beats) == ([], [])
    world.advance(minutes=23, seconds=45)
    seat.second.emit(world.now)
    assert (changes, beats) == ([], [world.now])
    world.advance(seconds=1)
    seat.second.emit(world.now)
    assert changes == [BookChange(moved=frozenset({case.case_id}))]
    assert beats == [world.now - timedelta(seconds=1)]


def test_clocks_that_do_not_count_evenly_are_read_again(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    entry = many(1, world.now, world.rules)[0]
    window = Pause("window", world.now + timedelta(minutes=10), world.now + timedelta(minutes=40), "w1")
    clock = started("handle", Limit(30, "minute"), world.now, world.rules.calendar, (window,))
    case = replace(entry.case, state="handling", clocks={"handle": clock})
    world.cases[case.case_id] = case  # the clock is read from the files, on a lane
    seat.cases[case.case_id] = Projected(case, case)
    seat.rows_changed.emit(RowsChanged(False, frozenset({case.case_id})))
    changes = heard(seat)
    assert len(seat.book.columns.odd()) == 1
    world.advance(minutes=61)
    seat.second.emit(world.now)
    qtbot.waitUntil(lambda: bool(changes))
    assert changes[-1].moved == {case.case_id}


def test_a_large_copy_is_read_in_slices_and_misses_nothing(world: World, start: Start, qtbot: Any) -> None:
    seat = start(world)
    entries = many(3000, world.now, world.rules)
    seat.cases = {entry.case.case_id: entry for entry in entries}
    changes = heard(seat)
    seat.rows_changed.emit(RowsChanged(True, frozenset()))
    assert seat.book.reading
    assert seat.book.columns.n == 0
    # one changes and one goes while the copy is read
    changed, gone = entries[0].case, entries[1].case
    fresh = replace(changed, state="checking", flags=frozenset({"suspend_pending"}))
    seat.cases[changed.case_id] = Projected(fresh, fresh)
    del seat.cases[gone.case_id]
    seat.rows_changed.emit(RowsChanged(False, frozenset({changed.case_id, gone.case_id})))
    qtbot.waitUntil(lambda: not seat.book.reading, timeout=20_000)
    columns = seat.book.columns
    assert columns.n == 2999
    assert bool(columns.applied[columns.slot[changed.case_id]])
    assert gone.case_id not in columns.slot
    assert any(change.everything for change in changes)


def test_finish_reads_the_rest_at_once(world: World, start: Start) -> None:
    seat = start(world)
    seat.cases = {entry.case.case_id: entry for entry in many(1500, world.now, world.rules)}
    seat.book.rebuild()
    seat.book.finish()
    assert seat.book.columns.n == 1500
    assert seat.book.ids_at([0, 1]) == seat.book.columns.ids[:2]
