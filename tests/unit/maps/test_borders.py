"""Borders, detail and neighbours."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from maps.geometry.areas import AreaShape, PreparedAreas, prepare_areas
from maps.geometry.borders import Neighbours
from maps.geometry.detail import FINEST_STEP, DetailCache
from maps.geometry.tables import RingTable
from tests.unit.maps.districts import overlapping, squares, with_gap


def prepared(shapes: list[AreaShape]) -> PreparedAreas:
    areas, _ = prepare_areas(shapes)
    assert areas is not None
    return areas


def full_borders(areas: PreparedAreas) -> dict[str, tuple[np.ndarray, ...]]:
    return DetailCache(areas).finish(FINEST_STEP).borders


def length(lines: tuple[np.ndarray, ...]) -> float:
    return float(sum(shapely.length(shapely.linestrings(line)) for line in lines))


def test_rings_hold_every_corner_of_every_cell() -> None:
    donut = shapely.Point(0, 0).buffer(10, 4).difference(shapely.Point(0, 0).buffer(5, 4))
    two = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(5, 5, 6, 6)])
    rings = RingTable.of(np.array([donut, two, shapely.Polygon()], dtype=object))
    assert rings.cell.tolist() == [0, 0, 1, 1]
    assert (rings.stop - rings.start).tolist() == [17, 17, 5, 5]
    assert rings.stop[-1] == len(rings.xy)


def test_borders_add_up_to_all_edges_and_none_is_drawn_twice() -> None:
    areas = prepared(squares(6, 4))
    borders = full_borders(areas)
    cells = areas.cells.geometry
    rim_length = shapely.length(shapely.coverage_union_all(cells))
    all_edges = (shapely.length(cells).sum() + rim_length) / 2
    assert sum(length(lines) for lines in borders.values()) == pytest.approx(all_edges)
    assert set(borders) == {"district", "street", "community", "grid"}
    rim = shapely.boundary(shapely.coverage_union_all(areas.cells.geometry))
    assert length(borders["district"]) == pytest.approx(rim.length)


def test_the_street_border_separates_the_two_streets() -> None:
    areas = prepared(squares(6, 4))
    lines = full_borders(areas)["street"]
    streets = areas.levels["street"].geometry
    shared = shapely.intersection(shapely.boundary(streets[0]), shapely.boundary(streets[1]))
    assert length(lines) == pytest.approx(shared.length, rel=1e-6)


def test_lines_are_joined_into_long_ones() -> None:
    areas = prepared(squares(6, 4))
    borders = full_borders(areas)
    assert len(borders["street"]) == 1
    assert len(borders["district"]) == 1


def test_a_narrow_gap_is_not_a_district_border() -> None:
    areas = prepared(with_gap())
    borders = full_borders(areas)
    assert len(borders["district"]) == 1
    outer = shapely.polygons(shapely.linearrings(borders["district"][0]))
    assert outer.area >= 0.999 * sum(shapely.area(areas.cells.geometry))
    assert length(borders["grid"]) > 1000


def test_a_real_hole_is_a_district_border() -> None:
    around = [s for i, s in enumerate(squares(3, 3)) if i != 4]
    areas = prepared(around)
    assert len(full_borders(areas)["district"]) == 2


def test_cells_that_overlap_have_borders_all_the_same() -> None:
    areas = prepared(overlapping())
    borders = full_borders(areas)
    assert len(borders["grid"]) == 1
    assert len(borders["district"]) == 1


@pytest.mark.parametrize("scale", [1.0, 8.0, 40.0, 200.0])
def test_simplified_cells_leave_no_gap_and_no_overlap(scale: float) -> None:
    areas = prepared(squares(12, 10))
    detail = DetailCache(areas).at(scale)
    assert bool(shapely.coverage_is_valid(detail.cells))
    whole = shapely.coverage_union_all(detail.cells)
    assert whole.area == pytest.approx(sum(shapely.area(detail.cells)))
    assert len(shapely.get_parts(whole)) == 1
    assert not any(len(p.interiors) for p in shapely.get_parts(whole))


def test_simplified_corners_are_fewer_and_near() -> None:
    areas = prepared(squares(12, 10))
    cache = DetailCache(areas)
    full, coarse = cache.at(0.3), cache.at(100.0)
    assert full.step == FINEST_STEP
    assert len(coarse.rings.xy) < len(full.rings.xy)
    off = shapely.hausdorff_distance(full.cells, coarse.cells)
    assert float(off.max()) < 100.0


def test_detail_is_made_once_per_power_of_two() -> None:
    cache = DetailCache(prepared(squares(3, 3)))
    assert cache.at(256.0) is cache.at(511.9)
    assert cache.at(256.0) is not cache.at(0.3)
    assert DetailCache.step_of(0.01) == FINEST_STEP


def test_detail_of_cells_that_overlap() -> None:
    detail = DetailCache(prepared(overlapping())).at(16.0)
    assert bool(np.all(shapely.is_valid(detail.cells)))
    assert len(detail.rings.start) == 2


def test_neighbours_share_an_edge() -> None:
    areas = prepared(squares(4, 3))
    found = Neighbours(areas)
    cells = areas.cells.geometry
    for a in range(len(cells)):
        expected = {
            b
            for b in range(len(cells))
            if a != b
            and shapely.length(shapely.intersection(shapely.boundary(cells[a]), shapely.boundary(cells[b])))
            > 1
        }
        assert set(found[a]) == expected


def test_neighbours_of_an_inexact_coverage_touch() -> None:
    assert dict(Neighbours(prepared(overlapping()))) == {0: (1,), 1: (0,)}
