"""Coordinates as an operator reads and copies them: degrees in a named system."""

from __future__ import annotations

from enum import Enum

from maps.geometry.mercator import unproject
from services.geo.coords import wgs84_to_gcj02


class CoordinateSystem(Enum):
    """Systems the map can name a place in; the value is how settings and callers name it."""

    WGS84 = "wgs84"
    GCJ02 = "gcj02"

    @property
    def label(self) -> str:
        """The name printed beside the figures; the same in every language."""
        return "GCJ-02" if self is CoordinateSystem.GCJ02 else "WGS84"

    @property
    def other(self) -> CoordinateSystem:
        """The system one switches to."""
        return CoordinateSystem.WGS84 if self is CoordinateSystem.GCJ02 else CoordinateSystem.GCJ02


def degrees_in(system: CoordinateSystem, x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a world point (metres) in a system."""
    lon, lat = (float(v) for v in unproject((x, y)))
    if system is CoordinateSystem.GCJ02:
        east, north = wgs84_to_gcj02(lon, lat)
        return float(east), float(north)
    return lon, lat


def copied_text(system: CoordinateSystem, x: float, y: float) -> str:
    """What goes to the clipboard: ``lon,lat`` to a decimetre and the name of the system."""
    lon, lat = degrees_in(system, x, y)
    return f"{lon:.6f},{lat:.6f} {system.label}"


def shown_text(system: CoordinateSystem, x: float, y: float) -> str:
    """What stands on the map: to a metre."""
    lon, lat = degrees_in(system, x, y)
    return f"{lon:.5f}, {lat:.5f}"
