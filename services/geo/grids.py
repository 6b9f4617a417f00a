"""Which grid holds a point, how near its border is, and who is on the other side.

Polygons are WGS84 lon/lat; distances are metres by a local equirectangular projection around the point,
which is right to about 0.1 % within a few kilometres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from services.geo.coords import metres_per_degree
from services.geo.errors import AreaError

NEAR_BOUNDARY_M = 30.0
_GAP_M = 1.0  # digitised neighbours may leave a crack this wide between them


@dataclass(frozen=True, slots=True)
class GridHit:
    """Where a point fell.

    `boundary_m` is the distance to the grid's border in metres; `neighbour` is the nearest other grid when
    that border is near (None at the outer rim, where nobody is on the other side).
    """

    code: str
    boundary_m: float
    near_boundary: bool
    neighbour: str | None


class GridIndex:
    """An immutable index over grids; safe to share between threads.

    A point on a shared border belongs to the lowest code, so the same point always finds the same grid.
    """

    def __init__(
        self, codes: Sequence[str], polygons: Sequence[BaseGeometry], near_m: float = NEAR_BOUNDARY_M
    ) -> None:
        """Build the tree.

        Args:
            codes: One code per polygon, all different.
            polygons: Valid polygons or multi-polygons in WGS84.
            near_m: Up to which distance in metres a point counts as near the border.

        Raises:
            AreaError: A code comes twice, or the two lists differ in length.
        """
        if len(codes) != len(polygons):
            raise AreaError("网格编码与图形的数量不一致。")
        order = sorted(range(len(codes)), key=lambda i: codes[i])
        self._codes = np.array([codes[i] for i in order], dtype=object)
        self._at = {code: i for i, code in enumerate(self._codes)}
        if len(self._at) != len(codes):
            raise AreaError("网格编码有重复。")
        self._polygons = np.array([polygons[i] for i in order], dtype=object)
        shapely.prepare(self._polygons)
        self._warm()
        self._tree = shapely.STRtree(self._polygons)
        self._near_m = near_m

    def __len__(self) -> int:
        return len(self._codes)

    def __contains__(self, code: object) -> bool:
        return code in self._at

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, ascending."""
        return tuple(self._codes)

    def polygon(self, code: str) -> BaseGeometry:
        """The polygon of a code; KeyError when there is none."""
        found: BaseGeometry = self._polygons[self._at[code]]
        return found

    def locate_rows(self, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.int64]:
        """For n points, n positions in `codes`, or -1 where no grid holds the point."""
        x, y = np.atleast_1d(np.asarray(lons, dtype=float)), np.atleast_1d(np.asarray(lats, dtype=float))
        rows = np.full(x.shape, -1, dtype=np.int64)
        good = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if not good.size or not len(self):
            return rows
        point, cell = self._tree.query(shapely.points(x[good], y[good]))
        held = shapely.intersects_xy(self._polygons[cell], x[good][point], y[good][point])
        point, cell = point[held], cell[held]
        lowest = np.full(good.shape, len(self), dtype=np.int64)
        np.minimum.at(lowest, point, cell)
        rows[good] = np.where(lowest < len(self), lowest, -1)
        return rows

    def locate_many(self, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.object_]:
        """For n points, n codes, or None where no grid holds the point."""
        rows = self.locate_rows(lons, lats)
        found = np.full(rows.shape, None, dtype=object)
        found[rows >= 0] = self._codes[rows[rows >= 0]]
        return found

    def locate(self, lon: float, lat: float) -> GridHit | None:
        """Find the grid that holds a point, with the distance to its border; None in no grid."""
        row = int(self.locate_rows(lon, lat)[0])
        if row < 0:
            return None
        distance = self._boundary_m(row, lon, lat)
        near = distance < self._near_m
        neighbour = self._nearest_other(row, lon, lat) if near else None
        return GridHit(self._codes[row], distance, near, neighbour)

    def neighbours(self, code: str) -> tuple[str, ...]:
        """Codes of the grids that share a border line with this one, ascending; a corner is not enough.

        A crack of up to a metre between carelessly digitised neighbours is bridged.
        """
        row = self._at[code]
        here = self._polygons[row]
        east, north = metres_per_degree(float(here.centroid.y))
        reach = _GAP_M / min(east, north)
        rows = self._tree.query(shapely.box(*_grown(here.bounds, reach, reach)))
        others = np.sort(rows[rows != row])
        return tuple(self._codes[i] for i in others if _share_border(here, self._polygons[i], reach))

    def label_point(self, code: str) -> tuple[float, float]:
        """A good place for the grid's label; see `label_point`."""
        return label_point(self.polygon(code))

    def _warm(self) -> None:
        """Ask every polygon once: a prepared geometry builds its index at the first question, not thread-safely."""
        west, south, east, north = shapely.bounds(self._polygons).reshape(-1, 4).T
        shapely.intersects_xy(self._polygons, (west + east) / 2.0, (south + north) / 2.0)

    def _boundary_m(self, row: int, lon: float, lat: float) -> float:
        return _distance_to_rings(self._polygons[row], lon, lat)

    def _nearest_other(self, row: int, lon: float, lat: float) -> str | None:
        east, north = metres_per_degree(lat)
        reach = _grown((lon, lat, lon, lat), self._near_m / east, self._near_m / north)
        best: tuple[float, int] | None = None
        for other in self._tree.query(shapely.box(*reach)):
            if other != row:
                found = (_distance_to_rings(self._polygons[other], lon, lat), int(other))
                if found[0] < self._near_m and (best is None or found < best):
                    best = found
        return None if best is None else str(self._codes[best[1]])


