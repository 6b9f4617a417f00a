"""Features of map services as the map draws them: WGS84 geometry and a name, gathered under limits.

Whatever gave them (a file, WFS, ArcGIS, SuperMap), they come through one `Gatherer`, which brings them from their
coordinate system to WGS84, leaves out what cannot be drawn and says how much, and stops at the limits.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from services.basemaps.errors import AnswerError
from services.basemaps.sources import Datum, MapSource
from services.geo.coords import GCJ02, WGS84, CoordinateSystem
from services.geo.errors import CoordinateError
from services.geo.local_grid import find_system

_MAGIC = b"GDF1"
_NAME_FIELDS = ("name", "名称", "mc", "NAME", "Name", "title", "标题", "label", "dlmc", "xzqmc")
_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class FeatureLimits:
    """How much of a source is taken: features, vertices, bytes over the line, requests, seconds."""

    most_features: int = 100_000
    most_vertices: int = 2_000_000
    most_bytes: int = 128 * 1024 * 1024
    most_pages: int = 500
    most_s: float = 180.0


@dataclass(frozen=True, slots=True, eq=False)
class MapFeature:
    """One feature: shapely geometry in WGS84 degrees and its name (may be empty)."""

    geometry: BaseGeometry
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureSet:
    """The features of a source; `notes` are sentences on what was left out or cut short."""

    features: tuple[MapFeature, ...] = ()
    notes: tuple[str, ...] = ()

    def packed(self) -> bytes:
        """Return it as bytes for the cache."""
        shapes = [shapely.to_wkb(f.geometry, output_dimension=2) for f in self.features]
        names = [f.name.encode() for f in self.features]
        notes = "\n".join(self.notes).encode()
        sizes = np.array([[len(s), len(n)] for s, n in zip(shapes, names, strict=True)], dtype="<u4")
        head = struct.pack("<4sII", _MAGIC, len(shapes), len(notes))
        return zlib.compress(b"".join((head, sizes.tobytes(), notes, *shapes, *names)), 3)


def unpacked(data: bytes) -> FeatureSet:
    """Read what `FeatureSet.packed` made. Raises AnswerError for anything else."""
    try:
        raw = zlib.decompress(data)
        magic, count, notes_size = struct.unpack_from("<4sII", raw)
        if magic != _MAGIC:
            raise ValueError
        at = struct.calcsize("<4sII")
        sizes = np.frombuffer(raw, dtype="<u4", count=2 * count, offset=at).reshape(-1, 2)
        at += sizes.nbytes
        notes = raw[at : at + notes_size].decode()
        at += notes_size
        pieces = []
        for size in (*sizes[:, 0].tolist(), *sizes[:, 1].tolist()):
            pieces.append(raw[at : at + size])
            at += size
        shapes = shapely.from_wkb(np.array(pieces[:count], dtype=object)) if count else ()
        names = [piece.decode() for piece in pieces[count:]]
    except (ValueError, struct.error, zlib.error, shapely.GEOSException, UnicodeDecodeError) as error:
        raise AnswerError("缓存的要素读不出来。") from error
    features = tuple(MapFeature(shape, name) for shape, name in zip(shapes, names, strict=True))
    return FeatureSet(features, tuple(notes.split("\n")) if notes else ())


@dataclass(slots=True)
class Gatherer:
    """Takes features page by page; `full` once a limit is reached."""

    source: MapSource
    limits: FeatureLimits = field(default_factory=FeatureLimits)
    _features: list[MapFeature] = field(default_factory=list)
    _notes: dict[str, None] = field(default_factory=dict)
    _left_out: int = 0
    _vertices: int = 0
    full: bool = False

    @property
    def count(self) -> int:
        """How many features were taken."""
        return len(self._features)

    def note(self, sentence: str) -> None:
        """Keep a sentence for the user."""
        self._notes[sentence] = None

    def take(
        self, rows: Iterable[tuple[BaseGeometry | None, Mapping[str, Any]]], declared: str | None
    ) -> None:
        """Take features with their properties; `declared` is the CRS the answer names.

        Raises AnswerError when the coordinate system cannot be known.
        """
        pairs: list[tuple[BaseGeometry, str]] = []
        for geometry, properties in rows:
            if geometry is None or geometry.is_empty:
                self._left_out += 1
                continue
            self._vertices += int(shapely.get_num_coordinates(geometry))
            over = len(self._features) + len(pairs) >= self.limits.most_features
            if over or self._vertices > self.limits.most_vertices:
                self.full = True
                self.note(f"要素过多，只显示前 {len(self._features) + len(pairs):,} 个。")
                break
            pairs.append((geometry, name_of(properties, self.source.name_field)))
        if not pairs:
            return
        shapes = np.array([shape for shape, _ in pairs], dtype=object)
        moved = self._moved(shapely.force_2d(shapes), declared)
        for shape, (_, name) in zip(moved, pairs, strict=True):
            if shape is None or not _in_world(shape):
                self._left_out += 1
            else:
                self._features.append(MapFeature(shape, name))

    def done(self) -> FeatureSet:
        """Return what was gathered. Raises AnswerError when nothing of it can be drawn."""
        if self._left_out and not self._features:
            raise AnswerError(f"{self._left_out:,} 个要素都没有可用的图形，请检查坐标系。")
        if self._left_out:
            self.note(f"{self._left_out:,} 个要素没有可用的图形，没有显示。")
        return FeatureSet(tuple(self._features), tuple(self._notes))

    def _moved(self, shapes: Any, declared: str | None) -> Any:
        """Bring geometries to WGS84."""
        system = self._system(shapes, declared)
        if self.source.datum is Datum.GCJ02:
            # a service in GCJ-02 names the plane it uses; the shift is undone in degrees
            shapes = _transformed(shapes, system)
            system = GCJ02
        return _transformed(shapes, system)

    def _system(self, shapes: Any, declared: str | None) -> CoordinateSystem:
        """Find the coordinate system: as set for the source, else as declared, else degrees if they can be that."""
        name = self.source.crs or declared
        if name:
            try:
                return find_system(name)
            except CoordinateError as error:
                raise AnswerError(error.title) from error
        west, south, east, north = shapely.total_bounds(shapes)
        if west >= -180.5 and east <= 180.5 and south >= -90.5 and north <= 90.5:
            return WGS84
        raise AnswerError("服务没有写明坐标系，坐标也不是经纬度，请在设置里填写坐标系，例如 EPSG:4547。")


def name_of(properties: Mapping[str, Any], wanted: str) -> str:
    """Return the name of a feature: the field wanted, else the first of the usual ones."""
    for name in (wanted,) if wanted else _NAME_FIELDS:
        value = properties.get(name)
        if isinstance(value, float):
            # whole numbers with gaps come from GML as floats, the gaps as NaN
            value = (int(value) if value.is_integer() else value) if math.isfinite(value) else None
        if value not in (None, "") and not isinstance(value, dict | list):
            # half a surrogate pair, which JSON can hold, has no place in UTF-8
            text = " ".join(str(value).encode(errors="replace").decode().split())
            return text[:_MOST_NAME]
    return ""


def _transformed(shapes: Any, system: CoordinateSystem) -> Any:
    """Bring geometries to degrees."""
    if system is WGS84:
        return shapes

    def move(xy: Any) -> Any:
        with np.errstate(invalid="ignore"):
            return np.column_stack(system.to_wgs84(xy[:, 0], xy[:, 1]))

    return shapely.transform(shapes, move)


def _in_world(shape: BaseGeometry) -> bool:
    """Tell whether a geometry can be drawn: finite and in the world, not turned around."""
    xy = shapely.get_coordinates(shape)
    return bool(
        len(xy) > 0
        and np.isfinite(xy).all()
        and (np.abs(xy[:, 0]) <= 180.0).all()
        and (np.abs(xy[:, 1]) <= 85.05).all()
    )
