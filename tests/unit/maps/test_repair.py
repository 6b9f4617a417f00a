"""Coverages that are not quite: overlaps, gaps, corners missing at junctions, corners that nearly meet."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maps.geometry.arcs import ArcTable
from maps.geometry.areas import PreparedAreas, prepare_areas
from maps.geometry.borders import Neighbours, arc_ranks
from maps.geometry.detail import DetailCache
from maps.geometry.repair import GAP_M, MOST_LOST, SNAP_M, repaired
from maps.layers.district import EVERY_STEP
from services.domain.codes import LEVELS
from tests.unit.maps.districts import code, on_the_ground, voronoi


def exact(cells: np.ndarray) -> bool:
    return bool(shapely.coverage_is_valid(cells)) and bool(shapely.is_valid(cells).all())


def quarters(seed: int, depth: int = 5) -> np.ndarray:
    """A turned square cut into quarters at random: corners of small cells lie on straight edges of large ones."""
    rng = np.random.default_rng(seed)

    def cut(x: float, y: float, side: float, left: int) -> list[shapely.Polygon]:
        if left == 0 or (left < depth - 1 and rng.random() < 0.4):
            return [shapely.box(x, y, x + side, y + side)]
        half = side / 2
        return [cell for dx in (0, half) for dy in (0, half) for cell in cut(x + dx, y + dy, half, left - 1)]

    turn = np.array([[0.8, 0.6], [-0.6, 0.8]])
    cells = cut(0.0, 0.0, 7777.7, depth)
    return np.array(
        [shapely.transform(cell, lambda xy: np.round(xy @ turn, 3)) for cell in cells], dtype=object
    )


def test_an_exact_coverage_is_left_alone() -> None:
    cells = voronoi(60, 4)
    made, arcs, ok = repaired(cells)
    assert ok and made is cells
    assert len(arcs) == len(ArcTable.of(cells))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_corners_missing_at_junctions_are_added(seed: int) -> None:
    cells = quarters(seed)
    assert not exact(cells)
    made, arcs, ok = repaired(cells)
    assert ok and exact(made)
    assert float(np.abs(shapely.area(made) - shapely.area(cells)).max()) < 10
    more = shapely.get_num_coordinates(made) - shapely.get_num_coordinates(cells)
    assert int(more.sum()) > len(cells) / 4 and int(more.min()) >= 0
    rim = float(shapely.length(arcs.lines(np.flatnonzero(arcs.second < 0))).sum())
    assert rim == pytest.approx(4 * 7777.7, rel=1e-6), "every inner edge has two sides"


@pytest.mark.parametrize("seed", [1, 2])
def test_cells_with_junctions_are_a_coverage_at_every_step(seed: int) -> None:
    areas, _ = prepare_areas(on_the_ground(quarters(seed)))
    assert areas is not None and areas.valid_coverage
    cache = DetailCache(areas)
    for step in EVERY_STEP:
        assert exact(cache.finish(step).cells)


def test_an_overlap_goes_to_the_cell_with_the_longer_border() -> None:
    cells = np.array([shapely.box(0, 0, 110, 100), shapely.box(100, 0, 200, 100)], dtype=object)
    made, _, ok = repaired(cells)
    assert ok and exact(made)
    assert shapely.union_all(made).area == pytest.approx(20_000)


def test_a_narrow_gap_is_closed_and_a_wide_one_is_not() -> None:
    def strip(width: float) -> np.ndarray:
        mid = width / 2
        left = shapely.Polygon([(0, 0), (100, 0), (100 - mid, 50), (100, 100), (0, 100)])
        right = shapely.Polygon([(100, 0), (200, 0), (200, 100), (100, 100), (100 + mid, 50)])
        return np.array([left, right], dtype=object)

    made, _, ok = repaired(strip(GAP_M / 2))
    assert ok and shapely.union_all(made).area == pytest.approx(20_000)
    made, _, ok = repaired(strip(GAP_M * 8))
    assert ok and shapely.union_all(made).area == pytest.approx(20_000 - GAP_M * 8 * 50)


def test_corners_that_nearly_meet_fall_together() -> None:
    cells = voronoi(40, 9)
    shaken = np.array(
        [
            shapely.transform(cell, lambda xy, i=i: np.round(xy + np.sin(xy * 7 + i) * SNAP_M / 8, 3))
            for i, cell in enumerate(cells)
        ]
    )
    assert not exact(shaken)
    made, arcs, ok = repaired(shaken)
    assert ok and exact(made)
    assert float(np.abs(shapely.area(made) / shapely.area(cells) - 1).max()) < 0.01
    assert int(np.count_nonzero(arcs.second >= 0)) == int(np.count_nonzero(ArcTable.of(cells).second >= 0))


@settings(max_examples=12, deadline=None)
@given(st.integers(6, 60), st.integers(0, 10_000), st.floats(0.5, 15.0))
@example(40, 440, 7.0)  # a gap whose banks would change sides
def test_shifted_cells_become_a_coverage_and_stay_one_at_every_step(
    count: int, seed: int, shift: float
) -> None:
    cells = voronoi(count, seed)
    rng = np.random.default_rng(seed)
    for i in rng.choice(count, max(1, count // 6), replace=False):
        move = rng.uniform(-shift, shift, 2)
        cells[i] = shapely.transform(cells[i], lambda xy, move=move: np.round(xy + move, 3))
    areas, refused = prepare_areas(on_the_ground(cells))
    assert areas is not None and refused == ()
    assert len(areas.cells) == count
    if areas.valid_coverage:
        assert exact(areas.cells.geometry)
        for step in (9, 6, 3, 0):
            assert exact(DetailCache(areas).finish(step).cells)
    # Nobody's area was given away by more than what had been moved.
    before = shapely.area(cells)
    moved = np.abs(shapely.area(areas.cells.geometry) - before)
    assert float((moved / (shapely.length(cells) * (shift * 1.5 + 3))).max()) < 1.2


def doubled() -> PreparedAreas:
    """Squares in a row, the third one twice, and one drawn inside the first."""
    cells = [shapely.box(x * 1000, 0, x * 1000 + 1000, 1000) for x in range(4)]
    cells += [cells[2], shapely.box(300, 300, 500, 500)]
    areas, refused = prepare_areas(on_the_ground(np.array(cells, dtype=object)))
    assert areas is not None and refused == ()
    return areas


def test_a_double_and_a_cell_inside_another_stay_and_the_rest_is_exact() -> None:
    areas = doubled()
    assert not areas.valid_coverage
    area = shapely.area(areas.cells.geometry)
    assert bool(np.all(area > 0.99 * np.array([1e6, 1e6, 1e6, 1e6, 1e6, 4e4])))
    cache = DetailCache(areas)
    for step in EVERY_STEP:
        detail = cache.finish(step)
        assert bool(np.all(shapely.area(detail.cells) > 0))
        assert set(detail.borders) <= set(LEVELS)
    found = Neighbours(areas)
    assert {1} <= set(found[0]) and {0, 2} <= set(found[1])
    assert 5 in found[0], "what lies inside touches"


def test_edges_of_a_cell_inside_another_are_no_rim() -> None:
    areas = doubled()
    ranks = arc_ranks(areas)
    inside = areas.arcs.first == 5
    assert set(ranks[inside].tolist()) == {LEVELS.index("grid")}


def test_lost_share_is_what_the_module_says() -> None:
    small = shapely.box(90, 0, 130, 100)
    cells = np.array([shapely.box(0, 0, 100, 100), shapely.box(130, 0, 200, 100), small], dtype=object)
    made, _, ok = repaired(cells)
    assert ok
    assert float(shapely.area(made[2])) >= (1 - MOST_LOST) * small.area


def test_changes_are_told_by_code_and_share() -> None:
    cells = voronoi(20, 5)
    cells[7] = shapely.transform(cells[7], lambda xy: np.round(xy + 12.0, 3))
    areas, _ = prepare_areas(on_the_ground(cells))
    assert areas is not None
    told = {m.code: m.share for m in areas.mended}
    assert told and all(0 < share < 1 for share in told.values())
    assert code(1, 0, 7) in told


def test_many_cells_with_flaws_all_over_are_mended() -> None:
    cells = voronoi(1500, 8, side=20_000.0, bent=5.0)
    rng = np.random.default_rng(1)
    for i in rng.choice(1500, 200, replace=False):
        cells[i] = shapely.transform(cells[i], lambda xy: np.round(xy + rng.uniform(-4, 4, 2), 3))
    assert not exact(cells)
    made, _, ok = repaired(cells)
    assert ok and exact(made)
    assert float(np.median(np.abs(shapely.area(made) / shapely.area(cells) - 1))) < 0.01
