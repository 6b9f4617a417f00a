"""Cases and areas as GeoJSON and GeoPackage that QGIS and other tools of the field open.

A layer is a table of fields and a stream of rows, so that big sets take no more memory than a portion of them.
Field names are Chinese, as the people read them; the ASCII names stand beside them (in GeoJSON as the foreign
member `fields`, in a GeoPackage as metadata of the layer). Positions are WGS84 lon/lat, times ISO 8601 text with
offset. Who calls decides what may leave the house: nothing is masked here, but text is made safe for tables.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pyogrio.errors
import shapely
from shapely.geometry.base import BaseGeometry

from services.geo.whole_file import FileNotWritten, GivenUp, unexplained, whole_file

#: decimals of a degree: about a centimetre
PLACES = 7
PORTION = 5_000
#: characters of a text field; a longer one is cut with a mark (a spreadsheet cell holds 32,767)
LONGEST_TEXT = 30_000
Value = str | int | float | bool | datetime | None
#: called with how many rows are written; True gives up
Progress = Callable[[int], bool]

#: what GDAL and QGIS of five years ago read without a warning
_GPKG_VERSION = "1.2"
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"^[+-]?[0-9]+(\.[0-9]+)?$")
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_KINDS: dict[str, Any] = {
    "text": object,
    "whole": np.int64,
    "number": np.float64,
    "flag": np.bool_,
    "time": object,
}
#: largest numbers of the kinds: a whole one has 64 bits
_MOST = {"whole": 2**63 - 1, "number": sys.float_info.max}
_GDAL_ERRORS = (
    pyogrio.errors.DataSourceError,
    pyogrio.errors.DataLayerError,
    pyogrio.errors.FeatureError,
    pyogrio.errors.GeometryError,
    pyogrio.errors.FieldError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Field:
    """A column: Chinese `name`, ASCII `alias`, `kind` text, whole, number, flag or time."""

    name: str
    alias: str
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Row:
    """One feature: where it is (None: nowhere known) and its values in the order of the fields."""

    shape: BaseGeometry | None
    values: Sequence[Value]


@dataclass(frozen=True)
class Layer:
    """What is written: `geometry` is the type of all shapes, Point or MultiPolygon."""

    name: str
    fields: tuple[Field, ...]
    rows: Iterable[Row]
    geometry: str = "Point"
    about: str = ""


def write_geojson(
    path: Path, layer: Layer, *, overwrite: bool = True, progress: Progress | None = None
) -> int:
    """Write one layer as a GeoJSON FeatureCollection (RFC 7946); returns how many features.

    Raises FileNotWritten with a sentence, GivenUp when `progress` said so; the place is then as it was.
    """
    count = 0
    with (
        whole_file(path, overwrite=overwrite) as part,
        part.open("w", encoding="utf-8", newline="\n") as file,
    ):
        head = {"type": "FeatureCollection", "name": clean(layer.name)}
        about = [{"name": f.name, "alias": f.alias, "kind": f.kind} for f in layer.fields]
        file.write(
            _json(head)[:-1]
            + f',"description":{_json(clean(layer.about))},"fields":{_json(about)},"features":['
        )
        for rows in _portions(layer.rows):
            text = (_feature(layer, row) for row in rows)
            file.write(("\n" if not count else ",\n") + ",\n".join(text))
            count += len(rows)
            _go_on(progress, count)
        file.write("\n]}\n")
        file.flush()
    return count


def write_geopackage(
    path: Path, layers: Sequence[Layer], *, overwrite: bool = True, progress: Progress | None = None
) -> int:
    """Write layers into one GeoPackage (EPSG:4326); returns how many features.

    Raises FileNotWritten with a sentence, GivenUp when `progress` said so; the place is then as it was.
    """
    names = layer_names([layer.name for layer in layers])
    count = 0
    with whole_file(path, overwrite=overwrite) as part:
        try:
            for layer, name in zip(layers, names, strict=True):
                begun = False
                for rows in _portions(layer.rows, even_empty=True):
                    _append(part, layer, name, rows, begun)
                    begun = True
                    count += len(rows)
                    _go_on(progress, count)
        except _GDAL_ERRORS as error:
            raise unexplained(path, str(error)) from error
    return count


def _append(part: Path, layer: Layer, name: str, rows: Sequence[Row], begun: bool) -> None:
    """Add a portion of rows to a layer of a GeoPackage, which is made with the first one."""
    shapes = np.array([_shape(layer, row.shape) for row in rows], dtype=object)
    values = [[_holdable(field, row.values[n]) for row in rows] for n, field in enumerate(layer.fields)]
    columns = [_column(field, column) for field, column in zip(layer.fields, values, strict=True)]
    masks = [np.array([value is None for value in column], dtype=np.bool_) for column in values]
    told = {"字段说明": "；".join(f"{f.name}={f.alias}" for f in layer.fields), "说明": clean(layer.about)}
    new: dict[str, Any] = {} if begun else {"layer_metadata": told, "SPATIAL_INDEX": "YES"}
    if not part.exists():
        new["VERSION"] = _GPKG_VERSION
    pyogrio.raw.write(
        part,
        geometry=shapely.to_wkb(shapes) if len(shapes) else shapes,
        field_data=columns,
        fields=np.array([field.name for field in layer.fields], dtype=object),
        field_mask=masks,
        layer=name,
        driver="GPKG",
        geometry_type=layer.geometry,
        crs="EPSG:4326",
        append=begun,
        **new,
    )


def _column(field: Field, values: Sequence[Value]) -> Any:
    """Return a column as GDAL takes it; nulls are told by the mask beside it."""
    if field.kind in ("text", "time"):
        return np.array([None if v is None else _text(v) for v in values], dtype=object)
    return np.array([0 if v is None else v for v in values], dtype=_KINDS[field.kind])


def _shape(layer: Layer, shape: BaseGeometry | None) -> BaseGeometry | None:
    """Return a shape of the layer's type with digits nobody can see cut off; None for one that has no place."""
    if shape is None or shape.is_empty or not bool(np.isfinite(shapely.get_coordinates(shape)).all()):
        return None
    found: BaseGeometry = shapely.transform(shape, lambda xy: xy.round(PLACES))
    if layer.geometry == "MultiPolygon" and found.geom_type == "Polygon":
        return shapely.multipolygons([found])
    return found


