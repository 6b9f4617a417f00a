"""Borders as arcs: every piece once, rings put together again, whatever touches."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from maps.geometry.arcs import ArcTable, corner_numbers, joined
from maps.geometry.tables import LineTable, RingTable, boxes, gathered
from tests.unit.maps.districts import voronoi


def cells_of(*shapes: shapely.Geometry) -> np.ndarray:
    return np.array(shapes, dtype=object)


def whole(arcs: ArcTable, count: int) -> np.ndarray:
    return arcs.whole(np.ones(len(arcs.xy), dtype=bool)).polygons(count)


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.all(shapely.equals_exact(shapely.normalize(one), shapely.normalize(other))))


def test_two_squares_have_three_arcs() -> None:
    cells = cells_of(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    arcs = ArcTable.of(cells)
    assert sorted(zip(arcs.first.tolist(), arcs.second.tolist(), strict=True)) == [(0, -1), (0, 1), (1, -1)]
    assert (arcs.stop - arcs.start).sum() == 2 + 4 + 4
    assert same(whole(arcs, 2), cells)


def test_an_island_in_a_hole_shares_one_ring() -> None:
    island = shapely.box(4, 4, 6, 6)
    cells = cells_of(shapely.box(0, 0, 10, 10).difference(island), island)
    arcs = ArcTable.of(cells)
    assert len(arcs) == 2
    shared = np.flatnonzero(arcs.second >= 0)
    assert arcs.tail[shared] == arcs.head[shared]
    runs = [piece if piece >= 0 else ~piece for piece in arcs.piece.tolist()]
    assert sorted(runs) == [0, 1, 1]
    assert same(whole(arcs, 2), cells)


def test_a_ring_that_touches_itself_and_several_parts() -> None:
    shell = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(0, 5), (3, 4), (3, 6)]])
    parts = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), shapely.box(22, 0, 23, 1)])
    cells = cells_of(shell, parts)
    arcs = ArcTable.of(cells)
    assert same(whole(arcs, 2), cells)
    assert bool(np.all(arcs.second == -1))


def test_edges_that_do_not_match_are_arcs_of_one_cell() -> None:
    left = shapely.Polygon([(0, 0), (1, 0), (1, 2), (0, 2)])
    cells = cells_of(left, shapely.box(1, 0, 2, 1), shapely.box(1, 1, 2, 2))
    arcs = ArcTable.of(cells)
    inner = arcs.second >= 0
    assert list(zip(arcs.first[inner].tolist(), arcs.second[inner].tolist(), strict=True)) == [(1, 2)]
    assert same(whole(arcs, 3), cells)


def test_the_same_cell_twice_and_three_at_one_edge() -> None:
    box = shapely.box(0, 0, 1, 1)
    cells = cells_of(box, box, shapely.box(1, 0, 2, 1))
    assert same(whole(ArcTable.of(cells), 3), cells)


def test_nothing_has_no_arcs() -> None:
    for cells in (np.empty(0, dtype=object), cells_of(shapely.Polygon())):
        arcs = ArcTable.of(cells)
        assert len(arcs) == 0
        assert len(arcs.whole(np.ones(0, dtype=bool)).start) == 0
    assert len(ArcTable.nothing()) == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 60), st.integers(0, 10_000), st.booleans())
def test_any_coverage_comes_back_and_inner_arcs_have_two_sides(count: int, seed: int, hole: bool) -> None:
    cells = voronoi(count, seed)
    if hole:
        cells = np.delete(cells, count // 2)
    arcs = ArcTable.of(cells)
    assert same(whole(arcs, len(cells)), cells)
    line_length = shapely.length(arcs.lines(np.arange(len(arcs))))
    sides = np.where(arcs.second >= 0, 2, 1)
    assert float((line_length * sides).sum()) == pytest.approx(float(shapely.length(cells).sum()))
    rim = shapely.coverage_union_all(cells).length
    assert float(line_length[arcs.second < 0].sum()) == pytest.approx(rim)
    used = np.bincount(np.where(arcs.piece < 0, ~arcs.piece, arcs.piece), minlength=len(arcs))
    assert np.array_equal(used, sides)


def test_corners_are_one_within_a_millimetre_however_far_away() -> None:
    base = np.array(
        [[12_600_000.0, 2_600_000.0], [12_600_000.0004, 2_600_000.0], [12_600_000.01, 2_600_000.0]]
    )
    numbers = corner_numbers(base)
    assert numbers[0] == numbers[1] != numbers[2]
    assert len(corner_numbers(np.empty((0, 2)))) == 0
    wide = np.array([[-2e7, -2e7], [2e7, 2e7], [0.0, 0.0]])
    assert len(set(corner_numbers(wide).tolist())) == 3


def test_chains_are_put_together_in_either_direction() -> None:
    cells = cells_of(shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1))
    arcs = ArcTable.of(cells)
    kept = np.ones(len(arcs.xy), dtype=bool)
    for piece in (0, ~0):
        xy, sizes = joined(arcs, kept, np.array([piece]), np.array([0]), np.array([1]))
        expected = arcs.xy[arcs.start[0] : arcs.stop[0]]
        assert np.array_equal(xy, expected if piece >= 0 else expected[::-1])
        assert sizes.tolist() == [len(expected)]


def test_rings_of_some_cells() -> None:
    cells = voronoi(20, 3)
    rings = RingTable.of(cells)
    some = np.array([2, 5, 19])
    picked = rings.only(some)
    assert same(picked.polygons(3), cells[some])
    assert np.array_equal(np.concatenate(rings.of_cell(5)), np.concatenate(picked.of_cell(1)))
    assert rings.of_cell(99) == ()
    assert np.allclose(rings.bounds()[rings.cell == 7][0], shapely.bounds(cells[7]))


def test_polygons_of_a_table_with_an_empty_cell_and_parts() -> None:
    donut = shapely.box(0, 0, 9, 9).difference(shapely.box(3, 3, 4, 4))
    two = shapely.MultiPolygon([shapely.box(20, 0, 21, 1), donut])
    cells = cells_of(donut, shapely.Polygon(), two)
    made = RingTable.of(cells).polygons(3)
    assert same(made[[0, 2]], cells[[0, 2]])
    assert made[1].is_empty


def test_line_tables_select_by_level_and_box() -> None:
    lines = [np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([[5.0, 5.0], [6.0, 7.0], [9.0, 5.0]])]
    table = LineTable.of([*lines, lines[0] + 100], [4, 2, 4])
    assert table.levels == ("street", "grid")
    assert [len(table.of_level(name)) for name in ("city", "street", "grid")] == [0, 1, 2]
    assert table.within((0.5, 0.5, 2, 2), "grid").tolist() == [1]
    assert table.within((6, 6, 7, 8), "street").tolist() == [0]
    assert table.within((50, 50, 51, 51), "grid").tolist() == []
    assert table.bounds[0].tolist() == [5.0, 5.0, 9.0, 7.0]
    empty = LineTable.of([], [])
    assert empty.levels == () and empty.within((0, 0, 1, 1), "grid").tolist() == []


def test_runs_are_gathered() -> None:
    assert gathered(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert gathered(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)).tolist() == []
    assert boxes(np.array([[0.0, 5.0], [2.0, 1.0], [7.0, 7.0]]), np.array([0, 2])).tolist() == [
        [0.0, 1.0, 2.0, 5.0],
        [7.0, 7.0, 7.0, 7.0],
    ]
    assert boxes(np.empty((0, 2)), np.empty(0, dtype=np.int64)).shape == (0, 4)


def test_more_polygons_than_a_batch_are_taken_apart_and_put_together() -> None:
    cells = shapely.box(*[np.arange(9001.0) + d for d in (0.0, 0.0, 0.5, 0.5)])
    cells[4000] = cells[4000].difference(shapely.box(4000.1, 4000.1, 4000.2, 4000.2))
    cells[8500] = shapely.MultiPolygon([cells[8500], shapely.box(0, 9, 1, 10)])
    assert same(RingTable.of(cells).polygons(len(cells)), cells)
