"""Marks add up: at every zoom, in every part of the map, after every change."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.areas import PreparedAreas, prepare_areas
from maps.geometry.mercator import project
from maps.geometry.picking import AreaPicker
from maps.geometry.viewport import Bounds
from maps.layers import cases as cases_module
from maps.layers.case_columns import prepare_columns
from maps.layers.cases import CROWD, CaseLayer, MapCase, PreparedCases, ready_cases
from maps.layers.marks import NO_MARKS, CaseIds, Mark, Marks
from maps.layers.tokens import BANDS, load_tokens
from tests.unit.maps.districts import SIDE, SOUTH, WEST, squares

TOKENS = load_tokens()
SCALES = (60.0, 25.0, 8.0, 3.0, 1.5, 0.5)
made, _ = prepare_areas(squares(4, 3))
assert made is not None
AREAS: PreparedAreas = made
PICKER = AreaPicker(AREAS)

PLACE = st.tuples(st.floats(-0.5, 4.5), st.floats(-0.5, 3.5)) | st.sampled_from([(1.0, 1.0), (1.001, 1.0)])
FIELD = st.lists(st.tuples(PLACE, st.sampled_from(range(len(BANDS)))), max_size=50)
BOX = st.tuples(st.floats(-1, 5), st.floats(-1, 4), st.floats(0.01, 5), st.floats(0.01, 4))


def layer_of(field: list[tuple[tuple[float, float], int]]) -> CaseLayer:
    lon = [WEST + SIDE * u for (u, _), _ in field]
    lat = [SOUTH + SIDE * v for (_, v), _ in field]
    ids = [f"c{i:03d}" for i in range(len(field))]
    layer = CaseLayer()
    layer.set_prepared(PreparedCases(prepare_columns(ids, lon, lat, [band for _, band in field])))
    return layer


def marks_of(
    layer: CaseLayer, scale: float, bounds: Bounds | None = None, apart: str | None = None, areas: bool = True
) -> Marks:
    district, picker = (AREAS, PICKER) if areas else (None, None)
    return layer.marks(TOKENS.band_at(scale), scale, TOKENS, district, picker, apart, bounds)


def world(box: tuple[float, float, float, float]) -> Bounds:
    u, v, wide, high = box
    west, south = project(WEST + SIDE * u, SOUTH + SIDE * v).tolist()
    east, north = project(WEST + SIDE * (u + wide), SOUTH + SIDE * (v + high)).tolist()
    return west, south, east, north


def inside(layer: CaseLayer, bounds: Bounds) -> dict[str, str]:
    """Band by id of the cases in a rectangle, found one by one."""
    west, south, east, north = bounds
    found = {}
    for case_id, case in layer.cases.items():
        point = layer.point(case_id)
        if point is not None and west <= point[0] <= east and south <= point[1] <= north:
            found[case_id] = case.band
    return found


# --- counts -------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(FIELD, BOX, st.sampled_from(SCALES), st.booleans(), st.booleans())
def test_the_members_in_view_are_the_cases_in_view(
    field: list[tuple[tuple[float, float], int]],
    box: tuple[float, ...],
    scale: float,
    areas: bool,
    select: bool,
) -> None:
    layer, bounds = layer_of(field), world(box)  # type: ignore[arg-type]
    marks = marks_of(layer, scale, bounds, "c000" if select else None, areas)
    members = [case_id for mark in marks for case_id in mark.case_ids]
    assert len(members) == len(set(members))
    expected = inside(layer, bounds)
    assert set(expected) <= set(members)
    assert sum(i in expected for i in members) == len(expected)
    assert sorted(layer.ids_in(bounds)) == sorted(expected)
    assert layer.band_counts(bounds) == dict(Counter(expected.values()))
    for at, mark in enumerate(marks):
        assert mark.count == len(mark.case_ids) == marks.counts[at] == sum(n for _, n in mark.bands)
        assert dict(mark.bands) == dict(Counter(layer.cases[i].band for i in mark.case_ids))
        # A mark that is made stands in view or has a case there; a lone case stands where it is.
        stands = bounds[0] <= mark.x <= bounds[2] and bounds[1] <= mark.y <= bounds[3]
        assert stands or mark.count == 1 or any(i in expected for i in mark.case_ids)


@given(FIELD, BOX, BOX, st.sampled_from(SCALES))
def test_panning_changes_no_mark(
    field: list[tuple[tuple[float, float], int]],
    one: tuple[float, ...],
    other: tuple[float, ...],
    scale: float,
) -> None:
    layer = layer_of(field)
    whole = {tuple(m.case_ids): (m.x, m.y) for m in marks_of(layer, scale)}
    for box in (one, other):
        for mark in marks_of(layer, scale, world(box)):  # type: ignore[arg-type]
            assert whole[tuple(mark.case_ids)] == (mark.x, mark.y)


@given(
    FIELD,
    st.lists(st.sampled_from([0.4, 0.9, 1.7, 2.9, 3.9, 5.0, 8.0, 11.0, 14.0, 30.0]), min_size=2, max_size=4),
)
def test_zooming_out_only_merges(field: list[tuple[tuple[float, float], int]], scales: list[float]) -> None:
    layer = layer_of(field)
    last: list[set[str]] = []
    for scale in sorted(scales):
        groups = [set(m.case_ids) for m in marks_of(layer, scale, areas=False)]
        assert all(any(small <= large for large in groups) for small in last)
        last = groups


def test_a_heap_of_single_shapes_stays_one_disc() -> None:
    step = 30 / 1024
    heap = [((1 + step * (i % 3), 1.0 + step * (i // 3)), 5) for i in range(CROWD + 1)]
    assert [m.count for m in marks_of(layer_of(heap[:CROWD]), 3.0)] == [1] * CROWD
    assert [m.count for m in marks_of(layer_of(heap), 3.0)] == [CROWD + 1]
    assert [m.count for m in marks_of(layer_of(heap), 0.6)] == [1] * (CROWD + 1)


def test_single_shapes_lie_below_clusters_and_the_worst_above_the_quiet() -> None:
    marks = marks_of(layer_of([((0, 0), 5), ((1, 0), 0), ((2, 0), 3), ((3, 0), 5), ((3, 0), 0)]), 3.0)
    assert [(m.count, m.bands[0][0]) for m in marks] == [(1, "ok"), (1, "soon"), (1, "over3"), (2, "over3")]
    assert [marks.id_of(i) for i in range(3)] == ["c000", "c002", "c001"]
    assert marks.worst.tolist() == [5, 3, 0, 0]


def test_communities_stand_in_where_there_are_no_streets(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = layer_of([((0.5, 0.5), 5), ((0.6, 0.5), 5), ((0.5, 1.5), 5)])
    monkeypatch.setattr(cases_module, "OWNER_LEVELS", ("nothing", "community"))
    assert sorted(m.count for m in marks_of(layer, 25.0)) == [1, 2]


def test_a_case_belongs_to_the_street_it_names() -> None:
    left = AREAS.cells.codes[0]
    point = (WEST + SIDE * 3.5, SOUTH + SIDE * 0.5)
    layer = CaseLayer(
        [MapCase("a", "", *point, area_code=left), MapCase("b", "", *point), MapCase("c", "", *point)]
    )
    assert sorted(tuple(m.case_ids) for m in marks_of(layer, 25.0)) == [("a",), ("b", "c")]
    layer.update([MapCase("b", "", *point, area_code=left)], [])
    assert sorted(tuple(m.case_ids) for m in marks_of(layer, 25.0)) == [("a", "b"), ("c",)]


# --- marks as values ----------------------------------------------------------------------------------


def test_the_worst_of_many_are_found_without_sorting_all() -> None:
    layer = layer_of([((1.0, 1.0), i % 7) for i in range(60)])
    (mark,) = marks_of(layer, 8.0)
    ids = mark.case_ids
    assert isinstance(ids, CaseIds)
    first = ids.first(12)
    assert first == tuple(ids)[:12] == ids.first(99)[:12]
    assert (ids[0], ids[-1], len(ids)) == (first[0], tuple(ids)[-1], 60)
    assert ids[2:4] == first[2:4]
    assert "c007" in ids
    assert "nobody" not in ids
    assert 7 not in ids
    assert ids == list(ids)
    assert ids != ("c000",)
    assert hash(ids) == hash(tuple(ids))
    assert repr(ids).startswith("CaseIds(c000")


def test_marks_are_a_sequence() -> None:
    marks = marks_of(layer_of([((0, 0), 5), ((2, 0), 0)]), 3.0)
    assert marks[-1] == marks[1] == list(marks)[1]
    assert marks[0:1] == (marks[0],)
    with pytest.raises(IndexError):
        marks[2]
    assert marks == tuple(marks)
    assert marks != NO_MARKS
    assert len(NO_MARKS) == 0


def test_the_selected_case_is_a_mark_of_its_own() -> None:
    layer = layer_of([((1, 1), 5)] * 4)
    marks = marks_of(layer, 8.0, apart="c002")
    # Drawn last, above the cluster it stands in.
    assert marks.chosen == len(marks) - 1 == 1
    assert tuple(marks[1].case_ids) == ("c002",)
    assert marks_of(layer, 8.0, apart="nobody").chosen == -1
    assert tuple(layer.lone_mark("c001")[0].case_ids) == ("c001",)
    assert len(layer.lone_mark("nobody")) == 0


def test_a_mark_of_a_case_that_went_is_no_longer_present() -> None:
    layer = layer_of([((1, 1), 5), ((1, 1), 5)])
    (mark,) = marks_of(layer, 8.0)
    assert layer.present(mark)
    layer.update([replace(layer.cases["c001"], band="over1")], [])
    assert layer.present(mark)
    layer.update([], ["c000"])
    assert not layer.present(mark)
    assert tuple(mark.case_ids) == ("c001", "c000")
    layer.replace_all([MapCase("c000", "", WEST, SOUTH), MapCase("c001", "", WEST, SOUTH)])
    assert not layer.present(mark)
    assert layer.present(Mark(0, 0, ("c000",), (("ok", 1),)))
    assert not layer.present(Mark(0, 0, ("gone",), (("ok", 1),)))


def test_where_the_cases_of_a_mark_lie() -> None:
    layer = layer_of([((1, 1), 5), ((1.01, 1.02), 5), ((3, 3), 5)])
    low, high = layer.spread(["c000", "c001"])
    assert low.tolist() == pytest.approx(list(layer.point("c000")))
    assert high.tolist() == pytest.approx(list(layer.point("c001")))
    mark = next(m for m in marks_of(layer, 8.0) if m.count == 2)
    assert np.array_equal(layer.spread(mark.case_ids), (low, high))
    x, y = layer.point("c002")
    assert [tuple(m.case_ids) for m in layer.mark_around(x + 3, y, 5.0)] == [("c002",)]
    assert len(layer.mark_around(x + 30, y, 5.0)) == 0


# --- the next case ------------------------------------------------------------------------------------


@given(FIELD, BOX)
def test_stepping_through_the_cases_in_view_visits_each_once(
    field: list[tuple[tuple[float, float], int]], box: tuple[float, ...]
) -> None:
    layer, bounds = layer_of(field), world(box)  # type: ignore[arg-type]
    expected = layer.ids_in(bounds)
    for forward, order in ((True, expected), (False, expected[::-1])):
        seen, here = [], ""
        while here := layer.next_in(bounds, here, forward):
            seen.append(here)
        assert seen == order


# --- many cases ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crowd() -> CaseLayer:
    rng = np.random.default_rng(5)
    n = 100_000
    ids = [f"case-{i:06d}" for i in range(n)]
    table = prepare_columns(
        ids,
        rng.normal(WEST + 2 * SIDE, SIDE, n),
        rng.normal(SOUTH + 1.5 * SIDE, SIDE, n),
        rng.integers(0, 7, n),
    )
    layer = CaseLayer()
    layer.set_prepared(ready_cases(table, AREAS, PICKER))
    return layer


@pytest.mark.parametrize("scale", SCALES)
def test_changes_of_a_hundred_thousand_are_counted(crowd: CaseLayer, scale: float) -> None:
    rng = np.random.default_rng(int(scale * 10))
    ids = list(crowd.cases)
    some = [crowd.cases[ids[int(i)]] for i in rng.integers(0, len(ids), 12)]
    moved = [replace(c, lon=WEST + 2.2 * SIDE, lat=SOUTH + 1.1 * SIDE) for c in some[:4]]
    fresh = [replace(c, case_id=f"new-{scale}-{i}", band="over3") for i, c in enumerate(some[4:8])]
    before = crowd.table.row_of.copy()
    crowd.update([*moved, *fresh, replace(some[8], band="over2")], [some[9].case_id, some[10].case_id])
    bounds = world((0.5, 0.2, 2.5, 2.0))
    marks = marks_of(crowd, scale, bounds)
    rows = crowd.rows_in(bounds)
    members = np.concatenate([marks.rows_of(i) for i in range(len(marks))])
    assert len(np.unique(members)) == len(members)
    assert len(np.intersect1d(members, rows)) == len(rows)
    assert crowd.table.alive[members].all()
    shown = np.bincount(crowd.table.shown_band[members], minlength=len(BANDS))
    assert shown.tolist() == marks.bands.sum(axis=0).tolist()
    assert len(crowd.table) == len(before) + 4 - len({some[9].case_id, some[10].case_id})


def test_marks_of_a_view_cost_a_few_walks_over_the_columns(crowd: CaseLayer) -> None:
    column = crowd.table.xy
    started = time.thread_time()
    for _ in range(5):
        np.flatnonzero((column[:, 0] > 0) & (column[:, 1] > 0))
        np.bincount(crowd.table.band.astype(np.int64) * 7)
    floor = (time.thread_time() - started) / 5
    bounds = world((1.0, 1.0, 1.0, 0.7))
    for scale in SCALES:
        marks_of(crowd, scale, bounds)
        took = []
        for _ in range(5):
            started = time.thread_time()
            marks_of(crowd, scale, bounds)
            took.append(time.thread_time() - started)
        assert min(took) < 60 * floor
    assert crowd._ready.tree.nbytes < 24 * 2**20


def test_an_update_costs_less_than_a_walk_or_two(crowd: CaseLayer) -> None:
    marks_of(crowd, 8.0)
    column = crowd.table.xy
    started = time.thread_time()
    for _ in range(5):
        column.copy()
        np.argsort(column[:, 0])
    floor = (time.thread_time() - started) / 5
    took = []
    for k in range(9):
        fresh = [MapCase(f"late-{k}-{i}", "", WEST + SIDE, SOUTH + SIDE * i / 3) for i in range(5)]
        started = time.thread_time()
        assert crowd.update(fresh, [])
        took.append(time.thread_time() - started)
    assert float(np.median(took)) < 2 * floor


def test_a_layer_that_has_taken_in_much_is_grouped_anew() -> None:
    rng = np.random.default_rng(8)
    n = cases_module.FEW + 500
    ids = [f"c{i:05d}" for i in range(n)]
    layer = CaseLayer()
    layer.set_prepared(
        PreparedCases(
            prepare_columns(ids, rng.normal(WEST, 0.05, n), rng.normal(SOUTH, 0.05, n), rng.integers(0, 7, n))
        )
    )
    marks_of(layer, 8.0)
    tree = layer._ready.tree
    layer.update([MapCase("x", "", WEST, SOUTH)], [])
    assert layer._ready.tree is tree
    layer.update([MapCase(f"y{i}", "", WEST + i / 1e5, SOUTH) for i in range(cases_module.FEW + 1)], [])
    assert layer._ready.tree is not tree
    assert int(marks_of(layer, 8.0).counts.sum()) == len(layer.cases)


@pytest.mark.parametrize("scale", [25.0, 8.0, 0.5])
@pytest.mark.parametrize("whole", [False, True])
def test_cases_that_come_in_between_two_turns_are_taken(scale: float, whole: bool) -> None:
    turns = 0
    for late in (*range(6), 8, 13, 21, 34, 55, 89, 144, 233, 377, 610):
        layer = layer_of([((0.5, 0.5), 5), ((0.5, 2.5), 5)])
        steps = layer.mark_steps(TOKENS.band_at(scale), scale, TOKENS, AREAS, PICKER)
        turns = 0
        while True:
            if turns == late and whole:
                layer.replace_all([MapCase("c001", "", WEST + SIDE, SOUTH), MapCase("late", "", WEST, SOUTH)])
                layer.forget_owners()
            elif turns == late:
                layer.update([MapCase("late", "", WEST + SIDE * 3.5, SOUTH + SIDE)], ["c000"])
            try:
                next(steps)
            except StopIteration as done:
                marks = done.value
                break
            turns += 1
        came = "late" in layer.cases
        assert sorted(i for m in marks for i in m.case_ids) == (
            ["c001", "late"] if came else ["c000", "c001"]
        )
        if turns < late:
            return
    pytest.fail("never came to an end")
