"""Judges the polygon of an area: fit, repaired with a note, or refused with a reason.

Notes and reasons are Chinese sentences that begin with the name of the feature. Input is WGS84 lon/lat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

MOST_VERTICES = 1_000_000
MOST_AREA_CHANGE = 0.5
_MOST_DEPTH = 8
_FEW_EDGES, _COMPARED, _MOST_CROSSINGS, _MOST_MEETINGS = 400, 30_000_000, 20_000, 300_000_000
_LARGE = 20_000  # vertices from which a border is looked at before anything else touches it
_Points = NDArray[np.float64]
_TOUCHED = 1e-9  # relative change of area below which a repair is said to have kept the shape
_CHINA = (73.0, 3.0, 136.0, 54.0)  # west, south, east, north: where a swapped pair would land


@dataclass(frozen=True, slots=True)
class Repaired:
    """A usable polygon or multi-polygon; `note` says what was done to it, None when nothing was."""

    geometry: BaseGeometry
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The polygon can't be used; `reason` is a sentence that names the feature."""

    reason: str


def repair_polygon(
    geometry: BaseGeometry | None,
    name: str,
    *,
    most_vertices: int = MOST_VERTICES,
    most_change: float = MOST_AREA_CHANGE,
) -> Repaired | Refused:
    """Check a geometry and mend what can be mended without guessing.

    Args:
        geometry: What was read, in WGS84 lon/lat; heights are dropped.
        name: How to call the feature in a sentence, e.g. `第 12 个要素“新塘社区”`.
        most_vertices: More vertices than this are refused.
        most_change: Refused when mending changes the area by more than this share.
    """
    if geometry is None or geometry.is_empty:
        return Refused(f"{name}没有图形。")
    vertices = int(shapely.get_num_coordinates(geometry))
    if vertices > most_vertices:
        return Refused(f"{name}有 {vertices:,} 个顶点，超过上限 {most_vertices:,}。")
    polygonal = _polygonal(geometry, name)
    if isinstance(polygonal, Refused):
        return polygonal
    wrong = _wrong_numbers(polygonal.geometry, name)
    if wrong is not None:
        return wrong
    if vertices > _LARGE and too_tangled(polygonal.geometry):
        return Refused(f"{name}的边界自交太多或过于复杂，无法检查，请在原图中改正。")
    if polygonal.geometry.is_valid:
        return polygonal if shapely.area(polygonal.geometry) > 0.0 else Refused(f"{name}的面积为零。")
    mended = _mended(polygonal.geometry, name, most_change)
    if isinstance(mended, Repaired) and polygonal.note:
        return Repaired(mended.geometry, f"{polygonal.note}{(mended.note or '').removeprefix(name)}")
    return mended


def _polygonal(geometry: BaseGeometry, name: str) -> Repaired | Refused:
    """Take polygons as they are, and the polygons out of a collection however deeply nested."""
    geometry = shapely.force_2d(geometry)
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        return Repaired(geometry)
    if geometry.geom_type != "GeometryCollection":
        return Refused(f"{name}的图形是{_type_label(geometry)}，不是面。")
    parts, deeper = list(shapely.get_parts(geometry)), 0
    while any(p.geom_type == "GeometryCollection" for p in parts):
        deeper += 1
        if deeper > _MOST_DEPTH:
            return Refused(f"{name}的几何集合嵌套超过 {_MOST_DEPTH} 层。")
        parts = [inner for p in parts for inner in _opened(p)]
    polygons = [
        inner for p in parts if p.geom_type in ("Polygon", "MultiPolygon") for inner in shapely.get_parts(p)
    ]
    if not polygons:
        return Refused(f"{name}的几何集合中没有面。")
    others = sum(p.geom_type not in ("Polygon", "MultiPolygon") for p in parts)
    note = f"{name}是几何集合，已取出其中的面" + (f"，舍去 {others} 个点或线。" if others else "。")
    return Repaired(polygons[0] if len(polygons) == 1 else shapely.multipolygons(polygons), note)


def _opened(part: BaseGeometry) -> list[BaseGeometry]:
    return list(shapely.get_parts(part)) if part.geom_type == "GeometryCollection" else [part]


_TYPE_LABEL = {
    "Point": "点",
    "MultiPoint": "多点",
    "LineString": "线",
    "LinearRing": "线",
    "MultiLineString": "多线",
}


def _type_label(geometry: BaseGeometry) -> str:
    return _TYPE_LABEL.get(geometry.geom_type, str(geometry.geom_type))


