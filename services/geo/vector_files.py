"""Shapefile and GeoPackage through pyogrio (GDAL), with the text encodings Chinese tools leave behind.

A .dbf without a .cpg says nothing about its encoding. GDAL is told Latin-1, which keeps every byte, and the
bytes are decoded here: by the caller's word or the .cpg when that fits, else UTF-8, else GB18030 (which
holds GBK).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import shapely
from shapely.geometry.base import BaseGeometry

from services.geo.errors import FeatureFileError
from services.geo.features import AreaFeature, FeatureFile
from services.geo.geojson_text import Limits

_KEEPS_BYTES = "ISO-8859-1"
_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
    pyogrio.errors.CRSError,
    UnicodeDecodeError,
    ValueError,
)


def open_vector(path: Path, limits: Limits, layer: str | None, encoding: str | None) -> FeatureFile:
    """Open a .shp or .gpkg; see `services.geo.features.open_features`.

    Raises:
        FeatureFileError: Not there, too big, a part of the Shapefile is missing, several layers and none
        named,
            or a text encoding that does not fit.
    """
    shapefile = path.suffix.lower() == ".shp"
    _check_size(path, limits)
    try:
        layer = layer or _only_layer(path)
        info = pyogrio.read_info(path, layer=layer, encoding=_KEEPS_BYTES if shapefile else None)
        if info["features"] > limits.most_features:
            raise FeatureFileError(f"文件有 {info['features']:,} 个要素，超过上限 {limits.most_features:,}。")
        meta, _, shapes, columns = pyogrio.raw.read(
            path, layer=layer, encoding=_KEEPS_BYTES if shapefile else None, force_2d=True
        )
    except _GDAL_ERRORS as error:
        raise FeatureFileError(f"读不了 {path.name}：{_first_line(error)}") from error
    names, columns = [str(n) for n in meta["fields"]], list(columns)
    if shapefile:
        names, columns = _decoded(names, columns, _encodings(path, encoding))
    rows = _Rows(names, columns, shapes, limits)
    return FeatureFile(len(shapes), meta["crs"], rows, path.suffix.lower().lstrip("."))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one layer: fields by column, shapes as WKB or None."""

    names: list[str]
    columns: list[Any]
    shapes: Any
    limits: Limits

    def __iter__(self) -> Iterator[AreaFeature]:
        left = self.limits.most_vertices_in_file
        for row, packed in enumerate(self.shapes):
            properties = {n: _plain(c[row]) for n, c in zip(self.names, self.columns, strict=True)}
            geometry, note = _shape(packed)
            if packed is not None and geometry is None:
                yield AreaFeature(row + 1, properties, None, "的图形数据读不出")
                continue
            left -= int(shapely.get_num_coordinates(geometry))
            if left < 0:
                raise FeatureFileError(f"文件的顶点超过上限 {self.limits.most_vertices_in_file:,} 个。")
            yield AreaFeature(row + 1, properties, geometry, None, note)


def _shape(packed: bytes | None) -> tuple[BaseGeometry | None, str | None]:
    """A geometry with a note when it had to be mended; None when the bytes are no geometry."""
    if packed is None:
        return None, None
    geometry = shapely.from_wkb(packed, on_invalid="ignore")
    if geometry is not None:
        return geometry, None
    geometry = shapely.from_wkb(packed, on_invalid="fix")
    return geometry, None if geometry is None else "的环没有闭合，已补上"


def _check_size(path: Path, limits: Limits) -> None:
    """Refuse a missing or too big file, and a Shapefile without its index or its table."""
    parts = [path]
    if path.suffix.lower() == ".shp":
        for ending, what in ((".shx", "索引"), (".dbf", "属性表")):
            part = _beside(path, ending)
            if path.exists() and part is None:
                raise FeatureFileError(f"{path.name} 旁边缺少{what}文件 {path.stem}{ending}。")
            parts += [part] if part else []
    try:
        size = sum(part.stat().st_size for part in parts)
    except OSError as error:
        raise FeatureFileError(f"读不到文件 {path.name}：{error.strerror}。") from error
    if size > limits.most_bytes:
        raise FeatureFileError(f"文件超过 {limits.most_bytes / 1048576:,.0f} MB 的上限。")


def _beside(path: Path, ending: str) -> Path | None:
    """The file of the same stem with another ending, in small or capital letters."""
    return next((p for p in (path.with_suffix(ending), path.with_suffix(ending.upper())) if p.exists()), None)


def _only_layer(path: Path) -> str:
    """The one layer that holds shapes; raises when there are several: a guess may import the wrong one."""
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if kind is not None]
    polygons = [
        str(name) for name, kind in pyogrio.list_layers(path) if kind is not None and "Polygon" in str(kind)
    ]
    candidates = polygons or layers
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise FeatureFileError(f"{path.name} 中没有带图形的图层。")
    raise FeatureFileError(f"{path.name} 有多个图层（{'、'.join(candidates[:8])}），请指明用哪一个。")


def _encodings(path: Path, encoding: str | None) -> list[str]:
    """Encodings to try, most trusted first. Raises FeatureFileError for one Python does not know."""
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError as error:
            raise FeatureFileError(f"不认识文字编码“{encoding[:30]}”。") from error
        return [encoding]
    told = _beside(path, ".cpg")
    word = told.read_bytes()[:32].decode("ascii", "ignore").strip() if told else ""
    known = []
    for candidate in (word, f"cp{word}" if word.isdigit() else ""):
        try:
            known += [codecs.lookup(candidate).name] if candidate else []
        except LookupError:
            continue
    return [*known, "utf-8", "gb18030"]


def _decoded(names: list[str], columns: list[Any], encodings: Sequence[str]) -> tuple[list[str], list[Any]]:
    """Field names and text columns by the first encoding that fits all of them."""
    for encoding in encodings:
        try:
            return [_text(n, encoding) for n in names], [_text_column(c, encoding) for c in columns]
        except UnicodeError:
            continue
    raise FeatureFileError(f"属性表的文字不是 {'、'.join(encodings)} 编码，请指明编码。")


def _text_column(column: Any, encoding: str) -> Any:
    if column.dtype != object:
        return column
    return [_text(v, encoding) if isinstance(v, str) else v for v in column]


def _text(latin: str, encoding: str) -> str:
    """Decode one field; a last character cut in half by the field's width is dropped."""
    return codecs.getincrementaldecoder(encoding)("strict").decode(latin.encode("latin-1"), final=False)


def _plain(value: Any) -> Any:
    """A Python value for a cell: NaN (an empty number) becomes None, dates become text."""
    if isinstance(value, np.datetime64):
        return None if np.isnat(value) else str(value)
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and value != value else value


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__
