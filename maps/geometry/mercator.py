"""Web Mercator: WGS84 degrees to world metres (EPSG:3857) and back, vectorised.

World metres are stretched by 1 / cos(latitude); whoever shows a distance must go through
:func:`true_scale`. CGCS2000 is taken as equal to WGS84 within the console's accuracy.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

EARTH_RADIUS_M = 6378137.0
MAX_LATITUDE = 85.05112877980659
"""Latitude at which the square world ends."""
WORLD_HALF_M = math.pi * EARTH_RADIUS_M


class MapDataError(ValueError):
    """A coordinate or shape that cannot be put on the map (NaN, out of range, empty)."""


def valid_mask(lon: npt.ArrayLike, lat: npt.ArrayLike) -> npt.NDArray[np.bool_]:
    """Tell which lon/lat pairs (degrees) are finite and inside the world square."""
    lon_a = np.asarray(lon, dtype=np.float64)
    lat_a = np.asarray(lat, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return (
            np.isfinite(lon_a)
            & np.isfinite(lat_a)
            & (np.abs(lon_a) <= 180.0)
            & (np.abs(lat_a) <= MAX_LATITUDE)
        )


def project(lon: npt.ArrayLike, lat: npt.ArrayLike) -> FloatArray:
    """Project degrees to world metres.

    Args:
        lon: longitudes in degrees, any shape.
        lat: latitudes in degrees, same shape.

    Returns:
        Array of shape ``(..., 2)``: x east, y north, world metres.

    Raises:
        MapDataError: a pair is NaN, infinite or outside the world square.
    """
    lon_a = np.asarray(lon, dtype=np.float64)
    lat_a = np.asarray(lat, dtype=np.float64)
    if not bool(np.all(valid_mask(lon_a, lat_a))):
        raise MapDataError("longitude or latitude is not a number or out of range")
    x = np.radians(lon_a) * EARTH_RADIUS_M
    y = np.log(np.tan(np.pi / 4 + np.radians(lat_a) / 2)) * EARTH_RADIUS_M
    return np.stack([x, y], axis=-1)


def unproject(xy: npt.ArrayLike) -> FloatArray:
    """Turn world metres of shape ``(..., 2)`` back into degrees ``(lon, lat)`` of the same shape."""
    pts = np.asarray(xy, dtype=np.float64)
    lon = np.degrees(pts[..., 0] / EARTH_RADIUS_M)
    lat = np.degrees(2 * np.arctan(np.exp(pts[..., 1] / EARTH_RADIUS_M)) - np.pi / 2)
    return np.stack([lon, lat], axis=-1)


def true_scale(y: float) -> float:
    """Give true metres per world metre at world ordinate ``y`` (cosine of the latitude)."""
    return 1.0 / math.cosh(y / EARTH_RADIUS_M)


def true_distance(a: npt.ArrayLike, b: npt.ArrayLike) -> float:
    """Distance in true metres between two world points close enough for a flat map (a district)."""
    pa = np.asarray(a, dtype=np.float64)
    pb = np.asarray(b, dtype=np.float64)
    middle = float((pa[1] + pb[1]) / 2)
    return float(np.hypot(*(pb - pa))) * true_scale(middle)
