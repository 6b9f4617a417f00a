"""True lengths and areas on the WGS84 ellipsoid, for what an operator measures. Degrees in, metres out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

from maps.geometry.mercator import FloatArray, unproject

ELLIPSOID = Geod(ellps="WGS84")
"""Geodesics after Karney; CGCS2000 differs from it by less than a millimetre over a city."""


def segment_lengths(lonlat: npt.ArrayLike) -> FloatArray:
    """Length in metres of each of the n - 1 geodesics along ``(n, 2)`` degrees; empty for fewer than two points."""
    pts = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    if len(pts) < 2:
        return np.empty(0)
    _, _, metres = ELLIPSOID.inv(pts[:-1, 0], pts[:-1, 1], pts[1:, 0], pts[1:, 1])
    return np.asarray(metres, dtype=np.float64)


def ring_area(lonlat: npt.ArrayLike) -> float:
    """Area in square metres inside the ring ``(n, 2)`` degrees, closed or not, either way round; 0 below three.

    A ring that crosses itself has no area in this sense: ask :func:`crosses_itself` first.
    """
    pts = np.asarray(lonlat, dtype=np.float64).reshape(-1, 2)
    if len(pts) < 3:
        return 0.0
    area, _ = ELLIPSOID.polygon_area_perimeter(pts[:, 0], pts[:, 1])
    return abs(float(area))


def crosses_itself(xy: npt.ArrayLike) -> bool:
    """Tell whether the ring through ``(n, 2)`` points (closed or not) crosses or touches itself."""
    pts = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if len(pts) < 4:
        return False
    return not bool(shapely.is_simple(shapely.LinearRing(pts)))


def degrees_of(xy: npt.ArrayLike) -> FloatArray:
    """World metres ``(n, 2)`` to WGS84 degrees ``(n, 2)``; no points give an empty array of that shape."""
    pts = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    return unproject(pts)
