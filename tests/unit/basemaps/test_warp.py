"""Places: planes to world and back against PROJ; patches of tiles right to a fraction of a pixel."""

from __future__ import annotations

import math

import numpy as np
import pytest

from services.basemaps.matrices import (
    WORLD_HALF_M,
    Plane,
    TileAddress,
    ladder,
    ladder_resolution,
    pixel_size,
    plane_of,
)
from services.basemaps.pictures import premultiplied
from services.basemaps.placement import (
    from_world,
    latitude,
    mercator_y,
    plane_bounds,
    to_world,
    world_bounds,
)
from services.basemaps.sources import Datum
from services.basemaps.warp import Patch, patch_of
from services.geo.coords import parse_crs
from tests.support.tile_world import Beacon, centroid, light_of, tile_pixels

CHINA = [
    Beacon(114.03, 30.59),
    Beacon(87.6, 43.8),
    Beacon(121.47, 31.23),
    Beacon(110.3, 20.03),
    Beacon(126.6, 45.8),
]


def tile_at(plane: Plane, datum: Datum, place: Beacon, level: int) -> TileAddress:
    grid = ladder(plane, 0, 18)
    x, y = place.on(plane, datum)
    matrix = grid.matrices[level]
    dx, dy = matrix.span
    return TileAddress(level, math.floor((x - matrix.left) / dx), math.floor((matrix.top - y) / dy))


def patch_error(patch: Patch, beacons: list[Beacon], beacon_margin: float = 10.0) -> float:
    """Largest distance, in pixels of the patch, of a beacon from its place."""
    west, south, east, north = patch.bounds
    rows, columns = patch.pixels.shape[:2]
    light = light_of(patch.pixels[..., 0]) * (patch.pixels[..., 3] > 0)
    errors = []
    for beacon in beacons:
        x, y = beacon.world
        px, py = (x - west) / (east - west) * columns, (north - y) / (north - south) * rows
        if beacon_margin < px < columns - beacon_margin and beacon_margin < py < rows - beacon_margin:
            found = centroid(light, px, py)
            if not math.isnan(found[0]):
                errors.append(math.hypot(found[0] - px, found[1] - py))
    assert len(errors) >= 9
    return max(errors)


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize("plane", list(Plane))
@pytest.mark.parametrize("level", [3, 6, 10, 14, 18])
def test_details_of_a_tile_are_right_to_less_than_half_a_pixel(
    plane: Plane, datum: Datum, level: int
) -> None:
    grid = ladder(plane, 0, 18)
    for place in CHINA[: 5 if level == 14 else 1]:
        tile = tile_at(plane, datum, place, level)
        bounds = grid.bounds(tile)
        west, south, east, north = bounds
        xs, ys = np.meshgrid(np.linspace(west, east, 7)[1:-1], np.linspace(south, north, 7)[1:-1])
        wx, wy = to_world(plane, datum, xs.ravel(), ys.ravel())
        lon, lat = parse_crs("EPSG:3857").to_wgs84(wx, wy)
        beacons = [Beacon(float(a), float(b)) for a, b in zip(lon, lat, strict=True) if abs(b) < 80]
        rgb = tile_pixels(plane, datum, bounds, beacons)
        rgba = np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])
        patch = patch_of(premultiplied(rgba), grid, bounds, datum)
        assert patch.exact is (datum is Datum.WGS84)
        # at level 3 a tile in degrees is 45 degrees high: a spot is drawn longer, its middle stays
        assert patch_error(patch, beacons) < (0.5 if level > 3 else 0.7)


def test_a_mercator_tile_is_taken_as_it_is() -> None:
    grid = ladder(Plane.MERCATOR, 0, 3)
    pixels = np.zeros((256, 256, 4), np.uint8)
    patch = patch_of(pixels, grid, grid.bounds(TileAddress(1, 0, 0)), Datum.WGS84)
    assert patch.pixels is pixels
    assert patch.bounds == (-WORLD_HALF_M, 0.0, 0.0, WORLD_HALF_M)
    assert patch.size_bytes == pixels.nbytes


