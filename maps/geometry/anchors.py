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
    mains = np.array([_largest_part(p) for p in polygons], dtype=object)
    points = np.empty((len(mains), 2))
    radii = np.zeros(len(mains))
    for i, polygon in enumerate(mains):
        points[i], radii[i] = _pole(polygon)
    return points, radii


def _largest_part(polygon: Any) -> Any:
    parts = shapely.get_parts(polygon)
    return polygon if len(parts) <= 1 else parts[int(np.argmax(shapely.area(parts)))]


def _pole(polygon: Any) -> tuple[FloatArray, float]:
    # A hundredth of the width is finer than a label can show and keeps the search short.
    tolerance = max(float(np.sqrt(polygon.area)) / 100.0, 1e-6)
    line = shapely.maximum_inscribed_circle(polygon, tolerance)
    if not line.is_empty and line.length > 0:
        xy = shapely.get_coordinates(line)
        if shapely.contains_xy(polygon, xy[0, 0], xy[0, 1]):
            return xy[0], float(line.length)
    inside = shapely.point_on_surface(polygon)
    return shapely.get_coordinates(inside)[0], 0.0
