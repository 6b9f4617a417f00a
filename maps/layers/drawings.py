"""Drawn marks (标绘): points, lines, areas and words an operator puts on the map; undo, and a document per user."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from maps.geometry.mercator import FloatArray, project, valid_mask

SHAPES = ("point", "line", "polygon", "text")
LEAST = {"point": 1, "line": 2, "polygon": 3, "text": 1}
"""Least number of corners of each shape."""
MOST_MARKS = 2000
MOST_CORNERS = 2000
MOST_TEXT = 200
MOST_UNDO = 100
_MOST_DOC = 20_000_000
_GEOMETRY = {"point": "Point", "line": "LineString", "polygon": "Polygon", "text": "Point"}


class DrawingError(ValueError):
    """A mark that cannot be drawn; ``reason`` is shape, corners, range, text or full."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"drawn mark refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DrawnMark:
    """One drawn mark.

    Attributes:
        mark_id: identity.
        shape: point, line, polygon or text.
        lonlat: corners in WGS84 degrees; a polygon is not closed by repeating its first corner.
        text: note; the words themselves for the shape ``text``.
        colour: name of a colour of drawn marks (``map.drawn.<name>``).
        by: who drew it.
        at: when, ISO 8601 with offset.
    """

    mark_id: str
    shape: str
    lonlat: tuple[tuple[float, float], ...]
    text: str = ""
    colour: str = "ink"
    by: str = ""
    at: str = ""

    def world(self) -> FloatArray:
        """Corners in world metres."""
        return project([p[0] for p in self.lonlat], [p[1] for p in self.lonlat])


def checked_mark(mark: DrawnMark) -> DrawnMark:
    """Take a mark that can be drawn.

    Raises:
        DrawingError: it cannot, with the reason.
    """
    if mark.shape not in SHAPES:
        raise DrawingError("shape")
    if not LEAST[mark.shape] <= len(mark.lonlat) <= MOST_CORNERS:
        raise DrawingError("corners")
    if mark.shape in ("point", "text") and len(mark.lonlat) != 1:
        raise DrawingError("corners")
    if not all(bool(valid_mask(lon, lat)) for lon, lat in mark.lonlat):
        raise DrawingError("range")
    if len(mark.text) > MOST_TEXT or (mark.shape == "text" and not mark.text.strip()):
        raise DrawingError("text")
    return mark


@dataclass(frozen=True, slots=True)
class DrawingLayer:
    """All drawn marks in the order they were drawn, and what undo and redo lead to."""

    marks: tuple[DrawnMark, ...] = ()
    past: tuple[tuple[DrawnMark, ...], ...] = ()
    future: tuple[tuple[DrawnMark, ...], ...] = ()

    def get(self, mark_id: str) -> DrawnMark | None:
        """The mark of an id, None if there is none."""
        return next((m for m in self.marks if m.mark_id == mark_id), None)

    def put(self, mark: DrawnMark) -> DrawingLayer:
        """Add a mark, or replace the one of the same id.

        Raises:
            DrawingError: it cannot be drawn, or there are too many.
        """
        checked_mark(mark)
        if self.get(mark.mark_id) is not None:
            return self._next(tuple(mark if m.mark_id == mark.mark_id else m for m in self.marks))
        if len(self.marks) >= MOST_MARKS:
            raise DrawingError("full")
        return self._next((*self.marks, mark))

    def removed(self, mark_id: str) -> DrawingLayer:
        """Take a mark away; the same layer when there is none of that id."""
        return self._next(tuple(m for m in self.marks if m.mark_id != mark_id))

    def cleared(self) -> DrawingLayer:
        """Take all marks away; undo brings them back."""
        return self._next(())

    def undone(self) -> DrawingLayer:
        """One step back; the same layer at the beginning."""
        if not self.past:
            return self
        return DrawingLayer(self.past[-1], self.past[:-1], (self.marks, *self.future))

    def redone(self) -> DrawingLayer:
        """One step forward again; the same layer at the end."""
        if not self.future:
            return self
        return DrawingLayer(self.future[0], (*self.past, self.marks), self.future[1:])

    def _next(self, marks: tuple[DrawnMark, ...]) -> DrawingLayer:
        if marks == self.marks:
            return self
        return DrawingLayer(marks, (*self.past, self.marks)[-MOST_UNDO:])

    # --- document ---------------------------------------------------------------------------------

    def to_doc(self) -> dict[str, Any]:
        """A FeatureCollection in WGS84 that other programs open too; undo is not part of it."""
        return {
            "type": "FeatureCollection",
            "version": 1,
            "features": [_feature(m) for m in self.marks],
        }

    @staticmethod
    def from_doc(doc: object) -> tuple[DrawingLayer, int]:
        """Read a document (mapping or JSON text): the marks that can be drawn, and how many were left out."""
        if isinstance(doc, str | bytes):
            try:
                doc = json.loads(doc) if len(doc) <= _MOST_DOC else None
            except (ValueError, RecursionError):
                doc = None
        features = doc.get("features") if isinstance(doc, Mapping) else None
        listed = features if isinstance(features, list) else []
        kept: dict[str, DrawnMark] = {}
        # an id that is made up must not take the place of a mark that has it
        own = {item["id"] for item in listed if isinstance(item, Mapping) and isinstance(item.get("id"), str)}
        spare = (name for n in count(1) if (name := f"m{n}") not in own)
        for item in listed:
            mark = _mark(item, spare)
            if mark is not None and len(kept) < MOST_MARKS:
                kept.setdefault(mark.mark_id, mark)
        return DrawingLayer(tuple(kept.values())), len(listed) - len(kept)


