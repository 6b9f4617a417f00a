"""Names, officers and shapes of the areas, as every screen of a seat shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from services.geo.geojson_shapes import ShapeError, build_shape
from services.ports.centre import Doc

MOST_VERTICES = 1_000_000
"""More vertices than this in one area are refused."""


class AreaOutline:
    """The polygon of an area as it came (parsed JSON), and built when it is first asked for.

    Twenty thousand polygons as Python lists are ten times as large as built; the raw one is let go of.
    """

    __slots__ = ("_flaw", "_raw", "_shape")

    def __init__(self, raw: Mapping[str, Any] | None) -> None:
        """Keep the raw polygon."""
        self._raw = raw
        self._shape: BaseGeometry | None = None
        self._flaw = ""

    def built(self) -> tuple[BaseGeometry | None, str]:
        """Return the polygon, and a phrase that says what is wrong with it (then there is none)."""
        raw = self._raw
        if raw is not None:
            try:
                self._shape = build_shape(raw, MOST_VERTICES).geometry
            except ShapeError as error:
                self._flaw = str(error)
            self._raw = None
        return self._shape, self._flaw


@dataclass(frozen=True, slots=True)
class AreaEntry:
    """One area: code, name, level, parent code, the officer's name where there is one, its polygon."""

    code: str
    name: str
    level: str
    parent: str | None
    officer: str | None
    outline: AreaOutline

    @property
    def shape(self) -> BaseGeometry | None:
        """The polygon in WGS84, None where there is none or it cannot be built; the first call builds it."""
        return self.outline.built()[0]

    @property
    def geometry(self) -> Mapping[str, Any] | None:
        """The polygon as GeoJSON; slow, read `shape` instead."""
        shape = self.shape
        return None if shape is None else dict(shapely.geometry.mapping(shape))


class AreaBook:
    """Areas by code, made from the FeatureCollections of `GET /areas`, one for each level; never changed."""

    def __init__(self, docs: Mapping[str, Doc]) -> None:
        """Index the features; one without a code is left out."""
        self._by_code: dict[str, AreaEntry] = {}
        self._levels: dict[str, list[AreaEntry]] = {}
        for level, doc in docs.items():
            for feature in doc.get("features") or ():
                entry = _entry(level, feature)
                if entry is not None:
                    self._by_code[entry.code] = entry

    def __len__(self) -> int:
        return len(self._by_code)

    def get(self, code: str | None) -> AreaEntry | None:
        """Return an area by code."""
        return self._by_code.get(code) if code else None

    def name(self, code: str | None) -> str:
        """Return an area's name, the code itself when it has none, empty for None."""
        entry = self.get(code)
        return entry.name if entry is not None else code or ""

    def officer(self, grid: str | None) -> str:
        """Return the officer's name of a grid, empty when nobody is set."""
        entry = self.get(grid)
        return (entry.officer or "") if entry is not None else ""

    def of_level(self, level: str) -> list[AreaEntry]:
        """Return the areas of one level in the order of their codes."""
        known = self._levels.get(level)
        if known is None:
            found = sorted((e for e in self._by_code.values() if e.level == level), key=lambda e: e.code)
            known = self._levels[level] = found
        return known


def _entry(level: str, feature: Mapping[str, Any]) -> AreaEntry | None:
    """Read one GeoJSON feature."""
    known = feature.get("properties") or {}
    code = known.get("code")
    if not isinstance(code, str) or not code:
        return None
    officer = known.get("officer")
    if isinstance(officer, Mapping):
        officer = officer.get("name")
    outline = AreaOutline(feature.get("geometry"))
    return AreaEntry(code, str(known.get("name") or code), level, known.get("parent"), officer, outline)
