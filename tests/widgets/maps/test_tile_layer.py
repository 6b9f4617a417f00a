"""Tiles are drawn where they belong, in every plane and datum, without gaps, and stand in for one another."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from maps.canvas.stack import GroundLayer, SteppedLayer
from maps.canvas.tiles import TileLayer
from maps.geometry.viewport import Viewport
from maps.layers.tiles import tiles_in, world_resolution
from services.basemaps.matrices import Plane, TileAddress, TileGrid, ladder
from services.basemaps.pictures import decode_tile, premultiplied
from services.basemaps.sources import Datum
from services.basemaps.warp import Patch, patch_of
from tests.support.tile_world import GROUND, Beacon, centroid, light_of, png, tile_pixels

MIDDLE = Beacon(114.0312, 30.5871)
SYSTEMS = list(itertools.product(Plane, Datum))


def rendered(layer: TileLayer, view: Viewport, ratio: float = 1.0) -> NDArray[np.uint8]:
    """Blue, green, red, alpha of the layer on magenta."""
    image = QImage(
        round(view.width * ratio), round(view.height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(QColor(255, 0, 255))
    painter = QPainter(image)
    layer.paint(painter, view)
    painter.end()
    raw = np.frombuffer(image.constBits(), np.uint8)
    return raw.reshape(image.height(), image.width(), 4).copy()


def view_at(scale: float, place: Beacon = MIDDLE, width: float = 520, height: float = 400) -> Viewport:
    return Viewport(*place.world, scale, width, height)


def beacons_in(view: Viewport, step: float = 61.0) -> list[Beacon]:
    from services.geo.coords import parse_crs

    xs = np.arange(step / 2, view.width, step)
    ys = np.arange(step / 2, view.height, step)
    points = np.array([(x, y) for x in xs for y in ys])
    world = view.to_world(points)
    lon, lat = parse_crs("EPSG:3857").to_wgs84(world[:, 0], world[:, 1])
    return [Beacon(float(a), float(b)) for a, b in zip(lon, lat, strict=True)]


def filled(grid: TileGrid, datum: Datum, view: Viewport, beacons: Iterable[Beacon]) -> TileLayer:
    """A layer with every tile of a view, through bytes and patch as in life."""
    layer = TileLayer("tiles:test", datum)
    layer.set_grid(grid)
    beacons = list(beacons)
    for tile in tiles_in(grid, datum, view).tiles:
        data = png(tile_pixels(grid.plane, datum, grid.bounds(tile), beacons))
        layer.put(tile, patch_of(decode_tile(data), grid, grid.bounds(tile), datum))
    return layer


def worst_error(layer: TileLayer, view: Viewport, beacons: Iterable[Beacon]) -> float:
    """Largest offset in pixels, across or down, between where a beacon is drawn and where it is."""
    light = light_of(rendered(layer, view)[..., 0])
    errors = []
    for beacon in beacons:
        px, py = (float(v) for v in view.to_screen(beacon.world))
        if not (12 < px < view.width - 12 and 12 < py < view.height - 12):
            continue
        x, y = centroid(light, px, py)
        errors.append(max(abs(x - px), abs(y - py)))
    assert len(errors) > 20
    assert not any(math.isnan(error) for error in errors)
    return max(errors)


@pytest.mark.parametrize(("plane", "datum"), SYSTEMS)
@pytest.mark.parametrize("level", [9, 16])
def test_a_place_is_drawn_where_it_is(plane: Plane, datum: Datum, level: int) -> None:
    grid = ladder(plane, 0, 18)
    native = world_resolution(grid, level, MIDDLE.world[1])
    for factor in (1.0, 0.83):
        view = view_at(native * factor)
        beacons = beacons_in(view)
        error = worst_error(filled(grid, datum, view, beacons), view, beacons)
        # tiles at their own size are copied sharp onto whole pixels: up to half a pixel and the measuring's own grain
        assert error < (0.51 if factor == 1.0 and (plane, datum) == SYSTEMS[0] else 0.4)
        if level == 16:
            assert error * view.metres_per_pixel < 2.0


@pytest.mark.parametrize(("plane", "datum"), SYSTEMS)
@pytest.mark.parametrize("scale", [3.1, 4.777314267823516])
def test_no_gap_shows_between_tiles(plane: Plane, datum: Datum, scale: float) -> None:
    for shift in (0.37, 0.5):
        view = view_at(scale).panned(shift, shift)
        picture = rendered(filled(ladder(plane, 0, 18), datum, view, ()), view)
        blank = (picture[..., 0] == 255) & (picture[..., 2] == 255)
        assert not blank.any()
        # nor a seam: flat tiles give one flat picture, but for rounding where rims of bent tiles are mixed
        assert np.abs(picture[..., :3].astype(int) - GROUND[::-1]).max() <= 3


def test_wrong_datum_would_be_seen() -> None:
    """GCJ-02 drawn as WGS84 is half a kilometre off, so the position test above can fail."""
    grid = ladder(Plane.MERCATOR, 0, 18)
    view = view_at(2.0)
    tiles = tiles_in(grid, Datum.GCJ02, view).tiles
    layer = TileLayer("tiles:test", Datum.WGS84)
    layer.set_grid(grid)
    for tile in tiles:
        made = tile_pixels(grid.plane, Datum.GCJ02, grid.bounds(tile), [MIDDLE])
        layer.put(tile, patch_of(decode_tile(png(made)), grid, grid.bounds(tile), Datum.WGS84))
    light = light_of(rendered(layer, view)[..., 0])
    assert math.isnan(centroid(light, 260, 200)[0])


def flat(colour: tuple[int, int, int], size: int = 256) -> NDArray[np.uint8]:
    rgba = np.full((size, size, 4), 255, np.uint8)
    rgba[..., :3] = colour
    return premultiplied(rgba)


def patch(grid: TileGrid, tile: TileAddress, colour: tuple[int, int, int]) -> Patch:
    return patch_of(flat(colour), grid, grid.bounds(tile), Datum.WGS84)


def test_a_layer_is_what_the_ground_stack_wants() -> None:
    layer = TileLayer("tiles:x")
    assert isinstance(layer, GroundLayer)
    assert isinstance(layer, SteppedLayer)


def test_without_levels_nothing_is_drawn_and_nothing_lacks() -> None:
    layer = TileLayer("tiles:x")
    picture = rendered(layer, view_at(4.0))
    assert (picture[..., 1] == 0).all()
    assert layer.aim(view_at(4.0), 1.0) == ()
    layer.set_grid(TileGrid(Plane.MERCATOR))
    assert layer.aim(view_at(4.0), 1.0) == ()
    rendered(layer, view_at(4.0))


def test_lacking_tiles_are_asked_for_once_an_overview_first() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    view = view_at(4.777, width=1600, height=900)
    asked = layer.aim(view, 1.0)
    needed = tiles_in(grid, Datum.WGS84, view)
    overview = [tile for tile in asked if tile.matrix == needed.matrix - 3]
    assert overview
    assert list(asked[: len(overview)]) == overview, "first"
    assert set(asked) == {*needed.tiles, *overview}
    assert len(set(asked)) == len(asked)
    for tile in asked:
        layer.put(tile, patch(grid, tile, (1, 2, 3)))
    assert layer.aim(view, 1.0) == ()


def test_a_stale_tile_is_shown_and_asked_for_last() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    view = view_at(4.777)
    old, *fresh = tiles_in(grid, Datum.WGS84, view).tiles
    layer.put(old, patch(grid, old, (0, 0, 77)), stale=True)
    for tile in fresh[:-1]:
        layer.put(tile, patch(grid, tile, (1, 1, 1)))
    assert layer.aim(view, 1.0) == (fresh[-1], old)
    layer.put(old, patch(grid, old, (0, 0, 99)))
    assert layer.aim(view, 1.0) == (fresh[-1],)


def test_parts_of_a_view_agree_on_the_level() -> None:
    """A view is drawn in panes; in degrees the best level depends on the latitude, but not within one view."""
    grid = ladder(Plane.DEGREES, 0, 18)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    base = view_at(4.777)
    # a scale just at the border between two levels for this latitude
    res = world_resolution(grid, 14, base.cy)
    whole = replace(base, scale=res * math.sqrt(2) * (1 - 1e-7), height=4000)
    for tile in layer.aim(whole, 1.0):
        layer.put(tile, patch(grid, tile, (10, 20, 30)))
    part = replace(whole, cy=whole.cy - 1800 * whole.scale, height=400)
    picture = rendered(layer, part)
    assert (picture[..., :3] == (30, 20, 10)).all()


def test_a_coarser_tile_stands_in_until_the_fine_one_is_there() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    view = view_at(4.777)
    needed = tiles_in(grid, Datum.WGS84, view)
    up = ladder(Plane.MERCATOR, 0, 18).matrices[needed.matrix - 2]
    x, y = MIDDLE.world
    parent = TileAddress(needed.matrix - 2, int((x - up.left) // up.span[0]), int((up.top - y) // up.span[1]))
    layer.put(parent, patch(grid, parent, (200, 0, 0)))
    before = rendered(layer, view)
    assert tuple(before[200, 260, :3]) == (0, 0, 200)
    layer.put(needed.tiles[0], patch(grid, needed.tiles[0], (0, 180, 0)))
    west, south, east, north = grid.bounds(needed.tiles[0])
    px, py = (int(v) for v in view.to_screen(((west + east) / 2, (south + north) / 2)))
    assert tuple(rendered(layer, view)[py, px, :3]) == (0, 180, 0)


def test_finer_tiles_stand_in_when_the_view_goes_out() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    near, far = view_at(4.777), view_at(9.554)
    for tile in tiles_in(grid, Datum.WGS84, near).tiles:
        layer.put(tile, patch(grid, tile, (0, 0, 150)))
    assert tuple(rendered(layer, far)[200, 260, :3]) == (150, 0, 0)


def test_where_the_service_has_nothing_the_coarser_tile_is_asked_for_and_kept() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    view = view_at(0.6, width=300, height=200)
    for tile in tiles_in(grid, Datum.WGS84, view).tiles:
        layer.put(tile, None)
    asked = layer.aim(view, 1.0)
    assert asked
    assert {tile.matrix for tile in asked} == {tiles_in(grid, Datum.WGS84, view).matrix - 1}
    for tile in asked:
        layer.put(tile, patch(grid, tile, (9, 90, 9)))
    assert tuple(rendered(layer, view)[100, 150, :3]) == (9, 90, 9)
    assert layer.aim(view, 1.0) == ()


def test_beyond_the_finest_level_the_finest_is_enlarged() -> None:
    grid = ladder(Plane.MERCATOR, 0, 12)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    view = view_at(0.3)
    tiles = tiles_in(grid, Datum.WGS84, view).tiles
    assert {tile.matrix for tile in tiles} == {12}
    for tile in tiles:
        layer.put(tile, patch(grid, tile, (7, 70, 7)))
    assert tuple(rendered(layer, view)[10, 10, :3]) == (7, 70, 7)


def test_memory_is_bounded_and_what_is_in_view_stays() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x", most_bytes=8 * 1024 * 1024)
    layer.set_grid(grid)
    for step in range(12):
        view = view_at(4.777).panned(600.0 * step, 0)
        for tile in tiles_in(grid, Datum.WGS84, view).tiles:
            layer.put(tile, patch(grid, tile, (1, 1, 1)))
        rendered(layer, view)
        assert layer.size_bytes <= 8 * 1024 * 1024
    assert layer.aim(view, 1.0) == ()


def test_a_burst_of_tiles_is_one_revision() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x")
    tile = TileAddress(3, 1, 1)
    assert not layer.commit()
    seen = [layer.revision]
    for act in (
        lambda: layer.set_grid(grid),
        lambda: (layer.put(tile, patch(grid, tile, (1, 1, 1))), layer.put(TileAddress(2, 0, 0), None)),
        lambda: layer.put(tile, None),
        layer.clear,
    ):
        act()
        assert layer.commit()
        seen.append(layer.revision)
    assert seen == list(range(seen[0], seen[0] + 5))
    layer.set_grid(grid)
    assert not layer.commit(), "the same grid again changes nothing"
    assert layer.size_bytes == 0


def test_a_sharp_screen_takes_a_finer_level() -> None:
    grid = ladder(Plane.MERCATOR, 0, 18)
    layer = TileLayer("tiles:x")
    layer.set_grid(grid)
    view = view_at(4.777)
    plain = max(tile.matrix for tile in layer.aim(view, 1.0))
    assert max(tile.matrix for tile in layer.aim(view, 2.0)) == plain + 1
