"""From a point to its cell, from a cell to its neighbour."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from maps.geometry.areas import PreparedAreas, prepare_areas
from maps.geometry.picking import AreaPicker
from tests.unit.maps.districts import code, overlapping, squares


@pytest.fixture(scope="module")
def areas() -> PreparedAreas:
    made, _ = prepare_areas(squares(8, 6))
    assert made is not None
    return made


def brute(areas: PreparedAreas, x: float, y: float) -> int:
    return next((i for i, c in enumerate(areas.cells.geometry) if shapely.intersects_xy(c, x, y)), -1)


def test_pick_agrees_with_looking_at_every_cell(areas: PreparedAreas) -> None:
    rng = np.random.default_rng(4)
    west, south, east, north = areas.extent
    pts = rng.uniform([west - 500, south - 500], [east + 500, north + 500], (400, 2))
    picker = AreaPicker(areas)
    expected = [brute(areas, x, y) for x, y in pts]
    assert [picker.pick(x, y) for x, y in pts] == expected
    assert picker.pick_many(pts).tolist() == expected
    assert -1 in expected
    assert len(set(expected)) > 30


def test_a_shared_corner_belongs_to_the_cell_of_lowest_index(areas: PreparedAreas) -> None:
    picker = AreaPicker(areas)
    corners = shapely.get_coordinates(areas.cells.geometry)[:60]
    for x, y in corners:
        assert picker.pick(x, y) == brute(areas, x, y)


def test_label_points_are_picked_back(areas: PreparedAreas) -> None:
    assert AreaPicker(areas).pick_many(areas.cells.anchors).tolist() == list(range(len(areas.cells)))


@pytest.mark.parametrize("point", [(math.nan, 0.0), (0.0, math.inf), (-math.inf, math.nan)])
def test_no_number_is_nowhere(areas: PreparedAreas, point: tuple[float, float]) -> None:
    assert AreaPicker(areas).pick(*point) == -1


def test_picking_nothing(areas: PreparedAreas) -> None:
    assert AreaPicker(areas).pick_many(np.empty((0, 2))).tolist() == []


def test_overlap_belongs_to_the_first() -> None:
    made, _ = prepare_areas(overlapping())
    assert made is not None
    middle = made.cells.geometry[0].intersection(made.cells.geometry[1]).centroid
    assert AreaPicker(made).pick(middle.x, middle.y) == 0


def test_walking_east_and_back(areas: PreparedAreas) -> None:
    picker = AreaPicker(areas)
    start = areas.cells.index[code(1, 2, 1)]
    path = [start]
    for _ in range(3):
        path.append(picker.neighbour(path[-1], 1, 0))
    assert [areas.cells.codes[i][-3:] for i in path] == ["002", "003", "004", "005"]
    assert picker.neighbour(path[1], -1, 0) == start


def test_walking_north_goes_up_a_row(areas: PreparedAreas) -> None:
    picker = AreaPicker(areas)
    start = areas.cells.index[code(1, 2, 1)]
    assert areas.cells.codes[picker.neighbour(start, 0, 1)] == code(1, 3, 1)
    assert areas.cells.codes[picker.neighbour(start, 0, -1)] == code(1, 1, 1)


def test_at_the_rim_there_is_nothing_further(areas: PreparedAreas) -> None:
    picker = AreaPicker(areas)
    assert picker.neighbour(areas.cells.index[code(1, 0, 0)], -1, 0) == -1
    assert picker.neighbour(areas.cells.index[code(1, 0, 0)], 0, -1) == -1
