"""The demo district as map values, for pictures that look like the product."""

from __future__ import annotations

import numpy as np
import shapely

from maps.geometry.areas import AreaShape
from maps.layers.base import BaseShape
from maps.layers.cases import MapCase
from services.backend.demo.geometry import make_district
from services.backend.demo.geometry_streets import ROAD_WIDTH_M
from tests.widgets.maps.invented import BANDS, TITLES

_DISTRICT = make_district()


def areas() -> list[AreaShape]:
    """All levels of the demo district."""
    return [AreaShape(a.code, a.name, a.level, a.parent, a.geometry) for a in _DISTRICT.areas]


def base():
    """Roads and water of the demo district."""
    roads = [BaseShape(shapely.LineString(r.coords), r.name, ROAD_WIDTH_M[r.klass]) for r in _DISTRICT.roads]
    return roads, [BaseShape(w.geometry, w.name) for w in _DISTRICT.water]


def cases(count: int = 400, seed: int = 11) -> list[MapCase]:
    """Open cases, crowded around hot spots."""
    rng = np.random.default_rng(seed)
    west, south, east, north = _DISTRICT.bounds
    hot = rng.random((14, 2)) * 0.8 + 0.1
    out: list[MapCase] = []
    names = {a.code: a.name for a in _DISTRICT.areas}
    while len(out) < count:
        near = hot[rng.integers(0, len(hot))] + rng.normal(0, 0.06, 2)
        lon, lat = west + near[0] * (east - west), south + near[1] * (north - south)
        code = _DISTRICT.index.locate_many([lon], [lat])[0]
        if not code:
            continue
        i = len(out)
        out.append(
            MapCase(
                f"case-{i:04d}",
                f"1120-{i:04d}",
                float(lon),
                float(lat),
                BANDS[int(rng.integers(0, len(BANDS)))],
                i % 4,
                TITLES[i % len(TITLES)],
                "松影路与南苑街口西北角",
                code,
                names[code],
                "余 0:14:52",
                i % 50 == 0,
            )
        )
    return out
