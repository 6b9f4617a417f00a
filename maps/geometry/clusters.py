"""Grouping of case points by distance: a tree of steps, fixed to the world, each a merging of the finer one.

The rule of one step, for a reach R: points fall into squares of half the reach that are fixed to the world;
of any two occupied squares within two of each other only one may bear a mark (the one with more points,
by powers of two; else by a hash of its place), and every other square goes to the nearest such square
within two. Marks therefore stand at least R apart, panning changes nothing, and the order of the points has
no say. The next step groups the marks of this one: zooming out only merges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from maps.geometry.mercator import FloatArray

Labels = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

REACHES: tuple[float, ...] = (
    *(2.0**k for k in range(6)),
    *(2.0 ** (k / 2) for k in range(12, 50)),
)
"""Reach of each step in world metres: by doubling up to 64 m, from there by the root of two."""
_ROW = np.int64(1) << np.int64(32)
_HALF = np.int64(1) << np.int64(30)
_GRAIN = 512.0
"""Parts of a metre; a power of two, so that rounding to it is exact."""


def step_of(reach: float) -> int:
    """The finest step whose reach is at least ``reach`` (world metres); the last one beyond all."""
    return min(bisect_left(REACHES, reach * (1 - 1e-9)), len(REACHES) - 1)


@dataclass(slots=True, eq=False)
class ClusterStep:
    """The marks of one step.

    Attributes:
        reach: least distance between two marks, world metres.
        parent: ``(items,)`` mark of each item; the items are the marks of the finer step, at first the points.
        xy: ``(n, 2)`` where the marks stand, world metres.
        rows: ``(n,)`` row of squares each mark stands in, ascending.
        late_parent: marks of items put in later.
        late_xy: places of marks put in later; they follow the others.
    """

    reach: float
    parent: Labels
    xy: FloatArray
    rows: Labels
    late_parent: list[int] = field(default_factory=list)
    late_xy: list[tuple[float, float]] = field(default_factory=list)

    @property
    def parents(self) -> Labels:
        """Mark of each item, those put in later at the end."""
        return (
            np.append(self.parent, np.array(self.late_parent, np.int32)) if self.late_parent else self.parent
        )

    @property
    def places(self) -> FloatArray:
        """Where all marks stand, those put in later at the end."""
        return np.vstack([self.xy, self.late_xy]) if self.late_xy else self.xy

    def nearest(self, x: float, y: float) -> int:
        """The nearest mark nearer than the reach, -1 for none."""
        row = int(np.floor(y / (self.reach / 2)))
        start, stop = np.searchsorted(self.rows, (row - 3, row + 4)).tolist()
        best, least = -1, self.reach
        if stop > start:
            gap = np.hypot(self.xy[start:stop, 0] - x, self.xy[start:stop, 1] - y)
            at = int(np.argmin(gap))
            if gap[at] < least:
                best, least = start + at, float(gap[at])
        for at, (late_x, late_y) in enumerate(self.late_xy):
            away = float(np.hypot(late_x - x, late_y - y))
            if away < least:
                best, least = len(self.xy) + at, away
        return best


class ClusterTree:
    """Groups of points at every step; steps are made on demand from the finest, one builds on the other.

    Not safe for two threads at once; a tree may be made on one thread and handed to another.
    """

    def __init__(self, xy: FloatArray) -> None:
        """Take ``(n, 2)`` finite points in world metres; nothing is grouped yet.

        The points are rounded to two millimetres: then their sums are exact, in whatever order they come.
        """
        self._leaf = np.rint(np.asarray(xy, dtype=np.float64).reshape(-1, 2) * _GRAIN) / _GRAIN
        self._late: list[tuple[float, float]] = []
        self._steps: list[ClusterStep] = []
        self._top = (np.ones(len(self._leaf)), self._leaf)
        self._labels: dict[int, Labels] = {}

    def __len__(self) -> int:
        """Number of points."""
        return len(self._leaf) + len(self._late)

    @property
    def made(self) -> int:
        """Number of steps made so far."""
        return len(self._steps)

    @property
    def late(self) -> int:
        """Points put in since the tree was made."""
        return len(self._late)

    def build(self, step: int) -> Generator[None]:
        """Make every step up to ``step``; each turn takes a few milliseconds for 100,000 points."""
        while len(self._steps) <= step:
            made, *top = yield from _merge(self._items(), REACHES[len(self._steps)])
            self._steps.append(made)
            self._top = (top[0], top[1])
            yield

    def step(self, step: int) -> ClusterStep:
        """The marks of a step, made now if they are missing."""
        for _ in self.build(step):
            pass
        return self._steps[step]

    def labels(self, step: int) -> Labels:
        """``(n,)`` mark of each point at a step. The two last asked for are kept."""
        self.step(step)
        found = self._labels.get(step)
        if found is None:
            below = max((k for k in self._labels if k < step), default=-1)
            found = self._labels[below] if below >= 0 else self._steps[0].parents
            for k in range(max(below, 0) + 1, step + 1):
                found = self._steps[k].parents.take(found)
            while len(self._labels) > 1:
                self._labels.pop(next(iter(self._labels)))
            self._labels[step] = found
        return found

    def add(self, xy: FloatArray) -> None:
        """Put in a handful of points without making the tree anew.

        A point joins the nearest mark within reach at the finest step that has one, and follows it from
        there; before that it is a mark of its own. So marks stay at least the reach apart and zooming out
        still only merges, but a tree made from all points at once may group them otherwise.
        """
        points = (np.rint(np.asarray(xy, dtype=np.float64).reshape(-1, 2) * _GRAIN) / _GRAIN).tolist()
        paths = [self._climb(float(x), float(y)) for x, y in points]
        for k in list(self._labels) if paths else ():
            self._labels[k] = np.append(self._labels[k], np.array([path[k] for path in paths], np.int32))

    def _climb(self, x: float, y: float) -> list[int]:
        """Put in one point; returns its mark at every step made."""
        self._late.append((x, y))
        path: list[int] = []
        joined = False
        for step in self._steps:
            if joined:
                at = path[-1]
                known = len(step.parent)
                path.append(int(step.parent[at]) if at < known else step.late_parent[at - known])
                continue
            mark = step.nearest(x, y)
            joined = mark >= 0
            if not joined:
                mark = len(step.xy) + len(step.late_xy)
                step.late_xy.append((x, y))
            step.late_parent.append(mark)
            path.append(mark)
        return path

    def _items(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Places, weights and sums of what the next step groups."""
        late = self._steps[-1].late_xy if self._steps else self._late
        xy = self._steps[-1].xy if self._steps else self._leaf
        weight, sums = self._top
        if not late:
            return xy, weight, sums
        return np.vstack([xy, late]), np.append(weight, np.ones(len(late))), np.vstack([sums, late])

    @property
    def nbytes(self) -> int:
        """Memory of the arrays that the tree holds for itself."""
        steps = sum(s.parent.nbytes + s.xy.nbytes + s.rows.nbytes for s in self._steps)
        return steps + sum(a.nbytes for a in self._labels.values()) + sum(a.nbytes for a in self._top)


