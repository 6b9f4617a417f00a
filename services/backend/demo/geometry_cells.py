"""Irregular grids that share their edges exactly: relaxed Voronoi cells with jagged borders. Plane metres.

River, main roads and the outline become borders of grids: pairs of sites are set mirror-wise along them, so
that the Voronoi edge between a pair runs on the line, as grid borders do in a real city.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely import LineString, MultiPoint, Polygon

from services.backend.demo.geometry_plan import Floats, Plan

Ints = NDArray[np.int64]

_PAIR_OFFSET = 0.40  # of the cell size, from the line to either site
_PAIR_ROOM = 0.62  # no two sites nearer than this times the cell size
_MOST_FIXED = 0.62  # at most this share of all grids may be set by lines
_LLOYD_ROUNDS = 3
_OUTLINE = 1  # the number of the outline among the lines
_JAG_LEVELS = 3
_JAG_INNER = (0.075, 0.080, 0.055)  # of the edge length, at each halving
_JAG_RIM = (0.110, 0.085, 0.060)
_JAG_LINE = (0.016, 0.010, 0.006)


@dataclass(frozen=True)
class Cells:
    """The grids before they have names.

    `polygons` (n,) in plane metres; `centres` (n, 2); `pairs` (m, 2) of cells that share a border; `barrier`
    (m,) tells that this border is the river or a main road.
    """

    polygons: NDArray[np.object_]
    centres: Floats
    pairs: Ints
    barrier: NDArray[np.bool_]


class _Sites:
    """Points with a minimum distance, found quickly through buckets."""

    def __init__(self, bucket: float) -> None:
        self._bucket = bucket
        self._held: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)

    def room(self, x: float, y: float, distance: float) -> bool:
        """Whether no point lies nearer than the distance."""
        reach = math.ceil(distance / self._bucket)
        column, row = math.floor(x / self._bucket), math.floor(y / self._bucket)
        for i in range(column - reach, column + reach + 1):
            for j in range(row - reach, row + reach + 1):
                for other_x, other_y in self._held.get((i, j), ()):
                    if (other_x - x) ** 2 + (other_y - y) ** 2 < distance * distance:
                        return False
        return True

    def add(self, x: float, y: float) -> None:
        """Hold a point."""
        self._held[math.floor(x / self._bucket), math.floor(y / self._bucket)].append((x, y))


def make_cells(plan: Plan, count: int, rng: np.random.Generator) -> Cells:
    """Draw exactly `count` cells that fill the outline (its line is followed within a few metres)."""
    fixed, line_of = _fixed_sites(plan, count)
    inside = shapely.contains_xy(plan.outline, fixed[:, 0], fixed[:, 1])
    fixed, line_of = (
        np.concatenate((fixed[inside], fixed[~inside])),
        np.concatenate((line_of[inside], line_of[~inside])),
    )
    held = int(inside.sum())
    free = _free_sites(plan, fixed, count - held, rng)
    for _ in range(_LLOYD_ROUNDS):
        free = _relaxed(plan, free, fixed)
    sites = np.concatenate((free, fixed))
    lines = np.concatenate((np.zeros(len(free), dtype=np.int64), line_of))
    cells = _voronoi(sites, plan)[:count]
    for merge in (0.07, 0.02, 0.0):
        made = jagged_cells(cells, lines[:count], merge * plan.cell_m, rng)
        if bool(shapely.coverage_is_valid(made.polygons)) and bool(shapely.is_valid(made.polygons).all()):
            return made
    raise AssertionError("the cells do not form a coverage")


def _fixed_sites(plan: Plan, count: int) -> tuple[Floats, Ints]:
    """Mirrored sites along the lines, with the line each belongs to.

    A line is told as its number from 1 (the outline), positive left and negative right of it; 0 is no line.
    """
    sites, found, lines = _Sites(plan.cell_m), [], []
    rim = np.asarray(plan.outline.exterior.coords)
    courses = [rim, plan.river.xy, *[r.xy for r in plan.roads if r.klass == "primary"]]
    within = 0
    for number, xy in enumerate(courses, 1):
        added = _mirrored(plan, xy, sites)
        new_within = (
            int(shapely.contains_xy(plan.outline, added[:, 0], added[:, 1]).sum()) if len(added) else 0
        )
        if number > _OUTLINE and within + new_within > _MOST_FIXED * count:
            continue
        for x, y in added:
            sites.add(x, y)
        found.append(added)
        lines.append(np.tile([number, -number], len(added) // 2))
        within += new_within
    guard = np.asarray(plan.outline.buffer(1.6 * plan.cell_m).exterior.coords)
    far = 3.0 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (plan.half_width, plan.half_height)
    rings = np.concatenate((_spaced(guard, plan.cell_m), far))
    return np.concatenate((*found, rings)), np.concatenate((*lines, np.zeros(len(rings)))).astype(np.int64)


def _spaced(xy: Floats, step: float) -> Floats:
    line = LineString(xy)
    spots: Floats = shapely.get_coordinates(
        shapely.line_interpolate_point(line, np.arange(0.0, line.length - 0.5 * step, step))
    )
    return spots


def _mirrored(plan: Plan, xy: Floats, sites: _Sites) -> Floats:
    """Pairs of sites along a line, left then right, where there is room for both; (2k, 2)."""
    line = LineString(xy)
    found: list[tuple[float, float]] = []
    mine = _Sites(plan.cell_m)
    at, size = 0.0, 0.0
    while at < line.length - 0.6 * size:
        here = shapely.get_coordinates(shapely.line_interpolate_point(line, [at, at + 2.0]))
        size = float(plan.cell_at(here[:1])[0])
        along = (here[1] - here[0]) / max(1e-9, math.hypot(*(here[1] - here[0])))
        offset = np.array([-along[1], along[0]]) * _PAIR_OFFSET * size
        pair = [(float(x), float(y)) for x, y in (here[0] + offset, here[0] - offset)]
        needed = _PAIR_ROOM * size
        if all(sites.room(x, y, needed) and mine.room(x, y, needed) for x, y in pair):
            found += pair
            for x, y in pair:
                mine.add(x, y)
        at += size
    return np.array(found, dtype=float).reshape(-1, 2)


def _free_sites(plan: Plan, fixed: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Darts thrown into the outline, none near another; the distance shrinks until all have a place."""
    sites = _Sites(plan.cell_m)
    for x, y in fixed:
        sites.add(float(x), float(y))
    found: list[tuple[float, float]] = []
    closeness, misses = 0.80, 0
    shapely.prepare(plan.outline)
    while len(found) < count:
        batch = rng.uniform(-1.0, 1.0, (512, 2)) * (plan.half_width, plan.half_height)
        batch = batch[shapely.contains_xy(plan.outline, batch[:, 0], batch[:, 1])]
        for (x, y), size in zip(batch.tolist(), plan.cell_at(batch).tolist(), strict=True):
            if len(found) < count and sites.room(x, y, closeness * size):
                sites.add(x, y)
                found.append((x, y))
                misses = 0
            else:
                misses += 1
        if misses > 600:
            closeness, misses = closeness * 0.94, 0
    return np.array(found, dtype=float).reshape(-1, 2)


