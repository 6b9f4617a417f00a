"""Raw GeoJSON geometry (parsed JSON) to shapely, each flaw named instead of a crash.

What shapely would mend in silence (an open ring) is mended here with a note; what it would choke on is
refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

_MOST_DEPTH = 8
_COLLECTION = "GeometryCollection"
_TYPES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", _COLLECTION)


@dataclass(frozen=True, slots=True)
class Shape:
    """A built geometry; `notes` are Chinese phrases of what was put right."""

    geometry: BaseGeometry | None
    notes: tuple[str, ...] = ()


class ShapeError(Exception):
    """A raw geometry can't be built; the text is a Chinese phrase without the feature's name."""


def build_shape(raw: Any, most_vertices: int) -> Shape:
    """Build a geometry from parsed JSON; null gives a Shape without geometry.

    Raises:
        ShapeError: Wrong type, wrong nesting, not a number, too few points, too many vertices.
    """
    if raw is None:
        return Shape(None)
    builder = _Builder(most_vertices)
    return Shape(builder.build(raw, 0), tuple(builder.notes))


class _Builder:
    """Builds one geometry and counts its vertices."""

    def __init__(self, most_vertices: int) -> None:
        self.notes: dict[str, None] = {}
        self._left = self._most = most_vertices

    def build(self, raw: Any, depth: int) -> BaseGeometry:
        if not isinstance(raw, dict):
            raise ShapeError("的 geometry 不是对象")
        kind = raw.get("type")
        if not isinstance(kind, str) or kind not in _TYPES:
            raise ShapeError(f"的图形类型“{str(kind)[:30]}”不认识")
        if kind == _COLLECTION:
            return self._collection(raw.get("geometries"), depth)
        if "coordinates" not in raw:
            raise ShapeError("的图形缺少 coordinates")
        made: BaseGeometry = getattr(self, f"_{kind.lower()}")(raw["coordinates"])
        return made

    def _collection(self, raw: Any, depth: int) -> BaseGeometry:
        if depth >= _MOST_DEPTH:
            raise ShapeError(f"的几何集合嵌套超过 {_MOST_DEPTH} 层")
        parts = [self.build(part, depth + 1) for part in self._list(raw, "geometries")]
        return shapely.geometrycollections(_array(parts))

    def _point(self, raw: Any) -> BaseGeometry:
        return shapely.points(self._positions([raw])[0])

    def _multipoint(self, raw: Any) -> BaseGeometry:
        return (
            shapely.multipoints(self._positions(raw))
            if self._list(raw, "coordinates")
            else shapely.MultiPoint()
        )

    def _linestring(self, raw: Any) -> BaseGeometry:
        if not self._list(raw, "coordinates"):
            return shapely.LineString()
        xy = self._positions(raw)
        if len(xy) < 2:
            raise ShapeError("的线少于两个点")
        return shapely.linestrings(xy)

    def _multilinestring(self, raw: Any) -> BaseGeometry:
        return shapely.multilinestrings(
            _array([self._linestring(line) for line in self._list(raw, "coordinates")])
        )

    def _polygon(self, raw: Any) -> BaseGeometry:
        rings = self._list(raw, "coordinates")
        if not rings:
            return shapely.Polygon()
        shell = self._ring(rings[0])
        if shell is None:
            raise ShapeError("的外环少于三个不同的点")
        holes = [hole for ring in rings[1:] if (hole := self._ring(ring)) is not None]
        if len(holes) < len(rings) - 1:
            self.notes["有内环少于三个不同的点，已舍去"] = None
        return shapely.polygons(shell, holes) if holes else shapely.polygons(shell)

    def _multipolygon(self, raw: Any) -> BaseGeometry:
        return shapely.multipolygons(_array([self._polygon(part) for part in self._list(raw, "coordinates")]))

    def _ring(self, raw: Any) -> BaseGeometry | None:
        """A closed ring, None when it has fewer than three different points."""
        xy = self._positions(raw)
        if len(xy) and not np.array_equal(xy[0], xy[-1]) and np.isfinite(xy).all():
            xy = np.concatenate((xy, xy[:1]))
            self.notes["的环没有闭合，已补上"] = None
        if len(xy) < 4 or (np.isfinite(xy).all() and _fewer_than_three(xy)):
            return None
        with np.errstate(invalid="ignore"):  # NaN is for the polygon check to refuse
            return shapely.linearrings(xy)

    def _positions(self, raw: Any) -> Any:
        """Positions as (n, 2) floats; a third number, the height, is dropped."""
        points = self._list(raw, "coordinates")
        self._left -= len(points)
        if self._left < 0:
            raise ShapeError(f"的顶点超过上限 {self._most:,} 个")
        plain = _plain_positions(points)
        if plain is not None:
            return plain
        try:
            return np.array(
                [(_number(p[0]), _number(p[1])) for p in map(_position, points)], dtype=float
            ).reshape(-1, 2)
        except OverflowError as error:
            raise ShapeError("的坐标数值过大") from error

    def _list(self, raw: Any, key: str) -> list[Any]:
        if not isinstance(raw, list):
            raise ShapeError(f"的 {key} 层次不对，应为数组")
        return raw


def _plain_positions(points: list[Any]) -> NDArray[np.float64] | None:
    """Pairs of floats and nothing else, the usual case, five times as fast; None for all other cases."""
    if set(map(type, points)) != {list} or set(map(len, points)) != {2}:
        return None
    flat = list(chain.from_iterable(points))
    return np.array(flat).reshape(-1, 2) if set(map(type, flat)) == {float} else None


def _fewer_than_three(xy: NDArray[np.float64]) -> bool:
    """Whether there are fewer than three different points."""
    others = xy[(xy != xy[0]).any(axis=1)]
    return len(others) == 0 or not bool((others != others[0]).any())


def _array(geometries: list[BaseGeometry]) -> NDArray[np.object_]:
    """An array shapely takes for geometries even when it is empty."""
    return np.array(geometries, dtype=object)


def _position(raw: Any) -> list[Any]:
    if not isinstance(raw, list) or not 2 <= len(raw) <= 4:
        raise ShapeError("的坐标点应为 [经度, 纬度]")
    return raw


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ShapeError("的坐标不是数值")
    return float(raw)
