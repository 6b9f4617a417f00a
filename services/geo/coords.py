"""Coordinate systems: inside the product all is WGS84 lon/lat in degrees; this module brings the rest there.

GCJ-02 is the shifted system of Chinese web maps. Its forward formula is known from public sources; the
inverse has no closed form and is found by iteration. CGCS2000 and WGS84 differ by centimetres, so they are
taken as equal (a console shows metres). `EPSG:n` goes through PROJ. A city's own grid is described by a
parameter file (`services.geo.local_grid`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError, ProjError
from shapely.geometry.base import BaseGeometry

from services.geo.errors import CoordinateError

Floats = NDArray[np.float64]

_GCJ_AXIS = 6378245.0  # Krasovsky 1940 semi-major axis, metres
_GCJ_ECCENTRICITY = 0.00669342162296594323  # first eccentricity squared of the same ellipsoid
_CHINA_BOX = (
    72.004,
    0.8293,
    137.8347,
    55.8271,
)  # the box outside which GCJ-02 is WGS84: west, south, east, north
_EDGE_DEG = 0.02  # no GCJ-02 shift is longer than this
_INVERSE_ROUNDS = 30
_INVERSE_STOP_DEG = 1e-13
_EARTH_M = 6371008.8  # mean radius, IUGG


class CoordinateSystem(Protocol):
    """A system points can be brought from and to; x is east or longitude, y is north or latitude."""

    @property
    def name(self) -> str:
        """The name shown to the user."""
        ...

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Bring arrays of any one shape to lon, lat in degrees; what can't be converted is inf or nan."""
        ...

    def from_wgs84(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """The way back, same shapes."""
        ...


def in_china_box(lon: ArrayLike, lat: ArrayLike) -> NDArray[np.bool_]:
    """Tell which points lie in the box in which GCJ-02 shifts (degrees, any shape)."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    west, south, east, north = _CHINA_BOX
    return np.asarray((x >= west) & (x <= east) & (y >= south) & (y <= north))


def _gcj_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """The GCJ-02 shift in degrees at WGS84 points, without asking whether they lie in China."""
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    waves = (20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves
    dlat = dlat + (20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    dlat = dlat + (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves
    dlon = dlon + (20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    dlon = dlon + (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    angle = lat / 180.0 * np.pi
    magic = 1.0 - _GCJ_ECCENTRICITY * np.sin(angle) ** 2
    root_magic = np.sqrt(magic)
    meridian = _GCJ_AXIS * (1.0 - _GCJ_ECCENTRICITY) / (magic * root_magic)
    dlat = dlat * 180.0 / (meridian * np.pi)
    dlon = dlon * 180.0 / (_GCJ_AXIS / root_magic * np.cos(angle) * np.pi)
    return dlon, dlat


def wgs84_to_gcj02(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Shift WGS84 degrees to GCJ-02; points outside the China box come back unchanged. Any one shape."""
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    inside = in_china_box(x, y)
    dlon, dlat = _gcj_shift(np.where(inside, x, 105.0), np.where(inside, y, 35.0))
    return np.where(inside, x + dlon, x), np.where(inside, y + dlat, y)


def gcj02_to_wgs84(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Undo the GCJ-02 shift by fixed-point iteration (well below 1e-9 degrees). Any one shape.

    On the rim of the China box, where the system itself jumps by some hundred metres, a point whose origin
    lies inside the box is taken as shifted.
    """
    x, y = np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)
    west, south, east, north = _CHINA_BOX
    near = (
        (x >= west - _EDGE_DEG)
        & (x <= east + _EDGE_DEG)
        & (y >= south - _EDGE_DEG)
        & (y <= north + _EDGE_DEG)
    )
    target_x, target_y = np.where(near, x, 105.0), np.where(near, y, 35.0)
    origin_x, origin_y = target_x, target_y
    for _ in range(_INVERSE_ROUNDS):
        dlon, dlat = _gcj_shift(origin_x, origin_y)
        next_x, next_y = target_x - dlon, target_y - dlat
        step = max(_largest(next_x - origin_x), _largest(next_y - origin_y))
        origin_x, origin_y = next_x, next_y
        if step < _INVERSE_STOP_DEG:
            break
    shifted = near & in_china_box(origin_x, origin_y)
    return np.where(shifted, origin_x, x), np.where(shifted, origin_y, y)


def _largest(values: Floats) -> float:
    """The largest absolute value, 0 for an empty array."""
    return float(np.max(np.abs(values))) if values.size else 0.0


class _Same:
    """WGS84, and CGCS2000 within the accuracy of a console: nothing to do."""

    def __init__(self, name: str) -> None:
        self.name = name

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Give the points back."""
        return x, y

    def from_wgs84(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Give the points back."""
        return lon, lat


class _Gcj02:
    """The shifted system of Chinese web maps."""

    name = "GCJ-02"

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Undo the shift."""
        return gcj02_to_wgs84(x, y)

    def from_wgs84(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Apply the shift."""
        return wgs84_to_gcj02(lon, lat)


class ProjSystem:
    """A system PROJ knows, by a pair of transformers that take and give x/lon first."""

    def __init__(self, name: str, there: Transformer, back: Transformer) -> None:
        """Hold the transformers: `there` brings to WGS84, `back` leads from it."""
        self.name = name
        self._there = there
        self._back = back

    def to_wgs84(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Bring to lon, lat; outside the system's domain the values are inf."""
        lon, lat = self._there.transform(x, y)
        return np.asarray(lon, dtype=float), np.asarray(lat, dtype=float)

    def from_wgs84(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """The way back; outside the system's domain the values are inf."""
        x, y = self._back.transform(lon, lat)
        return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


WGS84: CoordinateSystem = _Same("WGS84")
CGCS2000: CoordinateSystem = _Same("CGCS2000")
GCJ02: CoordinateSystem = _Gcj02()

_NAMED: dict[str, CoordinateSystem] = {
    "wgs84": WGS84,
    "epsg:4326": WGS84,
    "ogc:crs84": WGS84,
    "cgcs2000": CGCS2000,
    "epsg:4490": CGCS2000,
    "gcj02": GCJ02,
}
_URN = re.compile(r"^urn:ogc:def:crs:(epsg|ogc):[^:]*:(\w+)$")


def parse_crs(text: str) -> CoordinateSystem:
    """Understand `wgs84`, `cgcs2000`, `gcj02`, `EPSG:n`, an OGC URN or a WKT text from a file.

    Raises:
        CoordinateError: The name is not known to us or to PROJ.
    """
    key = text.strip().lower().replace("gcj-02", "gcj02").replace(" ", "")
    urn = _URN.match(key)
    if urn:
        key = f"{urn.group(1)}:{urn.group(2)}"
    if key in _NAMED:
        return _NAMED[key]
    try:
        crs = CRS.from_user_input(key if key.startswith("epsg:") else text)
        there = Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
        back = Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    except (CRSError, ProjError) as error:
        raise CoordinateError(
            f"不认识坐标系“{text[:60]}”，请用 wgs84、cgcs2000、gcj02、EPSG:编号，或地方坐标参数文件。"
        ) from error
    if crs.to_epsg(min_confidence=70) in (4326, 4490):
        return WGS84
    return ProjSystem(str(crs.name), there, back)


def as_system(crs: CoordinateSystem | str) -> CoordinateSystem:
    """Take a system as it is, or find it by name (see `parse_crs`)."""
    return parse_crs(crs) if isinstance(crs, str) else crs


def to_wgs84(geometry: Any, crs: CoordinateSystem | str) -> Any:
    """Bring a shapely geometry, an array of geometries, or a pair `(x, y)` of numbers or arrays to WGS84.

    Returns the same kind of thing; heights are dropped from geometries.
    """
    return _convert(geometry, as_system(crs).to_wgs84)


def from_wgs84(geometry: Any, crs: CoordinateSystem | str) -> Any:
    """The way back from WGS84, with the same kinds of input as `to_wgs84`."""
    return _convert(geometry, as_system(crs).from_wgs84)


def _convert(value: Any, move: Callable[[Floats, Floats], tuple[Floats, Floats]]) -> Any:
    if isinstance(value, tuple) and len(value) == 2:
        x, y = move(np.asarray(value[0], dtype=float), np.asarray(value[1], dtype=float))
        return (float(x), float(y)) if x.ndim == 0 else (x, y)
    if isinstance(value, BaseGeometry | np.ndarray):
        return shapely.transform(value, lambda xy: np.column_stack(move(xy[:, 0], xy[:, 1])))
    raise CoordinateError("坐标应是一对数值或一个图形。")


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Metres for one degree of longitude and one of latitude near a latitude (local equirectangular)."""
    north = math.pi / 180.0 * _EARTH_M
    return north * math.cos(math.radians(lat)), north


def distance_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Distance in metres between two points a city apart at most (local equirectangular)."""
    east, north = metres_per_degree((lat1 + lat2) / 2.0)
    return math.hypot((lon2 - lon1) * east, (lat2 - lat1) * north)
