"""Grouping of case points: one group per street, groups by distance on screen, or single points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from maps.geometry.areas import IntArray
from maps.geometry.mercator import FloatArray


@dataclass(frozen=True, slots=True)
class Group:
    """Some case points drawn as one mark.

    Attributes:
        x: world metres, east.
        y: world metres, north.
        members: indices of the points, ascending.
    """

    x: float
    y: float
    members: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many points the mark stands for."""
        return len(self.members)


def group_by_owner(xy: FloatArray, owner: npt.ArrayLike, anchors: FloatArray) -> tuple[Group, ...]:
    """One group per owner (street), at the owner's label point; points without owner (-1) meet at their mean.

    A lone point stays where it is. The result does not depend on the order of equal owners and every point
    is in exactly one group.
    """
    owners = np.asarray(owner, dtype=np.int64)
    groups: list[Group] = []
    for value in np.unique(owners):
        members = np.flatnonzero(owners == value)
        if len(members) == 1:
            x, y = xy[members[0]]
        elif value >= 0:
            x, y = anchors[value]
        else:
            x, y = xy[members].mean(axis=0)
        groups.append(Group(float(x), float(y), tuple(members.tolist())))
    return tuple(groups)


def group_by_distance(xy: FloatArray, reach: float) -> tuple[Group, ...]:
    """Merge points until no two marks are nearer than ``reach`` (world metres).

    Points first meet in cells of a quarter of the reach that are fixed to the world, so panning changes
    nothing; then the nearest pairs merge first, ties by the lower index. The same points in the same order
    always give the same groups; every point is in exactly one.
    """
    if len(xy) == 0:
        return ()
    if reach <= 0:
        return tuple(Group(float(x), float(y), (i,)) for i, (x, y) in enumerate(xy.tolist()))
    label = _cells(xy, reach / 4)
    while True:
        count = int(label.max()) + 1
        weight = np.bincount(label, minlength=count).astype(np.float64)
        centre = np.column_stack([np.bincount(label, xy[:, k], count) / weight for k in (0, 1)])
        joined = _join_nearest(centre, reach)
        if joined is None:
            break
        label = joined[label]
    order = np.argsort(label, kind="stable")
    pieces = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    groups = [
        Group(float(centre[int(label[p[0]]), 0]), float(centre[int(label[p[0]]), 1]), tuple(p.tolist()))
        for p in pieces
    ]
    return tuple(sorted(groups, key=lambda g: g.members[0]))


def _cells(xy: FloatArray, size: float) -> IntArray:
    keys = np.floor(xy / size).astype(np.int64)
    _, label = np.unique(keys, axis=0, return_inverse=True)
    return np.asarray(label, dtype=np.int64).reshape(-1)


def _join_nearest(centre: FloatArray, reach: float) -> IntArray | None:
    """New label per group after joining disjoint nearest pairs; None when all are far enough apart."""
    points = shapely.points(centre)
    left, right = shapely.STRtree(points).query(points, predicate="dwithin", distance=reach)
    once = left < right
    left, right = left[once], right[once]
    gap = np.hypot(*(centre[left] - centre[right]).T)
    near = gap < reach * (1 - 1e-9)
    left, right, gap = left[near], right[near], gap[near]
    if len(left) == 0:
        return None
    target = np.arange(len(centre), dtype=np.int64)
    taken = np.zeros(len(centre), dtype=bool)
    for at in np.lexsort((right, left, gap)):
        a, b = int(left[at]), int(right[at])
        if not taken[a] and not taken[b]:
            taken[a] = taken[b] = True
            target[b] = a
    _, fresh = np.unique(target, return_inverse=True)
    return np.asarray(fresh, dtype=np.int64).reshape(-1)