def _merge(
    items: tuple[FloatArray, FloatArray, FloatArray], reach: float
) -> Generator[None, None, tuple[ClusterStep, FloatArray, FloatArray]]:
    """One step: items (places, weights, sums) to marks with weights and sums; yields between heavy parts."""
    xy, weight, sums = items
    size = reach / 2
    column, row = np.floor(xy.T / size).astype(np.int64)
    key = row * _ROW + (column + _HALF)
    yield
    order = np.argsort(key, kind="stable")
    in_order = key[order]
    first = np.empty(len(key), dtype=bool)
    first[:1] = True
    np.not_equal(in_order[1:], in_order[:-1], out=first[1:])
    square = in_order[first]
    yield
    at = np.empty(len(key), dtype=np.int32)
    at[order] = np.cumsum(first, dtype=np.int32) - 1
    heavy = np.bincount(at, weight, len(square)).astype(np.float64)
    middle = _sums(at, sums, len(square)) / heavy[:, None]
    yield
    one, other = yield from _pairs(square)
    bears = yield from _bearers(square, heavy, one, other)
    goes_to = _nearest_bearer(middle, bears, one, other)
    yield
    mark_of = (np.cumsum(bears, dtype=np.int32) - 1).astype(np.int32)
    parent = mark_of[goes_to][at]
    count = int(bears.sum())
    total, summed = np.bincount(parent, weight, count).astype(np.float64), _sums(parent, sums, count)
    yield
    rows = square[bears] >> np.int64(32)
    low = np.column_stack([(square[bears] & (_ROW - 1)) - _HALF, rows]) * size
    place = np.clip(summed / total[:, None], low, low + size)
    return ClusterStep(reach, parent, place, rows.astype(np.int32)), total, summed


