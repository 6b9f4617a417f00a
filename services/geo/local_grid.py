"""A city's own grid, from a parameter file that stays with the city (such parameters are often secret).

The file is TOML. A point goes through up to three steps, each optional but the projection:

```toml
name = "某市独立坐标系"
axes = "east_north"          # or "north_east": in many Chinese grids x is the north coordinate

[plane]                      # 1. from the city's plane to the projection's plane, metres
method = "affine"            # x' = dx + a*x + b*y ;  y' = dy + c*x + d*y
dx = 0.0
dy = 0.0
a = 1.0
b = 0.0
c = 0.0
d = 1.0
# method = "similarity"      # four parameters: dx, dy, rotation (arc seconds, counter-clockwise), scale
(factor)

[projection]                 # 2. transverse Mercator
ellipsoid = "CGCS2000"       # WGS84, CGCS2000, Krasovsky, IAG75, or semi_major + inverse_flattening
central_meridian = 113.5     # degrees
latitude_of_origin = 0.0
scale = 1.0
false_easting = 0.0
false_northing = 0.0
height = 0.0                 # metres of the plane the lengths are reduced to (抵偿高程面), added to the axis

[datum]                      # 3. seven parameters to WGS84, only for an old ellipsoid
dx = 0.0                     # metres
dy = 0.0
dz = 0.0
rx = 0.0                     # arc seconds
ry = 0.0
rz = 0.0
scale_ppm = 0.0
convention = "position_vector"   # Bursa-Wolf, the usual one in China; or "coordinate_frame"
```
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pyproj import Transformer
from pyproj.exceptions import ProjError

from services.geo.coords import CoordinateSystem, Floats, parse_crs
from services.geo.errors import CoordinateError

_ELLIPSOIDS = {
    "wgs84": (6378137.0, 298.257223563),
    "cgcs2000": (6378137.0, 298.257222101),
    "krasovsky": (6378245.0, 298.3),
    "iag75": (6378140.0, 298.257),
}
_MOST_BYTES = 64 * 1024


class LocalGrid:
    """A city's own grid; x is east and y north unless its file says otherwise."""

    def __init__(self, name: str, plane: Floats, north_first: bool, pipeline: str) -> None:
        """Hold the plane step as a 2x3 matrix and the PROJ pipeline from the plane to lon, lat in degrees."""
        self.name = name
        self._plane = plane
        self._back = np.linalg.inv(plane[:, 1:])
        self._north_first = north_first
        self._pipeline = Transformer.from_pipeline(pipeline)

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Bring city coordinates in metres to lon, lat; what can't be converted becomes inf."""
        if self._north_first:
            x, y = y, x
        (dx, a, b), (dy, c, d) = self._plane.tolist()
        lon, lat = self._pipeline.transform(dx + a * x + b * y, dy + c * x + d * y)
        return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)

    def from_wgs84(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """The way back, in the city's axis order."""
        east, north = self._pipeline.transform(lon, lat, direction="INVERSE")
        east, north = (
            np.asarray(east, dtype=float) - self._plane[0, 0],
            np.asarray(north, dtype=float) - self._plane[1, 0],
        )
        x = self._back[0, 0] * east + self._back[0, 1] * north
        y = self._back[1, 0] * east + self._back[1, 1] * north
        return (y, x) if self._north_first else (x, y)


def load_local_grid(path: Path) -> LocalGrid:
    """Read a parameter file.

    Raises:
        CoordinateError: It can't be read, is not TOML, or a parameter is missing, unknown or impossible.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CoordinateError(f"坐标参数文件 {path.name} 过大。")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CoordinateError(f"读不到坐标参数文件 {path.name}：{error.strerror}。") from error
    except UnicodeDecodeError as error:
        raise CoordinateError(f"坐标参数文件 {path.name} 不是 UTF-8 文本。") from error
    return parse_local_grid(text)


def parse_local_grid(text: str) -> LocalGrid:
    """Understand the text of a parameter file; see the module for its keys. Raises CoordinateError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CoordinateError(f"坐标参数文件不是正确的 TOML：{error}。") from error
    _only(table, "", {"name", "axes", "plane", "projection", "datum"})
    axes = table.get("axes", "east_north")
    if axes not in ("east_north", "north_east"):
        raise CoordinateError("坐标参数 axes 应为 east_north 或 north_east。")
    if not isinstance(table.get("projection"), dict):
        raise CoordinateError("坐标参数文件缺少 [projection] 一节。")
    plane = _plane(_section(table, "plane"))
    pipeline = _pipeline(_section(table, "projection"), _section(table, "datum"))
    try:
        return LocalGrid(str(table.get("name", "地方坐标系")), plane, axes == "north_east", pipeline)
    except ProjError as error:
        raise CoordinateError(f"坐标参数不成立：{error}。") from error
    except np.linalg.LinAlgError as error:
        raise CoordinateError("平面转换参数不可逆。") from error


def find_system(text: str) -> CoordinateSystem:
    """Understand what `--crs` was given: a name for `parse_crs`, or the path of a parameter file (.toml)."""
    return load_local_grid(Path(text)) if text.lower().endswith(".toml") else parse_crs(text)


def _section(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = table.get(key, {})
    if not isinstance(found, dict):
        raise CoordinateError(f"坐标参数 {key} 应为一节 [{key}]。")
    return found


def _only(table: Mapping[str, Any], where: str, known: set[str]) -> None:
    """Refuse a key nobody reads: a misspelt parameter would otherwise move the whole city."""
    unknown = sorted(set(table) - known)
    if unknown:
        raise CoordinateError(f"坐标参数文件{where}有不认识的项：{'、'.join(unknown)}。")


def _number(table: Mapping[str, Any], key: str, default: float | None = None) -> float:
    value = table.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise CoordinateError(f"坐标参数 {key} 缺失或不是数值。")
    return float(value)


def _plane(table: Mapping[str, Any]) -> Floats:
    """The 2x3 matrix of the plane step: x' = m[0,0] + m[0,1] x + m[0,2] y, and so y'."""
    method = table.get("method", "affine")
    dx, dy = _number(table, "dx", 0.0), _number(table, "dy", 0.0)
    if method == "affine":
        _only(table, " [plane] ", {"method", "dx", "dy", "a", "b", "c", "d"})
        a, b, c, d = (_number(table, k, v) for k, v in (("a", 1.0), ("b", 0.0), ("c", 0.0), ("d", 1.0)))
        return np.array([[dx, a, b], [dy, c, d]])
    if method == "similarity":
        _only(table, " [plane] ", {"method", "dx", "dy", "rotation", "scale"})
        turn = math.radians(_number(table, "rotation", 0.0) / 3600.0)
        scale = _number(table, "scale", 1.0)
        cos, sin = scale * math.cos(turn), scale * math.sin(turn)
        return np.array([[dx, cos, -sin], [dy, sin, cos]])
    raise CoordinateError("平面转换 method 应为 affine 或 similarity。")


def _pipeline(projection: Mapping[str, Any], datum: Mapping[str, Any]) -> str:
    """The PROJ pipeline from the projection's plane in metres to lon, lat in degrees."""
    _only(
        projection,
        " [projection] ",
        {"ellipsoid", "semi_major", "inverse_flattening", "central_meridian", "latitude_of_origin", "scale"}
        | {"false_easting", "false_northing", "height"},
    )
    axis, flattening = _ellipsoid(projection)
    raised = axis + _number(projection, "height", 0.0)
    tmerc = " ".join(
        (
            "+proj=tmerc",
            f"+lat_0={_number(projection, 'latitude_of_origin', 0.0)!r}",
            f"+lon_0={_number(projection, 'central_meridian')!r}",
            f"+k={_number(projection, 'scale', 1.0)!r}",
            f"+x_0={_number(projection, 'false_easting', 0.0)!r}",
            f"+y_0={_number(projection, 'false_northing', 0.0)!r}",
            f"+a={raised!r} +rf={flattening!r}",
        )
    )
    steps = ["+proj=pipeline", f"+step +inv {tmerc}"]
    if datum:
        steps.append(_datum(datum, axis, flattening))
    steps.append("+step +proj=unitconvert +xy_in=rad +xy_out=deg")
    return " ".join(steps)


def _ellipsoid(projection: Mapping[str, Any]) -> tuple[float, float]:
    """Semi-major axis in metres and inverse flattening."""
    if "semi_major" in projection:
        return _number(projection, "semi_major"), _number(projection, "inverse_flattening")
    name = str(projection.get("ellipsoid", "CGCS2000")).lower()
    if name not in _ELLIPSOIDS:
        raise CoordinateError(f"不认识椭球“{name[:30]}”，应为 WGS84、CGCS2000、Krasovsky 或 IAG75。")
    return _ELLIPSOIDS[name]


def _datum(datum: Mapping[str, Any], axis: float, flattening: float) -> str:
    """The three steps through earth-centred coordinates with the seven parameters."""
    _only(datum, " [datum] ", {"dx", "dy", "dz", "rx", "ry", "rz", "scale_ppm", "convention"})
    convention = datum.get("convention", "position_vector")
    if convention not in ("position_vector", "coordinate_frame"):
        raise CoordinateError("坐标参数 convention 应为 position_vector 或 coordinate_frame。")
    dx, dy, dz = (_number(datum, k, 0.0) for k in ("dx", "dy", "dz"))
    rx, ry, rz = (_number(datum, k, 0.0) for k in ("rx", "ry", "rz"))
    helmert = f"+step +proj=helmert +x={dx!r} +y={dy!r} +z={dz!r} +rx={rx!r} +ry={ry!r} +rz={rz!r}"
    helmert += f" +s={_number(datum, 'scale_ppm', 0.0)!r} +convention={convention}"
    return f"+step +proj=cart +a={axis!r} +rf={flattening!r} {helmert} +step +inv +proj=cart +ellps=WGS84"
