"""The coverage as arcs: every piece of border once, with the cells on its sides and the rings it is part of.

Neighbours refer to the same arc, so whatever is done to an arc is done to both of them: a simplified edge
stays shared by construction. An edge that only one cell has (the rim, or a flaw) is an arc like any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.mercator import FloatArray
from maps.geometry.tables import IntArray, RingTable, gathered

DIGITS = 3
"""World metres are rounded to so many digits; corners are the same when they are the same to the millimetre."""
_QUANTUM_M = 10.0**-DIGITS
_MOST_QUANTA = 2**31 - 1

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class ArcTable:
    """Arcs of a coverage and the rings made of them.

    Attributes:
        xy: ``(k, 2)`` points of all arcs, world metres; arc ``a`` is ``xy[start[a]:stop[a]]``, ends included.
        start: ``(a,)`` first row of each arc.
        stop: ``(a,)`` row after its last.
        first: ``(a,)`` the cell of lowest index beside each arc.
        second: ``(a,)`` the next cell beside it, -1 where there is none.
        tail: ``(a,)`` number of the corner an arc begins at; equal numbers are equal places.
        head: ``(a,)`` number of the corner it ends at; equal to ``tail`` for a ring of its own.
        piece: ``(m,)`` arcs of all rings one after the other; ``~arc`` for an arc that is run backwards.
        ring_start: ``(r,)`` first piece of each ring.
        ring_stop: ``(r,)`` piece after its last.
        ring_cell: ``(r,)`` cell of each ring, ascending.
        ring_part: ``(r,)`` part of each ring, see `RingTable`.
    """

    xy: FloatArray
    start: IntArray
    stop: IntArray
    first: IntArray
    second: IntArray
    tail: IntArray
    head: IntArray
    piece: IntArray
    ring_start: IntArray
    ring_stop: IntArray
    ring_cell: IntArray
    ring_part: IntArray

    def __len__(self) -> int:
        """Number of arcs."""
        return len(self.start)

    @staticmethod
    def nothing() -> ArcTable:
        """A table without arcs."""
        none = np.empty(0, dtype=np.int64)
        return ArcTable(np.empty((0, 2)), *[none] * 11)

    @staticmethod
    def of(cells: npt.NDArray[Any]) -> ArcTable:
        """Take cells apart; their corners must be equal where they are meant to be (see `DIGITS`)."""
        return _Splitter(RingTable.of(cells)).table()

    def lines(self, which: IntArray) -> npt.NDArray[np.object_]:
        """Some arcs as shapely lines."""
        counts = self.stop[which] - self.start[which]
        rows = gathered(self.start[which], counts)
        made = shapely.linestrings(self.xy[rows], indices=np.repeat(np.arange(len(which)), counts))
        return np.asarray(made, dtype=object).reshape(-1)

    def whole(self, kept: BoolArray) -> RingTable:
        """Put the rings together from the points that are ``kept`` (``(k,)``; ends of arcs always are)."""
        xy, sizes = joined(self, kept, self.piece, self.ring_start, self.ring_stop)
        stop = np.cumsum(sizes)
        return RingTable(xy, stop - sizes, stop, self.ring_cell, self.ring_part)


def corner_numbers(xy: FloatArray) -> IntArray:
    """Number the places of points ``(n, 2)``: equal numbers where they are equal to the millimetre."""
    if len(xy) == 0:
        return np.empty(0, dtype=np.int64)
    low = xy.min(axis=0)
    width = float((xy.max(axis=0) - low).max())
    quantum = max(_QUANTUM_M, width / _MOST_QUANTA)  # a district 2,000 km wide is no district
    key = np.rint((xy - low) / quantum).astype(np.int64)
    packed = key[:, 0] << 32 | key[:, 1]
    return np.asarray(np.unique(packed, return_inverse=True)[1], dtype=np.int64)


class _Splitter:
    """Splits rings at their corners where more than two edges meet or the cells beside change.

    Steps are numbered as they stand in the rings (closing points left out): step ``i`` runs from corner
    ``a[i]`` to the corner of the next step of its ring.
    """

    def __init__(self, rings: RingTable) -> None:
        open_counts = rings.stop - rings.start - 1
        self._rings = rings
        self._row = gathered(rings.start, open_counts)
        self._xy = rings.xy[self._row]
        self._size = open_counts
        self._from = np.cumsum(open_counts) - open_counts
        self._ring = np.repeat(np.arange(len(open_counts)), open_counts)
        self._a = corner_numbers(self._xy)
        following = np.arange(len(self._a)) + 1
        following[self._from + open_counts - 1] = self._from
        self._b = self._a[following]
        self._edges()

    def _edges(self) -> None:
        """Number the edges whichever way they are run, and find the cells beside each."""
        low, high = np.minimum(self._a, self._b), np.maximum(self._a, self._b)
        key = low << 32 | high
        order = np.argsort(key, kind="stable")
        fresh = np.ones(len(order), dtype=bool)
        fresh[1:] = key[order[1:]] != key[order[:-1]]
        edge = np.empty(len(order), dtype=np.int64)
        edge[order] = np.cumsum(fresh) - 1
        at = np.flatnonzero(fresh)
        times = np.diff(np.append(at, len(order)))
        cell = self._rings.cell[self._ring]
        self._edge = edge
        self._first = cell[order[at]]
        self._second = np.full(len(at), -1, dtype=np.int64)
        self._second[times > 1] = cell[order[at[times > 1] + 1]]
        self._times = times
        ends = np.concatenate([low[order[at]], high[order[at]]])
        self._degree = np.bincount(ends, minlength=int(self._a.max(initial=-1)) + 1)

    def _corners(self) -> BoolArray:
        """Tell for each step whether an arc begins there."""
        count = len(self._a)
        before = np.arange(count) - 1
        before[self._from] = self._from + self._size - 1
        here, there = self._edge, self._edge[before]
        change = (
            (self._first[here] != self._first[there])
            | (self._second[here] != self._second[there])
            | (self._times[here] != self._times[there])
        )
        node = self._degree != 2
        node[self._a[change]] = True
        begins = node[self._a]
        lonely = np.ones(len(self._size), dtype=bool)
        lonely[self._ring[begins]] = False
        if bool(lonely.any()):  # a ring without such a corner begins at its lowest, in every cell that has it
            lowest = np.minimum.reduceat(self._a, self._from)
            begins |= lonely[self._ring] & (self._a == lowest[self._ring])
        return np.asarray(begins)

    def table(self) -> ArcTable:
        """Build the table."""
        if len(self._a) == 0:
            return ArcTable.nothing()
        begins = self._corners()
        count = len(self._a)
        # Turn each ring so that it begins with an arc, then every arc is a run.
        first_begin = np.full(len(self._size), count, dtype=np.int64)
        np.minimum.at(first_begin, self._ring[begins], np.flatnonzero(begins))
        place = np.arange(count)
        turned = place + (first_begin - self._from)[self._ring]
        over = turned >= (self._from + self._size)[self._ring]
        turned[over] -= self._size[self._ring[over]]
        edge, begins = self._edge[turned], begins[turned]
        at = np.flatnonzero(begins)
        length = np.diff(np.append(at, count))
        name = np.minimum.reduceat(edge, at)
        _, chosen, arc = np.unique(name, return_index=True, return_inverse=True)
        a, b = self._a[turned], self._b[turned]
        tail, head, beside = a[at], b[at + length - 1], b[at]
        mine = chosen[arc]
        backwards = np.where(tail == head, beside != beside[mine], tail != tail[mine])
        piece = np.where(backwards, ~arc, arc)
        ring_of_piece = self._ring[at]
        ring_start = np.searchsorted(ring_of_piece, np.arange(len(self._size)))
        ring_stop = np.append(ring_start[1:], len(at))
        xy, start, stop = self._points(turned, at[chosen], length[chosen])
        named = name[chosen]
        return ArcTable(
            xy,
            start,
            stop,
            self._first[named],
            self._second[named],
            tail[chosen],
            head[chosen],
            piece,
            ring_start,
            ring_stop,
            self._rings.cell,
            self._rings.part,
        )

    def _points(
        self, turned: IntArray, at: IntArray, length: IntArray
    ) -> tuple[FloatArray, IntArray, IntArray]:
        """Points of the chosen arcs: the corner of each step, and the one after the last."""
        closed = np.empty(len(turned) + len(self._size), dtype=np.int64)
        room = np.arange(len(turned)) + self._ring
        closed[room] = turned
        closed[self._from + self._size + np.arange(len(self._size))] = turned[self._from]
        stop = np.cumsum(length + 1)
        rows = gathered(at + self._ring[at], length + 1)
        return self._xy[closed[rows]], stop - length - 1, stop


def joined(
    arcs: ArcTable, kept: BoolArray, piece: IntArray, begin: IntArray, end: IntArray
) -> tuple[FloatArray, IntArray]:
    """Points of chains of arcs, one after the other.

    Args:
        arcs: the arcs.
        kept: ``(k,)`` which of their points are taken; the ends always are.
        piece: arcs of the chains, ``~arc`` for one that is run backwards.
        begin: first piece of each chain; chains follow one another.
        end: piece after its last.

    Returns:
        The points, ends of pieces once, and the number of points of each chain.
    """
    rank = np.cumsum(kept) - 1
    start, last = rank[arcs.start], rank[arcs.stop - 1]
    backwards = piece < 0
    arc = np.where(backwards, ~piece, piece)
    counts = (last - start)[arc]  # without the last point, which is the first of the next piece
    counts[end - 1] += 1
    first = np.where(backwards, last[arc], start[arc])
    rows = np.repeat(first, counts)
    over = np.cumsum(counts)
    place = np.arange(len(rows)) - np.repeat(over - counts, counts)
    place[np.repeat(backwards, counts)] *= -1
    sizes = np.add.reduceat(counts, begin) if len(begin) else np.empty(0, dtype=np.int64)
    return arcs.xy[np.flatnonzero(kept)[rows + place]], sizes
