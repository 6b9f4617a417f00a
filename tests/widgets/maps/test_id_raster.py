"""Cell numbers by pixel, against shapely at the middle of every pixel."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from maps.canvas import id_raster
from maps.canvas.id_raster import CellRings, IdArray, PixelFrame, draw_ids
from maps.geometry.tables import RingTable

FRAME = PixelFrame(0.0, 60.0, 1.0, 80, 60)


def drawn(cells: list[object], frame: PixelFrame = FRAME) -> IdArray:
    table = np.array(cells, dtype=object)
    rings = CellRings(RingTable.of(table), len(table))
    bounds = shapely.bounds(table)
    west, south, east, north = frame.bounds
    met = (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north) & (bounds[:, 3] >= south)
    found: list[IdArray] = []
    for _ in draw_ids(rings, np.flatnonzero(met), frame, found, bounds):
        pass
    return found[0]


def wanted(cells: list[object], frame: PixelFrame = FRAME) -> np.ndarray:
    """By shapely: the lowest cell that holds the middle of each pixel, plus one."""
    x = frame.west + (np.arange(frame.width) + 0.5) * frame.pixel
    y = frame.north - (np.arange(frame.height) + 0.5) * frame.pixel
    out = np.zeros((frame.height, frame.width), dtype=int)
    for i, cell in reversed(list(enumerate(cells))):
        out[shapely.contains_xy(cell, x[None, :], y[:, None])] = i + 1
    return out


def voronoi(count: int, seed: int = 1) -> list[object]:
    rng = np.random.default_rng(seed)
    sites = shapely.MultiPoint(rng.random((count, 2)) * [70, 50] + [5, 5])
    parts = shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=shapely.box(0, 0, 80, 60)))
    return list(shapely.intersection(parts, shapely.box(3.3, 4.1, 77.7, 56.2)))


@pytest.mark.parametrize("seed", range(6))
def test_cells_are_where_shapely_says(seed: int) -> None:
    cells = voronoi(60, seed)
    assert (drawn(cells) == wanted(cells)).all()


def test_there_is_no_gap_and_no_overlap_between_neighbours() -> None:
    cells = voronoi(200, 9)
    ids = drawn(cells)
    inside = wanted([shapely.box(3.3, 4.1, 77.7, 56.2)])
    assert ((ids > 0) == (inside > 0)).all()


@pytest.mark.parametrize("turned", [False, True])
def test_holes_islands_in_holes_and_parts(turned: bool) -> None:
    outer = shapely.box(5, 5, 50, 50).difference(shapely.box(12.3, 12.3, 40.2, 40.7))
    both = shapely.MultiPolygon([outer, shapely.box(20.2, 20.2, 30.4, 30.9), shapely.box(60, 10, 70, 20)])
    if turned:
        both = shapely.reverse(both)
    cells = [both, shapely.box(60, 30, 75, 50)]
    assert (drawn(cells) == wanted(cells)).all()


def test_a_cell_in_the_hole_of_another() -> None:
    inner = shapely.Point(30, 30).buffer(9.3)
    cells = [shapely.box(10, 10, 52, 50).difference(inner), inner]
    ids = drawn(cells)
    assert set(np.unique(ids)) == {0, 1, 2}
    assert (ids == wanted(cells)).all()


@pytest.mark.parametrize("shift", [(0.0, 0.0), (0.5, 0.5), (0.25, 0.75)])
def test_edges_on_the_middle_of_pixels_leave_no_gap(shift: tuple[float, float]) -> None:
    dx, dy = shift
    cells = [
        shapely.box(10 * i + dx, 10 * j + dy, 10 * i + 10 + dx, 10 * j + 10 + dy)
        for i in range(4)
        for j in range(3)
    ]
    ids = drawn(cells)
    assert (np.bincount(ids.ravel(), minlength=13)[1:] == 100).all()


def test_overlaps_go_to_one_cell_that_is_there() -> None:
    cells = [shapely.box(5, 5, 40, 40), shapely.box(25, 20, 70, 50), shapely.box(30, 25, 36, 35)]
    ids, right = drawn(cells), wanted(cells)
    assert ((ids > 0) == (right > 0)).all()
    alone = sum(wanted([c]) for c in cells) == 1
    assert (ids[alone] == right[alone]).all()
    assert (ids == right).mean() > 0.97


def test_a_sliver_of_overlap_at_an_edge_takes_either() -> None:
    cells = [shapely.box(5, 5, 40.7, 50), shapely.box(39.9, 5, 70, 50)]
    ids = drawn(cells)
    assert set(np.unique(ids[12:50, 6:69])) == {1, 2}


def test_only_what_meets_the_frame_is_drawn_and_the_rest_of_a_cell_is_no_matter() -> None:
    huge = shapely.box(-1e6, -1e6, 40.2, 1e6)
    cells = [huge, shapely.box(40.2, -50, 1e7, 30.1), shapely.box(500, 500, 600, 600)]
    assert (drawn(cells) == wanted(cells)).all()


def test_two_frames_side_by_side_are_one_picture() -> None:
    cells = voronoi(90, 4)
    left, right = PixelFrame(0.0, 60.0, 1.0, 33, 60), PixelFrame(33.0, 60.0, 1.0, 47, 60)
    assert (np.hstack([drawn(cells, left), drawn(cells, right)]) == drawn(cells)).all()


def test_far_from_the_origin_nothing_is_lost() -> None:
    cells = [shapely.transform(c, lambda xy: xy * 0.07 + [12_604_000.0, 2_650_000.0]) for c in voronoi(60, 2)]
    frame = PixelFrame(12_604_000.0, 2_650_000.0 + 4.2, 0.07, 80, 60)
    assert (drawn(cells, frame) == wanted(cells, frame)).mean() > 0.9995


def test_no_cell_and_no_ring() -> None:
    assert not drawn([shapely.box(500, 500, 600, 600)]).any()
    assert not drawn([shapely.Polygon()]).any()


def test_large_cities_have_wider_numbers() -> None:
    none = RingTable.of(np.array([], dtype=object))
    assert CellRings(none, 65_534).dtype is np.uint16
    assert CellRings(none, 65_535).dtype is np.uint32


def test_it_is_drawn_in_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = voronoi(120, 3)
    right = drawn(cells)
    monkeypatch.setattr(id_raster, "BATCH", 40)
    table = np.array(cells, dtype=object)
    rings = CellRings(RingTable.of(table), len(table))
    found: list[IdArray] = []
    steps = sum(1 for _ in draw_ids(rings, np.arange(len(cells)), FRAME, found, shapely.bounds(table)))
    assert steps > 8
    assert (found[0] == right).all()


def test_batches_hold_every_cell_once_and_few_vertices() -> None:
    cells = np.array(voronoi(150, 5), dtype=object)
    rings = CellRings(RingTable.of(cells), len(cells))
    parts = list(rings.batches(np.arange(len(cells))))
    assert (np.concatenate(parts) == np.arange(len(cells))).all()
