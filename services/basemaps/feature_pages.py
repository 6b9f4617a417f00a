"""One page of a feature service to rows: GeoJSON, GML, Esri JSON and SuperMap's JSON, whatever it claims to be."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from services.basemaps.errors import AnswerError
from services.basemaps.rings import polygons_of
from services.basemaps.xml import exception_words, read_xml
from services.geo.errors import FeatureFileError
from services.geo.features import open_features
from services.geo.geojson_text import Limits, parse_json

Row = tuple[BaseGeometry | None, Mapping[str, Any]]
PAGE_LIMITS = Limits(most_bytes=64 * 1024 * 1024, most_features=200_000, most_vertices_in_file=4_000_000)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page of features; `matched` is how many there are in all, when told; `more` when the service says so."""

    rows: tuple[Row, ...] = ()
    crs: str | None = None
    matched: int | None = None
    more: bool = False
    children: tuple[str, ...] = field(default=())

    @property
    def print(self) -> bytes:
        """A mark by which the same page is known when it comes again."""
        if not self.rows:
            return b""
        shape, properties = self.rows[0]
        packed = b"" if shape is None else shapely.to_wkb(shape)[:400]
        return bytes(packed) + repr(sorted(properties.items(), key=str))[:400].encode()


def read_page(data: bytes) -> Page:
    """Read a page by what it is. Raises AnswerError with a sentence, also for a service's own refusal."""
    head = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not head:
        raise AnswerError("服务返回了空的答复。")
    if head.startswith(b"<"):
        return _xml_page(data)
    if head.startswith((b"{", b"[")):
        return _json_page(data)
    raise AnswerError("服务返回的不是要素数据。")


def read_json(data: bytes) -> Mapping[str, Any]:
    """Read a JSON object. Raises AnswerError; also when it holds an `error` of ArcGIS or SuperMap."""
    try:
        made = parse_json(data, PAGE_LIMITS)
    except FeatureFileError as error:
        raise AnswerError(_html_or(data, "服务的答复不是正确的 JSON。")) from error
    if not isinstance(made, Mapping):
        raise AnswerError("服务的答复不是要素数据。")
    fault = made.get("error")
    if isinstance(fault, Mapping) or made.get("succeed") is False:
        said: Mapping[str, Any] = fault if isinstance(fault, Mapping) else made
        words = str(said.get("message") or said.get("errorMsg") or "没有说明原因")[:160]
        code = said.get("code", "")
        if code in (401, 403, 498, 499):
            raise AnswerError(f"地图服务拒绝访问（{code}），请检查密钥和权限。", code="denied")
        raise AnswerError(f"服务拒绝了请求：{words}")
    return made


def _html_or(data: bytes, sentence: str) -> str:
    return "服务返回的是网页，请检查地址。" if b"<html" in data[:400].lower() else sentence


def _json_page(data: bytes) -> Page:
    """Read a JSON page."""
    top = read_json(data)
    if top.get("type") == "FeatureCollection":
        return _geojson_page(data, top)
    if "childUriList" in top and not top.get("features"):
        children = tuple(uri for uri in _listed(top["childUriList"]) if isinstance(uri, str))
        return Page(matched=_count(top.get("featureCount")), children=children)
    if "fieldNames" in top and "geometry" in top:
        return _supermap_page({"features": [top]})
    features = top.get("features")
    if not isinstance(features, list):
        raise AnswerError("服务的答复里没有要素（features）。")
    if any(isinstance(f, Mapping) and "fieldNames" in f for f in features[:3]):
        return _supermap_page(top)
    return _esri_page(top)


def _geojson_page(data: bytes, top: Mapping[str, Any]) -> Page:
    """Read GeoJSON with the reader of the geographic room."""
    try:
        file = open_features(data, limits=PAGE_LIMITS)
        rows = tuple((f.geometry, f.properties) for f in file)
    except FeatureFileError as error:
        raise AnswerError(error.title) from error
    inner = top.get("properties")
    more = top.get("exceededTransferLimit") is True or (
        isinstance(inner, Mapping) and inner.get("exceededTransferLimit") is True
    )
    matched = _count(top.get("numberMatched"))
    matched = matched if matched is not None else _count(top.get("totalFeatures"))
    matched = matched if matched is not None else _count(top.get("featureCount"))
    return Page(rows, file.crs, matched, more)


def _listed(value: Any) -> list[Any]:
    """Return a list; nothing for another thing where one should stand."""
    return value if isinstance(value, list) else []


