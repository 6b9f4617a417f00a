"""Tiles whose pixels say where they are: soft spots (beacons) at known places, drawn in the tile's own system.

The places are computed by PROJ and `services.geo.coords`, not by the code under test.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from services.basemaps.matrices import Bounds, Plane
from services.basemaps.sources import Datum
from services.geo.coords import parse_crs, wgs84_to_gcj02

SIGMA_PX = 2.0
GROUND = (90, 110, 70)
_MERCATOR = parse_crs("EPSG:3857")


@dataclass(frozen=True)
class Beacon:
    """A place in WGS84 degrees."""

    lon: float
    lat: float

    @property
    def world(self) -> tuple[float, float]:
        """World metres, by PROJ."""
        x, y = _MERCATOR.from_wgs84(np.array([self.lon]), np.array([self.lat]))
        return float(x[0]), float(y[0])

    def on(self, plane: Plane, datum: Datum) -> tuple[float, float]:
        """Units of a plane in a datum."""
        lon, lat = self.lon, self.lat
        if datum is Datum.GCJ02:
            lon, lat = (float(v) for v in wgs84_to_gcj02(lon, lat))
        if plane is Plane.DEGREES:
            return lon, lat
        x, y = _MERCATOR.from_wgs84(np.array([lon]), np.array([lat]))
        return float(x[0]), float(y[0])


def tile_pixels(
    plane: Plane, datum: Datum, bounds: Bounds, beacons: Iterable[Beacon], size: int = 256
) -> NDArray[np.uint8]:
    """Red, green, blue of a tile with the beacons that lie in or near it."""
    west, south, east, north = bounds
    rows, columns = np.mgrid[0:size, 0:size]
    light = np.zeros((size, size))
    for beacon in beacons:
        x, y = beacon.on(plane, datum)
        px = (x - west) / (east - west) * size - 0.5
        py = (north - y) / (north - south) * size - 0.5
        if -20 < px < size + 20 and -20 < py < size + 20:
            light += np.exp(-((columns - px) ** 2 + (rows - py) ** 2) / (2 * SIGMA_PX**2))
    light = np.clip(light, 0, 1)[..., None]
    made = np.array(GROUND) * (1 - light) + 255 * light
    return np.asarray(made + 0.5, dtype=np.uint8)


def png(pixels: NDArray[np.uint8], kind: str = "PNG") -> bytes:
    """Pixels as the bytes of a picture file."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, kind)
    return out.getvalue()


def centroid(light: NDArray[np.float64], px: float, py: float, reach: float = 7.0) -> tuple[float, float]:
    """Where the spot near a pixel really is (pixel centres lie at .5); NaN when there is none.

    `light` is rows × columns, 0 for the ground and 1 for the middle of a spot.
    """
    c0, r0 = max(math.floor(px - reach), 0), max(math.floor(py - reach), 0)
    part = light[r0 : math.ceil(py + reach), c0 : math.ceil(px + reach)]
    part = np.where(part > 0.1, part, 0.0)
    total = part.sum()
    if total < 1.0:
        return math.nan, math.nan
    rows, columns = np.mgrid[0 : part.shape[0], 0 : part.shape[1]]
    return (
        float((part * columns).sum() / total + c0 + 0.5),
        float((part * rows).sum() / total + r0 + 0.5),
    )


def light_of(blue: NDArray[np.uint8]) -> NDArray[np.float64]:
    """The light of the beacons in the blue channel of a picture."""
    return np.clip((blue.astype(float) - GROUND[2]) / (255 - GROUND[2]), 0, 1)
