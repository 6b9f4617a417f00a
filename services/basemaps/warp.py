"""A tile as a patch of the world: pixels that lie straight in Web Mercator, and the rectangle they fill.

Mercator tiles are patches as they are. Tiles in degrees are stretched row by row (the latitude of every row is
exact). Tiles in GCJ-02 are bent back by a mesh of the shift: the place of a pixel is exact at the mesh's knots and
within a tenth of a pixel between them. Colours are taken between the four nearest pixels, so the place of a
detail is right to less than half a pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.basemaps.matrices import Bounds, Plane, TileGrid
from services.basemaps.pictures import Pixels
from services.basemaps.placement import Floats, from_world, latitude, world_bounds
from services.basemaps.sources import Datum

MOST_PATCH_PX = 2048
_MESH = 17
_OVERLAP_PX = 1.0
"""Bent tiles reach this far over their edge, so that no gap shows between neighbours."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """Pixels (blue, green, red, alpha, premultiplied) and the world rectangle they fill.

    `exact` tells that the rectangle is the tile itself, so that edges of neighbours meet; a bent patch has
    transparent rims instead.
    """

    pixels: Pixels
    bounds: Bounds
    exact: bool

    @property
    def size_bytes(self) -> int:
        """Memory of the pixels."""
        return int(self.pixels.nbytes)


def patch_of(pixels: Pixels, grid: TileGrid, bounds: Bounds, datum: Datum) -> Patch:
    """Make the patch of a tile that fills `bounds` (plane units) of a grid's plane."""
    if datum is Datum.GCJ02:
        return _bent(pixels, grid.plane, bounds)
    if grid.plane is Plane.MERCATOR:
        return Patch(pixels, bounds, True)
    return _stretched(pixels, bounds)


def _stretched(pixels: Pixels, bounds: Bounds) -> Patch:
    """Stretch a tile in degrees: each row of the patch is taken where its latitude lies in the tile."""
    height, width = pixels.shape[:2]
    world = world_bounds(Plane.DEGREES, Datum.WGS84, bounds)
    rows = _rows(world, width)
    y = world[3] - (np.arange(rows) + 0.5) * ((world[3] - world[1]) / rows)
    at = (bounds[3] - latitude(y.astype(np.float64))) / (bounds[3] - bounds[1]) * height - 0.5
    low = np.clip(np.floor(at).astype(np.int64), 0, height - 1)
    high = np.minimum(low + 1, height - 1)
    part = np.clip(at - low, 0.0, 1.0).astype(np.float32)[:, None, None]
    upper, lower = pixels[low].astype(np.float32), pixels[high].astype(np.float32)
    made = upper + (lower - upper) * part + np.float32(0.5)
    return Patch(made.astype(np.uint8), world, True)


def _rows(world: Bounds, width: int) -> int:
    """Return how many rows a patch has whose pixels are as high as wide."""
    return min(max(round((world[3] - world[1]) / (world[2] - world[0]) * width), 1), MOST_PATCH_PX)


def _bent(pixels: Pixels, plane: Plane, bounds: Bounds) -> Patch:
    """Bend a GCJ-02 tile back: for each pixel of the patch, where does it lie in the tile?"""
    height, width = pixels.shape[:2]
    west, south, east, north = world_bounds(plane, Datum.GCJ02, bounds)
    grain = (east - west) / width
    # room for the overlap on every side
    west, south, east, north = west - 2 * grain, south - 2 * grain, east + 2 * grain, north + 2 * grain
    columns = min(width + 4, MOST_PATCH_PX)
    rows = _rows((west, south, east, north), columns)
    u, v = _places(plane, bounds, (west, south, east, north), (columns, rows))
    return Patch(_sampled(pixels, u * width, v * height), (west, south, east, north), False)


def _places(plane: Plane, bounds: Bounds, world: Bounds, size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return for each pixel of the patch where it lies in the tile, 0 to 1 from its top left corner.

    The plane's own part is exact by row and column; only the shift comes from the mesh.
    """
    columns, rows = size
    xs: Floats = world[0] + (np.arange(columns, dtype=np.float64) + 0.5) * ((world[2] - world[0]) / columns)
    ys: Floats = world[3] - (np.arange(rows, dtype=np.float64) + 0.5) * ((world[3] - world[1]) / rows)
    plain_x, _ = from_world(plane, Datum.WGS84, xs, np.zeros_like(xs))
    _, plain_y = from_world(plane, Datum.WGS84, np.zeros_like(ys), ys)
    knots_x, knots_y = np.linspace(xs[0], xs[-1], _MESH), np.linspace(ys[0], ys[-1], _MESH)
    mesh_x, mesh_y = (np.asarray(m, dtype=np.float64) for m in np.meshgrid(knots_x, knots_y))
    there = from_world(plane, Datum.GCJ02, mesh_x, mesh_y)
    here = from_world(plane, Datum.WGS84, mesh_x, mesh_y)
    shift_x = _between(there[0] - here[0], columns, rows)
    shift_y = _between(there[1] - here[1], columns, rows)
    u = (plain_x[None, :] + shift_x - bounds[0]) / (bounds[2] - bounds[0])
    v = (bounds[3] - plain_y[:, None] - shift_y) / (bounds[3] - bounds[1])
    return u, v


def _between(knots: Floats, columns: int, rows: int) -> Floats:
    """Spread the values at the knots over the pixels, linearly; shape rows × columns."""
    return _spread(_spread(knots, columns).T, rows).T


def _spread(values: Floats, count: int) -> Floats:
    """Spread the last axis over `count` places."""
    at = np.linspace(0.0, values.shape[-1] - 1.0, count)
    low = np.minimum(at.astype(np.int64), values.shape[-1] - 2)
    return np.asarray(values[..., low] + (values[..., low + 1] - values[..., low]) * (at - low))


def _sampled(pixels: Pixels, x: Floats, y: Floats) -> Pixels:
    """Take colours at places in pixels (0 is the left edge of the first); transparent beyond the overlap."""
    height, width = pixels.shape[:2]
    inside = (x >= -_OVERLAP_PX) & (x <= width + _OVERLAP_PX)
    inside &= (y >= -_OVERLAP_PX) & (y <= height + _OVERLAP_PX)
    fx, fy = np.clip(x - 0.5, 0, width - 1), np.clip(y - 0.5, 0, height - 1)
    left, top = fx.astype(np.int32), fy.astype(np.int32)
    right, below = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    part_x = (fx - left).astype(np.float32)[..., None]
    part_y = (fy - top).astype(np.float32)[..., None]
    flat = pixels.reshape(-1, 4)
    upper_left, upper_right = flat.take(top * width + left, 0), flat.take(top * width + right, 0)
    lower_left, lower_right = flat.take(below * width + left, 0), flat.take(below * width + right, 0)
    upper = upper_left + (upper_right.astype(np.float32) - upper_left) * part_x
    lower = lower_left + (lower_right.astype(np.float32) - lower_left) * part_x
    made = upper + (lower - upper) * part_y + np.float32(0.5)
    made *= inside[..., None]
    return np.asarray(made, dtype=np.uint8)