def _sums(label: Labels, values: FloatArray, count: int) -> FloatArray:
    return np.column_stack([np.bincount(label, values[:, k], count) for k in (0, 1)])


def _pairs(square: Keys) -> Generator[None, None, tuple[Labels, Labels]]:
    """Pairs of occupied squares within two of each other in both directions, each pair once."""
    ones: list[Labels] = []
    others: list[Labels] = []
    index = np.arange(len(square), dtype=np.int32)
    for k in (1, 2):
        near = np.flatnonzero(square[k:] - square[:-k] <= 2).astype(np.int32)
        ones.append(near)
        others.append(near + np.int32(k))
    for rows in (1, 2):
        target = square + rows * _ROW
        start = np.searchsorted(square, target - 2).astype(np.int32)
        here, last = index, target + 2
        yield
        while len(here):
            keep = start < len(square)
            keep[keep] = square[start[keep]] <= last[keep]
            here, start, last = here[keep], start[keep], last[keep]
            ones.append(here)
            others.append(start)
            start = start + np.int32(1)
        yield
    return np.concatenate(ones), np.concatenate(others)


def _bearers(square: Keys, heavy: FloatArray, one: Labels, other: Labels) -> Generator[None, None, Flags]:
    """Squares that bear a mark: greedily by rank, no two of them a pair, every other one paired with one."""
    rank = _ranks(square, heavy)
    swap = rank[one] < rank[other]
    high, low = np.where(swap, other, one), np.where(swap, one, other)
    yield
    open_ = np.ones(len(square), dtype=bool)
    bears = np.zeros(len(square), dtype=bool)
    while len(high):
        beaten = np.zeros(len(square), dtype=bool)
        beaten[low] = True
        fresh = open_ & ~beaten
        bears |= fresh
        open_ &= ~fresh
        open_[low[fresh[high]]] = False
        keep = open_[high] & open_[low]
        high, low = high[keep], low[keep]
        yield
    return bears | open_


def _ranks(square: Keys, heavy: FloatArray) -> npt.NDArray[np.uint64]:
    """Unlike numbers for unlike squares: the power of two of the weight, then a hash of the place."""
    mixed = square.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    power = np.frexp(heavy)[1].astype(np.uint64)
    return (power << np.uint64(58)) | (mixed >> np.uint64(6))


def _nearest_bearer(middle: FloatArray, bears: Flags, one: Labels, other: Labels) -> Labels:
    """For each square the bearing square it goes to; a bearing one goes to itself."""
    forth, back = bears[one] & ~bears[other], bears[other] & ~bears[one]
    square = np.concatenate([other[forth], one[back]])
    bearer = np.concatenate([one[forth], other[back]])
    gap = np.hypot(*(middle[square] - middle[bearer]).T)
    least = np.full(len(middle), np.inf)
    np.minimum.at(least, square, gap)
    best = gap == least[square]
    out = np.arange(len(middle), dtype=np.int32)
    out[square[best]] = bearer[best]
    return out
