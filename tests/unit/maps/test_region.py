"""What a region drawn by hand chooses: against every case and every cell asked one by one."""

from __future__ import annotations

import time

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.mercator import project
from maps.layers.cases import MapCase, prepare_columns, ready_cases
from maps.layers.region import TILES, RubberSelection, _inside, _polygon, region_of
from maps.layers.state import MapState
from tests.unit.maps.districts import SIDE, SOUTH, WEST, squares


def state_of(cases: int = 60) -> MapState:
    state = MapState()
    state.set_areas(squares(4, 3))
    rng = np.random.default_rng(4)
    lon, lat = WEST + rng.random(cases) * 4 * SIDE, SOUTH + rng.random(cases) * 3 * SIDE
    state.set_cases(
        MapCase(f"c{i:02d}", "1", float(x), float(y)) for i, (x, y) in enumerate(zip(lon, lat, strict=True))
    )
    return state


STATE = state_of()


def world(u: float, v: float) -> tuple[float, float]:
    """World point at a part of the district, from its lower left."""
    x, y = project(WEST + u * 4 * SIDE, SOUTH + v * 3 * SIDE)
    return float(x), float(y)


PART = st.floats(-0.2, 1.2, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(corners=st.lists(st.tuples(PART, PART), min_size=3, max_size=9))
def test_the_same_as_asking_one_by_one(corners: list[tuple[float, float]]) -> None:
    ring = [world(*corner) for corner in corners]
    found = region_of(STATE, ring)
    if found is None:
        assert shapely.Polygon(ring).area == pytest.approx(0, abs=1e-3)
        return
    cases = STATE.cases
    wanted = [i for i in cases.cases if found.geometry.intersects(shapely.Point(*cases.point(i)))]
    assert list(found.case_ids) == wanted
    cells = STATE.areas.cells
    touched = [c for c, g in zip(cells.codes, cells.geometry, strict=True) if found.geometry.intersects(g)]
    assert list(found.area_codes) == touched


def test_a_rectangle_over_everything_and_one_beside_it() -> None:
    all_of_it = region_of(STATE, [world(-1, -1), world(2, -1), world(2, 2), world(-1, 2)])
    assert len(all_of_it.case_ids) == 60
    assert all_of_it.area_codes == tuple(STATE.areas.cells.codes)
    beside = region_of(STATE, [world(3, 3), world(4, 3), world(4, 4), world(3, 4)])
    assert not beside.empty
    assert (beside.case_ids, beside.area_codes) == ((), ())


def test_a_hidden_layer_of_cases_gives_none() -> None:
    state = state_of(5)
    state.show_layer("cases", False)
    found = region_of(state, [world(-1, -1), world(2, -1), world(2, 2)])
    assert found.case_ids == ()
    assert found.area_codes


def test_a_lasso_that_crosses_its_line_takes_every_loop() -> None:
    eight = [world(0, 0), world(1, 1), world(1, 0), world(0, 1)]
    found = region_of(STATE, eight)
    assert found.geometry.geom_type == "MultiPolygon"
    assert len(found.geometry.geoms) == 2
    left, right = world(0.1, 0.5), world(0.9, 0.5)
    assert found.geometry.contains(shapely.Point(left))
    assert found.geometry.contains(shapely.Point(right))


@pytest.mark.parametrize("ring", [[], [(0, 0)], [(0, 0), (1, 1)], [(0, 0), (1, 1), (2, 2)], [(0, 0)] * 5])
def test_what_encloses_nothing_is_no_region(ring: list[tuple[float, float]]) -> None:
    assert region_of(STATE, ring) is None


def test_the_value() -> None:
    nothing = RubberSelection()
    assert nothing.empty
    assert (nothing.bounds, nothing.lonlat) == (None, None)
    found = region_of(STATE, [world(0, 0), world(1, 0), world(1, 1), world(0, 1)])
    assert not found.empty
    assert found.bounds == pytest.approx((*world(0, 0), *world(1, 1)))
    degrees = found.lonlat.bounds
    assert degrees == pytest.approx((WEST, SOUTH, WEST + 4 * SIDE, SOUTH + 3 * SIDE), abs=1e-9)
    assert found == RubberSelection(found.ring, None, found.case_ids, found.area_codes)


def test_without_areas_only_cases_are_chosen() -> None:
    state = MapState()
    state.set_cases([MapCase("a", "1", WEST, SOUTH), MapCase("b", "2", None, None)])
    found = region_of(state, [world(-1, -1), world(1, -1), world(1, 1), world(-1, 1)])
    assert (found.case_ids, found.area_codes) == (("a",), ())


@settings(max_examples=25, deadline=None)
@given(corners=st.lists(st.tuples(PART, PART), min_size=3, max_size=12), seed=st.integers(0, 9))
def test_many_points_are_sorted_into_tiles_without_an_error(
    corners: list[tuple[float, float]], seed: int
) -> None:
    polygon = _polygon([world(*corner) for corner in corners])
    if polygon is None:
        return
    west, south, east, north = polygon.bounds
    rng = np.random.default_rng(seed)
    xy = rng.uniform((west, south), (east, north), (TILES * TILES + 400, 2))
    # Some exactly on corners, on the rim of the box and on the lines between tiles.
    xy[: len(corners)] = [world(*corner) for corner in corners]
    xy[100:110, 0], xy[110:120, 1] = east, north
    xy[120:160, 0] = np.linspace(west, east, TILES + 1)[:40]
    wanted = shapely.intersects_xy(polygon, xy[:, 0], xy[:, 1])
    assert np.array_equal(_inside(polygon, xy), wanted)


def test_a_lasso_over_100_000_cases_is_quick() -> None:
    rng = np.random.default_rng(1)
    state = MapState()
    lon, lat = WEST + rng.random(100_000) * SIDE, SOUTH + rng.random(100_000) * SIDE
    table = prepare_columns([f"c{i}" for i in range(100_000)], lon, lat, rng.integers(0, 5, 100_000))
    state.set_prepared_cases(ready_cases(table))
    angle = np.linspace(0, 2 * np.pi, 800)
    middle, rim = np.array(world(0.12, 0.16)), np.array(world(0.2, 0.16))
    ring = [tuple(middle + (rim[0] - middle[0]) * np.array([np.cos(a), np.sin(a)])) for a in angle]
    taken = []
    for _ in range(3):
        start = time.process_time()
        found = region_of(state, ring)
        taken.append(time.process_time() - start)
    assert 1000 < len(found.case_ids) < 100_000
    # Work of this thread, not of the clock on the wall: others share the machine.
    assert min(taken) < 0.05
