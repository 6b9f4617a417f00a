"""The camera layer: where cameras stand and where they look; symbols only."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from maps.geometry.mercator import FloatArray, project, valid_mask


@dataclass(frozen=True, slots=True)
class MapCamera:
    """One camera.

    Attributes:
        camera_id: identity.
        name: display name.
        lon: WGS84 longitude, degrees.
        lat: WGS84 latitude, degrees.
        heading: where it looks, degrees clockwise from north; None for all round or not known: no cone.
        watched: its picture is being looked at.
        lost: its signal is lost.
        since: since when, in words (14:07).
    """

    camera_id: str
    name: str
    lon: float
    lat: float
    heading: float | None = None
    watched: bool = False
    lost: bool = False
    since: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CameraLayer:
    """Cameras with usable positions in order of id, and their world points ``(n, 2)``."""

    cameras: tuple[MapCamera, ...] = ()
    xy: FloatArray = field(default_factory=lambda: np.empty((0, 2)))

    def __len__(self) -> int:
        return len(self.cameras)

    @staticmethod
    def of(cameras: Iterable[MapCamera]) -> CameraLayer:
        """Take the cameras that have a usable position; of two with one id the later counts."""
        everyone = list(cameras)
        lon = np.array([c.lon for c in everyone], dtype=np.float64)
        lat = np.array([c.lat for c in everyone], dtype=np.float64)
        by_id = {everyone[i].camera_id: i for i in np.flatnonzero(valid_mask(lon, lat)).tolist()}
        order = [by_id[name] for name in sorted(by_id)]
        kept = tuple(everyone[i] for i in order)
        xy = project(lon[order], lat[order]) if kept else np.empty((0, 2))
        return CameraLayer(kept, xy)


def usable_heading(heading: float | None) -> float | None:
    """Heading between 0 and 360, None where it is none."""
    return None if heading is None or not math.isfinite(heading) else heading % 360.0
