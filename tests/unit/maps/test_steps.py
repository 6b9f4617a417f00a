"""Zoom steps: neighbours share what is drawn, nothing gapes, overlaps or vanishes, whatever the cells are like."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.arcs import ArcTable
from maps.geometry.areas import PreparedAreas, prepare_areas
from maps.geometry.detail import COARSEST_STEP, FINEST_STEP, Detail, DetailCache
from maps.geometry.steps import Thinner
from maps.layers.district import EVERY_STEP, opening_step, prepare_district, step_order
from tests.unit.maps.districts import on_the_ground, squares, voronoi


def prepared(cells: np.ndarray) -> PreparedAreas:
    areas, refused = prepare_areas(on_the_ground(cells))
    assert areas is not None and not refused
    return areas


def edges_of(xy: np.ndarray) -> set[tuple[float, ...]]:
    """Straight edges of one ring, whichever way they are run."""
    points = list(map(tuple, xy.tolist()))
    return {min(a, b) + max(a, b) for a, b in pairwise(points)}


def cell_edges(detail: Detail, cell: int) -> set[tuple[float, ...]]:
    return set().union(*(edges_of(ring) for ring in detail.rings.of_cell(cell)))


def check(areas: PreparedAreas, detail: Detail, step: int) -> None:
    """Everything a step promises."""
    cells, full = detail.cells, areas.cells.geometry
    assert bool(shapely.is_valid(cells).all())
    assert not bool(shapely.is_empty(cells).any()), "no cell vanishes"
    assert bool(np.all(shapely.get_num_coordinates(cells) >= 4)), "a triangle at least"
    assert bool(shapely.coverage_is_valid(cells))
    union = shapely.union_all(cells)
    assert union.area == pytest.approx(float(shapely.area(cells).sum()), rel=1e-9), "no overlap"
    tolerance = 2.0**step / 2
    off = shapely.hausdorff_distance(shapely.boundary(full), shapely.boundary(cells))
    assert float(off.max()) <= tolerance * (1 + 1e-6) or step == FINEST_STEP
    lost = shapely.symmetric_difference(union, shapely.union_all(full))
    rim = shapely.length(shapely.union_all(full))
    assert lost.area <= tolerance * rim + 1e-6, "gaps only where the rim was simplified"


@settings(max_examples=12, deadline=None)
@given(st.integers(4, 80), st.integers(0, 10_000), st.sampled_from([5.0, 25.0, 45.0]))
def test_every_step_of_any_district_is_a_coverage(count: int, seed: int, bent: float) -> None:
    cells = voronoi(count, seed, bent=bent)
    areas = prepared(np.delete(cells, count // 2))
    cache = DetailCache(areas)
    for step in EVERY_STEP:
        check(areas, cache.finish(step), step)


@settings(max_examples=10, deadline=None)
@given(st.integers(4, 40), st.integers(0, 10_000))
def test_neighbours_share_their_drawn_edge_at_every_step(count: int, seed: int) -> None:
    areas = prepared(voronoi(count, seed, bent=40.0))
    cache = DetailCache(areas)
    inner = areas.arcs.second >= 0
    pairs = set(zip(areas.arcs.first[inner].tolist(), areas.arcs.second[inner].tolist(), strict=True))
    for step in EVERY_STEP:
        detail = cache.finish(step)
        edges = [cell_edges(detail, cell) for cell in range(len(areas.cells))]
        times: dict[tuple[float, ...], int] = {}
        for own in edges:
            for edge in own:
                times[edge] = times.get(edge, 0) + 1
        assert max(times.values()) <= 2
        for a, b in pairs:
            assert edges[a] & edges[b], "a border of two is one line"
        drawn = set().union(*(edges_of(line) for lines in detail.borders.values() for line in lines))
        assert drawn == set(times), "what is filled and what is outlined have the same edges"


def islands() -> np.ndarray:
    """A bay with an islet in it, two banks of a narrow river, a sliver, a lens between two corners, a speck."""
    bay = shapely.Polygon(
        [(0, 0), (4000, 0), (4000, 3000), (2300, 3000), (2000, 40), (1700, 3000), (0, 3000)]
    )
    islet = shapely.Point(2000, 2600).buffer(30)
    bank = shapely.box(4010, 0, 6000, 3000)
    wave = [(5000 + 3 * np.sin(y / 9), y) for y in range(0, 3001, 20)]
    left = shapely.Polygon([*wave, (4010, 3000), (4010, 0)])
    right = shapely.Polygon([*[(x + 4, y) for x, y in wave], (6000, 3000), (6000, 0)])
    lens = shapely.Polygon([(7000, 0), (7040, 500), (7000, 1000), (6960, 500)])
    around = shapely.box(6500, 0, 7500, 1000).difference(lens)
    speck = shapely.box(6600, 400, 6600.5, 400.5)
    parts = shapely.get_parts(around.difference(speck))
    assert bank.area > 0
    cells = [bay, islet, left, right, lens, *parts, speck]
    return np.array([shapely.transform(c, lambda xy: np.round(xy, 3)) for c in cells], dtype=object)


def test_islets_rivers_lenses_and_specks_stay_apart_and_stay() -> None:
    areas = prepared(islands())
    cache = DetailCache(areas)
    for step in EVERY_STEP:
        detail = cache.finish(step)
        check(areas, detail, step)


def test_a_speck_is_drawn_with_a_triangle_at_least() -> None:
    areas = prepared(islands())
    detail = DetailCache(areas).finish(COARSEST_STEP)
    small = int(np.argmin(shapely.area(areas.cells.geometry)))
    assert len(detail.rings.of_cell(small)[0]) >= 4
    assert shapely.area(detail.cells[small]) > 0


def test_edges_that_do_not_match_do_not_spoil_the_others() -> None:
    cells = voronoi(30, 11)
    twin = shapely.transform(cells[4], lambda xy: xy + 3.0)
    arcs = ArcTable.of(np.append(cells, [twin]))
    thinner = Thinner(arcs)
    for tolerance in (1.0, 8.0, 64.0):
        made = arcs.whole(thinner.kept(tolerance)).polygons(31)
        assert bool(shapely.is_valid(made).all())
        assert bool(shapely.coverage_is_valid(made[:30]))


def test_a_district_of_nothing_but_one_cell() -> None:
    areas = prepared(np.array([shapely.box(0, 0, 100, 100)], dtype=object))
    cache = DetailCache(areas)
    for step in EVERY_STEP:
        assert shapely.area(cache.finish(step).cells[0]) > 0


def test_ready_never_computes_and_gives_the_nearest_finished_step() -> None:
    cache = DetailCache(prepared(voronoi(200, 1)))
    assert cache.ready(1.0) is None
    coarse = cache.finish(7)
    assert cache.ready(0.3) is coarse
    fine = cache.finish(FINEST_STEP)
    assert cache.ready(0.3) is fine
    assert cache.ready(2.0**6.5) is coarse
    made = cache.steps
    assert {FINEST_STEP, 7} <= set(made)
    for step in EVERY_STEP:
        nearest = min(made, key=lambda finished: (abs(finished - step), finished))
        assert cache.ready(2.0**step) is cache.finish(nearest), "the finer of two that are as near"
    assert cache.steps == made


def test_steps_do_not_hang_on_the_order_of_asking() -> None:
    areas = prepared(voronoi(150, 2))
    one, other = DetailCache(areas), DetailCache(areas)
    for step in EVERY_STEP:
        one.finish(step)
    for step in reversed(EVERY_STEP):
        other.finish(step)
    for step in EVERY_STEP:
        assert np.array_equal(one.finish(step).rings.xy, other.finish(step).rings.xy)
        assert one.finish(step).step <= step


def test_after_rest_a_step_can_still_be_made() -> None:
    cache = DetailCache(prepared(voronoi(150, 2)))
    cache.finish(8)
    cache.rest()
    assert len(cache.finish(3).rings.xy) >= len(cache.finish(8).rings.xy)


@pytest.mark.parametrize(
    ("scale", "step"), [(0.01, FINEST_STEP), (0.9, -1), (1.0, 0), (511.0, 8), (1e6, COARSEST_STEP)]
)
def test_step_of_a_scale(scale: float, step: int) -> None:
    assert DetailCache.step_of(scale) == step


def test_a_district_opens_with_the_step_that_shows_all_of_it(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    district = prepare_district(
        squares(6, 4), warm=None, progress=lambda stage, share: told.append((stage, share))
    )
    assert district.areas is not None and district.detail is not None
    opening = opening_step(district.areas)
    west, south, east, north = district.areas.extent
    scale = max((east - west) / 1600, (north - south) / 900)
    assert 2.0**opening <= scale < 2.0 ** (opening + 1)
    assert opening in district.detail.steps
    rest = step_order(district)
    assert set(rest) | set(district.detail.steps) == set(EVERY_STEP)
    assert [abs(step - opening) for step in rest] == sorted(abs(step - opening) for step in rest)
    for step in rest:
        assert district.finish(step) is not None
    assert step_order(district) == []
    assert told[0] == ("areas", 0.0) and told[-1] == ("detail", 1.0)
    assert all(0.0 <= share <= 1.0 for _, share in told)
    assert not any(tmp_path.iterdir())


def test_no_areas_no_steps() -> None:
    district = prepare_district([], warm=None)
    assert (district.areas, district.detail, district.picker) == (None, None, None)
    assert district.finish(3) is None and step_order(district) == []
