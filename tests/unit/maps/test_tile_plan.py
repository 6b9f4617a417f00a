"""Which tiles a view needs: they cover it, at the nearest level, never too many, with the right stand-ins."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maps.geometry.viewport import MAX_SCALE, MIN_SCALE, Viewport
from maps.layers.tiles import (
    MOST_TILES,
    OVERVIEW_STEPS,
    ancestors,
    children,
    fitting_matrix,
    nearest_matrix,
    overview,
    tile_rect,
    tiles_in,
    world_resolution,
)
from services.basemaps.matrices import Plane, TileAddress, TileGrid, ladder
from services.basemaps.placement import from_world, plane_bounds
from services.basemaps.sources import Datum
from tests.support.tile_world import Beacon

WUHAN = Beacon(114.03, 30.59).world
places = st.builds(Beacon, st.floats(75, 134), st.floats(4, 53))
scales = st.floats(math.log(MIN_SCALE), math.log(MAX_SCALE)).map(math.exp)
systems = st.tuples(st.sampled_from(list(Plane)), st.sampled_from(list(Datum)))


def at(scale: float, width: float = 1280, height: float = 720) -> Viewport:
    return Viewport(*WUHAN, scale, width, height)


@given(systems, places, scales, st.floats(100, 4000), st.floats(100, 2500))
def test_tiles_cover_the_view_and_are_not_too_many(
    system: tuple[Plane, Datum], place: Beacon, scale: float, width: float, height: float
) -> None:
    plane, datum = system
    grid = ladder(plane, 0, 20)
    view = Viewport(*place.world, scale, width, height)
    shown = tiles_in(grid, datum, view)
    assert len(shown.tiles) <= MOST_TILES
    assert len(set(shown.tiles)) == len(shown.tiles)
    assert all(grid.has(tile) and tile.matrix == shown.matrix for tile in shown.tiles)
    # every point of the view that the grid has ground for lies in one of the tiles
    px = np.array([(0.001, 0.001), (0.999, 0.001), (0.5, 0.5), (0.001, 0.999), (0.999, 0.999)])
    world = view.to_world(px * [width, height])
    x, y = from_world(plane, datum, world[:, 0], world[:, 1])
    matrix = grid.matrices[shown.matrix]
    for a, b in zip(x.tolist(), y.tolist(), strict=True):
        column = math.floor((a - matrix.left) / matrix.span[0])
        row = math.floor((matrix.top - b) / matrix.span[1])
        if matrix.has(column, row):
            assert TileAddress(shown.matrix, column, row) in shown.tiles


@given(systems, st.floats(0.3, 5000))
def test_the_level_is_the_nearest_in_size(system: tuple[Plane, Datum], scale: float) -> None:
    grid = ladder(system[0], 0, 20)
    chosen = world_resolution(grid, nearest_matrix(grid, scale, WUHAN[1]), WUHAN[1]) / scale
    assert 2**-0.5001 <= chosen <= 2**0.5001 or scale < world_resolution(grid, 20, WUHAN[1])


def test_the_middle_comes_first() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    view = at(4.777)
    tiles = tiles_in(grid, Datum.WGS84, view).tiles
    west, south, east, north = grid.bounds(tiles[0])
    assert west <= view.cx <= east
    assert south <= view.cy <= north
    gaps = [
        math.hypot((a + c) / 2 - view.cx, (b + d) / 2 - view.cy) for a, b, c, d in map(grid.bounds, tiles)
    ]
    assert gaps[0] <= gaps[len(gaps) // 2] <= gaps[-1]


def test_a_view_that_wants_too_many_takes_a_coarser_level() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18, 128)
    view = at(4.777, 8000, 5000)
    few = fitting_matrix(grid, Datum.WGS84, view, most=50)
    assert few < nearest_matrix(grid, view.scale, view.cy)
    assert 0 < len(tiles_in(grid, Datum.WGS84, view, few, 50).tiles) <= 50
    one = TileGrid(Plane.MERCATOR, grid.matrices[18:])
    assert len(tiles_in(one, Datum.WGS84, view, most=50).tiles) == 50, (
        "even of a grid that has one fine level"
    )


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_device_pixels_count(ratio: float) -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    plain = fitting_matrix(grid, Datum.WGS84, at(9.554))
    assert fitting_matrix(grid, Datum.WGS84, at(9.554), ratio) == plain + round(math.log2(ratio))


def test_outside_a_source_there_is_nothing() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    far = replace(at(4.777), cx=-9e6)
    limited = TileGrid(
        grid.plane, tuple(replace(m, limits=(0, 0, 0, 0)) if m.id == "15" else m for m in grid.matrices)
    )
    assert tiles_in(limited, Datum.WGS84, at(4.777), 15).tiles == ()
    assert tiles_in(TileGrid(Plane.MERCATOR), Datum.WGS84, far).tiles == ()
    assert fitting_matrix(limited, Datum.WGS84, far) == 15


@given(systems, st.integers(3, 18))
def test_ancestors_hold_a_tile_and_children_fill_it(system: tuple[Plane, Datum], level: int) -> None:
    plane, datum = system
    grid = ladder(plane, 0, 18)
    view = Viewport(*WUHAN, world_resolution(grid, level, WUHAN[1]), 300, 200)
    tile = tiles_in(grid, datum, view, level).tiles[0]
    west, south, east, north = grid.bounds(tile)
    seen = []
    for above in ancestors(grid, tile):
        a, b, c, d = grid.bounds(above)
        slack = 1e-6 * (c - a)
        assert a - slack <= west
        assert c + slack >= east
        assert b - slack <= south
        assert d + slack >= north
        seen.append(above.matrix)
    assert seen == list(range(level - 1, -1, -1))
    inner = children(grid, tile)
    assert len(inner) == (4 if level < 18 else 0)
    assert all(next(iter(ancestors(grid, child))) == tile for child in inner)


def test_children_of_a_strange_grid_are_left_out_when_they_are_many() -> None:
    fine = ladder(Plane.MERCATOR, 0, 9).matrices
    grid = TileGrid(Plane.MERCATOR, (fine[2], fine[9]))
    assert children(grid, TileAddress(0, 1, 1)) == ()


def test_an_overview_is_a_few_tiles_three_levels_up() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    shown = tiles_in(grid, Datum.WGS84, at(4.777, 1920, 1080))
    above = overview(grid, shown)
    assert 0 < len(above) <= 12
    assert {tile.matrix for tile in above} == {shown.matrix - OVERVIEW_STEPS}
    coarse = tiles_in(grid, Datum.WGS84, at(60_000))
    assert overview(grid, coarse) == (), "what is coarse already needs none"


def test_the_world_around_a_tile() -> None:
    grid = ladder(Plane.DEGREES, 0, 12)
    tile = tiles_in(grid, Datum.GCJ02, at(20.0)).tiles[0]
    rect = tile_rect(grid, Datum.GCJ02, tile)
    again = plane_bounds(grid.plane, Datum.GCJ02, rect)
    inner = grid.bounds(tile)
    assert again[0] <= inner[0] + 1e-6
    assert again[3] >= inner[3] - 1e-6
