"""Label points: the pole of inaccessibility of a polygon, always inside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.mercator import FloatArray

_COARSE = 1 / 20
"""The search runs on an outline simplified by this share of the width and stops within this share of it: a
label is not placed better than that by eye, and twenty thousand cells take a third of the time."""
_A_BATCH = 2000

GeometryArray = npt.NDArray[np.object_]


def label_anchors(polygons: npt.NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Find where a label sits best in each polygon.

    Args:
        polygons: ``(n,)`` shapely polygons or multipolygons, not empty.

    Returns:
        ``(n, 2)`` points and ``(n,)`` distances to the nearest border, both in the unit of the input.
        The point is about the centre of the largest circle inside the largest part; where none is found
        (a sliver) it is the representative point. It lies inside whatever the shape.
    """
    made = [_anchors(polygons[at : at + _A_BATCH]) for at in range(0, len(polygons), _A_BATCH)]
    if not made:
        return np.empty((0, 2)), np.empty(0)
    return np.concatenate([xy for xy, _ in made]), np.concatenate([radii for _, radii in made])


def _anchors(polygons: npt.NDArray[Any]) -> tuple[FloatArray, FloatArray]:
    """Points and radii of one batch."""
    mains = _largest_parts(polygons)
    reach = np.maximum(np.sqrt(shapely.area(mains)) * _COARSE, 1e-6)
    plain = shapely.simplify(mains, reach, preserve_topology=False)
    fit = (shapely.get_type_id(plain) == 3) & ~shapely.is_empty(plain)
    plain = np.where(fit & shapely.is_valid(plain), plain, mains)
    circles = shapely.maximum_inscribed_circle(plain, reach)
    found = ~shapely.is_empty(circles)
    centres = shapely.get_point(np.where(found, circles, shapely.LineString([(0, 0), (0, 0)])), 0)
    xy = np.column_stack([shapely.get_x(centres), shapely.get_y(centres)])
    rings = shapely.boundary(mains)
    radii = np.where(found & shapely.contains_xy(mains, xy), shapely.distance(rings, centres), 0.0)
    # A simplified outline may have cut off a narrow bay with the centre in it: then the exact search.
    for i in np.flatnonzero(radii < reach).tolist():
        xy[i], radii[i] = _exact(mains[i], float(reach[i]) / 5, rings[i])
    return xy, radii


def _exact(polygon: Any, tolerance: float, ring: Any) -> tuple[FloatArray, float]:
    """Point and radius of one polygon from its full outline, else its representative point."""
    circle = shapely.maximum_inscribed_circle(polygon, tolerance)
    centre = shapely.get_point(circle, 0) if not circle.is_empty else None
    if centre is None or not shapely.contains(polygon, centre):
        centre = shapely.point_on_surface(polygon)
    return np.array([centre.x, centre.y]), float(shapely.distance(ring, centre))


def _largest_parts(polygons: npt.NDArray[Any]) -> GeometryArray:
    """The part of greatest area of each polygon; the first of equal ones."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    order = np.lexsort((np.arange(len(parts)), -shapely.area(parts), owner))
    first = np.ones(len(order), dtype=bool)
    first[1:] = owner[order][1:] != owner[order][:-1]
    return np.asarray(parts[order[first]], dtype=object)
