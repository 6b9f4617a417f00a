"""Where a plane lies on the map: plane units and datum to world metres (Web Mercator of WGS84) and back.

World metres are what the canvas draws in. GCJ-02 is undone by `services.geo.coords`; its shift bends by up to
0.3 percent, so it is looked up along edges and meshes, never once for a whole tile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.basemaps.matrices import EARTH_RADIUS_M, WORLD_HALF_M, Bounds, Plane
from services.basemaps.sources import Datum
from services.geo.coords import gcj02_to_wgs84, wgs84_to_gcj02

Floats = NDArray[np.float64]
MAX_LATITUDE = 85.05112877980659
_EDGE_POINTS = 17


def mercator_y(lat: Floats) -> Floats:
    """Degrees of latitude to world metres; beyond the square world's edge the edge. Any shape."""
    bounded = np.radians(np.clip(lat, -MAX_LATITUDE, MAX_LATITUDE))
    return np.asarray(np.log(np.tan(np.pi / 4 + bounded / 2)) * EARTH_RADIUS_M)


def latitude(y: Floats) -> Floats:
    """World metres to degrees of latitude. Any shape."""
    return np.asarray(np.degrees(2 * np.arctan(np.exp(y / EARTH_RADIUS_M)) - np.pi / 2))


def to_degrees(plane: Plane, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Plane units to longitude and latitude of the same datum."""
    if plane is Plane.DEGREES:
        return x, y
    return np.asarray(x / WORLD_HALF_M * 180.0), latitude(y)


def from_degrees(plane: Plane, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude to plane units of the same datum."""
    if plane is Plane.DEGREES:
        return lon, lat
    return np.asarray(lon / 180.0 * WORLD_HALF_M), mercator_y(lat)


def to_world(plane: Plane, datum: Datum, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Points of a plane to world metres."""
    lon, lat = to_degrees(plane, x, y)
    if datum is Datum.GCJ02:
        lon, lat = gcj02_to_wgs84(lon, lat)
    return from_degrees(Plane.MERCATOR, lon, lat)


def from_world(plane: Plane, datum: Datum, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """World metres to points of a plane."""
    lon, lat = to_degrees(Plane.MERCATOR, x, y)
    if datum is Datum.GCJ02:
        lon, lat = wgs84_to_gcj02(lon, lat)
    return from_degrees(plane, lon, lat)


def plane_bounds(plane: Plane, datum: Datum, world: Bounds) -> Bounds:
    """Return the rectangle of a plane that holds a rectangle of the world."""
    if datum is Datum.WGS84:
        x, y = from_world(plane, datum, np.array(world[0::2]), np.array(world[1::2]))
    else:
        x, y = from_world(plane, datum, *_outline(world))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def world_bounds(plane: Plane, datum: Datum, bounds: Bounds) -> Bounds:
    """Return the rectangle of the world that holds a rectangle of a plane."""
    if datum is Datum.WGS84:
        if plane is Plane.MERCATOR:
            return bounds
        x, y = to_world(plane, datum, np.array(bounds[0::2]), np.array(bounds[1::2]))
    else:
        x, y = to_world(plane, datum, *_outline(bounds))
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _outline(bounds: Bounds) -> tuple[Floats, Floats]:
    """Points along the four edges of a rectangle."""
    west, south, east, north = bounds
    xs, ys = np.linspace(west, east, _EDGE_POINTS), np.linspace(south, north, _EDGE_POINTS)
    x = np.concatenate((xs, xs, np.full_like(ys, west), np.full_like(ys, east)))
    y = np.concatenate((np.full_like(xs, south), np.full_like(xs, north), ys, ys))
    return x, y
