"""Tile grids: which tile lies where. A plane is Web Mercator metres or degrees; x is east, y is north, always.

Two planes are enough: 天地图's `w` sets (EPSG:3857, 900913) and `c` sets (EPSG:4490, 4326; CGCS2000 is taken as
WGS84). Who reads a document with another axis order turns it here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

Bounds = tuple[float, float, float, float]
"""west, south, east, north in units of the plane."""

EARTH_RADIUS_M = 6378137.0
WORLD_HALF_M = math.pi * EARTH_RADIUS_M
METRES_PER_DEGREE = WORLD_HALF_M / 180.0
#: size of a pixel by which OGC scale denominators are told (WMTS 1.0.0, 6.1), metres
OGC_PIXEL_M = 0.00028
#: the same at 96 dots an inch, by which 天地图 and old ArcGIS caches tell theirs
SCREEN_PIXEL_M = 0.0254 / 96
MOST_MATRICES = 40
MOST_TILE_PX = 1024


class Plane(StrEnum):
    """What the coordinates of a grid are."""

    MERCATOR = "mercator"
    DEGREES = "degrees"

    @property
    def metres_per_unit(self) -> float:
        """Metres of one unit at the equator."""
        return 1.0 if self is Plane.MERCATOR else METRES_PER_DEGREE

    @property
    def world(self) -> Bounds:
        """The whole world."""
        if self is Plane.MERCATOR:
            return (-WORLD_HALF_M, -WORLD_HALF_M, WORLD_HALF_M, WORLD_HALF_M)
        return (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True, order=True)
class TileAddress:
    """One tile: index of its matrix in the grid (0 is the coarsest), column from the west, row from the north."""

    matrix: int
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class TileMatrix:
    """One zoom level. `resolution` is units a pixel, (`left`, `top`) its corner; `columns` × `rows` tiles.

    `limits` (first column, last column, first row, last row) are those the service has tiles in.
    """

    id: str
    resolution: float
    left: float
    top: float
    width: int
    height: int
    columns: int
    rows: int
    limits: tuple[int, int, int, int] | None = None

    @property
    def span(self) -> tuple[float, float]:
        """Width and height of a tile in units."""
        return self.resolution * self.width, self.resolution * self.height

    def bounds(self, column: int, row: int) -> Bounds:
        """Return the rectangle of a tile; neighbours have bit-equal edges."""
        dx, dy = self.span
        return (
            self.left + column * dx,
            self.top - (row + 1) * dy,
            self.left + (column + 1) * dx,
            self.top - row * dy,
        )

    def has(self, column: int, row: int) -> bool:
        """Tell whether the service has this tile."""
        first_c, last_c, first_r, last_r = self.limits or (0, self.columns - 1, 0, self.rows - 1)
        return first_c <= column <= last_c and first_r <= row <= last_r

    def covering(self, bounds: Bounds) -> tuple[int, int, int, int] | None:
        """Return (first column, last column, first row, last row) of the tiles in a rectangle, None for none."""
        west, south, east, north = bounds
        dx, dy = self.span
        low_c, high_c, low_r, high_r = self.limits or (0, self.columns - 1, 0, self.rows - 1)
        # a hair's breadth keeps a view that ends on an edge from asking for the tiles behind it
        c0 = max(math.floor((west - self.left) / dx + 1e-9), low_c)
        c1 = min(math.ceil((east - self.left) / dx - 1e-9) - 1, high_c)
        r0 = max(math.floor((self.top - north) / dy + 1e-9), low_r)
        r1 = min(math.ceil((self.top - south) / dy - 1e-9) - 1, high_r)
        return (c0, c1, r0, r1) if c0 <= c1 and r0 <= r1 else None


@dataclass(frozen=True, slots=True)
class TileGrid:
    """The matrices of a source from coarse to fine, on one plane."""

    plane: Plane
    matrices: tuple[TileMatrix, ...] = field(default=())

    def bounds(self, tile: TileAddress) -> Bounds:
        """Return the rectangle of a tile."""
        return self.matrices[tile.matrix].bounds(tile.column, tile.row)

    def has(self, tile: TileAddress) -> bool:
        """Tell whether there is such a tile."""
        return 0 <= tile.matrix < len(self.matrices) and self.matrices[tile.matrix].has(tile.column, tile.row)


def ladder_resolution(plane: Plane, level: int, tile_size: int = 256) -> float:
    """Return the usual resolution of a level: one tile shows the world in Mercator, half of it in degrees."""
    west, _, east, _ = plane.world
    return (east - west) / (tile_size * 2.0**level)


def ladder(plane: Plane, first: int, last: int, tile_size: int = 256) -> TileGrid:
    """Return the grid that most services have: levels `first` to `last`, ids are the level's number.

    On the degrees plane level 1 is 2 × 1 tiles, as in 天地图's `c` sets.
    """
    west, south, _, north = plane.world
    matrices = []
    for level in range(first, last + 1):
        resolution = ladder_resolution(plane, level, tile_size)
        side = 2**level
        rows = max(math.ceil((north - south) / (resolution * tile_size) - 1e-9), 1)
        matrices.append(
            TileMatrix(str(level), resolution, west, north, tile_size, tile_size, side, rows, None)
        )
    return TileGrid(plane, tuple(matrices))


def pixel_size(plane: Plane, scales: Iterable[tuple[float, int]]) -> float:
    """Return by which pixel size scale denominators (with the tile's width) were told.

    The standard says 0.28 mm. Services that reckon with 96 dots an inch are known by their resolutions lying on
    the usual ladder only that way; a set that fits neither is read by the standard.
    """
    known = [(scale, width) for scale, width in scales if scale > 0]
    for size in (OGC_PIXEL_M, SCREEN_PIXEL_M):
        if known and all(_on_ladder(plane, scale * size, width) for scale, width in known):
            return size
    return OGC_PIXEL_M


def _on_ladder(plane: Plane, metres: float, width: int) -> bool:
    """Tell whether a resolution in metres is one of the usual levels."""
    level = math.log2(ladder_resolution(plane, 0, width) * plane.metres_per_unit / metres)
    return abs(level - round(level)) < 1e-3


def plane_of(crs: str) -> tuple[Plane, bool] | None:
    """Return the plane of a CRS name and whether its documents write north first; None for any other CRS.

    North first: EPSG:4326 and 4490, by their own definition; `CRS84` and Mercator are east first.
    """
    text = crs.strip().lower()
    if "crs84" in text or "crs:84" in text:
        return Plane.DEGREES, False
    number = text.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
    if number in ("4326", "4490", "4610", "4258"):
        return Plane.DEGREES, True
    if number in ("3857", "900913", "3785", "102100", "102113"):
        return Plane.MERCATOR, False
    return None