def _voronoi(sites: Floats, plan: Plan) -> NDArray[np.object_]:
    frame = shapely.box(
        -4 * plan.half_width, -4 * plan.half_height, 4 * plan.half_width, 4 * plan.half_height
    )
    made = shapely.voronoi_polygons(MultiPoint(sites), extend_to=frame, ordered=True)
    return np.asarray(shapely.get_parts(made))


def _relaxed(plan: Plan, free: Floats, fixed: Floats) -> Floats:
    """One round of Lloyd: free sites go to the middle of their cell, those set by lines stay."""
    cells = _voronoi(np.concatenate((free, fixed)), plan)[: len(free)]
    middle: Floats = shapely.get_coordinates(shapely.centroid(cells))
    stays = ~shapely.contains_xy(plan.outline, middle[:, 0], middle[:, 1])
    middle[stays] = free[stays]
    return middle


# --- from cells to polygons with shared jagged edges ----------------------------------------------


def jagged_cells(cells: NDArray[np.object_], lines: Ints, merge_m: float, rng: np.random.Generator) -> Cells:
    """Give every edge its jags once and build both neighbours from it.

    Args:
        cells: Convex cells (n,) that fill a plane, in metres.
        lines: Per cell the line it lies along; see `_fixed_sites`.
        merge_m: Vertices nearer than this become one.
        rng: Where the jags come from.
    """
    rings, at = _vertex_rings(cells, merge_m)
    edges: dict[tuple[int, int], list[int]] = {}
    for cell, ring in enumerate(rings):
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            edges.setdefault((min(a, b), max(a, b)), []).append(cell)
    keys = sorted(edges)
    owners = [edges[k] for k in keys]
    on_line = np.array(
        [len(o) == 2 and lines[o[0]] == -lines[o[1]] and abs(lines[o[0]]) > _OUTLINE for o in owners]
    )
    rim = np.array([len(o) == 1 for o in owners])
    strength = np.where(on_line[:, None], _JAG_LINE, np.where(rim[:, None], _JAG_RIM, _JAG_INNER))
    paths = _broken(at[np.array(keys)], strength, rng)
    polygons = _rings_of(rings, {k: i for i, k in enumerate(keys)}, paths)
    bad = ~shapely.is_valid(polygons)
    if bad.any():  # a jag of a very thin cell crossed over: straighten that cell's edges
        for i, owner in enumerate(owners):
            if bad[owner].any():
                paths[i] = paths[i][[0, -1]]
        polygons = _rings_of(rings, {k: i for i, k in enumerate(keys)}, paths)
    shared = ~rim
    pairs = np.array([o for o in owners if len(o) == 2], dtype=np.int64).reshape(-1, 2)
    return Cells(polygons, shapely.get_coordinates(shapely.centroid(polygons)), pairs, on_line[shared])


