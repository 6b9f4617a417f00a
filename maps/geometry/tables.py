"""Flat tables of what is drawn: rings of cells and border lines, each in one array with offsets and boxes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.mercator import FloatArray
from maps.geometry.viewport import Bounds
from services.domain.codes import LEVELS

IntArray = npt.NDArray[np.int64]
_A_BATCH = 4000
"""Polygons taken apart or put together in one call: shapely keeps the interpreter to itself meanwhile (5 ms)."""


@dataclass(frozen=True, slots=True)
class RingTable:
    """Rings of many polygons in one array: ring ``r`` of ``cell[r]`` is ``xy[start[r]:stop[r]]``.

    Attributes:
        xy: ``(k, 2)`` world metres; a ring ends with its first point again.
        start: ``(r,)`` first row of each ring.
        stop: ``(r,)`` row after the last of each ring.
        cell: ``(r,)`` index of the polygon a ring belongs to, ascending; outer rings and holes alike.
        part: ``(r,)`` number of the part of a polygon, ascending over all; the first ring of a part is its
            outer one, the others are holes.
    """

    xy: FloatArray
    start: IntArray
    stop: IntArray
    cell: IntArray
    part: IntArray

    @staticmethod
    def of(cells: npt.NDArray[Any]) -> RingTable:
        """Take the rings (outer and holes) of polygons apart; empty geometries give none."""
        made = [_taken_apart(cells[at : at + _A_BATCH], at) for at in range(0, len(cells), _A_BATCH)]
        if not made:
            none = np.empty(0, dtype=np.int64)
            return RingTable(np.empty((0, 2)), none, none, none, none)
        counts = np.concatenate([m[1] for m in made])
        stop = np.cumsum(counts)
        cell, local = np.concatenate([m[2] for m in made]), np.concatenate([m[3] for m in made])
        fresh = np.ones(len(cell), dtype=np.int64)
        fresh[1:] = (cell[1:] != cell[:-1]) | (local[1:] != local[:-1])
        return RingTable(
            np.concatenate([m[0] for m in made]), stop - counts, stop, cell, np.cumsum(fresh) - 1
        )

    def only(self, cells: IntArray) -> RingTable:
        """Rings of some cells (ascending), which are numbered from 0 in the new table."""
        first = np.searchsorted(self.cell, cells)
        count = np.searchsorted(self.cell, cells, side="right") - first
        rings = gathered(first, count)
        sizes = self.stop[rings] - self.start[rings]
        stop = np.cumsum(sizes)
        part = np.unique(self.part[rings], return_inverse=True)[1]
        cell = np.repeat(np.arange(len(cells)), count)
        return RingTable(self.xy[gathered(self.start[rings], sizes)], stop - sizes, stop, cell, part)

    def polygons(self, count: int) -> npt.NDArray[np.object_]:
        """Put ``count`` polygons together; one without rings is empty. Every ring needs four points."""
        out = np.full(count, shapely.Polygon(), dtype=object)
        if len(self.start) == 0:
            return out
        begin = np.flatnonzero(np.diff(self.part, prepend=-1))
        owner = self.cell[begin]
        made = np.concatenate([self._parts(begin, at) for at in range(0, len(begin), _A_BATCH)])
        several = np.bincount(owner, minlength=count)[owner] > 1
        out[owner[~several]] = made[~several]
        if bool(several.any()):
            who, number = np.unique(owner[several], return_inverse=True)
            out[who] = shapely.multipolygons(made[several], indices=number)
        return out

    def bounds(self) -> FloatArray:
        """Boxes of the rings, ``(r, 4)`` west, south, east, north; counted anew at each call."""
        return boxes(self.xy, self.start)

    def of_cell(self, cell: int) -> tuple[FloatArray, ...]:
        """Rings of one cell, as views into ``xy``; none for a cell that is not there."""
        first, last = np.searchsorted(self.cell, [cell, cell + 1])
        return tuple(self.xy[self.start[r] : self.stop[r]] for r in range(int(first), int(last)))

    def _parts(self, begin: IntArray, at: int) -> npt.NDArray[np.object_]:
        """Polygons of a batch of parts; ``begin`` are the first rings of all parts."""
        first = begin[at : at + _A_BATCH]
        last = int(begin[at + _A_BATCH]) if at + _A_BATCH < len(begin) else len(self.start)
        low, high = self.start[first[0]], self.stop[last - 1]
        rings = np.append(self.start[first[0] : last], high) - low
        parts = np.append(first, last) - first[0]
        made = shapely.from_ragged_array(shapely.GeometryType.POLYGON, self.xy[low:high], (rings, parts))
        return np.asarray(made, dtype=object)


def _taken_apart(cells: npt.NDArray[Any], offset: int) -> tuple[FloatArray, IntArray, IntArray, IntArray]:
    """Coordinates, points of each ring, cell of each ring and part of each ring within one batch."""
    parts, part_of = shapely.get_parts(cells, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    xy, ring_of = shapely.get_coordinates(rings, return_index=True)
    counts = np.bincount(ring_of, minlength=len(rings)).astype(np.int64)
    part = np.asarray(ring_part, dtype=np.int64)
    cell = np.asarray(part_of, dtype=np.int64)[part] + offset
    return np.asarray(xy, dtype=np.float64), counts, cell, part


@dataclass(frozen=True, slots=True)
class LineTable:
    """Border lines in one array, coarse levels first: line ``l`` is ``xy[start[l]:stop[l]]``.

    Attributes:
        xy: ``(k, 2)`` world metres.
        start: ``(n,)`` first row of each line.
        stop: ``(n,)`` row after the last.
        rank: ``(n,)`` index into ``services.domain.codes.LEVELS``, ascending.
        bounds: ``(n, 4)`` west, south, east, north of each line.
    """

    xy: FloatArray
    start: IntArray
    stop: IntArray
    rank: npt.NDArray[np.int8]
    bounds: FloatArray

    @staticmethod
    def of(lines: Sequence[FloatArray], ranks: Sequence[int]) -> LineTable:
        """Put polylines one after the other, in the order of their ranks."""
        order = sorted(range(len(lines)), key=lambda i: ranks[i])
        counts = np.array([len(lines[i]) for i in order], dtype=np.int64)
        xy = np.concatenate([lines[i] for i in order]) if order else np.empty((0, 2))
        return LineTable.packed(xy, counts, np.array([ranks[i] for i in order], dtype=np.int8))

    @staticmethod
    def packed(xy: FloatArray, counts: IntArray, rank: npt.NDArray[np.int8]) -> LineTable:
        """Take points that already stand in order, with the number of points of each line."""
        stop = np.cumsum(counts)
        start = stop - counts
        return LineTable(xy, start, stop, rank, boxes(xy, start))

    @property
    def levels(self) -> tuple[str, ...]:
        """Levels that have a line, coarse to fine."""
        return tuple(LEVELS[int(r)] for r in np.unique(self.rank))

    def span(self, level: str) -> slice:
        """Where the lines of a level stand; an empty slice for a level without lines."""
        rank = LEVELS.index(level)
        first, last = np.searchsorted(self.rank, [rank, rank + 1])
        return slice(int(first), int(last))

    def within(self, bounds: Bounds, level: str) -> IntArray:
        """Indices of the lines of a level whose box meets ``bounds`` (west, south, east, north)."""
        at = self.span(level)
        box = self.bounds[at]
        west, south, east, north = bounds
        met = (box[:, 0] <= east) & (box[:, 2] >= west) & (box[:, 1] <= north) & (box[:, 3] >= south)
        return np.asarray(np.flatnonzero(met) + at.start, dtype=np.int64)

    def of_level(self, level: str) -> tuple[FloatArray, ...]:
        """Polylines of a level, as views into ``xy``."""
        at = self.span(level)
        return tuple(self.xy[s:e] for s, e in zip(self.start[at], self.stop[at], strict=True))


def boxes(xy: FloatArray, start: IntArray) -> FloatArray:
    """Bounding boxes ``(n, 4)`` of runs of points that follow one another from ``start``; no run is empty."""
    if len(start) == 0:
        return np.empty((0, 4))
    low = np.minimum.reduceat(xy, start, axis=0)
    high = np.maximum.reduceat(xy, start, axis=0)
    return np.hstack([low, high])


def gathered(start: IntArray, counts: IntArray) -> IntArray:
    """Row numbers of runs one after the other: ``start[i], start[i] + 1, …`` for ``counts[i]`` rows each."""
    total = int(counts.sum())
    if total == 0:
        return np.empty(0, dtype=np.int64)
    first = np.cumsum(counts) - counts
    return np.asarray(np.arange(total) + np.repeat(start - first, counts), dtype=np.int64)
