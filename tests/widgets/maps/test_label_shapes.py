"""Where a name stands: inside its area and in sight, found without cutting large outlines."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from maps.canvas.label_shapes import area_anchor, cell_number, in_view, longest_piece, short_code, turned
from maps.geometry.areas import PreparedAreas, prepare_areas
from maps.geometry.mercator import project
from maps.geometry.viewport import Viewport
from tests.unit.maps.districts import SIDE, SOUTH, WEST, squares

made, _ = prepare_areas(squares(12, 8))
assert made is not None
AREAS: PreparedAreas = made


def view_at(column: float, row: float, scale: float) -> Viewport:
    x, y = (float(v) for v in project(WEST + SIDE * column, SOUTH + SIDE * row))
    return Viewport(x, y, scale, 900, 600)


@given(
    st.floats(0, 12),
    st.floats(0, 8),
    st.sampled_from([0.5, 1.2, 3.0, 9.0]),
    st.sampled_from(["street", "grid"]),
)
def test_a_name_stands_inside_its_area(column: float, row: float, scale: float, name: str) -> None:
    view, level = view_at(column, row, scale), AREAS.levels[name]
    window = shapely.box(*view.bounds)
    for i in np.flatnonzero(in_view(level, view)).tolist():
        x, y = area_anchor(AREAS, level, i, view)
        assert level.geometry[i].buffer(1e-6).contains(shapely.Point(x, y))
        part = level.geometry[i].intersection(window)
        if part.area > (260 * scale) ** 2:
            assert view.contains(x, y)


def test_a_corner_in_sight_is_not_named_there() -> None:
    level = AREAS.levels["street"]
    west = float(level.bounds[0, 0])
    view = Viewport(west - 440, float(level.bounds[0, 1]) + 300, 1.0, 900, 600)
    assert in_view(level, view)[0]
    assert area_anchor(AREAS, level, 0, view) == tuple(level.anchors[0].tolist())


def test_only_areas_whose_box_meets_the_view() -> None:
    seen = in_view(AREAS.cells, view_at(0.5, 0.5, 0.5))
    assert 1 <= int(seen.sum()) < 4


def test_an_area_of_many_cells_is_as_quick_as_a_walk_over_them() -> None:
    many, _ = prepare_areas(squares(60, 40, wobble=False))
    assert many is not None
    level = many.levels["street"]
    view = Viewport(float(level.bounds[0, 0]) + 3000, float(level.bounds[0, 1]) + 3000, 3.0, 900, 600)
    owner = many.owners["street"]
    started = time.thread_time()
    for _ in range(20):
        np.flatnonzero(owner == 0)
        many.cells.bounds[owner == 0].min(axis=1)
    floor = (time.thread_time() - started) / 20
    took = []
    for _ in range(20):
        started = time.thread_time()
        area_anchor(many, level, 0, view)
        took.append(time.thread_time() - started)
    assert min(took) < 20 * floor


def test_the_longest_piece_of_a_line_in_sight() -> None:
    xy = np.array([[-50.0, 10.0], [40.0, 10.0], [40.0, 90.0], [60.0, 90.0]])
    found = longest_piece(xy, (0.0, 0.0, 100.0, 100.0))
    assert found is not None
    assert found[0].tolist() == [40.0, 50.0]
    assert abs(found[1][1]) == 80.0
    assert longest_piece(xy + 500, (0.0, 0.0, 100.0, 100.0)) is None


@pytest.mark.parametrize(
    ("angle", "size"), [(0.0, (40.0, 10.0)), (90.0, (10.0, 40.0)), (45.0, (50 / math.sqrt(2),) * 2)]
)
def test_a_turned_text_takes_its_box(angle: float, size: tuple[float, float]) -> None:
    assert turned((40.0, 10.0), angle) == pytest.approx(size)


@pytest.mark.parametrize(
    ("code", "name", "number"),
    [("440199001001007", "望塔-12", "12"), ("440199001001007", "望塔", "07"), ("440199001001107", "", "107")],
)
def test_number_of_a_cell(code: str, name: str, number: str) -> None:
    assert cell_number(code, name) == number
    assert short_code(code) == ("07" if code.endswith("007") else "107")
