"""The areas as GeoJSON, made once for every state of the tables."""

from __future__ import annotations

import shapely
from sqlalchemy import Engine, select

from services.backend.db.packing import compact
from services.backend.db.tables import areas
from services.backend.history import Lru
from services.backend.places import areas_version
from services.geo.areas import from_wkb
from services.sql.engine import glancing, reading

#: decimals of a degree kept in what is sent: about a centimetre
_PLACES = 7
_made: Lru[tuple[str, str], bytes] = Lru(8)


def areas_etag(engine: Engine, epoch: str, level: str) -> str:
    """Return the ETag of a level's areas in a data history."""
    with glancing(engine) as conn:
        return f'"{epoch[:8]}-{areas_version(conn)}-{level}"'


def area_collection(engine: Engine, level: str) -> bytes:
    """Return a level as a GeoJSON FeatureCollection in WGS84 lon/lat, by code."""
    with reading(engine) as conn:
        key = (str(engine.url), f"{areas_version(conn)}-{level}")
        kept = _made.get(key)
        if kept is not None:
            return kept
        rows = conn.execute(select(areas).where(areas.c.level == level).order_by(areas.c.code)).all()
    features = []
    for row in rows:
        properties = {
            "code": row.code,
            "name": row.name,
            "level": row.level,
            "parent": row.parent,
            "officer": row.officer,
            "registered": row.registered,
        }
        geometry = "null" if row.wkb is None else _geojson(bytes(row.wkb))
        features.append(f'{{"type":"Feature","geometry":{geometry},"properties":{compact(properties)}}}')
    made = ('{"type":"FeatureCollection","features":[' + ",".join(features) + "]}").encode()
    _made.put(key, made)
    return made


def _geojson(wkb: bytes) -> str:
    """Return a stored polygon as GeoJSON, as stored but for digits nobody can see."""
    shape = shapely.transform(from_wkb(wkb), lambda xy: xy.round(_PLACES))
    text: str = shapely.to_geojson(shape)
    return text
