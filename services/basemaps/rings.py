"""Rings without order (Esri, SuperMap) to polygons: which is a shell and which a hole is told by what lies in what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry


def polygons_of(rings: Sequence[Sequence[tuple[float, float]]]) -> BaseGeometry | None:
    """Build a polygon or several from closed rings, holes by even-odd nesting; None when no ring has an area.

    The direction of a ring is not believed: exporters of the field write either.
    """
    shells = [
        shapely.Polygon(ring)
        for ring in rings
        if len(ring) >= 3 and len(set(ring)) >= 3 and np.isfinite(ring).all()
    ]
    shells = sorted((s for s in shells if s.area > 0), key=lambda s: -s.area)
    if not shells:
        return None
    if len(shells) == 1:
        return shells[0]
    array = np.array(shells, dtype=object)
    points = shapely.point_on_surface(array)
    tree = shapely.STRtree(array)
    inside, around = tree.query(points, predicate="within")
    holders: list[list[int]] = [[] for _ in shells]
    for inner, outer in zip(inside.tolist(), around.tolist(), strict=True):
        if outer < inner:  # larger ones come first
            holders[inner].append(outer)
    holes: dict[int, list[int]] = {at: [] for at in range(len(shells)) if len(holders[at]) % 2 == 0}
    for at in range(len(shells)):
        if at not in holes:
            # the smallest ring around it is its shell
            parent = max(holders[at])
            holes.setdefault(parent, []).append(at)
    parts = [
        shapely.Polygon(shells[at].exterior, [shells[hole].exterior for hole in inner])
        for at, inner in holes.items()
        if len(holders[at]) % 2 == 0
    ]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
