"""The officer layer: where grid workers (网格员) were last heard of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from maps.geometry.mercator import project, true_distance, valid_mask


@dataclass(frozen=True, slots=True)
class MapOfficer:
    """One grid worker with a last position.

    Attributes:
        officer_id: identity.
        name: full name.
        lon: WGS84 longitude, degrees.
        lat: WGS84 latitude, degrees.
        busy: has a task in hand.
        lost: not heard of for ten minutes.
        seen: time of the last report, in words (14:07).
        area_name: grid he or she is responsible for.
    """

    officer_id: str
    name: str
    lon: float
    lat: float
    busy: bool = False
    lost: bool = False
    seen: str = ""
    area_name: str = ""


@dataclass(frozen=True, slots=True)
class OfficerLayer:
    """Officers with usable positions, ordered by id, and their world points."""

    officers: tuple[MapOfficer, ...] = ()
    points: tuple[tuple[float, float], ...] = ()

    @staticmethod
    def of(officers: Iterable[MapOfficer]) -> OfficerLayer:
        """Take the officers that have a usable position; the others cannot be drawn."""
        usable = sorted((o for o in officers if bool(valid_mask(o.lon, o.lat))), key=lambda o: o.officer_id)
        points = tuple((float(p[0]), float(p[1])) for p in (project(o.lon, o.lat) for o in usable))
        return OfficerLayer(tuple(usable), points)

    def nearest(self, x: float, y: float) -> tuple[int, float] | None:
        """Index and true metres of the nearest officer who is in contact; None if there is none."""
        best: tuple[int, float] | None = None
        for i, (officer, point) in enumerate(zip(self.officers, self.points, strict=True)):
            if officer.lost:
                continue
            distance = true_distance((x, y), point)
            if best is None or distance < best[1]:
                best = (i, distance)
        return best
