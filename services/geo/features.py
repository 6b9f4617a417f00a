"""Reads a file of areas, feature by feature: GeoJSON (plain or .gz), Shapefile, GeoPackage.

A file that is wrong as a whole raises `FeatureFileError`; a feature that is wrong comes with its problem, so
that the rest of the file can still be used. Coordinates are as in the file; its coordinate system is told
beside them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from services.geo.errors import FeatureFileError
from services.geo.geojson_shapes import ShapeError, build_shape
from services.geo.geojson_text import JsonObject, Limits, parse_json, read_bytes

_GEOMETRIES = frozenset(
    ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
)


@dataclass(frozen=True, slots=True)
class AreaFeature:
    """One feature of a file.

    `index` counts from 1 as a person does. With `problem` (a Chinese phrase that follows the feature's name)
    the geometry is None and must not be used; without, it may still be None (a feature without shape).
    `note` says what reading put right.
    """

    index: int
    properties: Mapping[str, Any]
    geometry: BaseGeometry | None
    problem: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """An opened file; its features are built when they are asked for, and can be walked more than once.

    `total` is how many there are, `crs` the coordinate system as the file names it (None: it does not),
    `format` is `geojson`, `shp` or `gpkg`.
    """

    total: int
    crs: str | None
    features: Iterable[AreaFeature]
    format: str = "geojson"

    def __iter__(self) -> Iterator[AreaFeature]:
        return iter(self.features)


def open_features(
    source: bytes | Path,
    *,
    limits: Limits | None = None,
    layer: str | None = None,
    encoding: str | None = None,
) -> FeatureFile:
    """Open a file of areas by its ending; bytes are taken as GeoJSON.

    Args:
        source: A path (.geojson, .json, either with .gz; .shp; .gpkg) or GeoJSON bytes, plain or gzip.
        limits: How much is taken.
        layer: Which layer of a GeoPackage; needed when it has several with polygons.
        encoding: Text encoding of a Shapefile's table, when the file says nothing or the wrong thing.

    Raises:
        FeatureFileError: Unknown ending, not readable, or wrong as a whole.
    """
    limits = limits or Limits()
    if isinstance(source, bytes):
        return _open_geojson(source, limits)
    name = source.name.lower()
    if name.endswith((".geojson", ".json", ".geojson.gz", ".json.gz")):
        return _open_geojson(source, limits)
    if name.endswith((".shp", ".gpkg")):
        from services.geo.vector_files import (
            open_vector,
        )  # GDAL takes a while to load; GeoJSON does without it

        return open_vector(source, limits, layer, encoding)
    if name.endswith((".zip", ".rar", ".7z")):
        raise FeatureFileError(f"{source.name} 是压缩包，请先解压，再选其中的 .shp、.gpkg 或 .geojson 文件。")
    raise FeatureFileError(f"不认识文件 {source.name} 的格式，应为 .geojson、.geojson.gz、.shp 或 .gpkg。")


def _open_geojson(source: bytes | Path, limits: Limits) -> FeatureFile:
    top = parse_json(read_bytes(source, limits), limits)
    features = _feature_list(top)
    if len(features) > limits.most_features:
        raise FeatureFileError(f"文件有 {len(features):,} 个要素，超过上限 {limits.most_features:,}。")
    return FeatureFile(len(features), _declared_crs(top), _GeoJsonFeatures(features, limits))


def _feature_list(top: Any) -> list[Any]:
    """The raw features of a collection, a single feature, or a bare geometry. Raises FeatureFileError."""
    if not isinstance(top, JsonObject):
        found = {list: "数组", str: "字符串", type(None): "null"}.get(type(top), "数值或布尔值")
        raise FeatureFileError(f"文件顶层是{found}，不是 GeoJSON 对象。")
    if top.doubles:
        raise FeatureFileError(f"文件顶层的键重复：{'、'.join(map(_short, top.doubles[:5]))}。")
    kind = top.get("type")
    if kind == "FeatureCollection":
        features = top.get("features")
        if not isinstance(features, list):
            raise FeatureFileError("FeatureCollection 的 features 不是数组。")
        return features
    if kind == "Feature":
        return [top]
    if isinstance(kind, str) and kind in _GEOMETRIES:
        return [JsonObject([("type", "Feature"), ("properties", None), ("geometry", top)])]
    if kind == "Topology":
        raise FeatureFileError("文件是 TopoJSON，请先转换为 GeoJSON。")
    if kind is None:
        raise FeatureFileError("文件顶层没有 type，不是 GeoJSON。")
    raise FeatureFileError(
        f"文件顶层的 type 是“{_short(kind)}”，应为 FeatureCollection、Feature 或一种图形。"
    )


def _declared_crs(top: Any) -> str | None:
    """The `crs` member of the 2008 GeoJSON, which Chinese exports still write. Raises FeatureFileError."""
    crs = top.get("crs")
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        raise FeatureFileError("文件的 crs 写法不认识，请用 --crs 指明坐标系。")
    return name


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:40] + "…"


class _GeoJsonFeatures:
    """Features of a parsed GeoJSON document."""

    def __init__(self, raw: list[Any], limits: Limits) -> None:
        self._raw = raw
        self._limits = limits

    def __iter__(self) -> Iterator[AreaFeature]:
        left = self._limits.most_vertices_in_file
        for index, raw in enumerate(self._raw, 1):
            feature, used = self._one(index, raw)
            left -= used
            if left < 0:
                raise FeatureFileError(f"文件的顶点超过上限 {self._limits.most_vertices_in_file:,} 个。")
            yield feature

    def _one(self, index: int, raw: Any) -> tuple[AreaFeature, int]:
        """Build one feature; also tells how many vertices it has."""
        if not isinstance(raw, dict) or raw.get("type") != "Feature":
            return AreaFeature(index, {}, None, "不是 GeoJSON 要素（Feature）"), 0
        properties = raw.get("properties")
        if properties is not None and not isinstance(properties, dict):
            return AreaFeature(index, {}, None, "的 properties 不是对象"), 0
        properties = properties or {}
        problem = _double_keys(raw) or _wrong_property(properties)
        if problem:
            return AreaFeature(index, properties, None, problem), 0
        try:
            shape = build_shape(raw.get("geometry"), self._limits.most_vertices)
        except ShapeError as error:
            return AreaFeature(index, properties, None, str(error)), 0
        used = int(shapely.get_num_coordinates(shape.geometry))  # 0 for None
        return AreaFeature(index, properties, shape.geometry, None, "，".join(shape.notes) or None), used


def _double_keys(raw: Mapping[str, Any]) -> str | None:
    """A phrase when the feature, its geometry or its properties hold a key twice: which one counts?"""
    for where, part in (
        ("", raw),
        (" geometry", raw.get("geometry")),
        (" properties", raw.get("properties")),
    ):
        if isinstance(part, JsonObject) and part.doubles:
            return f"的{where}键重复：{'、'.join(map(_short, part.doubles[:5]))}"
    return None


def _wrong_property(properties: Mapping[str, Any]) -> str | None:
    """A phrase when a property is NaN or infinite, which no JSON may hold."""
    for key, value in properties.items():
        if isinstance(value, float) and not math.isfinite(value):
            return f"的属性 {_short(key)} 是 NaN 或无穷大"
    return None
