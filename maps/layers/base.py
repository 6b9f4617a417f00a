"""The base map below the cells: water and roads of the district, and the land around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from maps.geometry.mercator import FloatArray, project, valid_mask


@dataclass(frozen=True, slots=True)
class BaseShape:
    """One feature of the base map: WGS84 geometry (line or polygon), name, and width in metres for lines."""

    geometry: Any
    name: str = ""
    width_m: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class BasePath:
    """A projected piece of a feature: points ``(k, 2)`` in world metres, closed for areas."""

    xy: FloatArray
    name: str
    width_m: float
    closed: bool


@dataclass(frozen=True, slots=True)
class BaseLayer:
    """Projected base map, ready to be drawn in the order outside, water, roads."""

    roads: tuple[BasePath, ...] = ()
    water: tuple[BasePath, ...] = ()
    outside: tuple[BasePath, ...] = ()

    @staticmethod
    def of(
        roads: Iterable[BaseShape | Any] = (),
        water: Iterable[BaseShape | Any] = (),
        outside: Iterable[BaseShape | Any] = (),
    ) -> BaseLayer:
        """Project features; bare shapely geometries are nameless. Empty or impossible ones are left out."""
        return BaseLayer(_paths(roads), _paths(water), _paths(outside))


def _paths(shapes: Iterable[BaseShape | Any]) -> tuple[BasePath, ...]:
    out: list[BasePath] = []
    for item in shapes:
        shape = item if isinstance(item, BaseShape) else BaseShape(item)
        if shape.geometry is None or shape.geometry.is_empty:
            continue
        for part in shapely.get_parts(shape.geometry):
            if part.geom_type == "Polygon":
                out.extend(_path(ring, shape, True) for ring in shapely.get_rings(part) if _usable(ring))
            elif part.geom_type in ("LineString", "LinearRing") and _usable(part):
                out.append(_path(part, shape, False))
    return tuple(out)


def _usable(line: Any) -> bool:
    xy = shapely.get_coordinates(line)
    return len(xy) >= 2 and bool(np.all(valid_mask(xy[:, 0], xy[:, 1])))


def _path(line: Any, shape: BaseShape, closed: bool) -> BasePath:
    xy = shapely.get_coordinates(line)
    return BasePath(project(xy[:, 0], xy[:, 1]), shape.name, shape.width_m, closed)