def _count(value: Any) -> int | None:
    """Read a number of features; `unknown` and the like are None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isdecimal() and len(value) < 12:
        return int(value)
    return value if isinstance(value, int) and value >= 0 else None


# --- Esri JSON ----------------------------------------------------------------------------------------


def _esri_page(top: Mapping[str, Any]) -> Page:
    """Read a query answer of ArcGIS (f=json)."""
    rows = []
    for feature in top["features"]:
        if not isinstance(feature, Mapping):
            raise AnswerError("服务的要素写法不认识。")
        attributes = feature.get("attributes")
        rows.append(
            (_esri_shape(feature.get("geometry")), attributes if isinstance(attributes, Mapping) else {})
        )
    reference = top.get("spatialReference")
    return Page(tuple(rows), _esri_crs(reference), None, top.get("exceededTransferLimit") is True)


def _esri_crs(reference: Any) -> str | None:
    """Return the CRS of a spatialReference."""
    if not isinstance(reference, Mapping):
        return None
    number = reference.get("latestWkid") or reference.get("wkid")
    if number in (102100, 102113, 900913):
        return "EPSG:3857"
    if isinstance(number, int):
        return f"EPSG:{number}"
    wkt = reference.get("wkt")
    return str(wkt) if wkt else None


def _esri_shape(raw: Any) -> BaseGeometry | None:
    """Build a geometry; None for none or a broken one."""
    if not isinstance(raw, Mapping):
        return None
    try:
        if isinstance(raw.get("rings"), list):
            return polygons_of([_xy(ring) for ring in raw["rings"]])
        if isinstance(raw.get("paths"), list):
            lines = [line for path in raw["paths"] if len(line := _xy(path)) >= 2]
            return shapely.MultiLineString(lines) if lines else None
        if isinstance(raw.get("points"), list):
            return shapely.MultiPoint(_xy(raw["points"]))
        if "x" in raw and "y" in raw:
            return shapely.Point(float(raw["x"]), float(raw["y"]))
    except (ValueError, TypeError, IndexError, OverflowError, shapely.GEOSException):
        return None
    return None


def _xy(points: Any) -> list[tuple[float, float]]:
    """Read points; heights and measures are left."""
    return [(float(p[0]), float(p[1])) for p in points]


# --- SuperMap -----------------------------------------------------------------------------------------


def _supermap_page(top: Mapping[str, Any]) -> Page:
    """Read features of iServer's data service."""
    rows: list[Row] = []
    crs: str | None = None
    for feature in top["features"]:
        if not isinstance(feature, Mapping):
            raise AnswerError("服务的要素写法不认识。")
        pairs = zip(_listed(feature.get("fieldNames")), _listed(feature.get("fieldValues")), strict=False)
        raw = feature.get("geometry")
        if isinstance(raw, Mapping) and crs is None:
            crs = supermap_crs(raw.get("prjCoordSys"))
        rows.append((_supermap_shape(raw), {name: value for name, value in pairs if isinstance(name, str)}))
    return Page(tuple(rows), crs, _count(top.get("featureCount")))


def supermap_crs(system: Any) -> str | None:
    """Return the CRS of a `prjCoordSys`."""
    number = system.get("epsgCode") if isinstance(system, Mapping) else None
    return f"EPSG:{number}" if isinstance(number, int) and number > 0 else None


def _supermap_shape(raw: Any) -> BaseGeometry | None:
    """Build a geometry from points and the numbers of points of its parts."""
    if not isinstance(raw, Mapping):
        return None
    try:
        points = [(float(p["x"]), float(p["y"])) for p in raw.get("points") or ()]
        sizes = [int(n) for n in raw.get("parts") or (len(points),)]
        if sum(sizes) != len(points) or any(n < 1 for n in sizes):
            return None
        parts, at = [], 0
        for size in sizes:
            parts.append(points[at : at + size])
            at += size
        kind = str(raw.get("type", "")).upper()
        if kind.startswith("REGION"):
            return polygons_of(parts)
        if kind.startswith("LINE"):
            return shapely.MultiLineString([part for part in parts if len(part) >= 2])
        return shapely.MultiPoint(points) if len(points) > 1 else shapely.Point(points[0])
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, shapely.GEOSException):
        return None


# --- GML ----------------------------------------------------------------------------------------------

_MATCHED = re.compile(rb'\bnumberMatched\s*=\s*"(\d{1,10})"')
_SCHEMA = re.compile(rb'\s[\w-]*:?schemaLocation\s*=\s*("[^"]*"|\'[^\']*\')')
_FORBIDDEN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)


def _xml_page(data: bytes) -> Page:
    """Read GML through GDAL, which knows its dialects and the order of its axes."""
    if _FORBIDDEN.search(data):
        raise AnswerError("服务的答复含有不允许的 XML 实体，没有接收。")
    if len(data) < 256 * 1024:
        said = exception_words(read_xml(data))
        if said is not None:
            raise AnswerError(f"服务拒绝了请求：{said}")
    if b"FeatureCollection" not in data[:4096]:
        raise AnswerError(_html_or(data, "服务的答复不是要素数据。"))
    found = _MATCHED.search(data[:8192])
    rows, crs = _gml_rows(_SCHEMA.sub(b"", data))
    return Page(rows, crs, int(found.group(1)) if found else None)


def _gml_rows(data: bytes) -> tuple[tuple[Row, ...], str | None]:
    """Return the features of a GML document and the name of its CRS."""
    # GDAL takes a while to load; JSON does without it
    import pyogrio
    import pyogrio.errors

    if b"featureMember" not in data and b":member" not in data and b"<member" not in data:
        return (), None
    try:
        meta, _, shapes, columns = pyogrio.raw.read(io.BytesIO(data), force_2d=True, DOWNLOAD_SCHEMA="NO")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as error:
        raise AnswerError("服务的 GML 读不出来。") from error
    names = [str(name) for name in meta["fields"]]

    def rows() -> Iterator[Row]:
        for at, packed in enumerate(shapes):
            shape = shapely.from_wkb(packed, on_invalid="ignore") if packed is not None else None
            yield shape, {name: column[at] for name, column in zip(names, columns, strict=True)}

    return tuple(rows()), meta["crs"]
