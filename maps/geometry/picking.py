"""From a point to the area it lies in, and from an area to its neighbour in a direction."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.areas import IntArray, PreparedAreas
from maps.geometry.borders import Neighbours


class AreaPicker:
    """Spatial index over the finest cells; a point on a shared border belongs to the cell of lowest index."""

    def __init__(self, areas: PreparedAreas) -> None:
        """Build the tree (milliseconds for 20,000 cells)."""
        self._areas = areas
        self._tree = shapely.STRtree(areas.cells.geometry)
        self._neighbours: Mapping[int, tuple[int, ...]] | None = None

    def pick(self, x: float, y: float) -> int:
        """Index of the cell at a world point, -1 outside every cell or for a point that is no number."""
        if not (math.isfinite(x) and math.isfinite(y)):
            return -1
        found = self._tree.query(shapely.Point(x, y), predicate="intersects")
        return int(found.min()) if len(found) else -1

    def pick_many(self, xy: npt.ArrayLike) -> IntArray:
        """Cell index of each of ``(n, 2)`` finite world points, -1 outside."""
        pts = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        out = np.full(len(pts), len(self._areas.cells), dtype=np.int64)
        if len(pts):
            which, cell = self._tree.query(shapely.points(pts), predicate="intersects")
            np.minimum.at(out, which, cell)
        out[out == len(self._areas.cells)] = -1
        return out

    def neighbour(self, cell: int, dx: float, dy: float) -> int:
        """Neighbour that lies best in direction ``dx, dy`` (world, y north); -1 if none lies there."""
        if self._neighbours is None:
            self._neighbours = Neighbours(self._areas)
        here = self._areas.cells.anchors[cell]
        wanted = math.atan2(dy, dx)
        best, best_cost = -1, math.inf
        for other in self._neighbours[cell]:
            vx, vy = self._areas.cells.anchors[other] - here
            off = abs((math.atan2(vy, vx) - wanted + math.pi) % (2 * math.pi) - math.pi)
            cost = off + math.hypot(vx, vy) * 1e-9
            if off < math.radians(75) and cost < best_cost:
                best, best_cost = other, cost
        return best