def _feature(layer: Layer, row: Row) -> str:
    """Return one feature as JSON."""
    shape = _shape(layer, row.shape)
    where = "null" if shape is None else shapely.to_geojson(shape)
    values = {f.name: _plain(f, v) for f, v in zip(layer.fields, row.values, strict=True)}
    return f'{{"type":"Feature","geometry":{where},"properties":{_json(values)}}}'


def _plain(field: Field, value: Value) -> Any:
    """Return a value as JSON holds it."""
    if value is None:
        return None
    if field.kind in ("text", "time"):
        return _text(value)
    if field.kind == "flag":
        return bool(value)
    return _holdable(field, value)


def _holdable(field: Field, value: Value) -> Value:
    """Return a value, None for a number no column of a file holds: NaN, infinite, larger than its type."""
    most = _MOST.get(field.kind)
    return value if most is None or not isinstance(value, int | float) or abs(value) <= most else None


def _text(value: Value) -> str:
    """Return a value as text: times with their offset, text made safe."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return guarded(str(value))


def clean(text: str) -> str:
    """Return text without signs that no file can hold (control characters, halves of a sign), not too long."""
    text = _UNFIT.sub("\ufffd", text)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "…"


def guarded(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe goes before what looks like one.

    Plain numbers (`-3.5`) and phone numbers stay as they are.
    """
    text = clean(text)
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def layer_names(titles: Sequence[str]) -> list[str]:
    """Return names for the layers of a GeoPackage: without signs SQL stumbles over, short, none twice."""
    found: list[str] = []
    for title in titles:
        name = re.sub(r"[\W]+", "_", clean(title)).strip("_")[:40] or "图层"
        if name.lower().startswith(("gpkg", "rtree", "sqlite")):
            name = f"图层_{name}"
        number, unique = 2, name
        while unique.lower() in (other.lower() for other in found):
            unique, number = f"{name}_{number}", number + 1
        found.append(unique)
    return found


def _portions(rows: Iterable[Row], *, even_empty: bool = False) -> Iterator[list[Row]]:
    """Cut a stream into portions; with `even_empty` an empty stream gives one empty portion."""
    left = iter(rows)
    first = True
    while (portion := list(islice(left, PORTION))) or (first and even_empty):
        first = False
        yield portion


def _go_on(progress: Progress | None, count: int) -> None:
    """Tell how far it is; raises GivenUp."""
    if progress is not None and progress(count):
        raise GivenUp


def _json(value: Any) -> str:
    """Return compact JSON; NaN never gets here."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


__all__ = [
    "Field",
    "FileNotWritten",
    "GivenUp",
    "Layer",
    "Row",
    "Value",
    "clean",
    "guarded",
    "layer_names",
    "write_geojson",
    "write_geopackage",
]
