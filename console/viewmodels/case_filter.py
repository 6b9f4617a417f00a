"""What queue, map and counters ask for: one value, one predicate (一个筛选).

Every part that is empty asks for nothing; the parts are joined by *and*, the choices inside a part by *or*. Cheap
parts are asked of all cases at once; text and region are kept for each case and asked again only for those that
changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from console.viewmodels.actions.pinyin import spell
from console.viewmodels.case_columns import (
    STAGE_AT,
    STATE_AT,
    UNKNOWN,
    Bools,
    CaseColumns,
    Codes,
    Floats,
    Ints,
)
from services.domain.bands import BANDS

MOST_POINTS = 4000
"""A region drawn by hand has fewer corners; more are refused when read back."""
BOX, LASSO = "box", "lasso"


@dataclass(frozen=True, slots=True)
class Region:
    """A drawn region: corners in world metres, and how it was drawn (`box` or `lasso`)."""

    points: tuple[tuple[float, float], ...]
    drawn: str = LASSO

    @classmethod
    def of(cls, shape: BaseGeometry, drawn: str = LASSO) -> Region | None:
        """Return the region of a polygon in world metres; None when it has no area."""
        if shape.geom_type != "Polygon" or shape.is_empty or not shape.area > 0:
            return None
        ring = shapely.get_coordinates(shape.exterior)[:-1]
        return cls(tuple((float(x), float(y)) for x, y in ring), drawn)

    @property
    def polygon(self) -> BaseGeometry:
        """The polygon, prepared for many points."""
        return _polygon(self.points)

    def holds(self, x: Floats, y: Floats) -> Bools:
        """Tell which points (world metres) lie inside; points that are no number lie outside."""
        shape = self.polygon
        west, south, east, north = shape.bounds
        with np.errstate(invalid="ignore"):
            near = (x >= west) & (x <= east) & (y >= south) & (y <= north)
        found = np.zeros(len(x), np.bool_)
        at = np.flatnonzero(near)
        found[at] = shapely.intersects_xy(shape, x[at], y[at])
        return found


@lru_cache(maxsize=8)
def _polygon(points: tuple[tuple[float, float], ...]) -> BaseGeometry:
    """Build the polygon; a line that crosses itself is mended."""
    shape = shapely.make_valid(shapely.Polygon(points))
    shapely.prepare(shape)
    return shape


@dataclass(frozen=True, slots=True)
class LegendPart:
    """Classes of the map's legend that are switched off: the grids (or areas) in them are left out.

    `hidden` are their codes, `words` what the chip says.
    """

    hidden: frozenset[str]
    words: str = ""


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What is asked for; see the module.

    Attributes:
        text: part of number, description, address, category name or grid name.
        stages: steps (`intake` … `close`).
        states: states as the centre knows them (`pending_dispatch` …).
        bands: time-limit bands.
        urgency: 0–3.
        categories: category codes or their beginnings.
        sources: source ids.
        departments: lead units.
        areas: area codes of any level.
        region: a drawn region.
        legend: classes of the legend that are switched off.
        ids: these very cases (a cluster, a figure that was opened), None for any.
        ids_words: what the chip of `ids` says.
        unplaced: only cases without a position.
    """

    text: str = ""
    stages: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    urgency: tuple[int, ...] = ()
    categories: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    region: Region | None = None
    legend: LegendPart | None = None
    ids: frozenset[str] | None = None
    ids_words: str = ""
    unplaced: bool = False
    states: tuple[str, ...] = ()

    @property
    def active(self) -> bool:
        """Whether anything is asked for."""
        return self != EMPTY

    def with_(self, **parts: Any) -> CaseFilter:
        """Return the same filter with some parts replaced."""
        return replace(self, **parts)

    def to_doc(self) -> dict[str, Any]:
        """Return what is remembered: everything but single cases and legend classes, which pass with the day."""
        doc: dict[str, Any] = {"text": self.text, "unplaced": self.unplaced}
        doc |= {name: list(getattr(self, name)) for name in _LISTS}
        if self.region is not None:
            doc["region"] = {"drawn": self.region.drawn, "points": [list(p) for p in self.region.points]}
        return doc

    @classmethod
    def from_doc(cls, doc: object) -> CaseFilter:
        """Read what was remembered; what cannot be understood is left out."""
        if not isinstance(doc, Mapping):
            return EMPTY
        parts: dict[str, Any] = {name: _words(doc.get(name)) for name in _LISTS if name != "urgency"}
        parts["bands"] = tuple(band for band in parts["bands"] if band in BANDS)
        parts["states"] = tuple(state for state in parts["states"] if state in STATE_AT)
        parts["stages"] = tuple(stage for stage in parts["stages"] if stage in STAGE_AT)
        urgency = doc.get("urgency")
        if isinstance(urgency, list | tuple):
            parts["urgency"] = tuple(u for u in urgency if type(u) is int and 0 <= u <= 3)
        text = doc.get("text")
        parts["text"] = text if isinstance(text, str) else ""
        parts["unplaced"] = doc.get("unplaced") is True
        parts["region"] = _region(doc.get("region"))
        return cls(**parts)


