"""Which points of the borders are drawn at a zoom step, so that the cells stay a coverage.

A step drops every point that is nearer than its tolerance to the line without it. Where that would let a cell
cross itself, turn over or vanish, or let borders of the rim cross, the arcs concerned keep points of finer
tolerances until it does not: no cell is lost, however small. Since neighbours refer to the same arcs, cells
that are valid one by one and a rim that does not cross itself leave neither gap nor overlap: at every place the
windings of the cells add up to the winding of the rim, which is one inside and nought outside.
"""

from __future__ import annotations

import numpy as np
import shapely

from maps.geometry.arcs import ArcTable, BoolArray
from maps.geometry.mercator import FloatArray
from maps.geometry.tables import IntArray, RingTable, gathered
from maps.geometry.thinning import point_weights

LEAST_M = 0.25
"""Tolerances below this (world metres) are not thinned at all."""
_MOST_ROUNDS = 40
_EVERYTHING = -1.0


class Thinner:
    """Thins the arcs of one district; weighs their points once."""

    def __init__(self, arcs: ArcTable) -> None:
        """Weigh the points and look at the full shapes, whose own flaws no step has to mend."""
        self._arcs = arcs
        self._counts = arcs.stop - arcs.start
        self._weights = point_weights(arcs.xy, arcs.start, arcs.stop, LEAST_M)
        everything = np.ones(len(arcs.xy), dtype=bool)
        full = arcs.whole(everything)
        self._cells = int(full.cell[-1]) + 1 if len(full.cell) else 0
        self._turn = _areas(full) > 0
        self._single = np.flatnonzero(arcs.second < 0)
        self._group = _groups(arcs, self._cells)
        self._crossing_anyway = self._crossings(everything)
        self._swallowed_anyway = self._swallowed(full)

    def count(self, tolerance: float) -> int:
        """How many points of the arcs a tolerance would keep before anything is mended."""
        return int(np.count_nonzero(self._weights > tolerance))

    def kept(self, tolerance: float) -> BoolArray:
        """Points of the arcs that are drawn, ``(k,)``: none dropped is further than ``tolerance`` from the line."""
        limit = np.full(len(self._arcs), tolerance if tolerance >= LEAST_M else _EVERYTHING)
        suspects = np.arange(self._cells)
        changed: IntArray | None = None
        for _ in range(_MOST_ROUNDS):
            kept = self._weights > np.repeat(limit, self._counts)
            rings = self._arcs.whole(kept)
            arcs = self._arcs_of(suspects[self._broken(rings, suspects)])
            crossing = np.setdiff1d(self._crossings(kept, changed), self._crossing_anyway)
            arcs = np.union1d(arcs, self._single[np.concatenate(np.divmod(crossing, len(self._single) or 1))])
            if len(arcs) == 0:
                swallowed = np.setdiff1d(self._swallowed(rings), self._swallowed_anyway)
                arcs = self._arcs_of(np.unique(np.concatenate(np.divmod(swallowed, self._cells or 1))))
            arcs = arcs[limit[arcs] > _EVERYTHING]
            if len(arcs) == 0:
                return np.asarray(kept)
            limit[arcs] = np.where(limit[arcs] / 2 >= LEAST_M, limit[arcs] / 2, _EVERYTHING)
            changed = arcs
            touched = np.concatenate([self._arcs.first[arcs], self._arcs.second[arcs]])
            suspects = np.unique(touched[touched >= 0])
        return np.ones(len(self._weights), dtype=bool)

    def _arcs_of(self, cells: IntArray) -> IntArray:
        """Arcs around some cells."""
        if len(cells) == 0:
            return np.empty(0, dtype=np.int64)
        wanted = np.zeros(self._cells + 1, dtype=bool)  # the last one stands for "outside", index -1
        wanted[cells] = True
        return np.flatnonzero(wanted[self._arcs.first] | wanted[self._arcs.second])

    def _broken(self, rings: RingTable, cells: IntArray) -> BoolArray:
        """Which of some cells (ascending) have vanished, turned over or cross themselves."""
        mine = rings if len(cells) == self._cells else rings.only(cells)
        turn = self._turn if mine is rings else self._turn[np.isin(rings.cell, cells)]
        wrong = np.zeros(len(cells), dtype=bool)
        wrong[mine.cell[mine.stop - mine.start < 4]] = True
        wrong[mine.cell[(_areas(mine) > 0) != turn]] = True
        rest = np.flatnonzero(~wrong)
        if len(rest):
            whole = mine if len(rest) == len(cells) else mine.only(rest)
            wrong[rest[~shapely.is_valid(whole.polygons(len(rest)))]] = True
        return wrong

    def _crossings(self, kept: BoolArray, changed: IntArray | None = None) -> IntArray:
        """Pairs of rim arcs (as ``i * n + j``) that cross or run along each other, and arcs that cross themselves.

        With ``changed`` only pairs with one of these arcs are looked for.
        """
        count = len(self._single)
        if count == 0:
            return np.empty(0, dtype=np.int64)
        sizes = self._counts[self._single]
        rows = gathered(self._arcs.start[self._single], sizes)
        rows, owner = rows[kept[rows]], np.repeat(np.arange(count), sizes)[kept[rows]]
        lines = np.asarray(shapely.linestrings(self._arcs.xy[rows], indices=owner)).reshape(-1)
        some = np.arange(count) if changed is None else np.flatnonzero(np.isin(self._single, changed))
        own = some[~shapely.is_simple(lines[some])]
        found = [own * count + own]
        tree = shapely.STRtree(lines)
        for predicate in ("crosses", "overlaps"):
            left, right = tree.query(lines[some], predicate=predicate)
            left = some[left]
            found.append((np.minimum(left, right) * count + np.maximum(left, right))[left != right])
        return np.unique(np.concatenate(found))

    def _swallowed(self, rings: RingTable) -> IntArray:
        """Pairs of cells (as ``i * n + j``): a corner of the group of ``i`` lies inside ``j`` of another group."""
        groups, at = np.unique(self._group[self._arcs.first[self._single]], return_index=True)
        if len(groups) < 2 or bool(np.any(rings.stop - rings.start < 4)):
            return np.empty(0, dtype=np.int64)
        arcs = self._single[at]
        corners = shapely.points(self._arcs.xy[self._arcs.start[arcs]])
        point, cell = shapely.STRtree(rings.polygons(self._cells)).query(corners, predicate="within")
        other = self._group[cell] != groups[point]
        return np.unique(self._arcs.first[arcs][point[other]] * self._cells + cell[other])


def _areas(rings: RingTable) -> FloatArray:
    """Signed areas of rings; positive counter-clockwise."""
    if len(rings.start) == 0:
        return np.empty(0)
    xy = rings.xy - rings.xy[np.repeat(rings.start, rings.stop - rings.start)]
    cross = xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]
    cross = np.append(cross, 0.0)
    cross[rings.stop - 1] = 0.0
    return np.asarray(np.add.reduceat(cross, rings.start) / 2)


def _groups(arcs: ArcTable, cells: int) -> IntArray:
    """Number of the group of each cell; cells that share an arc are in one group."""
    label = np.arange(cells)
    inner = arcs.second >= 0
    a, b = arcs.first[inner], arcs.second[inner]
    while True:
        low = np.minimum(label[a], label[b])
        fresh = label.copy()
        np.minimum.at(fresh, label[a], low)
        np.minimum.at(fresh, label[b], low)
        fresh = fresh[fresh]
        while not np.array_equal(fresh, fresh[fresh]):
            fresh = fresh[fresh]
        if np.array_equal(fresh, label):
            return label
        label = fresh
