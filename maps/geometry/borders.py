"""Border lines between cells, sorted by the coarsest level they separate, joined into long ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.arcs import ArcTable, BoolArray, joined
from maps.geometry.areas import PreparedAreas
from maps.geometry.tables import IntArray, LineTable, gathered
from maps.geometry.tables import RingTable as RingTable
from services.domain.codes import LEVELS

SLIVER_M = 6.0
"""Gaps in a coverage narrower than this (world metres) are flaws, not borders."""
_TOUCH_M = 0.1
"""A cell as near as this to the middle of an edge that only another has lies on its other side."""
_RIM = LEVELS.index("district")


@dataclass(frozen=True, slots=True, eq=False)
class BorderChains:
    """Which arcs follow one another as one line of one level; the same at every zoom step.

    Attributes:
        piece: arcs of all lines one after the other, ``~arc`` for one that is run backwards.
        begin: ``(n,)`` first piece of each line.
        end: ``(n,)`` piece after its last.
        rank: ``(n,)`` index into LEVELS, ascending.
    """

    piece: IntArray
    begin: IntArray
    end: IntArray
    rank: npt.NDArray[np.int8]

    @staticmethod
    def of(areas: PreparedAreas) -> BorderChains:
        """Rank the arcs of a district and join those that follow one another.

        The rim of everything counts as a district border. Each piece of border is in exactly one line, so
        none is drawn twice.
        """
        rank = arc_ranks(areas)
        alone, longer = _Walk(areas.arcs, rank).chains()
        sizes = np.array([1] * len(alone) + [len(chain) for chain in longer], dtype=np.int64)
        pieces = np.concatenate([alone, np.array([p for chain in longer for p in chain], dtype=np.int64)])
        begin = np.cumsum(sizes) - sizes
        lead = pieces[begin]
        ranks = rank[np.where(lead < 0, ~lead, lead)].astype(np.int8)
        order = np.argsort(ranks, kind="stable")
        end = np.cumsum(sizes[order])
        return BorderChains(
            pieces[gathered(begin[order], sizes[order])], end - sizes[order], end, ranks[order]
        )

    def lines(self, arcs: ArcTable, kept: BoolArray) -> LineTable:
        """The lines at the detail of the kept points of the arcs."""
        xy, counts = joined(arcs, kept, self.piece, self.begin, self.end)
        return LineTable.packed(xy, counts, self.rank)


def arc_ranks(areas: PreparedAreas) -> IntArray:
    """Index into LEVELS of the coarsest level that changes across each arc, ``(a,)``."""
    arcs = areas.arcs
    first, second = arcs.first, arcs.second.copy()
    alone = np.flatnonzero(second < 0)
    second[alone] = _beyond(areas, alone)
    rank = np.full(len(arcs), LEVELS.index(areas.finest), dtype=np.int64)
    inner = second >= 0
    for name in reversed(LEVELS):
        if name in areas.owners and name != areas.finest:
            owner = areas.owners[name]
            differs = inner & (owner[first] != owner[np.where(inner, second, 0)])
            rank[differs] = LEVELS.index(name)
    rim = np.flatnonzero(~inner)
    rank[rim] = _RIM
    rank[rim[_around_gaps(areas, rim)]] = LEVELS.index(areas.finest)
    return rank


def _beyond(areas: PreparedAreas, alone: IntArray) -> IntArray:
    """The cell on the other side of arcs that only one cell has, -1 where there is none (the rim).

    In an exact coverage there is none; in another, it is what overlaps or lies along.
    """
    out = np.full(len(alone), -1, dtype=np.int64)
    if areas.valid_coverage or len(alone) == 0:
        return out
    middles = shapely.line_interpolate_point(areas.arcs.lines(alone), 0.5, normalized=True)
    tree = shapely.STRtree(areas.cells.geometry)
    at, cell = tree.query(middles, predicate="dwithin", distance=_TOUCH_M)
    other = cell != areas.arcs.first[alone[at]]
    out[at[other]] = cell[other]
    return out


def _around_gaps(areas: PreparedAreas, rim: IntArray) -> BoolArray:
    """Arcs of the rim around narrow gaps between cells: flaws of the survey, not borders of the district."""
    found = np.zeros(len(rim), dtype=bool)
    lines = areas.arcs.lines(rim)
    faces = shapely.get_parts(shapely.polygonize(lines)) if len(rim) else lines
    narrow = faces[2 * shapely.area(faces) < SLIVER_M * shapely.length(faces)]
    if len(narrow) == 0:
        return found
    cells = shapely.STRtree(areas.cells.geometry)
    taken = cells.query(shapely.point_on_surface(narrow), predicate="intersects")[0]
    gaps = shapely.boundary(np.delete(narrow, taken))
    if len(gaps) == 0:
        return found
    middles = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    found[shapely.STRtree(gaps).query(middles, predicate="dwithin", distance=1e-6)[0]] = True
    return found


class _Walk:
    """Walks along arcs of equal rank from where they end or branch."""

    def __init__(self, arcs: ArcTable, rank: IntArray) -> None:
        # End 2a is where arc a begins, end 2a + 1 where it stops; two ends of one rank that are alone with
        # each other at a corner follow one another.
        count = len(arcs)
        ends = np.column_stack([arcs.tail, arcs.head]).ravel()
        ranks = np.repeat(rank, 2)
        order = np.lexsort((ends, ranks))
        fresh = np.ones(len(order), dtype=bool)
        fresh[1:] = (ends[order][1:] != ends[order][:-1]) | (ranks[order][1:] != ranks[order][:-1])
        at = np.flatnonzero(fresh)
        pair = at[np.diff(np.append(at, len(order))) == 2]
        one, two = order[pair], order[pair + 1]
        open_ = one // 2 != two // 2
        self._next = np.full(2 * count, -1, dtype=np.int64)
        self._next[one[open_]], self._next[two[open_]] = two[open_], one[open_]

    def chains(self) -> tuple[IntArray, list[list[int]]]:
        """Arcs that are lines of their own, and lists of pieces of the longer lines; every arc once."""
        free = self._next < 0
        alone = np.flatnonzero(free[0::2] & free[1::2])
        follow = self._next.tolist()
        done = bytearray(len(follow) // 2)
        for arc in alone.tolist():
            done[arc] = 1
        found = []
        for end in np.flatnonzero(free).tolist():  # open lines from one of their ends
            if not done[end // 2]:
                found.append(self._from(end, follow, done))
        for arc in range(len(done)):  # what is left runs in circles
            if not done[arc]:
                found.append(self._from(2 * arc, follow, done))
        return alone, found

    @staticmethod
    def _from(end: int, follow: list[int], done: bytearray) -> list[int]:
        chain = []
        while end >= 0 and not done[end // 2]:
            arc, backwards = divmod(end, 2)
            done[arc] = 1
            chain.append(~arc if backwards else arc)
            end = follow[end ^ 1]
        return chain


class Neighbours(Mapping[int, tuple[int, ...]]):
    """Cells that share an edge with each cell, ascending; where the coverage is not exact, also what it touches."""

    def __init__(self, areas: PreparedAreas) -> None:
        """Collect the pairs."""
        inner = (areas.arcs.second >= 0) & (areas.arcs.first != areas.arcs.second)
        pairs = np.column_stack([areas.arcs.first[inner], areas.arcs.second[inner]])
        if not areas.valid_coverage:
            cells = areas.cells.geometry
            left, right = shapely.STRtree(cells).query(cells, predicate="intersects")
            pairs = np.column_stack([left, right])[left < right]
        both = np.unique(np.concatenate([pairs, pairs[:, ::-1]]), axis=0)
        self._other = both[:, 1]
        self._start = np.searchsorted(both[:, 0], np.arange(len(areas.cells) + 1))

    def __getitem__(self, cell: int) -> tuple[int, ...]:
        if not 0 <= cell < len(self):
            raise KeyError(cell)
        return tuple(self._other[self._start[cell] : self._start[cell + 1]].tolist())

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self)))

    def __len__(self) -> int:
        return len(self._start) - 1
