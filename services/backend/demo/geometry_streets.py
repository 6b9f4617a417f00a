"""Named lines, water and places of a demo district, and the address of a point. WGS84 lon/lat."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from services.backend.demo.geometry_plan import ROAD_WIDTH_M, Course
from services.backend.demo.names import Recipe, stems
from services.geo.coords import metres_per_degree

_NUMBER_EVERY_M = 9.0
_SUFFIX = {
    "primary": ("大道", "路", "路"),
    "secondary": ("路", "路", "街"),
    "tertiary": ("街", "街", "巷", "横街", "里"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A road: klass `primary`, `secondary` or `tertiary`; coords are (lon, lat) pairs."""

    name: str
    klass: str
    coords: tuple[tuple[float, float], ...]

    def as_feature(self) -> dict[str, Any]:
        """A GeoJSON feature for the light base map; `width_m` is the width on the ground."""
        properties = {"name": self.name, "klass": self.klass, "width_m": ROAD_WIDTH_M[self.klass]}
        return _feature({"type": "LineString", "coordinates": [list(p) for p in self.coords]}, properties)


@dataclass(frozen=True, slots=True)
class Water:
    """A river, brook or lake as a polygon."""

    name: str
    klass: str
    geometry: BaseGeometry

    def as_feature(self) -> dict[str, Any]:
        """A GeoJSON feature for the light base map."""
        return _feature(shapely.geometry.mapping(self.geometry), {"name": self.name, "klass": self.klass})


@dataclass(frozen=True, slots=True)
class Place:
    """A school, park, market, ...: with its address and the grid that holds it."""

    name: str
    kind: str
    lon: float
    lat: float
    address: str
    grid: str

    def as_feature(self) -> dict[str, Any]:
        """A GeoJSON feature."""
        properties = {"name": self.name, "kind": self.kind, "address": self.address, "grid": self.grid}
        return _feature({"type": "Point", "coordinates": [self.lon, self.lat]}, properties)


def _feature(geometry: Any, properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def name_roads(courses: Sequence[Course], recipe: Recipe, rng: random.Random) -> list[str]:
    """A name for each road; pieces of one line that a river or the outline cut apart keep one name each."""
    pool = stems(recipe.words("road_first"), recipe.words("road_second"), rng)
    return [next(pool) + rng.choice(_SUFFIX[course.klass]) for course in courses]


class AddressBook:
    """Finds the nearest road and the door number on it, in metres around the middle of the roads."""

    def __init__(self, roads: Sequence[Line]) -> None:
        """Index the roads piece by piece: a whole road has a box as large as the town."""
        self._roads = tuple(roads)
        arrays = [np.array(r.coords, dtype=float) for r in self._roads]
        middle = np.concatenate(arrays).mean(axis=0) if arrays else np.zeros(2)
        self._scale = np.array(metres_per_degree(float(middle[1])))
        ends = [np.stack((a[:-1], a[1:]), axis=1) * self._scale for a in arrays]
        self._pieces = np.concatenate([*ends, np.zeros((0, 2, 2))])
        lengths = [np.hypot(*(e[:, 1] - e[:, 0]).T) for e in ends]
        self._road_of = np.repeat(np.arange(len(ends)), [len(e) for e in ends])
        self._start_m = np.concatenate([*(np.cumsum(way) - way for way in lengths), np.zeros(0)])
        self._tree = shapely.STRtree(shapely.linestrings(self._pieces))

    def nearest(self, lon: float, lat: float) -> tuple[Line, float, float] | None:
        """The nearest road, the metres to it and the metres along it; None without roads."""
        found = self._nearest_piece(lon, lat)
        if found is None:
            return None
        piece, away, along, _ = found
        return self._roads[self._road_of[piece]], away, along

    def address(self, lon: float, lat: float) -> str:
        """Road and door number, e.g. `松影路118号`: odd numbers left, even right of the road's direction."""
        found = self._nearest_piece(lon, lat)
        if found is None:
            return ""
        piece, _, along, left = found
        number = 2 * int(along // _NUMBER_EVERY_M) + (1 if left else 2)
        return f"{self._roads[self._road_of[piece]].name}{number}号"

    def crossing(self, lon: float, lat: float, within_m: float = 45.0) -> str | None:
        """`松影路与南苑街口` where two roads meet within so many metres, else None."""
        point = self._point(lon, lat)
        pieces = sorted(int(p) for p in self._tree.query(point, "dwithin", within_m))
        for first, second in combinations(pieces, 2):
            roads = self._road_of[first], self._road_of[second]
            if roads[0] == roads[1]:
                continue
            meeting = shapely.intersection(*self._tree.geometries[[first, second]])
            if not meeting.is_empty and point.distance(meeting) <= within_m:
                return f"{self._roads[roads[0]].name}与{self._roads[roads[1]].name}口"
        return None

    def _point(self, lon: float, lat: float) -> shapely.Point:
        return shapely.Point(np.array([lon, lat]) * self._scale)

    def _nearest_piece(self, lon: float, lat: float) -> tuple[int, float, float, bool] | None:
        """The nearest piece (the lowest of several): its number, metres to it and along the road, left of it."""
        found = self._tree.query_nearest(self._point(lon, lat))
        if not len(found):
            return None
        piece = int(np.min(found))
        start, end = self._pieces[piece]
        (east, north), (x, y) = end - start, np.array([lon, lat]) * self._scale - start
        length = math.hypot(east, north) or 1.0
        along = min(max((x * east + y * north) / length, 0.0), length)
        away = math.hypot(x - along * east / length, y - along * north / length)
        return piece, away, float(self._start_m[piece]) + along, bool(east * y - north * x > 0.0)