def _feature(mark: DrawnMark) -> dict[str, Any]:
    corners: list[Any] = [list(p) for p in mark.lonlat]
    if mark.shape == "polygon":
        corners = [[*corners, corners[0]]]
    return {
        "type": "Feature",
        "id": mark.mark_id,
        "geometry": {
            "type": _GEOMETRY[mark.shape],
            "coordinates": corners[0] if mark.shape in ("point", "text") else corners,
        },
        "properties": {
            "shape": mark.shape,
            "text": mark.text,
            "colour": mark.colour,
            "by": mark.by,
            "at": mark.at,
        },
    }


def _mark(item: object, spare: Iterator[str]) -> DrawnMark | None:
    """One feature as a mark, None when it cannot be drawn."""
    if not isinstance(item, Mapping):
        return None
    geometry, known = item.get("geometry"), item.get("properties")
    if not isinstance(geometry, Mapping):
        return None
    words = {
        name: str(value)[: MOST_TEXT + 1] if isinstance(value, str) else ""
        for name in ("shape", "text", "colour", "by", "at")
        for value in [known.get(name) if isinstance(known, Mapping) else None]
    }
    kinds = {"Point": "point", "LineString": "line", "Polygon": "polygon"}
    shape = words["shape"] or kinds.get(str(geometry.get("type")), "")
    if shape not in SHAPES or _GEOMETRY[shape] != geometry.get("type"):
        return None
    corners = _corners(shape, geometry.get("coordinates"))
    mark_id = item.get("id")
    if corners is None:
        return None
    own = mark_id if isinstance(mark_id, str) and 0 < len(mark_id) <= MOST_TEXT else next(spare)
    mark = DrawnMark(own, shape, corners, words["text"], words["colour"] or "ink", words["by"], words["at"])
    try:
        return checked_mark(mark)
    except DrawingError:
        return None


def _corners(shape: str, value: Any) -> tuple[tuple[float, float], ...] | None:
    """Corners of GeoJSON coordinates; the closing corner of a polygon is dropped."""
    if shape in ("point", "text"):
        value = [value]
    elif shape == "polygon":
        value = value[0] if isinstance(value, list) and value else None
    if not isinstance(value, list) or len(value) > MOST_CORNERS + 1:
        return None
    out: list[tuple[float, float]] = []
    for pair in value:
        if not isinstance(pair, list | tuple) or len(pair) < 2:
            return None
        lon, lat = pair[0], pair[1]
        if any(isinstance(v, bool) or not isinstance(v, int | float) for v in (lon, lat)):
            return None
        if not (abs(lon) <= 180 and abs(lat) <= 90 and math.isfinite(lon) and math.isfinite(lat)):
            return None
        out.append((float(lon), float(lat)))
    if shape == "polygon" and len(out) > 1 and out[0] == out[-1]:
        out.pop()
    return tuple(out)


def renamed(mark: DrawnMark, text: str) -> DrawnMark:
    """The same mark with another note."""
    return replace(mark, text=text.strip()[:MOST_TEXT])