def test_a_tile_of_half_the_world_in_degrees_ends_where_the_square_world_ends() -> None:
    grid = ladder(Plane.DEGREES, 1, 3)
    patch = patch_of(
        np.full((256, 256, 4), 255, np.uint8), grid, grid.bounds(TileAddress(0, 0, 0)), Datum.WGS84
    )
    assert patch.bounds == pytest.approx((-WORLD_HALF_M, -WORLD_HALF_M, 0.0, WORLD_HALF_M))
    assert patch.pixels.shape == (512, 256, 4)


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize("plane", list(Plane))
def test_planes_go_to_the_world_and_back(plane: Plane, datum: Datum) -> None:
    for place in CHINA:
        x, y = (np.array([v]) for v in place.on(plane, datum))
        world = to_world(plane, datum, x, y)
        assert (float(world[0][0]), float(world[1][0])) == pytest.approx(place.world, abs=0.01)
        back = from_world(plane, datum, *world)
        assert float(back[0][0]) == pytest.approx(float(x[0]), rel=1e-9)


def test_rectangles_hold_what_they_should() -> None:
    bounds = (113.9, 30.4, 114.2, 30.7)
    for datum in Datum:
        world = world_bounds(Plane.DEGREES, datum, bounds)
        again = plane_bounds(Plane.DEGREES, datum, world)
        assert again[0] <= bounds[0] + 1e-6
        assert again[1] <= bounds[1] + 1e-6
        assert again[2] >= bounds[2] - 1e-6
        assert again[3] >= bounds[3] - 1e-6
    assert world_bounds(Plane.MERCATOR, Datum.WGS84, bounds) == bounds


def test_mercator_of_latitudes() -> None:
    lat = np.array([-89.9, -60.0, 0.0, 30.0, 85.0])
    assert latitude(mercator_y(lat))[1:] == pytest.approx(lat[1:])
    assert mercator_y(np.array([90.0]))[0] == pytest.approx(WORLD_HALF_M)


# --- grids --------------------------------------------------------------------------------------------


def test_the_usual_ladders() -> None:
    mercator, degrees = ladder(Plane.MERCATOR, 0, 4), ladder(Plane.DEGREES, 0, 4)
    assert [m.columns for m in mercator.matrices] == [1, 2, 4, 8, 16]
    assert [(m.columns, m.rows) for m in degrees.matrices] == [(1, 1), (2, 1), (4, 2), (8, 4), (16, 8)]
    assert ladder_resolution(Plane.DEGREES, 1) == 0.703125
    assert mercator.matrices[2].bounds(1, 1)[2] == mercator.matrices[2].bounds(2, 1)[0], "edges meet"


def test_tiles_that_cover_a_rectangle() -> None:
    matrix = ladder(Plane.DEGREES, 3, 3).matrices[0]  # 45 degrees a tile
    assert matrix.covering((-180, -90, 180, 90)) == (0, 7, 0, 3)
    assert matrix.covering((0, 0, 45, 45)) == (4, 4, 1, 1), "an edge does not ask for the neighbour"
    assert matrix.covering((1, 1, 46, 46)) == (4, 5, 0, 1)
    assert matrix.covering((200, 0, 220, 10)) is None
    assert not matrix.has(-1, 0)


@pytest.mark.parametrize(
    ("crs", "expected"),
    [
        ("EPSG:4326", (Plane.DEGREES, True)),
        ("urn:ogc:def:crs:EPSG::4490", (Plane.DEGREES, True)),
        ("CRS:84", (Plane.DEGREES, False)),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", (Plane.DEGREES, False)),
        ("urn:ogc:def:crs:EPSG::900913", (Plane.MERCATOR, False)),
        ("http://www.opengis.net/def/crs/EPSG/0/3857", (Plane.MERCATOR, False)),
        ("EPSG:4547", None),
        ("", None),
    ],
)
def test_planes_by_name(crs: str, expected: tuple[Plane, bool] | None) -> None:
    assert plane_of(crs) == expected


def test_the_pixel_size_of_scales() -> None:
    assert pixel_size(Plane.MERCATOR, [(559082264.0287178, 256)]) == 0.00028
    assert pixel_size(Plane.MERCATOR, [(5.91658710909131e8, 256)]) == 0.0254 / 96
    assert pixel_size(Plane.MERCATOR, [(123456.0, 256)]) == 0.00028
    assert pixel_size(Plane.MERCATOR, []) == 0.00028
