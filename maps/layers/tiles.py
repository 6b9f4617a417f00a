"""Which tiles a view needs: the nearest level, from the middle outwards, and what stands in while they come."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from maps.geometry.mercator import true_scale
from maps.geometry.viewport import Bounds, Viewport
from services.basemaps.matrices import METRES_PER_DEGREE, Plane, TileAddress, TileGrid
from services.basemaps.placement import plane_bounds, world_bounds
from services.basemaps.sources import Datum

MOST_TILES = 320
"""A view never asks for more; a coarser level is taken instead."""
OVERVIEW_STEPS = 3
"""So many levels coarser are the tiles that are asked for first, so that there is soon something to see."""


@dataclass(frozen=True, slots=True)
class TileView:
    """The tiles a view needs, the middle first; all of one level."""

    matrix: int = 0
    tiles: tuple[TileAddress, ...] = ()


def world_resolution(grid: TileGrid, matrix: int, y: float) -> float:
    """World metres a pixel of a level near world ordinate ``y``.

    Pixels of the degrees plane are not square on the map; the middle between width and height counts.
    """
    resolution = grid.matrices[matrix].resolution
    if grid.plane is Plane.MERCATOR:
        return resolution
    return resolution * METRES_PER_DEGREE / math.sqrt(true_scale(y))


def nearest_matrix(grid: TileGrid, scale: float, y: float) -> int:
    """Index of the level whose pixels are nearest in size to ``scale`` (world metres a device pixel)."""
    indices = range(len(grid.matrices))
    return min(indices, key=lambda at: abs(math.log2(world_resolution(grid, at, y) / scale)))


def fitting_matrix(
    grid: TileGrid, datum: Datum, view: Viewport, ratio: float = 1.0, most: int = MOST_TILES
) -> int:
    """Index of the level to draw a view with: the nearest, or a coarser one when that takes too many tiles."""
    bounds = plane_bounds(grid.plane, datum, view.bounds)
    matrix = nearest_matrix(grid, view.scale / ratio, view.cy)
    while matrix > 0:
        found = grid.matrices[matrix].covering(bounds)
        if found is None or (found[1] - found[0] + 1) * (found[3] - found[2] + 1) <= most:
            break
        matrix -= 1
    return matrix


def tiles_in(
    grid: TileGrid, datum: Datum, view: Viewport, matrix: int | None = None, most: int = MOST_TILES
) -> TileView:
    """Tiles of a level that cover a view, the fitting level by default; none where the source has nothing."""
    if not grid.matrices:
        return TileView()
    if matrix is None:
        matrix = fitting_matrix(grid, datum, view, most=most)
    entry = grid.matrices[matrix]
    bounds = plane_bounds(grid.plane, datum, view.bounds)
    found = entry.covering(bounds)
    if found is None:
        return TileView(matrix)
    c0, c1, r0, r1 = found
    dx, dy = entry.span
    middle_c = min(max(((bounds[0] + bounds[2]) / 2 - entry.left) / dx - 0.5, c0), c1)
    middle_r = min(max((entry.top - (bounds[1] + bounds[3]) / 2) / dy - 0.5, r0), r1)
    # the coarsest level may still be too much (a strange grid): then only what lies in the middle
    half = math.isqrt(most) + 1
    columns = range(max(c0, math.floor(middle_c - half)), min(c1, math.ceil(middle_c + half)) + 1)
    rows = range(max(r0, math.floor(middle_r - half)), min(r1, math.ceil(middle_r + half)) + 1)
    tiles = [TileAddress(matrix, column, row) for row in rows for column in columns]
    tiles.sort(key=lambda t: (t.column - middle_c) ** 2 + (t.row - middle_r) ** 2)
    return TileView(matrix, tuple(tiles[:most]))


def ancestors(grid: TileGrid, tile: TileAddress) -> Iterator[TileAddress]:
    """Coarser tiles that hold the middle of a tile, the nearest level first."""
    west, south, east, north = grid.bounds(tile)
    x, y = (west + east) / 2, (south + north) / 2
    for matrix in range(tile.matrix - 1, -1, -1):
        at = _at(grid, matrix, x, y)
        if at is not None:
            yield TileAddress(matrix, *at)


def children(grid: TileGrid, tile: TileAddress) -> tuple[TileAddress, ...]:
    """Tiles of the next finer level inside a tile."""
    matrix = tile.matrix + 1
    if matrix >= len(grid.matrices):
        return ()
    found = grid.matrices[matrix].covering(grid.bounds(tile))
    if found is None:
        return ()
    c0, c1, r0, r1 = found
    if (c1 - c0 + 1) * (r1 - r0 + 1) > 16:
        return ()
    return tuple(TileAddress(matrix, c, r) for r in range(r0, r1 + 1) for c in range(c0, c1 + 1))


def overview(grid: TileGrid, shown: TileView, most: int = 12) -> tuple[TileAddress, ...]:
    """The few coarser tiles that cover the same ground, to be asked for first."""
    if shown.matrix < OVERVIEW_STEPS or len(shown.tiles) <= most:
        return ()
    found = {
        above: None
        for tile in shown.tiles
        for above in islice(ancestors(grid, tile), OVERVIEW_STEPS)
        if above.matrix == shown.matrix - OVERVIEW_STEPS
    }
    return tuple(found) if len(found) <= most else ()


def tile_rect(grid: TileGrid, datum: Datum, tile: TileAddress) -> Bounds:
    """World rectangle around a tile."""
    return world_bounds(grid.plane, datum, grid.bounds(tile))


def _at(grid: TileGrid, matrix: int, x: float, y: float) -> tuple[int, int] | None:
    """Column and row of the tile of a level at a point of the plane."""
    entry = grid.matrices[matrix]
    dx, dy = entry.span
    column, row = math.floor((x - entry.left) / dx), math.floor((entry.top - y) / dy)
    return (column, row) if entry.has(column, row) else None
