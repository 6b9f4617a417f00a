"""Border lines between cells, sorted by the coarsest level they separate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.areas import IntArray, PreparedAreas
from maps.geometry.mercator import FloatArray
from maps.geometry.tables import LineTable
from maps.geometry.tables import RingTable as RingTable
from services.domain.codes import LEVELS

SLIVER_M = 6.0
"""Gaps in a coverage narrower than this (world metres) are flaws, not borders."""


@dataclass(frozen=True, slots=True, eq=False)
class EdgeTable:
    """Every straight edge of a coverage once: two end points and the cells on both sides (-1: outside)."""

    ends: FloatArray
    """``(m, 4)`` x0, y0, x1, y1; the smaller end first."""
    first: IntArray
    second: IntArray


def coverage_edges(cells: npt.NDArray[Any]) -> EdgeTable:
    """Collect the edges of cells that share them exactly.

    Args:
        cells: ``(n,)`` shapely polygons in one coordinate system.

    Returns:
        The table; ``second`` is -1 for an edge only one cell has (the rim, or a gap in a bad coverage).
    """
    rings = RingTable.of(cells)
    steps = np.ones(len(rings.xy), dtype=bool)
    steps[rings.stop - 1] = False
    at = np.flatnonzero(steps)
    a, b = rings.xy[at], rings.xy[at + 1]
    who = rings.cell[np.repeat(np.arange(len(rings.start)), rings.stop - rings.start)][at]
    swap = (a[:, 0] > b[:, 0]) | ((a[:, 0] == b[:, 0]) & (a[:, 1] > b[:, 1]))
    ends = np.where(swap[:, None], np.hstack([b, a]), np.hstack([a, b]))
    order = np.lexsort((who, ends[:, 3], ends[:, 2], ends[:, 1], ends[:, 0]))
    ends, who = ends[order], who[order]
    fresh = np.ones(len(ends), dtype=bool)
    fresh[1:] = np.any(ends[1:] != ends[:-1], axis=1)
    starts = np.flatnonzero(fresh)
    counts = np.diff(np.append(starts, len(ends)))
    second = np.full(len(starts), -1, dtype=np.int64)
    shared = counts >= 2
    second[shared] = who[starts[shared] + 1]
    return EdgeTable(ends[starts], who[starts], second)


def ranked_borders(areas: PreparedAreas, cells: npt.NDArray[Any]) -> dict[str, tuple[FloatArray, ...]]:
    """Lines by the coarsest level that changes across them.

    Args:
        areas: the prepared district (owners of each cell).
        cells: the finest cells at the detail wanted, same order as ``areas.cells``.

    Returns:
        Level name to polylines ``(k, 2)``. The rim of everything counts as a district border. Each piece
        of border is in exactly one level, so no line is drawn twice.
    """
    if not areas.valid_coverage:
        return _loose_borders(areas, cells)
    table = coverage_edges(cells)
    rank = np.full(len(table.first), LEVELS.index(areas.finest), dtype=np.int64)
    inner = table.second >= 0
    for name in reversed(LEVELS):
        if name in areas.owners and name != areas.finest:
            owner = areas.owners[name]
            differs = inner & (owner[table.first] != owner[np.where(inner, table.second, 0)])
            rank[differs] = LEVELS.index(name)
    rank[~inner] = LEVELS.index("district")
    rank[_around_gaps(table, ~inner, cells)] = LEVELS.index(areas.finest)
    out: dict[str, tuple[FloatArray, ...]] = {}
    for value in np.unique(rank):
        segments = shapely.linestrings(table.ends[rank == value].reshape(-1, 2, 2))
        out[LEVELS[int(value)]] = _polylines(shapely.line_merge(shapely.multilinestrings(segments)))
    return out


def border_lines(areas: PreparedAreas, cells: npt.NDArray[Any]) -> LineTable:
    """The lines of :func:`ranked_borders` in one table."""
    lines: list[FloatArray] = []
    ranks: list[int] = []
    for name, found in ranked_borders(areas, cells).items():
        lines += found
        ranks += [LEVELS.index(name)] * len(found)
    return LineTable.of(lines, ranks)


def _around_gaps(
    table: EdgeTable, rim: npt.NDArray[np.bool_], cells: npt.NDArray[Any]
) -> npt.NDArray[np.bool_]:
    """Rim edges around narrow gaps between cells: flaws of the survey, not borders of the district."""
    mask = np.zeros(len(table.first), dtype=bool)
    faces = shapely.get_parts(shapely.polygonize(shapely.linestrings(table.ends[rim].reshape(-1, 2, 2))))
    narrow = faces[2 * shapely.area(faces) < SLIVER_M * shapely.length(faces)]
    if len(narrow) == 0:
        return mask
    inside = shapely.STRtree(cells).query(shapely.point_on_surface(narrow), predicate="intersects")[0]
    gaps = np.delete(narrow, inside)
    around = {tuple(e) for e in coverage_edges(gaps).ends.tolist()} if len(gaps) else set()
    at = np.flatnonzero(rim)
    mask[at] = [tuple(e) in around for e in table.ends[at].tolist()]
    return mask


def _loose_borders(areas: PreparedAreas, cells: npt.NDArray[Any]) -> dict[str, tuple[FloatArray, ...]]:
    """Borders of cells that do not share edges exactly: each level's own outlines, some drawn twice."""
    out = {areas.finest: _polylines(shapely.boundary(cells))}
    for name, level in areas.levels.items():
        if name != areas.finest:
            out[name] = _polylines(shapely.boundary(level.geometry))
    if "district" not in out:
        out["district"] = _polylines(shapely.boundary(shapely.union_all(cells)))
    return out


def _polylines(lines: Any) -> tuple[FloatArray, ...]:
    parts = shapely.get_parts(shapely.get_parts(lines))
    return tuple(np.asarray(shapely.get_coordinates(p), dtype=np.float64) for p in parts if not p.is_empty)


def neighbours(areas: PreparedAreas) -> Mapping[int, tuple[int, ...]]:
    """Cells that share an edge with each cell, ascending; by touching where the coverage is not exact."""
    if areas.valid_coverage:
        table = coverage_edges(areas.cells.geometry)
        inner = (table.second >= 0) & (table.first != table.second)
        pairs = np.column_stack([table.first[inner], table.second[inner]])
    else:
        tree = shapely.STRtree(areas.cells.geometry)
        left, right = tree.query(areas.cells.geometry, predicate="intersects")
        pairs = np.column_stack([left, right])[left < right]
    found: dict[int, set[int]] = {i: set() for i in range(len(areas.cells))}
    for a, b in pairs.tolist():
        found[a].add(b)
        found[b].add(a)
    return {i: tuple(sorted(s)) for i, s in found.items()}