def label_point(polygon: BaseGeometry) -> tuple[float, float]:
    """The middle of the largest circle inside the (largest part of the) polygon: lon, lat.

    Nearer to where a person would write the label than a centroid, and always inside.
    """
    parts = shapely.get_parts(polygon)
    part = parts[int(np.argmax(shapely.area(parts)))]
    west, south, east, north = shapely.bounds(part)
    tolerance = max(east - west, north - south) / 100.0
    squeeze, _ = metres_per_degree((south + north) / 2.0)
    _, full = metres_per_degree(0.0)
    ratio = squeeze / full  # a circle on the ground, not in degrees
    flat = shapely.transform(part, lambda xy: xy * (ratio, 1.0))
    centre = shapely.get_coordinates(shapely.maximum_inscribed_circle(flat, tolerance))[0]
    return float(centre[0]) / ratio, float(centre[1])


def _distance_to_rings(polygon: BaseGeometry, lon: float, lat: float) -> float:
    """Metres from a point to the border of a polygon, whether the point lies inside or outside."""
    east, north = metres_per_degree(lat)
    rings = shapely.get_rings(shapely.get_parts(polygon))  # for a multi-polygon itself it gives nothing
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy = (xy - (lon, lat)) * (east, north)
    same = ring[1:] == ring[:-1]
    start, step = xy[:-1][same], (xy[1:] - xy[:-1])[same]
    length = np.einsum("ij,ij->i", step, step)
    along = -np.einsum("ij,ij->i", start, step) / np.where(length > 0.0, length, 1.0)
    foot = start + step * np.clip(along, 0.0, 1.0)[:, None]
    return float(np.sqrt(np.min(np.einsum("ij,ij->i", foot, foot))))


def _grown(bounds: Sequence[float], dx: float, dy: float) -> tuple[float, float, float, float]:
    """A box pushed out by dx and dy on each side."""
    west, south, east, north = bounds
    return west - dx, south - dy, east + dx, north + dy


def _share_border(here: BaseGeometry, other: BaseGeometry, reach: float) -> bool:
    """Whether two polygons meet along a line, overlap, or run along a narrow crack."""
    if shapely.intersects(here, other):
        relation = shapely.relate(here, other)
        return bool(relation[0] == "2" or relation[4] == "1")
    if not shapely.dwithin(here, other, reach):
        return False
    along = shapely.intersection(shapely.boundary(here), shapely.buffer(other, reach))
    return bool(shapely.length(along) > 6.0 * reach)
