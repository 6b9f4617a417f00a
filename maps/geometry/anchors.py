"""Label points: the pole of inaccessibility of a polygon, always inside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.mercator import FloatArray


def label_anchors(polygons: npt.NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Find where a label sits best in each polygon.

    Args:
        polygons: ``(n,)`` shapely polygons or multipolygons, not empty.

    Returns:
        ``(n, 2)`` points and ``(n,)`` distances to the nearest border, both in the unit of the input.
        The point is the centre of the largest circle inside the largest part; where GEOS finds none
        (a sliver) it is the representative point with radius 0.
    """
    if len(polygons) == 0:
        return np.empty((0, 2)), np.empty(0)
    mains = _largest_parts(polygons)
    # A hundredth of the width is finer than a label can show and keeps the search short.
    tolerance = np.maximum(np.sqrt(shapely.area(mains)) / 100.0, 1e-6)
    circles = shapely.maximum_inscribed_circle(mains, tolerance)
    found = ~shapely.is_empty(circles) & (shapely.length(circles) > 0)
    centres = shapely.get_point(np.where(found, circles, shapely.LineString([(0, 0), (0, 0)])), 0)
    found &= shapely.contains(mains, centres)
    points = np.where(found, centres, shapely.point_on_surface(mains))
    radii = np.where(found, shapely.length(circles), 0.0)
    xy = np.column_stack([shapely.get_x(points), shapely.get_y(points)])
    return np.asarray(xy, dtype=np.float64), np.asarray(radii, dtype=np.float64)


def _largest_parts(polygons: npt.NDArray[Any]) -> npt.NDArray[np.object_]:
    """The part of greatest area of each polygon; the first of equal ones."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    order = np.lexsort((np.arange(len(parts)), -shapely.area(parts), owner))
    first = np.ones(len(order), dtype=bool)
    first[1:] = owner[order][1:] != owner[order][:-1]
    return np.asarray(parts[order[first]], dtype=object)
