"""Which shapes can be drawn: checked, put into world metres and made valid, a few thousand at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from maps.geometry.arcs import DIGITS
from maps.geometry.mercator import FloatArray, project, valid_mask
from maps.geometry.shapes import AreaShape, RefusedArea
from services.domain.codes import LEVELS
from services.geo.polygons import looks_swapped, too_tangled

_A_BATCH = 2000
"""Shapes looked at in one call; shapely keeps the interpreter to itself meanwhile."""
_LARGE = 20_000
"""Vertices from which a border is looked at before it is checked: checking a tangle takes minutes."""
_POLYGON, _MULTI, _COLLECTION = 3, 6, 7
_DEEPEST = 8

GeometryArray = npt.NDArray[np.object_]


def accept(shapes: Iterable[AreaShape]) -> tuple[list[AreaShape], GeometryArray, list[RefusedArea]]:
    """Sort shapes into those that can be drawn and those that cannot.

    Returns:
        The good ones in the order of their codes, their valid polygons in world metres (same order), and the
        others with their reasons. Of two with the same code the first good one counts.
    """
    everything = list(shapes)
    reasons, flat = _judged(everything)
    taken: dict[str, int] = {}
    refused = []
    for at, (shape, reason) in enumerate(zip(everything, reasons, strict=True)):
        if not reason and shape.code in taken:
            reason = "duplicate"
        if reason:
            refused.append(RefusedArea(shape.code, reason))
        else:
            taken[shape.code] = at
    order = [taken[code] for code in sorted(taken)]
    geometry = np.empty(len(order), dtype=object)
    geometry[:] = [flat[at] for at in order]
    return [everything[at] for at in order], geometry, refused


def _judged(shapes: Sequence[AreaShape]) -> tuple[list[str], list[BaseGeometry | None]]:
    """Reason (empty: good) and shape in world metres of each."""
    reasons = [_named_wrong(shape) for shape in shapes]
    flat: list[BaseGeometry | None] = [None] * len(shapes)
    for start in range(0, len(shapes), _A_BATCH):
        at = [i for i in range(start, min(start + _A_BATCH, len(shapes))) if not reasons[i]]
        geometry = np.empty(len(at), dtype=object)
        geometry[:] = [shapes[i].geometry for i in at]
        for i, reason, made in zip(at, *_flattened(geometry), strict=True):
            reasons[i], flat[i] = reason, made
    return reasons, flat


def _named_wrong(shape: AreaShape) -> str:
    if not shape.code:
        return "no_code"
    return "" if shape.level in LEVELS else "bad_level"


def _flattened(geometry: GeometryArray) -> tuple[list[str], GeometryArray]:
    """Reasons and world shapes of one batch."""
    for i in np.flatnonzero(shapely.get_type_id(geometry) == _COLLECTION).tolist():
        geometry[i] = _polygons_of(geometry[i])
    kind = shapely.get_type_id(geometry)
    reasons = np.full(len(geometry), "", dtype=object)
    reasons[~np.isin(kind, (_POLYGON, _MULTI))] = "not_polygon"
    reasons[(kind < 0) | shapely.is_empty(geometry)] = "empty"
    geometry = shapely.force_2d(geometry)
    xy, owner = shapely.get_coordinates(geometry, return_index=True)
    good = valid_mask(xy[:, 0], xy[:, 1])
    for i in np.unique(owner[~good]).tolist():
        reasons[i] = reasons[i] or _wrong_numbers(xy[owner == i])
    fit = reasons == ""
    made = np.full(len(geometry), None, dtype=object)
    if bool(fit.any()):
        made[fit] = shapely.set_coordinates(geometry[fit], _world(xy[fit[owner]]))
    for i in np.flatnonzero(fit & (shapely.get_num_coordinates(made) > _LARGE)).tolist():
        if too_tangled(made[i]):
            made[i], reasons[i], fit[i] = None, "tangled", False
    for i in np.flatnonzero(fit & ~shapely.is_valid(made)).tolist():
        made[i], reasons[i] = _mended(made[i])
    reasons[(reasons == "") & ~(shapely.area(made) > 0)] = "empty"
    return list(reasons), made


def _world(xy: FloatArray) -> FloatArray:
    """World metres rounded to the millimetre: equal inputs stay equal whatever the vector unit does."""
    return np.asarray(np.round(project(xy[:, 0], xy[:, 1]), DIGITS))


def _wrong_numbers(xy: FloatArray) -> str:
    if not bool(np.isfinite(xy).all()):
        return "not_a_number"
    low, high = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    return "swapped" if looks_swapped(low[0], low[1], high[0], high[1]) else "out_of_range"


def _mended(flat: BaseGeometry) -> tuple[BaseGeometry | None, str]:
    """A valid shape of the same outline, or the reason why there is none."""
    if too_tangled(flat):
        return None, "tangled"
    parts = shapely.get_parts(shapely.make_valid(flat))
    polygons = [p for part in parts for p in shapely.get_parts(part) if p.geom_type == "Polygon"]
    return shapely.union_all(polygons), ""


def _polygons_of(collection: Any) -> BaseGeometry:
    """The polygons of a collection however nested, as one multi-polygon; the collection where it has none."""
    parts, depth = [collection], 0
    while any(p.geom_type == "GeometryCollection" for p in parts) and depth < _DEEPEST:
        parts = [inner for p in parts for inner in _opened(p)]
        depth += 1
    polygons = [inner for p in parts for inner in _polygonal(p)]
    return shapely.multipolygons(polygons) if polygons else collection


def _opened(part: Any) -> list[Any]:
    return list(shapely.get_parts(part)) if part.geom_type == "GeometryCollection" else [part]


def _polygonal(part: Any) -> list[Any]:
    return list(shapely.get_parts(part)) if part.geom_type in ("Polygon", "MultiPolygon") else []
