"""The base map: water and roads of the district, the land around it, and vector layers from outside sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.mercator import FloatArray, project, valid_mask
from maps.geometry.viewport import Bounds


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


# --- vector layers from outside -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FeatureStyle:
    """Simple look of a vector layer.

    Attributes:
        token: colour token of lines, edges and points.
        width: width of lines and edges, pixels.
        fill: opacity of the inside of areas, 0 for none.
        label_field: name of the property that is written beside features; empty for none.
    """

    token: str = "map.component"
    width: float = 1.4
    fill: float = 0.12
    label_field: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class FeatureLayer:
    """A vector layer as flat arrays: every ring, line and point is a part.

    Attributes:
        source: id of the source; the layer of the book is ``features:<source>``.
        title: given name.
        xy: ``(m, 2)`` world metres of all parts, one after the other.
        start: ``(parts + 1,)`` where each part begins in ``xy``; the last is ``m``.
        closed: ``(parts,)`` the part is a ring.
        owner: ``(parts,)`` index of the feature.
        bounds: ``(parts, 4)`` west, south, east, north, world metres.
        labels: text of each feature, empty where there is none.
        style: look.
        left_out: features that could not be used.
    """

    source: str
    title: str
    xy: FloatArray
    start: npt.NDArray[np.int64]
    closed: npt.NDArray[np.bool_]
    owner: npt.NDArray[np.int64]
    bounds: FloatArray
    labels: tuple[str, ...] = ()
    style: FeatureStyle = field(default_factory=FeatureStyle)
    left_out: int = 0

    @property
    def key(self) -> str:
        """Id in the layer book."""
        return f"features:{self.source}"

    def __len__(self) -> int:
        return len(self.closed)

    @staticmethod
    def of(
        source: str,
        title: str,
        geometries: Iterable[Any],
        labels: Sequence[str] = (),
        style: FeatureStyle | None = None,
    ) -> FeatureLayer:
        """Take WGS84 geometries (points, lines, areas, collections); runs on any thread.

        A feature with a coordinate that is no number or out of range is left out as a whole and counted, so
        that nothing is drawn by half.
        """
        shapes = np.array(list(geometries), dtype=object)
        texts = tuple(labels) + ("",) * (len(shapes) - len(labels))
        usable = np.array([g is not None and not g.is_empty for g in shapes], dtype=bool)
        usable &= _all_on_map(shapes, usable)
        parts, owner = _simple_parts(shapes[usable])
        counts = shapely.get_num_coordinates(parts)
        coordinates = shapely.get_coordinates(parts)
        xy = project(coordinates[:, 0], coordinates[:, 1]) if len(coordinates) else np.empty((0, 2))
        start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        kept = [text for text, good in zip(texts, usable, strict=False) if good]
        return FeatureLayer(
            source,
            title,
            xy,
            start,
            np.asarray(shapely.get_type_id(parts) == _RING),
            owner,
            _part_bounds(xy, start),
            tuple(kept),
            style or FeatureStyle(),
            int(np.count_nonzero(~usable)),
        )

    def in_view(self, bounds: Bounds, margin: float = 0.0) -> npt.NDArray[np.int64]:
        """Indices of the parts that may be seen in a world rectangle."""
        west, south, east, north = bounds
        b = self.bounds
        return np.flatnonzero(
            (b[:, 0] <= east + margin)
            & (b[:, 2] >= west - margin)
            & (b[:, 1] <= north + margin)
            & (b[:, 3] >= south - margin)
        )

    def thinned(self, scale: float) -> FeatureLayer:
        """A copy for a zoom: points that fall on the pixel of the one before are left out.

        No point is off by more than a pixel; the first and last point of every part stay, so that rings close.
        """
        if not len(self.xy):
            return self
        pixel = np.floor(self.xy / scale).astype(np.int64)
        keep = np.ones(len(self.xy), dtype=bool)
        keep[1:] = np.any(pixel[1:] != pixel[:-1], axis=1)
        keep[self.start[:-1]] = True
        keep[self.start[1:] - 1] = True
        total = np.concatenate([[0], np.cumsum(keep)])
        return FeatureLayer(
            self.source,
            self.title,
            self.xy[keep],
            total[self.start].astype(np.int64),
            self.closed,
            self.owner,
            self.bounds,
            self.labels,
            self.style,
            self.left_out,
        )


_RING = 2
"""Type number of a ring in shapely."""


def _all_on_map(shapes: npt.NDArray[np.object_], usable: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which features lie on the map with every coordinate."""
    good = np.ones(len(shapes), dtype=bool)
    xy, owner = shapely.get_coordinates(shapes[usable], return_index=True)
    if len(xy):
        bad = np.unique(owner[~valid_mask(xy[:, 0], xy[:, 1])])
        good[np.flatnonzero(usable)[bad]] = False
    return good


def _simple_parts(shapes: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Points, lines and rings of all features, with the feature each belongs to."""
    flat, owner = shapely.get_parts(shapes, return_index=True)
    while bool(np.any(shapely.get_type_id(flat) >= 4)):
        # Collections hold collections; each turn opens one depth.
        flat, inner = shapely.get_parts(flat, return_index=True)
        owner = owner[inner]
    areas = shapely.get_type_id(flat) == 3
    rings, inner = shapely.get_rings(flat[areas], return_index=True)
    others = ~areas
    parts = np.concatenate([flat[others], rings])
    owners = np.concatenate([owner[others], owner[areas][inner]])
    filled = shapely.get_num_coordinates(parts) > 0
    order = np.argsort(owners[filled], kind="stable")
    return parts[filled][order], owners[filled][order].astype(np.int64)


def _part_bounds(xy: FloatArray, start: npt.NDArray[np.int64]) -> FloatArray:
    if len(start) < 2:
        return np.empty((0, 4))
    low = np.minimum.reduceat(xy, start[:-1])
    high = np.maximum.reduceat(xy, start[:-1])
    return np.hstack([low, high])
