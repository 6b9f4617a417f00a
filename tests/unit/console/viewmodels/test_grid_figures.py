"""Figures of the grids: equal to a plain count, handed over by difference, moved by the clock once a minute."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.viewmodels import grid_figures
from console.viewmodels.case_filter import CaseFilter, LegendPart
from console.viewmodels.grid_figures import GridFigures
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from console.viewmodels.seat import RowsChanged, SeatViewModel
from maps.layers.figures import AreaFigures, FigureTable
from services.domain.bands import BandSettings, read_clock
from services.domain.silence import SilenceSettings
from services.ports.field import GridActivity, GridReports
from services.ports.picture import Projected
from tests.support.fakes import STREETS, World, settled
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start

CODES = tuple(f"{street}001{n:03d}" for street, _ in STREETS for n in (1, 2, 3))


def opened(world: World, start: Start, n: int = 500) -> tuple[SeatViewModel, QueueViewModel, GridFigures]:
    seat = start(world)
    seat.cases = {entry.case.case_id: entry for entry in many(n, world.now, world.rules)}
    seat.book.rebuild()
    seat.book.finish()
    queue = QueueViewModel(seat, dispatch_tabs())
    figures = GridFigures(queue)
    figures.set_codes(CODES)
    figures.finish()
    return seat, queue, figures


def plain(seat: SeatViewModel, queue: QueueViewModel, code: str) -> AreaFigures:
    """Count one grid the plain way."""
    now = seat.now()
    day = seat.book.day_start(now)
    opened = late = new = 0
    nearest = math.inf
    for entry in seat.cases.values():
        case = entry.case
        if case.grid != code or not queue.filters.passes(case.case_id):
            continue
        new += case.created_at >= day
        if not case.open:
            continue
        opened += 1
        clock = case.clock
        reading = read_clock(clock, now, seat.rules.calendar, BandSettings()) if clock else None
        late += reading is not None and reading.band.startswith("over")
        if clock is not None and clock.running and clock.due_at is not None:
            nearest = min(nearest, (clock.due_at - now).total_seconds() / 3600)
    if abs(nearest) < 24:
        nearest = math.floor(nearest * 10) / 10
    elif math.isfinite(nearest):
        nearest = float(math.floor(nearest))
    return AreaFigures(opened, late, None, new, nearest if opened else None)


@pytest.mark.parametrize(
    "wanted", [CaseFilter(), CaseFilter(areas=("990101002",)), CaseFilter(bands=("over1",), text="井盖")]
)
def test_figures_are_those_of_a_plain_count(world: World, start: Start, wanted: CaseFilter) -> None:
    seat, queue, figures = opened(world, start)
    queue.set_filter(wanted)
    figures.finish()
    for code in CODES:
        assert figures.figures[code] == plain(seat, queue, code), code
    total = sum(mine.open for mine in figures.figures.values())
    placed = queue.open_mask() & (seat.book.columns.grid > 0)
    assert total == int(placed.sum())


def test_a_change_is_counted_once_and_handed_over_when_it_differs(world: World, start: Start) -> None:
    seat, queue, figures = opened(world, start)
    heard: list[FigureTable] = []
    figures.changed.connect(heard.append)
    case_id, entry = next((i, e) for i, e in seat.cases.items() if e.case.grid)
    ended = replace(entry.case, state="closed", clocks={})
    seat.cases[case_id] = Projected(ended, ended)
    seat.rows_changed.emit(RowsChanged(False, frozenset({case_id})))
    assert figures.busy
    figures.finish()
    assert [set(one) for one in heard] == [set(CODES)]
    assert figures.figures[entry.case.grid or ""] == plain(seat, queue, entry.case.grid or "")
    # a burst is counted once
    for other in list(seat.cases)[:5]:
        seat.rows_changed.emit(RowsChanged(False, frozenset({other})))
    figures.finish()
    assert len(heard) == 1


def test_the_clock_moves_hours_and_lateness_once_a_minute(world: World, start: Start) -> None:
    seat, queue, figures = opened(world, start)
    counts: list[int] = []
    plain_count = figures.count
    figures._soon.timeout.disconnect()
    figures._soon.timeout.connect(lambda: (counts.append(1), plain_count()))
    world.advance(seconds=16)
    seat.second.emit(world.now)
    seat.book.finish()
    assert not figures.busy
    world.advance(minutes=50)
    seat.second.emit(world.now)
    seat.book.finish()
    assert figures.busy
    figures.finish()
    for code in CODES:
        assert figures.figures[code] == plain(seat, queue, code)


def test_midnight_begins_a_new_day(world: World, start: Start) -> None:
    seat, queue, figures = opened(world, start)
    assert sum(mine.new_today for mine in figures.figures.values()) > 0
    world.now = seat.book.day_start(world.now) + timedelta(days=1, seconds=30)
    seat.second.emit(world.now)
    seat.book.finish()
    figures.finish()
    assert sum(mine.new_today for mine in figures.figures.values()) == 0
    assert figures.figures[CODES[0]] == plain(seat, queue, CODES[0])


def test_classes_of_the_legend_do_not_change_the_figures(world: World, start: Start) -> None:
    _seat, queue, figures = opened(world, start)
    before = dict(figures.figures)
    queue.set_filter(CaseFilter(legend=LegendPart(frozenset(CODES[:4]), "不含 0")))
    figures.finish()
    assert figures.figures == before


def test_duty_and_silence_come_beside_the_counts(world: World, start: Start) -> None:
    seat, _queue, figures = opened(world, start)
    assert {mine.silent for mine in figures.figures.values()} == {None}
    heard: list[FigureTable] = []
    figures.changed.connect(heard.append)
    figures.set_duty({CODES[0]: True, CODES[1]: False})
    figures.finish()
    assert len(heard) == 1
    assert (figures.figures[CODES[0]].on_duty, figures.figures[CODES[1]].on_duty) == (True, False)
    figures.set_duty({CODES[1]: False})
    figures.finish()
    assert len(heard) == 2
    assert figures.figures[CODES[0]].on_duty is None

    now = seat.now()
    busy = GridReports(90, now - timedelta(days=40))
    few = GridReports(1, now - timedelta(days=80))
    activity = GridActivity({CODES[0]: busy, CODES[1]: few, CODES[2]: GridReports(90, now)}, as_of=now)
    figures.set_activity(activity, SilenceSettings())
    figures.finish()
    assert figures.figures[CODES[0]].silent is True
    assert figures.figures[CODES[0]].silent_days == pytest.approx(40, abs=0.1)
    assert figures.figures[CODES[1]].silent is activity.silent(CODES[1], now, SilenceSettings())
    assert figures.figures[CODES[2]].silent is False
    assert figures.figures[CODES[3]].silent is None
    # days go on by themselves
    world.advance(hours=30)
    seat.second.emit(world.now)
    seat.book.finish()
    figures.finish()
    assert figures.figures[CODES[0]].silent_days == pytest.approx(41.25, abs=0.1)
    figures.set_activity(None, SilenceSettings())
    figures.finish()
    assert {mine.silent for mine in figures.figures.values()} == {None}


def test_nothing_is_counted_before_the_areas_are_known(world: World, start: Start) -> None:
    seat = start(world)
    figures = GridFigures(QueueViewModel(seat, dispatch_tabs()))
    figures.count()
    assert figures.figures == {}
    figures.set_codes(CODES)
    figures.finish()
    assert set(figures.figures) == set(CODES)
    figures.set_codes(CODES[:2])
    figures.finish()
    assert set(figures.figures) == set(CODES[:2])


def test_many_grids_are_judged_on_a_lane(
    world: World, start: Start, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grid_figures, "FEW", 2)
    seat, _queue, figures = opened(world, start)
    now = seat.now()
    activity = GridActivity({CODES[0]: GridReports(90, now - timedelta(days=40))}, as_of=now)
    figures.set_activity(activity, SilenceSettings())
    assert figures.figures[CODES[0]].silent is None
    settled(seat, qtbot)
    figures.finish()
    assert figures.figures[CODES[0]].silent is True
    # an answer for grids that are others by now is dropped
    figures.set_activity(activity, SilenceSettings(days=60))
    figures.set_codes(CODES[:4])
    settled(seat, qtbot)
    figures.finish()
    assert set(figures.figures) == set(CODES[:4])


def test_new_grids_among_the_cases_find_their_place(world: World, start: Start) -> None:
    seat, queue, figures = opened(world, start, 40)
    known = {entry.case.grid for entry in seat.cases.values()}
    fresh = many(200, world.now, world.rules, seed=77)
    for entry in fresh:
        seat.cases[entry.case.case_id] = entry
    seat.rows_changed.emit(RowsChanged(False, frozenset(e.case.case_id for e in fresh)))
    seat.book.finish()
    figures.finish()
    assert {entry.case.grid for entry in fresh} >= known - {None}
    for code in CODES:
        assert figures.figures[code] == plain(seat, queue, code)
