"""Choosing a point: where the pin stands and in which grid, in plain values."""

from __future__ import annotations

from dataclasses import dataclass

from maps.geometry.mercator import MapDataError, project, unproject, valid_mask
from maps.geometry.viewport import Viewport
from maps.layers.state import MapState

CLICK_PX = 2.0
"""A hand places a point to about this many pixels."""


@dataclass(frozen=True, slots=True)
class Pin:
    """A chosen point: world metres, code of its grid (empty outside), exactness in true metres."""

    x: float
    y: float
    area_code: str
    accuracy_m: float

    @property
    def lonlat(self) -> tuple[float, float]:
        """WGS84 degrees, rounded to a centimetre."""
        lon, lat = unproject((self.x, self.y))
        return round(float(lon), 7), round(float(lat), 7)


def pin_at_pixel(state: MapState, view: Viewport, px: float, py: float) -> Pin:
    """Pin below a pixel; exact to what a hand can do at this zoom."""
    x, y = (float(v) for v in view.to_world((px, py)))
    return Pin(x, y, state.area_at(x, y), CLICK_PX * view.metres_per_pixel)


def pin_at_lonlat(state: MapState, lon: float, lat: float, accuracy_m: float) -> Pin:
    """Pin at given degrees.

    Raises:
        MapDataError: the degrees are no numbers or out of range.
    """
    if not bool(valid_mask(lon, lat)):
        raise MapDataError("longitude or latitude is not a number or out of range")
    x, y = (float(v) for v in project(lon, lat))
    return Pin(x, y, state.area_at(x, y), accuracy_m)
