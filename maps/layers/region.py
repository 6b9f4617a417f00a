"""A region drawn by hand: which cases and which areas lie in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.areas import PreparedAreas
from maps.geometry.mercator import FloatArray, unproject
from maps.geometry.viewport import Bounds
from maps.layers.state import MapState

BoolArray = npt.NDArray[np.bool_]
TILES = 40
"""Tiles in each direction in which points are sorted before they are asked for."""
Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class RubberSelection:
    """What a rubber band chose. Without a ring it is the end of a selection.

    Attributes:
        ring: corners as drawn, world metres, not closed.
        geometry: the polygon (or polygons, where the hand crossed its own line), world metres; None when empty.
        case_ids: cases in it, in the order in which the map holds them; none while the layer of cases is off.
        area_codes: finest areas of which a part lies in it, in the order of the district.
    """

    ring: Ring = ()
    geometry: Any = field(default=None, compare=False)
    case_ids: tuple[str, ...] = ()
    area_codes: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """No region: the selection was taken back."""
        return not self.ring

    @property
    def bounds(self) -> Bounds | None:
        """World rectangle around the region, None when empty."""
        if self.geometry is None:
            return None
        west, south, east, north = (float(v) for v in self.geometry.bounds)
        return west, south, east, north

    @property
    def lonlat(self) -> Any:
        """The region in WGS84 degrees (shapely), None when empty."""
        return None if self.geometry is None else shapely.transform(self.geometry, unproject)


def region_of(state: MapState, ring: Sequence[tuple[float, float]]) -> RubberSelection | None:
    """Choose what lies in the ring of world points; None when the ring encloses nothing."""
    polygon = _polygon(ring)
    if polygon is None:
        return None
    shapely.prepare(polygon)
    case_ids: tuple[str, ...] = ()
    if state.shows("cases"):
        case_ids = _cases_in(state, polygon)
    codes = _cells_in(state.areas, polygon) if state.areas is not None else ()
    return RubberSelection(tuple((float(x), float(y)) for x, y in ring), polygon, case_ids, codes)


def _polygon(ring: Sequence[tuple[float, float]]) -> Any:
    if len(ring) < 3:
        return None
    drawn = shapely.Polygon(ring)
    # A lasso that crosses its own line encloses every loop it made.
    whole = drawn if drawn.is_valid else shapely.make_valid(drawn)
    parts = [
        p for p in shapely.get_parts(shapely.get_parts(whole)) if p.geom_type == "Polygon" and p.area > 0
    ]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _cases_in(state: MapState, polygon: Any) -> tuple[str, ...]:
    """Ids of the cases in the polygon or on its line."""
    table = state.cases.table
    west, south, east, north = (float(v) for v in polygon.bounds)
    rows = state.cases.rows_in((west, south, east, north))
    if polygon.area < (1 - 1e-12) * (east - west) * (north - south):
        rows = rows[_inside(polygon, table.xy[rows])]
    return tuple(table.ids[row] for row in rows.tolist())


def _inside(polygon: Any, xy: FloatArray) -> BoolArray:
    """Which of the points, all within its bounds, lie in the polygon or on its line.

    A mesh of tiles is looked at first: only points in tiles through which the line runs are asked one by one, so
    that 100,000 points take a few milliseconds.
    """
    if len(xy) <= TILES * TILES:
        return np.asarray(shapely.intersects_xy(polygon, xy[:, 0], xy[:, 1]), dtype=np.bool_)
    west, south, east, north = polygon.bounds
    x, y = np.linspace(west, east, TILES + 1), np.linspace(south, north, TILES + 1)
    tiles = shapely.box(x[:-1, None], y[None, :-1], x[1:, None], y[None, 1:])
    column = np.clip(np.searchsorted(x, xy[:, 0], side="right") - 1, 0, TILES - 1)
    row = np.clip(np.searchsorted(y, xy[:, 1], side="right") - 1, 0, TILES - 1)
    inside = np.asarray(shapely.contains_properly(polygon, tiles), dtype=np.bool_)[column, row]
    touched = np.asarray(shapely.intersects(polygon, tiles), dtype=np.bool_)[column, row]
    unsure = np.flatnonzero(touched & ~inside)
    inside[unsure] = shapely.intersects_xy(polygon, xy[unsure, 0], xy[unsure, 1])
    return inside


def _cells_in(areas: PreparedAreas, polygon: Any) -> tuple[str, ...]:
    """Codes of the cells of which a part lies in the polygon; only those along its line are looked at closely."""
    cells = areas.cells
    west, south, east, north = polygon.bounds
    b = cells.bounds
    near = (b[:, 2] >= west) & (b[:, 0] <= east) & (b[:, 3] >= south) & (b[:, 1] <= north)
    at = np.flatnonzero(near)
    inside = shapely.intersects_xy(polygon, cells.anchors[at, 0], cells.anchors[at, 1])
    rest = np.flatnonzero(~inside)
    inside[rest] = shapely.intersects(polygon, cells.geometry[at[rest]])
    return tuple(cells.codes[i] for i in at[inside].tolist())
