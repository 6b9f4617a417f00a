"""Evidence of the ground (网格边界): the grid of a point, how far its edge is, and who lives on the other side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, select

from services.backend.db.tables import areas
from services.domain.case import Case
from services.geo.coords import metres_per_degree
from services.geo.grids import GridIndex

#: neighbours drawn at most, and the coarseness of the picture in degrees (about a metre)
MOST, COARSE = 8, 1e-5


def ground_of(conn: Connection, index: GridIndex, case: Case) -> dict[str, Any] | None:
    """Return grid, distance to its edge in metres, neighbours by distance with their shapes; None without a point."""
    lon, lat = case.location.lon, case.location.lat
    if lon is None or lat is None:
        return None
    hit = index.locate(lon, lat)
    code = case.grid if case.grid in index else hit.code if hit is not None else None
    if code is None:
        return None
    others = sorted((_metres(index.polygon(other), lon, lat), other) for other in index.neighbours(code))[
        :MOST
    ]
    names = area_names(conn, {code, code[:9], *(other for _, other in others), *(o[:9] for _, o in others)})
    inside = hit is not None and hit.code == code
    edge = hit.boundary_m if hit is not None and inside else _metres(index.polygon(code), lon, lat)
    return {
        "lon": lon, "lat": lat, "address": case.location.address, "inside": inside,
        "edge_m": round(edge, 1), "grid": _area(code, names, index, 0.0),
        "neighbours": [_area(other, names, index, metres) for metres, other in others],
    }  # fmt: skip


def area_names(conn: Connection, codes: set[str]) -> dict[str, str]:
    """Return the names of areas."""
    rows = conn.execute(select(areas.c.code, areas.c.name).where(areas.c.code.in_(sorted(codes))))
    return {row.code: row.name for row in rows}


def _area(code: str, names: Mapping[str, str], index: GridIndex, metres: float) -> dict[str, Any]:
    """Return an area as sent: its street, the distance of the point, its outline."""
    return {
        "code": code, "name": names.get(code, code), "street": code[:9],
        "street_name": names.get(code[:9], code[:9]), "distance_m": round(metres, 1),
        "outline": _outline(index.polygon(code)),
    }  # fmt: skip


def _outline(polygon: BaseGeometry) -> list[list[list[float]]]:
    """Return the outer rings, coarse enough for a small picture."""
    parts = shapely.get_parts(shapely.simplify(polygon, COARSE))
    return [
        [[round(x, 6), round(y, 6)] for x, y in shapely.get_coordinates(shapely.get_exterior_ring(part))]
        for part in parts
        if shapely.get_type_id(part) == shapely.GeometryType.POLYGON
    ]


def _metres(polygon: BaseGeometry, lon: float, lat: float) -> float:
    """Return the metres from a point to a polygon's border."""
    east, north = metres_per_degree(lat)
    flat = shapely.transform(shapely.boundary(polygon), lambda xy: (xy - (lon, lat)) * (east, north))
    return float(shapely.distance(shapely.Point(0.0, 0.0), flat))
