"""Which points of the borders are drawn at a zoom step, so that the cells stay a coverage.

A step drops every point that is nearer than its tolerance to the line without it. Where that would let a cell
cross itself, turn over or vanish, or let cells overlap across the rim or a gap, the arcs concerned keep points of
finer tolerances until it does not: no cell is lost, however small. Cells that touch need no other look: neighbours
refer to the same arcs, so when each is valid by itself, the windings of all of them add up to the winding of the
rim, and that is right when the cells along the rim do not overlap.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.arcs import ArcTable, BoolArray
from maps.geometry.mercator import FloatArray
from maps.geometry.tables import IntArray, RingTable, boxes
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
        self._bounds = shapely.bounds(full.polygons(self._cells)).reshape(-1, 4)
        self._tree = shapely.STRtree(_grown(self._bounds, 0.0))
        self._rim = boxes(arcs.xy, arcs.start)[arcs.second < 0]
        self._flawed = np.empty(0, dtype=np.int64)
        self._flawed = self._overlapping(full, self._near_rim(0.0))

    def count(self, tolerance: float) -> int:
        """How many points of the arcs a tolerance would keep before anything is mended."""
        return int(np.count_nonzero(self._weights > tolerance))

    def kept(self, tolerance: float) -> BoolArray:
        """Points of the arcs that are drawn, ``(k,)``: none dropped is further than ``tolerance`` from the line."""
        limit = np.full(len(self._arcs), tolerance if tolerance >= LEAST_M else _EVERYTHING)
        near_rim = self._near_rim(tolerance)
        suspects, near = np.arange(self._cells), near_rim
        for _ in range(_MOST_ROUNDS):
            kept = self._weights > np.repeat(limit, self._counts)
            rings = self._arcs.whole(kept)
            wrong = suspects[self._broken(rings, suspects)]
            if len(wrong) == 0:
                wrong = self._overlapping(rings, near)
            arcs = self._arcs_of(wrong)
            arcs = arcs[limit[arcs] > _EVERYTHING]
            if len(arcs) == 0 and len(near) == len(near_rim):
                return np.asarray(kept)
            limit[arcs] = np.where(limit[arcs] / 2 >= LEAST_M, limit[arcs] / 2, _EVERYTHING)
            touched = np.concatenate([self._arcs.first[arcs], self._arcs.second[arcs]])
            suspects = np.unique(touched[touched >= 0])
            # What may overlap the cells that were changed now; at the end once more all of the rim.
            around = np.unique(self._tree.query(_grown(self._bounds[suspects], 2 * tolerance))[1])
            near = np.intersect1d(near_rim, around) if len(arcs) else near_rim
        return np.ones(len(self._weights), dtype=bool)

    def _near_rim(self, reach: float) -> IntArray:
        """Cells that may meet others across the rim or a gap when it moves by ``reach``."""
        return np.unique(self._tree.query(_grown(self._rim, 2 * reach))[1])

    def _overlapping(self, rings: RingTable, cells: IntArray) -> IntArray:
        """Cells of some (ascending) that overlap others of them, but not already in the full coverage."""
        if len(cells) == 0:
            return cells
        polygons = rings.only(cells).polygons(len(cells))
        wrong = ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
        return np.setdiff1d(cells[wrong], self._flawed)

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


def _grown(bounds: FloatArray, reach: float) -> npt.NDArray[np.object_]:
    """Boxes ``(n, 4)`` as shapely ones, pushed out on all sides."""
    made = shapely.box(*(bounds + np.array([-reach, -reach, reach, reach])).T)
    return np.asarray(made, dtype=object)


def _areas(rings: RingTable) -> FloatArray:
    """Signed areas of rings; positive counter-clockwise."""
    if len(rings.start) == 0:
        return np.empty(0)
    xy = rings.xy - rings.xy[np.repeat(rings.start, rings.stop - rings.start)]
    cross = xy[:-1, 0] * xy[1:, 1] - xy[1:, 0] * xy[:-1, 1]
    cross = np.append(cross, 0.0)
    cross[rings.stop - 1] = 0.0
    return np.asarray(np.add.reduceat(cross, rings.start) / 2)
