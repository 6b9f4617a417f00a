"""Invariants of the view."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from maps.geometry.mercator import MapDataError, project
from maps.geometry.viewport import MAX_SCALE, MIN_SCALE, Viewport

COORD = st.floats(-1.5e7, 1.5e7)
SCALE = st.floats(MIN_SCALE, 500.0)
SIZE = st.floats(50.0, 4000.0)
VIEWS = st.builds(Viewport, COORD, COORD, SCALE, SIZE, SIZE)
PIXEL = st.floats(-500.0, 4500.0)
FACTOR = st.floats(0.1, 10.0)


@given(VIEWS, PIXEL, PIXEL)
def test_screen_to_world_and_back(view: Viewport, px: float, py: float) -> None:
    assert view.to_screen(view.to_world((px, py))) == pytest.approx([px, py], abs=1e-4)


@given(VIEWS)
def test_centre_is_in_the_middle_and_north_is_up(view: Viewport) -> None:
    assert view.to_screen((view.cx, view.cy)) == pytest.approx([view.width / 2, view.height / 2])
    assert view.to_screen((view.cx, view.cy + 10 * view.scale))[1] < view.height / 2


@given(VIEWS)
def test_bounds_are_the_corners(view: Viewport) -> None:
    west, south, east, north = view.bounds
    assert view.to_screen((west, north)) == pytest.approx([0, 0], abs=1e-3)
    assert view.to_screen((east, south)) == pytest.approx([view.width, view.height], abs=1e-3)


@given(VIEWS, FACTOR, PIXEL, PIXEL)
def test_zoom_keeps_the_point_below_the_cursor(view: Viewport, factor: float, px: float, py: float) -> None:
    before = view.to_world((px, py))
    after = view.zoomed_at(factor, px, py)
    assert after.to_screen(before) == pytest.approx([px, py], abs=2e-3)
    assert MIN_SCALE <= after.scale <= MAX_SCALE


@given(VIEWS, st.floats(1.1, 5.0), PIXEL, PIXEL)
def test_zoom_in_and_out_is_where_it_was(view: Viewport, factor: float, px: float, py: float) -> None:
    assume(view.scale / factor >= MIN_SCALE)
    back = view.zoomed_at(factor, px, py).zoomed_at(1 / factor, px, py)
    assert (back.cx, back.cy, back.scale) == pytest.approx((view.cx, view.cy, view.scale), rel=1e-9, abs=1e-4)


@given(VIEWS, PIXEL, PIXEL)
def test_pan_moves_the_picture_with_the_hand(view: Viewport, dx: float, dy: float) -> None:
    here = view.to_world((10.0, 10.0))
    assert view.panned(dx, dy).to_screen(here) == pytest.approx([10.0 + dx, 10.0 + dy], abs=1e-4)


@given(VIEWS, SIZE, SIZE)
def test_resize_keeps_centre_and_scale(view: Viewport, width: float, height: float) -> None:
    other = view.resized(width, height)
    assert (other.cx, other.cy, other.scale) == (view.cx, view.cy, view.scale)
    assert (other.width, other.height) == (width, height)


@given(COORD, COORD, st.floats(10, 1e6), st.floats(10, 1e6), SIZE, SIZE)
def test_fit_shows_everything_as_large_as_can_be(
    x: float, y: float, w: float, h: float, width: float, height: float
) -> None:
    view = Viewport.fit((x, y, x + w, y + h), width, height, padding=10)
    assume(MIN_SCALE < view.scale < MAX_SCALE)
    left, top = view.to_screen((x, y + h))
    right, bottom = view.to_screen((x + w, y))
    assert left >= 9.99
    assert top >= 9.99
    assert right <= width - 9.99
    assert bottom <= height - 9.99
    assert math.isclose(right - left, width - 20, abs_tol=0.01) or math.isclose(
        bottom - top, height - 20, abs_tol=0.01
    )


@given(VIEWS, st.tuples(COORD, COORD), st.tuples(st.floats(1, 1e5), st.floats(1, 1e5)))
def test_clamp_keeps_the_centre_inside_and_is_settled(
    view: Viewport, corner: tuple[float, float], size: tuple[float, float]
) -> None:
    extent = (corner[0], corner[1], corner[0] + size[0], corner[1] + size[1])
    once = view.clamped(extent, 30.0)
    assert extent[0] <= once.cx <= extent[2]
    assert extent[1] <= once.cy <= extent[3]
    assert once.scale <= 30.0
    assert once.clamped(extent, 30.0) == once


@given(VIEWS, FACTOR, PIXEL, PIXEL, st.floats(0, 1))
def test_a_zoom_movement_keeps_its_point_all_the_way(
    view: Viewport, factor: float, px: float, py: float, t: float
) -> None:
    goal = view.zoomed_at(factor, px, py)
    point = view.to_world((px, py))
    assert view.between(goal, t).to_screen(point) == pytest.approx([px, py], abs=0.05)


@given(VIEWS, st.floats(-1000, 1000), st.floats(-1000, 1000))
def test_a_movement_begins_and_ends_where_it_should(view: Viewport, dx: float, dy: float) -> None:
    goal = view.panned(dx, dy)
    assert view.between(goal, 0.0) == view
    end = view.between(goal, 1.0)
    assert (end.cx, end.cy, end.scale) == pytest.approx((goal.cx, goal.cy, goal.scale))


def test_metres_per_pixel_are_true_at_the_latitude() -> None:
    x, y = project(113.3, 60.0)
    assert Viewport(float(x), float(y), 10.0, 100, 100).metres_per_pixel == pytest.approx(5.0)


def test_contains_with_margin() -> None:
    view = Viewport(0, 0, 1.0, 100, 100)
    assert view.contains(49, 0)
    assert not view.contains(49, 0, margin=5)
    assert not view.contains(51, 0)


def test_arrays_of_points() -> None:
    view = Viewport(0, 0, 2.0, 200, 100)
    pts = np.array([[0.0, 0.0], [20.0, 20.0]])
    assert view.to_screen(pts).tolist() == [[100.0, 50.0], [110.0, 40.0]]


@pytest.mark.parametrize(
    "values",
    [
        (math.nan, 0, 1, 10, 10),
        (0, math.inf, 1, 10, 10),
        (0, 0, 0, 10, 10),
        (0, 0, -1, 10, 10),
        (0, 0, 1, 0, 10),
        (0, 0, math.nan, 10, 10),
    ],
)
def test_refuses_a_view_without_extent(values: tuple[float, ...]) -> None:
    with pytest.raises(MapDataError):
        Viewport(*values)


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf])
def test_refuses_an_impossible_zoom(factor: float) -> None:
    with pytest.raises(MapDataError):
        Viewport(0, 0, 1, 10, 10).zoomed_at(factor, 5, 5)


def test_fit_of_a_point_stops_at_the_finest_scale() -> None:
    assert Viewport.fit((5, 5, 5, 5), 100, 100).scale == MIN_SCALE
