"""The map gets the cases of the filter once, then only what changed, whatever comes in between."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from console.viewmodels import map_cases
from console.viewmodels.case_filter import CaseFilter, Region
from console.viewmodels.map_cases import MapCases, MapChange
from console.viewmodels.queue import QueueViewModel, dispatch_tabs
from console.viewmodels.seat import RowsChanged, SeatViewModel
from maps.layers.cases import CaseLayer, MapCase, PreparedCases
from services.ports.picture import Projected
from tests.support.fakes import World, settled
from tests.support.many_cases import many
from tests.unit.console.viewmodels.conftest import Start
from tests.unit.console.viewmodels.test_case_filter import SHAPES, random_filter


class Shown:
    """What a map would show: the last whole set with the changes put in."""

    def __init__(self, cases: MapCases) -> None:
        self.layer = CaseLayer()
        self.sets, self.changes = 0, 0
        self.cases = cases
        cases.replaced.connect(self.on_set)
        cases.updated.connect(self.on_change)

    def on_set(self, prepared: PreparedCases) -> None:
        self.sets += 1
        self.layer.set_prepared(prepared)

    def on_change(self, change: MapChange) -> None:
        self.changes += 1
        told = [case for case in map(self.cases.describe, change.changed) if case is not None]
        self.layer.update(told, change.removed)

    @property
    def ids(self) -> set[str]:
        return set(self.layer.cases)


def opened(seat: SeatViewModel) -> tuple[QueueViewModel, MapCases, Shown]:
    queue = QueueViewModel(seat, dispatch_tabs())
    cases = MapCases(queue)
    shown = Shown(cases)

    def describe(case_id: str) -> MapCase | None:
        view = queue.view(case_id)
        if view is None:
            return None
        return MapCase(case_id, view.number_short, view.lon, view.lat, view.band, view.urgency)

    cases.begin(describe)
    return queue, cases, shown


def wanted(queue: QueueViewModel) -> set[str]:
    return set(queue.book.ids_at(np.flatnonzero(queue.open_mask()).tolist()))


def filled(world: World, start: Start, n: int) -> SeatViewModel:
    seat = start(world)
    seat.cases = {entry.case.case_id: entry for entry in many(n, world.now, world.rules)}
    seat.book.rebuild()
    seat.book.finish()
    return seat


def test_nothing_is_handed_over_before_somebody_takes_it(world: World, start: Start) -> None:
    seat = filled(world, start, 20)
    cases = MapCases(QueueViewModel(seat, dispatch_tabs()))
    shown = Shown(cases)
    seat.rows_changed.emit(RowsChanged(True, frozenset()))
    assert (shown.sets, shown.changes) == (0, 0)


def test_few_cases_are_there_at_once_and_changes_follow(world: World, start: Start) -> None:
    seat = filled(world, start, 60)
    queue, _cases, shown = opened(seat)
    assert shown.sets == 1
    assert shown.ids == wanted(queue)
    case_id = next(iter(shown.ids))
    entry = seat.cases[case_id]
    ended = replace(entry.case, state="closed", clocks={})
    seat.cases[case_id] = Projected(ended, ended)
    seat.rows_changed.emit(RowsChanged(False, frozenset({case_id})))
    assert (shown.sets, shown.changes) == (1, 1)
    assert case_id not in shown.ids
    assert shown.ids == wanted(queue)


def test_a_change_outside_the_filter_is_not_handed_over(world: World, start: Start) -> None:
    seat = filled(world, start, 60)
    queue, _cases, shown = opened(seat)
    queue.set_filter(CaseFilter(areas=("990101001",)))
    before = shown.changes
    outside = next(i for i, e in seat.cases.items() if not (e.case.grid or "").startswith("990101001"))
    seat.rows_changed.emit(RowsChanged(False, frozenset({outside})))
    assert shown.changes == before
    assert shown.ids == wanted(queue)


def test_bands_moved_by_the_clock_reach_the_map(world: World, start: Start) -> None:
    seat = filled(world, start, 80)
    _queue, _cases, shown = opened(seat)
    before = {i: case.band for i, case in shown.layer.cases.items()}
    world.advance(days=1)
    seat.second.emit(world.now)
    after = {i: case.band for i, case in shown.layer.cases.items()}
    assert before != after
    assert all(after[i] == view.band for i in after if (view := _queue.view(i)) is not None)


@pytest.mark.parametrize("seed", range(6))
def test_many_cases_changes_and_filters_in_any_order_end_right(
    world: World, start: Start, qtbot: Any, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_cases, "AT_ONCE", 50)
    seat = filled(world, start, 700)
    queue, _cases, shown = opened(seat)
    rng = random.Random(seed)
    stock = {entry.case.case_id: entry for entry in many(200, world.now, world.rules, seed=50)}
    for _ in range(25):
        step = rng.random()
        if step < 0.3:
            queue.set_filter(random_filter(rng) if rng.random() < 0.7 else CaseFilter())
        elif step < 0.4:
            queue.filters.set_part(region=Region(rng.choice(SHAPES)))
        else:
            ids = rng.sample(sorted(seat.cases), 5)
            for case_id in ids[:2]:
                seat.cases.pop(case_id)
            for case_id in ids[2:]:
                changed = replace(seat.cases[case_id].case, level=rng.randrange(3))
                seat.cases[case_id] = Projected(changed, changed)
            if stock:
                new_id, entry = stock.popitem()
                seat.cases[new_id] = entry
                ids.append(new_id)
            seat.rows_changed.emit(RowsChanged(False, frozenset(ids)))
        if rng.random() < 0.3:
            settled(seat, qtbot)
    settled(seat, qtbot)
    assert shown.ids == wanted(queue)
    placed = [i for i in shown.ids if seat.cases[i].case.location.lon is not None]
    assert len(shown.layer.table.placed) == len(placed)
    for case_id in rng.sample(sorted(shown.ids), min(20, len(shown.ids))):
        view = queue.view(case_id)
        assert view is not None
        assert shown.layer.cases[case_id].urgency == min(view.urgency, 3)


def test_a_flood_of_changes_is_handed_over_as_one_set(
    world: World, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(map_cases, "MANY", 10)
    seat = filled(world, start, 60)
    queue, _cases, shown = opened(seat)
    seat.rows_changed.emit(RowsChanged(False, frozenset(list(seat.cases)[:30])))
    seat.book.finish()
    assert (shown.sets, shown.changes) == (2, 0)
    assert shown.ids == wanted(queue)