EMPTY = CaseFilter()
_LISTS = ("stages", "states", "bands", "urgency", "categories", "sources", "departments", "areas")
PARTS = tuple(f.name for f in fields(CaseFilter) if f.name != "ids_words")


def _words(value: object) -> tuple[str, ...]:
    """Return the texts of a list, nothing for another thing."""
    return tuple(v for v in value if isinstance(v, str) and v) if isinstance(value, list | tuple) else ()


def _region(doc: object) -> Region | None:
    """Read a region, None when it is none."""
    if not isinstance(doc, Mapping) or not isinstance(doc.get("points"), list | tuple):
        return None
    points = doc["points"]
    if not 3 <= len(points) <= MOST_POINTS:
        return None
    try:
        found = tuple((float(x), float(y)) for x, y in points)
    except (TypeError, ValueError):
        return None
    if not all(math.isfinite(v) for point in found for v in point) or not _polygon(found).area > 0:
        return None
    return Region(found, BOX if doc.get("drawn") == BOX else LASSO)


# --- asking all cases ------------------------------------------------------------------------------------


def cheap_mask(wanted: CaseFilter, columns: CaseColumns) -> Bools:
    """Tell which cases pass every part that is asked of all at once (all but text, region and legend)."""
    found = np.ones(columns.n, np.bool_)
    if wanted.stages:
        found &= _among([STAGE_AT[s] for s in wanted.stages if s in STAGE_AT], columns.stage)
    if wanted.states:
        found &= _among([STATE_AT[s] for s in wanted.states if s in STATE_AT], columns.state)
    if wanted.bands:
        found &= _among([BANDS.index(b) for b in wanted.bands if b in BANDS], columns.band)
    if wanted.urgency:
        found &= _among(wanted.urgency, columns.urgency)
    if wanted.categories:
        found &= _begins(columns, columns.category, columns.categories, "category", wanted.categories)
    if wanted.sources:
        found &= _chosen(columns, columns.source, columns.sources, wanted.sources)
    if wanted.departments:
        found &= _chosen(columns, columns.dept, columns.depts, wanted.departments)
    if wanted.areas:
        # the code of an area is the beginning of the codes of what lies in it
        found &= _begins(columns, columns.grid, columns.grids, "area", wanted.areas)
    if wanted.unplaced:
        found &= ~columns.placed
    if wanted.ids is not None:
        at = [columns.slot[i] for i in wanted.ids if i in columns.slot]
        listed = np.zeros(columns.n, np.bool_)
        listed[at] = True
        found &= listed
    return found


def _chosen(columns: CaseColumns, column: Any, codes: Codes, wanted: tuple[str, ...]) -> Bools:
    """Tell which cases have one of some codes."""
    among = frozenset(wanted)
    return columns.by_code(
        column, codes, (id(codes), wanted), lambda asked: [code in among for code in asked]
    )


def _begins(columns: CaseColumns, numbers: Any, codes: Codes, name: str, prefixes: tuple[str, ...]) -> Bools:
    """Tell whose code begins with one of some prefixes; asked once for each code."""
    return columns.by_code(
        numbers, codes, (name, prefixes), lambda known: [code.startswith(prefixes) for code in known]
    )


def _among(wanted: Iterable[int], column: Any) -> Bools:
    """Tell which values of a column of small numbers are among some."""
    table = np.zeros(256, np.bool_)
    table[list(wanted)] = True
    return np.asarray(table[column], dtype=np.bool_)


def legend_mask(part: LegendPart, columns: CaseColumns) -> Bools:
    """Tell which cases lie in no area of a class that is switched off."""
    hidden = tuple(part.hidden)
    if not hidden:
        return np.ones(columns.n, np.bool_)
    lengths = sorted({len(code) for code in hidden})

    def shown(codes: Sequence[str]) -> list[bool]:
        return [not any(code[:length] in part.hidden for length in lengths) for code in codes]

    return columns.by_code(columns.grid, columns.grids, ("legend", part.hidden), shown)


def sounds_like(needle: str, *names: str) -> bool:
    """Tell whether a name holds a text (lower case), or begins with these initials."""
    for name in names:
        if needle in name.lower():
            return True
        if needle.isascii() and needle.isalpha() and spell(name)[1].startswith(needle):
            return True
    return False


def text_hits(columns: CaseColumns, slots: Ints, needle: str) -> Bools:
    """Tell which cases of some slots hold a text in number, description or address."""
    texts, asked_for = columns.texts, needle.encode()
    asked = texts if len(slots) == columns.n else [texts[at] for at in slots.tolist()]
    return np.array([asked_for in text for text in asked], dtype=np.bool_)


def unknown(column: Any) -> Ints:
    """Return the slots whose kept answer is not known."""
    return np.flatnonzero(np.asarray(column) == UNKNOWN)