def _wrong_numbers(geometry: BaseGeometry, name: str) -> Refused | None:
    """Refuse numbers that are no lon/lat on earth, with a guess when the axes seem swapped."""
    xy = shapely.get_coordinates(geometry)
    if not np.isfinite(xy).all():
        return Refused(f"{name}的坐标含有 NaN 或无穷大。")
    west, south = xy.min(axis=0).tolist()
    east, north = xy.max(axis=0).tolist()
    guess = "经纬度可能写反。" if looks_swapped(west, south, east, north) else ""
    if west < -180.0 or east > 180.0 or south < -90.0 or north > 90.0:
        worst = max((abs(v), v) for v in (west, east, south, north))[1]
        hint = guess or ("可能是投影坐标，请用 --crs 指明坐标系。" if abs(worst) > 400.0 else "")
        return Refused(f"{name}的坐标 {worst:.6g} 超出经纬度范围。{hint}")
    if guess:
        return Refused(f"{name}的{guess}")
    return None


def looks_swapped(west: float, south: float, east: float, north: float) -> bool:
    """Whether a box whose x looks like a Chinese latitude and y like a Chinese longitude has its axes swapped."""
    china_west, china_south, china_east, china_north = _CHINA
    return china_south <= west <= east <= china_north and china_west <= south <= north <= china_east


def too_tangled(geometry: BaseGeometry) -> bool:
    """Whether checking or mending a border would take minutes and gigabytes.

    Checking compares edges whose boxes meet, mending makes a corner of every crossing; the numbers of both are
    estimated from some of the edges against all the others, which takes a second for a million.
    """
    xy, part = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(geometry)), return_index=True)
    joined = part[1:] == part[:-1]
    start, end = xy[:-1][joined], xy[1:][joined]
    count = len(start)
    if count <= _FEW_EDGES or not np.isfinite(xy).all():
        return False
    low, high = np.minimum(start, end), np.maximum(start, end)
    looked_at = np.linspace(0, count - 1, int(np.clip(_COMPARED // count, 32, 512)), dtype=np.int64)
    each = count / len(looked_at)
    meetings = crossings = 0.0
    for i in looked_at.tolist():
        met = np.flatnonzero(((low <= high[i]) & (high >= low[i])).all(axis=1))
        meetings += len(met) * each
        crossings += _crossing(start[i], end[i], start[met], end[met]) * each / 2
        if meetings > _MOST_MEETINGS or crossings > _MOST_CROSSINGS:
            return True
    return False


def _crossing(a: _Points, b: _Points, start: _Points, end: _Points) -> int:
    """How many edges pass from one side of the edge ``a b`` to the other while it does so with them."""

    def side(p: _Points, q: _Points, r: _Points) -> _Points:
        return np.sign(
            (q[..., 0] - p[..., 0]) * (r[..., 1] - p[..., 1])
            - (q[..., 1] - p[..., 1]) * (r[..., 0] - p[..., 0])
        )

    across = side(a, b, start) * side(a, b, end) < 0
    return int(np.count_nonzero(across & (side(start, end, a) * side(start, end, b) < 0)))


def _mended(geometry: BaseGeometry, name: str, most_change: float) -> Repaired | Refused:
    """Make an invalid polygon valid, keep its polygonal part, and tell how far that changed it."""
    reason = _reason(geometry)
    if shapely.get_num_coordinates(geometry) <= _LARGE and too_tangled(geometry):
        return Refused(f"{name}{reason}，自交太多，无法修复，请在原图中改正。")
    before = float(np.sum(shapely.area(shapely.get_parts(geometry))))
    valid = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
    parts = shapely.get_parts(shapely.get_parts(valid))  # a multi-polygon may come inside a collection
    kept = shapely.union_all([p for p in parts if p.geom_type == "Polygon"])  # parts may share an edge
    if kept.is_empty or not kept.is_valid:
        return Refused(f"{name}{reason}，修复后没有剩下面积。")
    after = float(shapely.area(kept))
    change = abs(after - before) / max(after, before)
    if change > most_change:
        return Refused(f"{name}{reason}，修复会使面积改变 {change:.0%}，请在原图中改正。")
    moved = f"面积变化 {change:.2%}" if change > _TOUCHED else "面积不变"
    return Repaired(kept, f"{name}{reason}，已修复，{moved}。")


_PLACE = re.compile(r"\[([-+.\deE]+) ([-+.\deE]+)")
_REASONS = (
    ("Too few points", "的环少于四个点"),
    ("Ring Self-intersection", "的环与自身相接"),
    ("Self-intersection", "的边界自相交"),
    ("Hole lies outside", "的内环在外环之外"),
    ("Holes are nested", "的内环互相嵌套"),
    ("Nested shells", "的面互相重叠"),
    ("Nested holes", "的内环互相嵌套"),
    ("Duplicate Rings", "有重复的环"),
    ("Interior is disconnected", "的内部被内环隔断"),
)


def _reason(geometry: BaseGeometry) -> str:
    """Why GEOS calls a polygon invalid, in Chinese, with the place."""
    text = str(shapely.is_valid_reason(geometry))
    label = next((label for key, label in _REASONS if text.startswith(key)), "的图形不合法")
    place = _PLACE.search(text)
    return f"{label}（{float(place[1]):.6f}, {float(place[2]):.6f}）" if place else label
