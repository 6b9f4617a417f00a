"""Which tiles a view needs: all of them and no more, on either plane, whatever its edges lie on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.basemaps.matrices import (
    Plane,
    TileAddress,
    TileGrid,
    TileMatrix,
    ladder,
    ladder_resolution,
    pixel_size,
)
from services.basemaps.placement import plane_bounds, world_bounds
from services.basemaps.sources import Datum, Kind, MapSource
from services.basemaps.urls import quadkey, spread, xyz_url
from services.basemaps.warp import patch_of
from tests.support.tile_world import Beacon

PLANES = st.sampled_from(tuple(Plane))
_PARTS = st.floats(0.0, 1.0)


def inside(plane: Plane, parts: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """A rectangle of the world from four parts of its sides."""
    west, south, east, north = plane.world
    x = sorted(west + (east - west) * p for p in parts[:2])
    y = sorted(south + (north - south) * p for p in parts[2:])
    return x[0], y[0], x[1], y[1]


@settings(max_examples=150, deadline=None)
@given(plane=PLANES, level=st.integers(1, 18), parts=st.tuples(_PARTS, _PARTS, _PARTS, _PARTS))
def test_the_tiles_of_a_view_cover_it_and_none_lies_beside_it(
    plane: Plane, level: int, parts: tuple[float, float, float, float]
) -> None:
    matrix = ladder(plane, level, level).matrices[0]
    view = inside(plane, parts)
    hair = 1e-6 * matrix.span[0]
    found = matrix.covering(view)
    if found is None:
        assert view[2] - view[0] <= hair or view[3] - view[1] <= hair, (
            "only a view without an extent has none"
        )
        return
    c0, c1, r0, r1 = found
    first, last = matrix.bounds(c0, r0), matrix.bounds(c1, r1)
    assert first[0] <= view[0] + hair and last[2] >= view[2] - hair
    assert last[1] <= view[1] + hair and first[3] >= view[3] - hair
    assert first[2] > view[0] - hair and last[0] < view[2] + hair
    assert last[3] > view[1] - hair and first[1] < view[3] + hair
    assert matrix.has(c0, r0) and matrix.has(c1, r1)


@settings(max_examples=80, deadline=None)
@given(plane=PLANES, level=st.integers(1, 17), at=st.tuples(_PARTS, _PARTS))
def test_a_view_that_ends_on_the_edges_of_a_tile_needs_this_tile_alone(
    plane: Plane, level: int, at: tuple[float, float]
) -> None:
    """Otherwise a map that stands on an edge would fetch nine tiles to show one."""
    matrix = ladder(plane, level, level).matrices[0]
    column, row = (
        min(int(part * n), n - 1) for part, n in zip(at, (matrix.columns, matrix.rows), strict=True)
    )
    assert matrix.covering(matrix.bounds(column, row)) == (column, column, row, row)


@settings(max_examples=60, deadline=None)
@given(plane=PLANES, level=st.integers(1, 17), at=st.tuples(_PARTS, _PARTS))
def test_neighbours_meet_without_a_gap_and_four_children_fill_their_parent(
    plane: Plane, level: int, at: tuple[float, float]
) -> None:
    grid = ladder(plane, level, level + 1)
    parent, child = grid.matrices
    column, row = (
        min(int(part * n), n - 1) for part, n in zip(at, (parent.columns, parent.rows), strict=True)
    )
    west, south, east, north = parent.bounds(column, row)
    assert parent.bounds(column + 1, row)[0] == east
    assert parent.bounds(column, row + 1)[3] == south
    assert child.covering((west, south, east, north)) == (2 * column, 2 * column + 1, 2 * row, 2 * row + 1)


def test_beside_the_world_there_are_no_tiles() -> None:
    for plane in Plane:
        matrix = ladder(plane, 5, 5).matrices[0]
        west, south, east, north = plane.world
        width, height = east - west, north - south
        for dx, dy in ((-1, 0), (1, 0), (0, -1), (0, 1)):
            beside = (west + dx * width, south + dy * height, east + dx * width, north + dy * height)
            assert matrix.covering(beside) is None


@pytest.mark.parametrize(
    ("tile", "there"),
    [
        (TileAddress(0, 4, 6), True),
        (TileAddress(0, 3, 6), False),
        (TileAddress(0, 5, 8), False),
        (TileAddress(1, 4, 6), False),
        (TileAddress(-1, 4, 6), False),
    ],
)
def test_only_tiles_within_the_limits_of_a_service_are_asked_for(tile: TileAddress, there: bool) -> None:
    matrix = TileMatrix("3", 1.0, 0.0, 2048.0, 256, 256, 8, 8, (4, 5, 6, 7))
    grid = TileGrid(Plane.MERCATOR, (matrix,))
    assert grid.has(tile) is there
    assert matrix.covering((0.0, 0.0, 2048.0, 2048.0)) == (4, 5, 6, 7)
    assert matrix.covering((0.0, 1536.0, 512.0, 2048.0)) is None


# --- requests ----------------------------------------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(level=st.integers(1, 22), at=st.tuples(_PARTS, _PARTS))
def test_a_quadkey_names_one_tile_and_begins_with_its_parents(level: int, at: tuple[float, float]) -> None:
    column, row = (min(int(part * 2**level), 2**level - 1) for part in at)
    key = quadkey(level, column, row)
    assert len(key) == level
    assert key[:-1] == quadkey(level - 1, column // 2, row // 2)
    assert sum((int(digit) & 1) << (level - 1 - n) for n, digit in enumerate(key)) == column
    assert sum((int(digit) >> 1) << (level - 1 - n) for n, digit in enumerate(key)) == row


@settings(max_examples=80, deadline=None)
@given(level=st.integers(0, 18), at=st.tuples(_PARTS, _PARTS))
def test_rows_from_the_south_and_from_the_north_name_the_same_tile(
    level: int, at: tuple[float, float]
) -> None:
    grid = ladder(Plane.MERCATOR, level, level)
    column, row = (min(int(part * 2**level), 2**level - 1) for part in at)
    tile = TileAddress(0, column, row)
    north = xyz_url(MapSource("a", "a", Kind.XYZ, "http://h/{z}/{x}/{y}"), grid, tile)
    south = xyz_url(MapSource("a", "a", Kind.XYZ, "http://h/{z}/{x}/{-y}"), grid, tile)
    assert north == f"http://h/{level}/{column}/{row}"
    assert int(north.rpartition("/")[2]) + int(south.rpartition("/")[2]) == 2**level - 1


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(st.sampled_from("abcdef"), unique=True, max_size=6),
    column=st.integers(0, 99),
    row=st.integers(0, 99),
)
def test_every_sub_domain_gets_its_share_and_a_tile_always_the_same(
    names: list[str], column: int, row: int
) -> None:
    tile = TileAddress(3, column, row)
    first = spread("http://{s}.h/a", tuple(names), tile)
    assert first == spread("http://{s}.h/a", tuple(names), tile)
    known = names or [f"t{n}" for n in range(8)]
    along = {
        spread("http://{s}.h/a", tuple(names), TileAddress(3, column + n, row)) for n in range(len(known))
    }
    assert along == {f"http://{name}.h/a" for name in known}


# --- scales and places ---------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    plane=PLANES,
    level=st.integers(0, 20),
    width=st.sampled_from((256, 512)),
    size=st.sampled_from((0.00028, 0.0254 / 96)),
)
def test_scales_are_read_by_the_pixel_they_were_told_for(
    plane: Plane, level: int, width: int, size: float
) -> None:
    """The levels of 天地图 fit the usual ladder at 96 dots an inch only, those of the standard at 0.28 mm only."""
    scales = [
        (ladder_resolution(plane, one, width) * plane.metres_per_unit / size, width)
        for one in range(level, level + 3)
    ]
    assert pixel_size(plane, scales) == size


@settings(max_examples=40, deadline=None)
@given(
    plane=PLANES,
    datum=st.sampled_from(tuple(Datum)),
    lon=st.floats(80, 130),
    lat=st.floats(5, 50),
    side=st.floats(50, 50_000),
)
def test_a_view_goes_to_the_plane_and_back_and_is_still_held(
    plane: Plane, datum: Datum, lon: float, lat: float, side: float
) -> None:
    """The rectangle that is fetched always holds the one that is looked at; shifted maps bend a little."""
    x, y = Beacon(lon, lat).world
    view = (x, y, x + side, y + side)
    west, south, east, north = world_bounds(plane, datum, plane_bounds(plane, datum, view))
    slack = 1e-3 * side + 0.05
    assert west <= view[0] + slack and south <= view[1] + slack
    assert east >= view[2] - slack and north >= view[3] - slack
    assert (east - west) <= side * 1.1 + 60


def test_a_patch_lies_where_its_tile_lies() -> None:
    pixels = np.full((8, 8, 4), 255, dtype=np.uint8)
    grid = ladder(Plane.DEGREES, 8, 8)
    tile = TileAddress(0, 209, 42)
    patch = patch_of(pixels, grid, grid.bounds(tile), Datum.WGS84)
    assert patch.bounds == pytest.approx(world_bounds(Plane.DEGREES, Datum.WGS84, grid.bounds(tile)))
    assert patch.exact
    assert patch.size_bytes == patch.pixels.nbytes
    assert int(patch.pixels.min()) == 255, "a tile of one colour stays of one colour"
