"""Where cases happen: points of the district with their grid, address and weight, hot spots among them.

A site is looked up once (grid, distance to the border, address) and used for many cases; `Site.near_by` moves
a case a few metres aside, never so far that grid or border flag would change.
"""

from __future__ import annotations

import bisect
import itertools
import random
from dataclasses import dataclass
from math import cos, pi, sin

from services.backend.demo.geometry import District
from services.domain.codes import area_path
from services.domain.reference import Position
from services.geo.coords import metres_per_degree
from services.geo.grids import NEAR_BOUNDARY_M

PER_GRID = 3
_FARTHEST_M = 14.0
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Site:
    """A point (WGS84) with what the grid index says of it and how it is written.

    `room_m` is how far a case may lie from it; `spot` is the address as a sentence names it.
    """

    lon: float
    lat: float
    position: Position
    address: str
    spot: str
    place: bool
    room_m: float

    def near_by(self, rng: random.Random) -> tuple[float, float]:
        """Return a point within the room of the site: lon, lat rounded to 1e-6 degrees (0.1 m)."""
        if self.room_m <= 0:
            return self.lon, self.lat
        turn, far = rng.random() * 2 * pi, rng.random() * self.room_m
        east, north = metres_per_degree(self.lat)
        return round(self.lon + far * sin(turn) / east, _DIGITS), round(
            self.lat + far * cos(turn) / north, _DIGITS
        )


class Sites:
    """All sites of a district with their weights; `pick` draws one in proportion to its weight."""

    def __init__(self, district: District, seed: int) -> None:
        """Draw the sites: three a grid and every place; about one grid in fifteen is a hot spot."""
        rng = random.Random(f"sites-{seed}")
        self.sites: list[Site] = []
        weights: list[float] = []
        heat = _heat(district, rng)
        for area in district.grids:
            for _ in range(PER_GRID):
                lon, lat = (round(v, _DIGITS) for v in district.random_point(area.code, rng))
                made = _site(district, lon, lat, "")
                if made is not None:
                    self.sites.append(made)
                    weights.append(heat[area.code] * rng.uniform(0.3, 1.7))
        for place in district.places:
            made = _site(district, round(place.lon, _DIGITS), round(place.lat, _DIGITS), place.name)
            if made is not None:
                self.sites.append(made)
                weights.append(heat[place.grid] * rng.uniform(0.8, 3.0))
        self._sums = list(itertools.accumulate(weights))

    def pick(self, rng: random.Random) -> Site:
        """Draw a site."""
        return self.sites[bisect.bisect(self._sums, rng.random() * self._sums[-1])]


def _heat(district: District, rng: random.Random) -> dict[str, float]:
    """Return a weight for every grid: streets differ, the middle is busier, some grids are hot spots."""
    west, south, east, north = district.bounds
    streets = {a.code: rng.uniform(0.7, 1.4) for a in district.areas if a.level == "street"}
    found = {}
    for area in district.grids:
        lon, lat = district.index.polygon(area.code).representative_point().coords[0]
        dx, dy = (2 * lon - west - east) / (east - west), (2 * lat - south - north) / (north - south)
        middle = 1.6 - min(1.2, (dx * dx + dy * dy) ** 0.5)
        hot = rng.uniform(4.0, 9.0) if rng.random() < 1 / 15 else 1.0
        found[area.code] = middle * hot * streets[area.code[:9]]
    return found


def _site(district: District, lon: float, lat: float, place: str) -> Site | None:
    """Look a point up; None when rounding moved it out of the district."""
    hit = district.index.locate(lon, lat)
    if hit is None:
        return None
    road = district.address_at(lon, lat)
    full = district.full_address_at(lon, lat) + (f"（{place}）" if place else "")
    position = Position(
        hit.code, area_path(hit.code), (hit.neighbour or hit.code) if hit.near_boundary else None
    )
    room = 0.0 if hit.near_boundary else min(_FARTHEST_M, (hit.boundary_m - NEAR_BOUNDARY_M) * 0.9)
    return Site(lon, lat, position, full, place or road, bool(place), room)