def _vertex_rings(cells: NDArray[np.object_], merge_m: float) -> tuple[list[list[int]], Floats]:
    """Rings of vertex numbers, with near vertices made one so that no tiny edge is left."""
    xy, cell = shapely.get_coordinates(cells, return_index=True)
    unique, number = np.unique(np.round(xy, 4), axis=0, return_inverse=True)
    number = number.reshape(-1)
    root = np.arange(len(unique))
    near = shapely.STRtree(shapely.points(unique)).query(
        shapely.points(unique), "dwithin", max(merge_m, 0.01)
    )
    for a, b in near.T.tolist():
        low, high = sorted((_root(root, a), _root(root, b)))
        root[high] = low
    head = np.array([_root(root, i) for i in range(len(unique))])
    weight = np.bincount(head, minlength=len(unique))
    total: Floats = np.column_stack([np.bincount(head, unique[:, k], len(unique)) for k in (0, 1)])
    middle: Floats = total / np.maximum(weight, 1)[:, None]
    starts = np.flatnonzero(np.diff(cell, prepend=-1))
    rings = []
    for ring in np.split(head[number], starts[1:]):
        kept = ring[ring != np.roll(ring, 1)]  # the closing vertex goes with this, too
        rings.append([int(v) for v in kept])
    return rings, middle


def _root(root: Ints, at: int) -> int:
    while root[at] != at:
        root[at] = root[root[at]]
        at = int(root[at])
    return at


def _broken(ends: Floats, strength: Floats, rng: np.random.Generator) -> list[Floats]:
    """Break edges (m, 2, 2) by midpoint displacement; short edges are broken less often."""
    path = ends.copy()
    for level in range(_JAG_LEVELS):
        step = path[:, 1:] - path[:, :-1]
        aside = np.stack((-step[..., 1], step[..., 0]), axis=-1)
        push = rng.uniform(-1.0, 1.0, step.shape[:2]) * strength[:, level, None] * 2.0
        middle = (path[:, 1:] + path[:, :-1]) / 2.0 + aside * push[..., None] * (1.0 if level == 0 else 0.8)
        longer = np.empty((len(path), 2 * path.shape[1] - 1, 2))
        longer[:, ::2], longer[:, 1::2] = path, middle
        path = longer
    length: Floats = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    halvings: list[int] = np.searchsorted([24.0, 60.0, 140.0], length).tolist()
    return [p[:: 1 << (_JAG_LEVELS - kept)] for p, kept in zip(path, halvings, strict=True)]


def _rings_of(
    rings: list[list[int]], edge_at: dict[tuple[int, int], int], paths: list[Floats]
) -> NDArray[np.object_]:
    polygons = np.empty(len(rings), dtype=object)
    for i, ring in enumerate(rings):
        parts = []
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
            path = paths[edge_at[min(a, b), max(a, b)]]
            parts.append(path[:-1] if a < b else path[:0:-1])
        polygons[i] = Polygon(np.round(np.concatenate(parts), 3))
    return polygons
